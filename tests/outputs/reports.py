"""Reports: of real explorations, and of any words that a user may have written."""

from typing import Any

from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from coterie.checks.check import Check
from coterie.commands.answering import Job, Report
from coterie.commands.running import Limits, run
from coterie.commands.selecting import Selection
from coterie.spec.property import Kind, Property
from tests.commands import counters

PATIENT = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
ANYTHING = st.text(st.characters(exclude_categories=()))
CHECKS = (
    counters.SOUND,
    counters.WRONG,
    counters.BROKEN,
    counters.MENDED,
    counters.SHORT,
    counters.JAMMED,
)


def report_of(check: Check, **limits: Any) -> Report:
    """Explore a check."""
    job = Job(Selection(check, check.properties), check.parameters())
    return run(job, Limits(workers=1, **limits), lambda _: None)


def reports_of_all() -> list[Report]:
    """Return a report with each answer that there is."""
    return [*map(report_of, CHECKS), report_of(counters.ENDLESS, max_states=2)]


def claim_that_says(name: str, words: str) -> Property:
    """Return a property of any name and documentation."""

    def claim(_: object) -> bool:
        return True

    claim.__doc__ = words
    return Property(name, Kind.ALWAYS, claim)


@st.composite
def failed(draw: st.DrawFn) -> Report:
    """Draw a report of a model error, all of whose words are arbitrary."""
    claim = claim_that_says(draw(ANYTHING), draw(ANYTHING))
    check = Check(draw(ANYTHING), draw(ANYTHING), counters.world, (claim,))
    job = Job(Selection(check, (claim,)), {"limit": draw(ANYTHING)})
    return Report(job, error=draw(ANYTHING.filter(str.strip)), stopped=draw(ANYTHING))


def renamed(report: Report, name: str) -> Report:
    """Return the report of a check under another name."""
    selection = report.job.selection
    check = evolve(selection.check, name=name)
    job = evolve(report.job, selection=evolve(selection, check=check))
    return Report(job, report.exploration, report.error, report.stopped)
