"""The results as annotations: GitHub shows each beside the line that it names."""

from collections.abc import Iterable, Iterator

from coterie.commands.answering import Answer, Report, Row
from coterie.commands.outputs.places import to_blame
from coterie.commands.outputs.telling import Outcome, outcome, said, told

_LEVELS = {Outcome.FAILED: "error", Outcome.ERROR: "error", Outcome.UNDETERMINED: "warning"}


def lines(reports: Iterable[Report]) -> Iterator[str]:
    """Yield a workflow command for each property that does not simply hold.

    It stands at the function of the machine that took the last step, or at the property where no
    machine did. What is refuted as expected is a notice.
    """
    for report in reports:
        for row in report.rows:
            if row.answer is not Answer.HOLDS:
                yield _annotation(report, row)


def _annotation(report: Report, row: Row) -> str:
    place = to_blame(report, row)
    where = {"file": place.file, "line": str(place.line)} if place else {}
    title = f"{report.job.name}.{row.claim.name} {said(report, row)}"
    return command(
        _LEVELS.get(outcome(report, row), "notice"),
        {**where, "title": title},
        told(report, row, brief=True),
    )


def command(level: str, properties: dict[str, str], message: str) -> str:
    """Return one workflow command, on one line whatever the words are."""
    named = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{level} {named}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
