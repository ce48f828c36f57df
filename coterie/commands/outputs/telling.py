"""What every format says of one property: whether it passes, in a line, and at length."""

import textwrap
from enum import Enum

from coterie.commands.answering import Answer, Report, Row
from coterie.commands.page import PROSE, Line, plain, wrapped
from coterie.commands.show import bounds, explained, what

UNDECIDED = (Answer.UNDETERMINED, Answer.BOUNDED)


class Outcome(Enum):
    """What an answer means to a machine that must decide whether to go on."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    ERROR = "error"


def outcome(report: Report, row: Row) -> Outcome:
    """Return what the answer in `row` means: the one place where that is decided.

    What is refuted as expected passes. What is undetermined does not, unless the check declares
    the limit: nobody may take a bound that came before the end for a success.
    """
    if report.error:
        return Outcome.ERROR
    match row.answer:
        case Answer.HOLDS | Answer.REFUTED | Answer.BOUNDED:
            return Outcome.PASSED
        case Answer.VIOLATED | Answer.NOT_REFUTED:
            return Outcome.FAILED
        case Answer.UNDETERMINED:
            return Outcome.UNDETERMINED
        case Answer.ERROR:
            return Outcome.ERROR


def said(report: Report, row: Row) -> str:
    """Return the answer in one line, with the reason where there is none."""
    if report.error:
        return f"{row.answer.value}: {report.error.splitlines()[0]}"
    if row.answer in UNDECIDED:
        return f"{row.answer.value}: {reason(report)}"
    if row.answer is Answer.NOT_REFUTED:
        return f"{row.answer.value}: a protocol that is known to be broken was not caught"
    return what(row)


def reason(report: Report) -> str:
    """Return why an exploration decided nothing."""
    return report.stopped or "it was not explored to the end"


def told(report: Report, row: Row, *, brief: bool = False) -> str:
    """Return what `coterie check` shows of one property, as plain text of several lines.

    `brief` leaves out what each step changed and the bounds of the world.
    """
    lines = "\n".join(plain(each) for each in _lines(report, row, brief=brief))
    return textwrap.dedent(lines.strip("\n"))


def _lines(report: Report, row: Row, *, brief: bool) -> list[Line]:
    if not report.exploration or not row.finding or row.answer in UNDECIDED:
        return _undecided(report, row)
    lines = list(explained(report, row, PROSE, brief=brief))
    return lines if brief else [*lines, (), *bounds(report.exploration.world, PROSE)]


def _undecided(report: Report, row: Row) -> list[Line]:
    lines = wrapped(f"{row.claim.name}  {said(report, row)}", PROSE, first="  ", later="    ")
    lines += wrapped(row.claim.statement, PROSE, first="    ")
    return lines + [((f"    {each}", ""),) for each in report.error.splitlines()]
