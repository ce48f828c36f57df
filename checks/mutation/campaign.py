"""A campaign: every small change to every function that runs in the selected checks."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from attrs import field, frozen

from coterie.checks.check import Check
from coterie.checks.mutation.classify import Result, classify
from coterie.checks.mutation.install import Mutant
from coterie.checks.mutation.operators import Change
from coterie.checks.mutation.record import Baseline, baseline
from coterie.checks.mutation.source import Function

SECONDS = 10.0


def _cheapest_first(baselines: Iterable[Baseline]) -> tuple[Baseline, ...]:
    return tuple(sorted(baselines, key=lambda each: each.seconds))


@frozen(eq=False)
class Campaign:
    """The checks that judge, and the functions that are judged.

    Attributes:
        baselines: the checks as they are, the cheapest first.
    """

    baselines: tuple[Baseline, ...] = field(converter=_cheapest_first)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The functions that run in some check, by module, in the order of its source."""
        found = {
            function.name: function
            for each in self.baselines
            for source in each.running
            for function in source.functions
            if each.runs(function)
        }
        return tuple(sorted(found.values(), key=lambda it: (it.source.name, it.lines.start)))

    def sites(self, functions: Iterable[Function] | None = None) -> Iterator["Site"]:
        """Yield every change to these functions, or to all of them."""
        for function in self.functions if functions is None else functions:
            for change in function.changes():
                yield Site(function, change)

    def judge(self, site: "Site", seconds: float = SECONDS) -> Result:
        """Return the fate of one mutant, exploring each check for at most so many seconds."""
        return classify(Mutant(site.function, site.change), self.baselines, seconds)


@frozen(eq=False)
class Site:
    """A change that can be made to a function.

    Attributes:
        function: the function.
        change: the change.
    """

    function: Function
    change: Change

    @property
    def name(self) -> str:
        """The function and the change."""
        return f"{self.function.name}: {self.change.text}"


def campaign(checks: Iterable[Check]) -> Campaign:
    """Return a campaign that these checks judge, each explored once as it is.

    Raises: ModelError where a check does not find what it should.
    """
    return Campaign(baseline(check) for check in checks)
