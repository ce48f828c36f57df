"""Claims that hold without saying anything."""

from attrs import frozen

from coterie.checks.engine.explore import explore
from coterie.checks.result import Verdict
from coterie.checks.world import World
from coterie.model.machine import Event, Machine, Node, Outcome, Timeout
from coterie.spec.property import (
    Property,
    View,
    always,
    at_rest,
    each,
    eventually,
    leads_to,
    pairs,
    reachable,
    recoverable,
    step_always,
)

NODE = Node("wheel")


@frozen(cache_hash=True)
class Turn(Timeout):
    """Turn by one."""


@frozen
class Wheel(Machine[int, None]):
    """Turns round and round, or stands still."""

    size: int

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def options(self, state: int) -> tuple[Timeout, ...]:
        return (Turn(),)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        return Outcome((state + 1) % self.size)


def vacuous(claim: Property, size: int = 3) -> str:
    finding = explore(World({NODE: Wheel(size)}), [claim], workers=1).findings[0]
    assert finding.verdict is Verdict.HOLDS
    return finding.vacuous


def is_at(place: int) -> Property:
    return always(lambda world: world[NODE] == place)


def test_a_premise_that_is_never_true() -> None:
    never = leads_to(lambda world: world[NODE] == 7)(lambda world: world[NODE] == 1)
    sometimes = leads_to(lambda world: world[NODE] == 1)(lambda world: world[NODE] in {1, 2})

    assert vacuous(never) == "its premise is never true"
    assert vacuous(sometimes) == ""


def test_a_claim_about_rest_where_nothing_rests() -> None:
    resting = at_rest(lambda world: world[NODE] == 0)

    assert vacuous(resting) == "no state is at rest"
    assert vacuous(resting, size=1) == ""


def test_a_claim_about_steps_where_none_changes_anything() -> None:
    forward = step_always(lambda before, after: before[NODE] < 9 > after[NODE])

    assert vacuous(forward, size=1) == "no step changes anything"
    assert vacuous(forward) == ""


def test_a_claim_about_pairs_where_there_is_only_one() -> None:
    apart = always(each=pairs("wheel"))(lambda world, one, other: world[one] != world[other])
    alone = always(each=each("wheel"))(lambda world, one: world[one] < 9)

    assert vacuous(apart) == "it is made of no nodes: the world has too few of them"
    assert vacuous(alone) == ""


def test_claims_that_read_nothing() -> None:
    def true(*_: View) -> bool:
        return True

    for kind in (always, reachable, recoverable, step_always, eventually):
        assert vacuous(kind(true)) == "it reads nothing of the world"
    assert vacuous(reachable(lambda world: world[NODE] == 2)) == ""


def test_nothing_is_said_of_a_claim_that_does_not_hold() -> None:
    wrong = always(lambda world: world.nodes() == ())

    finding = explore(World({NODE: Wheel(2)}), [wrong], workers=1).findings[0]

    assert (finding.verdict, finding.vacuous) == (Verdict.VIOLATED, "")
