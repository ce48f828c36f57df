"""What was found of a check, as an entry of a file of evidence."""

from collections.abc import Iterable

from attrs import evolve

from coterie.checks.cache.sources import UnknownCodeError
from coterie.checks.certificate.run import NoRunError, Run, numbered
from coterie.checks.evidence.code import Codes
from coterie.checks.evidence.entry import Entry, Said, shortened
from coterie.checks.result import Exploration, Finding, Verdict
from coterie.checks.world import World
from coterie.commands import words
from coterie.commands.answering import Job, Report, Row

_OF_THE_MACHINE = "memory"


def coded(jobs: Iterable[Job]) -> list[Job]:
    """Return the jobs with the hashes of their code, before anybody can change it meanwhile.

    A hash is empty where it cannot be told which code a check is about.
    """
    codes = Codes()
    return [evolve(job, code=_code(job, codes)) for job in jobs]


def _code(job: Job, codes: Codes) -> str:
    try:
        return codes.of(job.selection.check)
    except UnknownCodeError:
        return ""


def run_of(world: World, finding: Finding | None) -> Run | None:
    """Return the numbers of a finding's run; None where there is none to take again."""
    if finding is None or finding.trace is None:
        return None
    try:
        return numbered(world, finding.trace)
    except NoRunError:
        return None


def entry_of(report: Report, version: str) -> Entry | None:
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
        parameters=shortened(words.text(dict(report.job.parameters))),
        code=report.job.code,
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
