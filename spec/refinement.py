"""Refinement: every run of a model is, seen from above, a run of an abstract machine.

A mapping says which abstract state a state of the world stands for. Then each step of the world
must be a stutter (the abstract state stays), or a path of a few abstract steps: one trim may
deliver several messages at once. This is about safety; that anything ever happens is not claimed.

Source: Abadi and Lamport, "The Existence of Refinement Mappings", TCS 1991.
"""

from collections.abc import Callable, Hashable, Iterator
from typing import Any

from attrs import field, frozen

from coterie.model.machine import Machine
from coterie.spec.property import Kind, Property, View

Mapping = Callable[[View], Hashable]
Abstract = Machine[Any, Any]


@frozen
class Refinement:
    """The claim that a step of the world is one of the abstract machine.

    Attributes:
        mapping: the abstract state that a state of the world stands for.
        machine: the abstract machine of a world, which may depend on the world's nodes alone; what
            it has on offer in a state are the steps it may take.
        within: how many abstract steps one step of the world may be, at most.
    """

    mapping: Mapping
    machine: Callable[[View], Abstract]
    within: int = 1
    _reached: dict[Hashable, set[Hashable]] = field(factory=dict, eq=False, repr=False)

    @property
    def __wrapped__(self) -> Mapping:
        """What the user has written."""
        return self.mapping

    def begins(self, view: View) -> bool:
        """Return whether this starting state stands for the start of the abstract machine."""
        return bool(self.mapping(view) == self.machine(view).start(None).state)

    def __call__(self, before: View, after: View) -> bool:
        """Return whether the abstract machine can follow; it need not where it was lost before."""
        state = self.mapping(before)
        return state is None or self.mapping(after) in self.reached(self.machine(before), state)

    def reached(self, machine: Abstract, state: Hashable) -> set[Hashable]:
        """Return the abstract states that `within` steps lead to from `state`, itself included."""
        key = (machine, state)
        if key not in self._reached:
            found, level = {state}, {state}
            for _ in range(self.within):
                level = {step for each in level for step in _steps(machine, each)} - found
                found |= level
            self._reached[key] = found
        return self._reached[key]


def _steps(machine: Abstract, state: Hashable) -> Iterator[Hashable]:
    for event in machine.options(state):
        outcome = machine.step(state, event)
        if outcome is not None:
            yield outcome.state


def refines(
    abstract: Abstract | Callable[[View], Abstract],
    *,
    within: int = 1,
    broken_by: str | tuple[str, ...] = (),
) -> Callable[[Mapping], Property]:
    """Claim: what the decorated function sees of the world is a run of the `abstract` machine.

    The function is the mapping: it returns the abstract state that a view stands for; None where it
    stands for none, and then the step that led there is the violation.

    Attributes:
        abstract: the machine, or a function that makes it for the nodes of a world.
        within: how many abstract steps one step of the world may be, at most.
    """
    mutants = (broken_by,) if isinstance(broken_by, str) else broken_by

    def machine(view: View) -> Abstract:
        return abstract if isinstance(abstract, Machine) else abstract(view)

    def wrapped(mapping: Mapping) -> Property:
        claim = Refinement(mapping, machine, within)
        return Property(mapping.__name__, Kind.REFINES, claim, mutants)

    return wrapped
