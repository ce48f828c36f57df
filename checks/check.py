"""A check: a world with sizes, its properties, what is expected of them, and the mutants."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from attrs import field, frozen

from coterie.checks.result import Verdict
from coterie.checks.world import World
from coterie.spec.property import Property

Size = Literal["small", "full"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


def _in_order(properties: Iterable[Property]) -> tuple[Property, ...]:
    return tuple(properties)


@frozen
class Mutant:
    """A deliberately wrong version of a model, which properties must catch.

    Attributes:
        world: the world with the mutant in it, made from the same parameters as the check's.
        kills: the properties that it violates at size small, each with the number of steps of the
            shortest counterexample; None where there is none to show (nothing is reachable).
        parameters: where they differ from the check's size small.
    """

    world: Callable[..., World]
    kills: Mapping[str, int | None]
    parameters: Mapping[str, Any] = NOTHING


@frozen
class Check:
    """One entry of the catalogue.

    Attributes:
        name: dotted; a prefix selects all below it.
        about: one sentence for people.
        world: makes the world from the parameters, by keyword.
        properties: the claims.
        small: the parameters at size small: seconds.
        full: where they differ at size full: minutes.
        refuted: the properties that this (published, but broken) protocol violates, each with the
            number of steps of its shortest counterexample at size small, or None as for a mutant.
        mutants: the wrong versions by name; a property's `broken_by` names one of them.
        limits: what the search may cost at most, by the names that `explore` gives it:
            `max_states`, `max_seconds`, `max_depth`. What such a declared limit leaves open fails
            nothing, and is still not said to hold.
        states: the distinct states found at size small, pinned: a change here changes the model.
    """

    name: str
    about: str
    world: Callable[..., World]
    properties: tuple[Property, ...] = field(converter=_in_order)
    small: Mapping[str, Any] = NOTHING
    full: Mapping[str, Any] = NOTHING
    refuted: Mapping[str, int | None] = NOTHING
    mutants: Mapping[str, Mutant] = NOTHING
    limits: Mapping[str, float] = NOTHING
    states: int | None = None

    LIMITS: ClassVar[tuple[str, ...]] = ("max_states", "max_seconds", "max_depth")

    def __attrs_post_init__(self) -> None:
        """Refuse what would be ignored without a word.

        Raises: TypeError, ValueError.
        """
        for claim in self.properties:
            if not isinstance(claim, Property):
                raise TypeError(f"{self.name}: {claim!r} is no property: decorate it with @always")
        names = [claim.name for claim in self.properties]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{self.name}: two properties have the name {name}")
        for name in self.limits:
            if name not in self.LIMITS:
                raise ValueError(f"{self.name}: {name} is none of {', '.join(self.LIMITS)}")
        for name in self.refuted:
            if name not in names:
                raise ValueError(f"{self.name}: {name} is refuted, but no property of this check")

    def parameters(self, size: Size = "small", /, **given: Any) -> dict[str, Any]:
        """Return the parameters of `size`, with those `given` instead."""
        return {**self.small, **(self.full if size == "full" else {}), **given}

    def expected(self, claim: Property) -> Verdict:
        """Return the verdict that `claim` should have."""
        return Verdict.VIOLATED if claim.name in self.refuted else Verdict.HOLDS


def selected(checks: Iterable[Check], name: str) -> list[Check]:
    """Return the checks that are called `name` or stand below it."""
    return [check for check in checks if check.name == name or check.name.startswith(f"{name}.")]
