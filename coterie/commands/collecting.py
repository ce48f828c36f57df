"""What pytest collects from a module that declares checks, and runs."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from coterie.checks.check import Check
from coterie.checks.world import World
from coterie.commands.answering import Job, Report, Row
from coterie.commands.outputs.places import of_property
from coterie.commands.outputs.telling import Outcome, outcome, said, told
from coterie.commands.running import Limits, prepare, run
from coterie.commands.selecting import Selection
from coterie.spec.property import Property

_SEEN = pytest.StashKey[set[int]]()


def checked(collector: pytest.Module, name: str, value: object) -> Iterator["Checked"]:
    """Yield a collector for each check under `name` that the module has not under another name."""
    seen = collector.stash.setdefault(_SEEN, set())
    for check in _declared(collector.obj, name, value):
        if id(check) not in seen:
            seen.add(id(check))
            yield Checked.from_parent(collector, name=check.name, check=check)


def _declared(module: ModuleType, name: str, value: object) -> list[Check]:
    """Return the checks that `value` is; a world makes one, in a module that has no other."""
    if not isinstance(value, World):
        return _checks(value)
    claims = {id(each): each for each in vars(module).values() if isinstance(each, Property)}
    if not claims or any(map(_checks, vars(module).values())):
        return []
    return [Check(name, "", lambda: value, claims.values())]


def _checks(value: object) -> list[Check]:
    many = value if isinstance(value, list | tuple) else (value,)
    return [*many] if all(isinstance(each, Check) for each in many) else []


class Checked(pytest.Collector):
    """A check: its items are its properties."""

    def __init__(self, *, check: Check, **node: Any) -> None:
        super().__init__(**node)
        self.check = check
        self._report: Report | None = None

    def collect(self) -> Iterator["PropertyItem"]:
        """Yield an item for each property."""
        for claim in self.check.properties:
            yield PropertyItem.from_parent(self, name=claim.name, claim=claim)

    def report(self) -> Report:
        """Return what came of the check; it is explored when this is first asked for."""
        if self._report is None:
            self._report = self._explored()
        return self._report

    def _explored(self) -> Report:
        """Explore for the properties that are selected, each to its own verdict."""
        options = self.config.option
        chosen = {item.name for item in self.session.items if item.parent is self}
        claims = tuple(claim for claim in self.check.properties if claim.name in chosen)
        job = Job(Selection(self.check, claims), self.check.parameters(options.coterie_size))
        seconds = options.coterie_max_seconds
        limits = Limits(options.coterie_workers, max_seconds=seconds, keep_going=True)
        prepare()
        return run(job, limits, lambda _: None)


class PropertyError(Exception):
    """A property that does not pass.

    Attributes:
        said: why, in a line; the whole run is the exception's own text.
    """

    def __init__(self, said: str, told: str) -> None:
        super().__init__(told)
        self.said = said


class PropertyItem(pytest.Item):
    """A property of a check."""

    def __init__(self, *, claim: Property, **node: Any) -> None:
        super().__init__(**node)
        self.claim = claim

    def runtest(self) -> None:
        """Fail unless the property holds, or is refuted as expected.

        Raises: PropertyError, or KeyboardInterrupt where the user asked to stop.
        """
        assert isinstance(self.parent, Checked)
        report = self.parent.report()
        if report.interrupted:
            raise KeyboardInterrupt
        row = next(row for row in report.rows if row.claim is self.claim)
        self.user_properties += _facts(report, row)
        if outcome(report, row) is not Outcome.PASSED:
            raise PropertyError(said(report, row), told(report, row))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what `coterie check` shows, without a line of Python."""
        if not isinstance(excinfo.value, PropertyError):
            return super().repr_failure(excinfo, style)
        shown = excinfo.getrepr(style="value")
        if shown.reprcrash:
            shown.reprcrash.message = excinfo.value.said
        return shown

    def reportinfo(self) -> tuple[Any, int | None, str]:
        """Return where the property is defined."""
        place = of_property(self.claim)
        where = (place.file, place.line - 1) if place else (self.path, None)
        return *where, f"{self.parent.name if self.parent else ''}.{self.name}"


def _facts(report: Report, row: Row) -> list[tuple[str, object]]:
    """Return what pytest's own JUnit XML says of the property besides."""
    steps = [] if row.steps is None else [("steps", row.steps)]
    states = [("states", report.exploration.states)] if report.exploration else []
    return [("verdict", row.answer.value), *steps, *states]
