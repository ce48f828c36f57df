"""The results as Markdown: what GitHub shows as the summary of a job."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from coterie.commands.answering import Answer, Report, Row
from coterie.commands.outputs.markup import legal
from coterie.commands.outputs.telling import Outcome, outcome, reason, said, told
from coterie.commands.page import PROSE, plain
from coterie.commands.show import summary as counted

VARIABLE = "GITHUB_STEP_SUMMARY"
MOST_BYTES = 1_000_000  # GitHub refuses a summary of more than a mebibyte
_WHOLE_TABLE = 40
_HEAD = "| check | property | verdict | steps | states | seconds |"
_RULE = "|---|---|---|--:|--:|--:|"
_MARKUP = re.compile(r"([\\`*_\[\]<>#!|~&$:@+=-])")
_NUMBER = re.compile(r"^(\d+)([.)])")


def text(reports: list[Report]) -> str:
    """Return a table of the properties, and a picture of each run that should not be.

    What holds is folded away where there is much of it; a run for which there is no more room is
    named, and no more.
    """
    first, *advice = (plain(each) for each in counted(reports, PROSE))
    parts = ["## coterie", safe(first), *_tables(reports)]
    if advice:
        parts.append(safe(" ".join(advice)))
    room = MOST_BYTES - sum(len(_encoded(each)) + 2 for each in parts)
    parts += _within(room, _sections(reports))
    return "\n\n".join(parts) + "\n"


def of_the_job() -> str | None:
    """Return the file that GitHub has for the summary; None where this is no job of GitHub's."""
    return os.environ.get(VARIABLE) or None


def is_of_the_job(file: str) -> bool:
    """Return whether `file` is GitHub's, to which one appends: other commands write there too."""
    theirs = of_the_job()
    return theirs is not None and Path(theirs) == Path(file)


def _tables(reports: Iterable[Report]) -> Iterator[str]:
    """Yield one table of all properties, or one of those that do not pass, and the rest folded."""
    rows = [(report, row) for report in reports for row in report.rows]
    bad = [each for each in rows if outcome(*each) is not Outcome.PASSED]
    good = [each for each in rows if outcome(*each) is Outcome.PASSED]
    if len(rows) <= _WHOLE_TABLE:
        yield _table(rows)
        return
    if bad:
        yield _table(bad)
    yield _folded(f"{len(good):,} properties that are as expected", _table(good))


def _table(rows: Sequence[tuple[Report, Row]]) -> str:
    return "\n".join([_HEAD, _RULE, *(_row(report, row) for report, row in rows)])


def _row(report: Report, row: Row) -> str:
    verdict = row.answer.value
    found = report.exploration
    cells = (
        safe(report.job.name),
        safe(row.claim.name),
        verdict if outcome(report, row) is Outcome.PASSED else f"**{verdict}**",
        "" if row.steps is None else str(row.steps),
        "" if found is None else f"{found.states:,}",
        "" if found is None else f"{found.seconds:,.2f}",
    )
    return f"| {' | '.join(cells)} |"


def _sections(reports: Iterable[Report]) -> Iterator[str]:
    """Yield what there is to say of each model error, violation, and exploration without an end."""
    for report in reports:
        if report.error:
            title = f"### {safe(report.job.name)}: {Answer.ERROR.value}"
            yield f"{title}\n\n{_fenced(report.error)}"
            continue
        for row in report.rows:
            if outcome(report, row) is Outcome.FAILED:
                yield "\n\n".join(_section(report, row))
        if any(outcome(report, row) is Outcome.UNDETERMINED for row in report.rows):
            yield f"{safe(report.job.name)} was not explored to the end: {safe(reason(report))}."


def _section(report: Report, row: Row) -> Iterator[str]:
    yield f"### {safe(f'{report.job.name}.{row.claim.name}')}: {safe(said(report, row))}"
    yield safe(row.claim.statement)
    picture = _picture(report, row)
    whole = _fenced(told(report, row))
    if picture:
        yield _fenced(picture)
        yield _folded("Every step, and what it changed", whole)
    else:
        yield whole


def _picture(report: Report, row: Row) -> str:
    """Return the run as a diagram; nothing where there is none to draw."""
    finding = row.finding
    if row.answer is not Answer.VIOLATED or not (report.exploration and finding and finding.trace):
        return ""
    from coterie.commands.pictures.diagram import diagram  # noqa: PLC0415  (only to draw)
    from coterie.commands.pictures.folding import readable  # noqa: PLC0415
    from coterie.commands.pictures.text import drawn  # noqa: PLC0415

    world = report.exploration.world
    lines = drawn(readable(diagram(world, finding.trace), world, finding), PROSE)
    return "\n".join(plain(each) for each in lines)


def _within(room: int, sections: Iterable[str]) -> Iterator[str]:
    left = 0
    for each in sections:
        room -= len(_encoded(each)) + 2
        if room > 0:
            yield each
        else:
            left += 1
    if left:
        yield f"There is no room here for {left:,} more; `--html DIR` writes a page for each run."


def _encoded(words: str) -> bytes:
    return words.encode("utf-8")


def _folded(title: str, content: str) -> str:
    return f"<details>\n<summary>{title}</summary>\n\n{content}\n\n</details>"


def _fenced(content: str) -> str:
    """Return `content` as it is, between fences that are longer than any in it."""
    content = legal(content)
    longest = max(map(len, re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{content.rstrip()}\n{fence}"


def safe(words: str) -> str:
    """Return words on one line in which nothing means anything to Markdown."""
    marked = _MARKUP.sub(r"\\\1", legal(" ".join(words.split())))
    return _NUMBER.sub(r"\1\\\2", marked)
