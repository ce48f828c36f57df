"""What was found of a check, as an entry of a file of evidence."""

from coterie.checks.cache.sources import UnknownCodeError
from coterie.checks.certificate.run import NoRunError, Run, numbered
from coterie.checks.evidence.code import Codes
from coterie.checks.evidence.entry import Entry, Said
from coterie.checks.result import Exploration, Finding, Verdict
from coterie.checks.world import World
from coterie.commands import words
from coterie.commands.answering import Report, Row

_OF_THE_MACHINE = "memory"


def run_of(world: World, finding: Finding | None) -> Run | None:
    """Return the numbers of a finding's run; None where there is none to take again."""
    if finding is None or finding.trace is None:
        return None
    try:
        return numbered(world, finding.trace)
    except NoRunError:
        return None


def entry_of(report: Report, codes: Codes, version: str) -> Entry | None:
    """Return what is to be recorded of a report; None where nothing was explored.

    Attributes:
        version: of coterie.
    """
    found = report.exploration
    if found is None:
        return None
    mutants = report.mutants
    return Entry(
        check=report.job.name,
        size=report.job.size,
        parameters=words.text(dict(report.job.parameters)),
        code=_code(report, codes),
        coterie=version,
        states=found.states,
        transitions=found.transitions,
        depth=found.depth,
        complete=found.complete,
        stopped=report.stopped,
        seconds=round(found.seconds, 2),
        limits=[each for each in found.limits if each.hit or each.name != _OF_THE_MACHINE],
        reductions=found.reductions,
        properties=[_said(found, row) for row in report.rows],
        mutants=None if mutants is None else [each.killed for each in mutants if each.killed],
    )


def _said(found: Exploration, row: Row) -> Said:
    finding = row.finding
    return Said(
        row.claim.name,
        row.claim.kind.value,
        finding.verdict if finding else Verdict.UNDETERMINED,
        row.expected,
        row.steps,
        finding.violations if finding else 0,
        finding.vacuous if finding else "",
        run_of(found.world, finding),
    )


def _code(report: Report, codes: Codes) -> str:
    """Return the hash of the check's code; empty where it cannot be told which that is."""
    try:
        return codes.of(report.job.selection.check)
    except UnknownCodeError:
        return ""
