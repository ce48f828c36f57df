"""What may happen next, as one chooses from it."""

from collections.abc import Sequence

from attrs import frozen

from coterie.checks.component import (
    Crashed,
    Delivered,
    Duplicated,
    Fired,
    Forged,
    Happening,
    Invoked,
    Lost,
    Restarted,
)
from coterie.checks.lasso import cause
from coterie.checks.result import Trace
from coterie.checks.world import Step
from coterie.commands.explorer.path import Path
from coterie.commands.explorer.standing import Light, standing
from coterie.commands.explorer.walker import Walk, Walker, words
from coterie.spec.property import Kind, Property

JUDGED = frozenset({Kind.ALWAYS, Kind.STEP_ALWAYS, Kind.REFINES})
JUDGED_MOST = 200


@frozen
class Offer:
    """A step that one may take.

    Attributes:
        number: its place among the steps.
        words: what happens.
        where: whose doing it is, or where.
        is_fault: whether a fault or the adversary has a part in it.
        path: the path that takes it.
        is_ahead: whether it is the next one of the path that one is on.
        is_idle: whether it changes nothing.
        back: the number of steps after which the path was in the same state before; None if never.
        broken: the properties that are false after it, and were not false before.
    """

    number: int
    words: str
    where: str
    is_fault: bool
    path: Path
    is_ahead: bool = False
    is_idle: bool = False
    back: int | None = None
    broken: tuple[str, ...] = ()


def offers(walker: Walker, walk: Walk, claims: Sequence[Property]) -> list[Offer]:
    """Return the steps that are possible where `walk` stands, by number.

    Of the first 200 it is said which properties they break.
    """
    past, path = walk.past, walk.path
    states = {values: place for place, values in reversed([*enumerate(past.states)])}
    judged = [claim for claim in claims if claim.kind in JUDGED]
    already = {*broken(walker, [c for c in judged if c.kind is Kind.ALWAYS], past)}
    ahead = path.steps[path.at : path.at + 1]
    return [
        Offer(
            number,
            words(step),
            _where(cause(step)),
            step.fault,
            path.then(number),
            (number,) == ahead,
            step.values == walk.here,
            states.get(step.values),
            _newly_broken(walker, judged, past, step, already) if number < JUDGED_MOST else (),
        )
        for number, step in enumerate(walker.steps(walk.here))
    ]


def _newly_broken(
    walker: Walker, judged: Sequence[Property], past: Trace, step: Step, already: set[str]
) -> tuple[str, ...]:
    found = broken(walker, judged, Trace(past.start, (*past.steps, step)))
    return tuple(name for name in found if name not in already)


def broken(walker: Walker, claims: Sequence[Property], run: Trace) -> tuple[str, ...]:
    """Return the properties that are false at the end of `run`."""
    found = (standing(walker.world, claim, run, walker.rests) for claim in claims)
    return tuple(each.claim.name for each in found if each.light is Light.FALSE)


def _where(what: Happening | None) -> str:
    """Return whose turn it is: the node at which something happens, or the network."""
    match what:
        case Delivered() | Duplicated() | Forged():
            return str(what.receiver)
        case Fired(node) | Invoked(node) | Crashed(node) | Restarted(node):
            return str(node)
        case Lost():
            return "network"
    return ""
