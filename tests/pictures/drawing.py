"""Small worlds in which each thing happens once, and runs of them that a test spells out."""

from collections.abc import Iterable
from typing import Any

from attrs import evolve, frozen

from coterie.checks.adversary import Adversary
from coterie.checks.component import Happening
from coterie.checks.faults import Faults
from coterie.checks.network import Bag, Latest, Network
from coterie.checks.result import Finding, Trace, Verdict
from coterie.checks.world import World
from coterie.commands.words import happening
from coterie.model.machine import (
    Deliver,
    Event,
    Halt,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Return,
    Send,
    Timeout,
)
from coterie.spec.property import Property, always
from coterie.spec.property import View as Sight

ANN, BOB, EVE = Node("ann"), Node("bob"), Node("eve")


@frozen(cache_hash=True)
class View:
    """Who is there.

    Attributes:
        number: how many views there were before.
        members: who is in it.
    """

    number: int
    members: tuple[Node, ...]


@frozen(cache_hash=True)
class Friend:
    """What a friend remembers.

    Attributes:
        view: who is there.
        heard: the last word.
    """

    view: View = View(0, (ANN, BOB))
    heard: str = ""


@frozen(cache_hash=True)
class Word:
    """A message."""

    text: str


@frozen(cache_hash=True)
class Bell(Timeout):
    """A timer."""


@frozen
class Friendly(Machine[Friend, str]):
    """Says what its user wants, delivers what it hears, and installs a view at the bell.

    Attributes:
        other: whom it talks to.
        shy: whether it stops after the first word that it hears.
    """

    other: Node
    shy: bool = False

    def start(self, memory: str | None) -> Outcome[Friend]:
        return Outcome(Friend(heard=memory or ""))

    def options(self, state: Friend) -> Iterable[Timeout]:
        return (Bell(),) if state.view.number == 0 else ()

    def step(self, state: Friend, event: Event) -> Outcome[Friend] | None:
        match event:
            case Invoke(operation):
                return Outcome(state, (Send(self.other, Word(operation)), Return("said")))
            case Receive(_, Word(text)):
                stop = (Halt(),) if self.shy else ()
                return Outcome(evolve(state, heard=text), (Deliver(text), *stop))
            case Bell():
                view = View(state.view.number + 1, (ANN,))
                return Outcome(evolve(state, view=view), ())
        return None

    def memory(self, state: Friend) -> str:
        return state.heard


def friends(*words: str, network: Network | None = None, shy: bool = False, **faults: Any) -> World:
    """Return the world in which the user of ann has these words to say to bob."""
    return World(
        machines={ANN: Friendly(BOB), BOB: Friendly(ANN, shy)},
        network=network or Bag(),
        faults=Faults(**faults),
        adversary=Adversary((EVE,), (Word("lie"),), ("bob",)),
        workload={ANN: tuple(words)},
    )


def newest() -> Network:
    """Return the network in which a new word replaces the one that waits."""
    return Latest()


def run(world: World, *wanted: str) -> Trace:
    """Return the run in which these things happen, each told by the beginning of its words."""
    start = next(iter(world.initial()))
    values, steps = start, []
    for words in wanted:
        possible = list(world.successors(values))
        step = next((each for each in possible if _says(each.happenings).startswith(words)), None)
        assert step is not None, [_says(each.happenings) for each in possible]
        steps.append(step)
        values = step.values
    return Trace(start, tuple(steps))


CALL = "a user of ann0 calls"
HEARD = "ann0 → bob0: Word(text='hi')"


@always
def nobody_says_hi(world: Sight) -> bool:
    """Bob does not hear "hi".

    In symbols: heard(bob) differs from hi, for all states.
    Why: it has to be wrong, for there to be a `run` to show.
    Source: made up for the tests <b>.
    """
    return not world.up(BOB) or world.see(BOB, _heard) != "hi"


def _heard(state: Friend) -> str:
    return state.heard


def long_run() -> tuple[World, Finding]:
    """Return a run of 26 steps, of which the 24 after the first do not matter for the last."""
    others = [f"word {number}" for number in range(24)]
    world = friends("hi", *others)
    return world, violated(nobody_says_hi, run(world, *(CALL for _ in ["hi", *others]), HEARD))


def _says(happenings: tuple[Happening, ...]) -> str:
    return "; ".join(map(happening, happenings))


def violated(claim: Property, trace: Trace) -> Finding:
    """Return the finding that a run violates a claim."""
    return Finding(claim, Verdict.VIOLATED, trace, 1)
