"""Lemmas: what is true of every number of replicas, said once, read by people, shown by a solver.

A lemma is a function of what is given, and of the guards that it is about: by default the very
functions that the protocol runs. It returns what it claims and what it needs for that. Its
docstring is the documentation, as a property's is:

    @lemma(broken_by={"a support of b": {"is_supported": lambda votes, b: votes >= b}})
    def a_supported_value_is_genuine(given: Given, is_supported: Guard = is_supported) -> Goal:
        \"\"\"Among enough supporters of a value there is a correct replica.\"\"\"
        b = given.natural("b")
        node, byzantine, supporters = given.sets("node", 4 * b + 1, "Byzantine", "supporters")
        return Goal(
            needs={
                "at most b Byzantine replicas": byzantine.size <= b,
                "the value is supported": is_supported(supporters.size, b),
            },
            claim=(supporters - byzantine).size >= 1,
        )

A lemma that stays true without something that it needs has said too much. So each has broken twins:
one without each need, and one for each line of `broken_by`, with other guards. They must be refuted
by an example.
"""

import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib import import_module
from types import MappingProxyType

from attrs import evolve, field, frozen

from coterie.spec import lemmas as package
from coterie.spec.lemmas.given import Given, Guard
from coterie.spec.lemmas.symbols import Said

Guards = Mapping[str, Guard]
_NO_GUARDS: Guards = MappingProxyType({})
_NO_TWINS: Mapping[str, Guards] = MappingProxyType({})


@frozen
class Goal:
    """Something to be shown, and what from.

    Attributes:
        claim: what is to be shown.
        needs: what from, each under a name in words.
        name: which part of its lemma it is, where that has several.
        keeps: the need that it shows to be true again after a step, where it does that.
    """

    claim: Said
    needs: Mapping[str, Said]
    name: str = ""
    keeps: str | None = None

    def without(self, need: str) -> "Goal":
        """Return the same claim from less."""
        return evolve(self, needs={k: v for k, v in self.needs.items() if k != need})


@frozen(eq=False)
class Lemma:
    """A claim about all numbers of replicas.

    Attributes:
        name: the function's name, after the path of its module.
        function: what the user has written.
        broken_by: for each way to break it, in words, the guards that do.
    """

    name: str
    function: Callable[..., Goal | Sequence[Goal]]
    broken_by: Mapping[str, Guards] = field(factory=dict)

    @property
    def guards(self) -> Guards:
        """The functions of the model that it is about, each under its parameter's name."""
        parameters = inspect.signature(self.function).parameters.values()
        return {each.name: each.default for each in parameters if each.default is not each.empty}

    @property
    def documentation(self) -> str:
        """The whole docstring."""
        return inspect.getdoc(self.function) or self.name

    @property
    def statement(self) -> str:
        """The claim in one sentence: the first paragraph of its docstring."""
        return " ".join(self.documentation.split("\n\n")[0].split())

    def goals(self, given: Given, guards: Guards = _NO_GUARDS) -> tuple[Goal, ...]:
        """Return what is to be shown, of `guards` in place of the model's."""
        goals = self.function(given, **guards)
        return (goals,) if isinstance(goals, Goal) else tuple(goals)

    def twins(self, needs: Iterable[str]) -> tuple["Twin", ...]:
        """Return its broken twins: one without each need, and one for each line of `broken_by`."""
        less = (Twin(self, f"without: {need}", need=need) for need in needs)
        other = (Twin(self, f"with {name}", guards) for name, guards in self.broken_by.items())
        return (*less, *other)


@frozen(eq=False)
class Twin:
    """A lemma with one thing wrong, which must be refuted.

    Attributes:
        lemma: the lemma.
        name: what is wrong, in words.
        guards: the guards that are other ones.
        need: what it goes without.
    """

    lemma: Lemma
    name: str
    guards: Guards = _NO_GUARDS
    need: str | None = None

    def goals(self, given: Given) -> tuple[Goal, ...]:
        """Return what could be shown, were nothing wrong; what is not touched is left out."""
        return self.less(self.lemma.goals(given, self.guards))

    def less(self, goals: Iterable[Goal]) -> tuple[Goal, ...]:
        """Return those of the lemma's goals that need what it goes without, from what is left."""
        if self.need is None:
            return tuple(goals)
        touched = (goal for goal in goals if self.need in goal.needs and goal.keeps != self.need)
        return tuple(goal.without(self.need) for goal in touched)


def needs_of(goals: Iterable[Goal]) -> tuple[str, ...]:
    """Return what any of the goals needs, in order."""
    return tuple(dict.fromkeys(need for goal in goals for need in goal.needs))


def hypotheses_of(goals: Sequence[Goal]) -> tuple[str, ...]:
    """Return what all the goals need, but for what is itself kept true from step to step."""
    kept = {goal.keeps for goal in goals}
    return tuple(
        need
        for need in needs_of(goals)
        if need not in kept and all(need in goal.needs for goal in goals)
    )


def lemma(
    *, broken_by: Mapping[str, Guards] = _NO_TWINS
) -> Callable[[Callable[..., Goal | Sequence[Goal]]], Lemma]:
    """Turn a function into a `Lemma`.

    Attributes:
        broken_by: for each way to break it, in words, the guards that do.
    """

    def made(function: Callable[..., Goal | Sequence[Goal]]) -> Lemma:
        path = function.__module__.removeprefix(f"{package.__name__}.")
        return Lemma(f"{path}.{function.__name__}", function, dict(broken_by))

    return made


@cache
def lemmas() -> tuple[Lemma, ...]:
    """Return every lemma, in the order of their files, and of the lines in them."""
    modules = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    found = [value for each in modules for value in vars(import_module(each.name)).values()]
    return tuple(dict.fromkeys(value for value in found if isinstance(value, Lemma)))
