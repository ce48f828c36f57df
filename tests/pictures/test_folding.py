"""What is folded, and that what is left is a run which shows the same."""

import pytest
from attrs import evolve

from coterie.checks.catalogue.smr.naive import CHECK as NAIVE
from coterie.checks.result import Finding, Trace
from coterie.checks.simulation.judge import Judge, finding
from coterie.checks.simulation.steps import Steps
from coterie.checks.simulation.walk import Plan
from coterie.checks.world import World
from coterie.commands.pictures.diagram import Fold, diagram
from coterie.commands.pictures.folding import decisive, folded, past, readable
from coterie.spec.property import Kind, Property
from tests.pictures.drawing import CALL, HEARD, friends, long_run, nobody_says_hi, run, violated
from tests.simulation.drawing import run_of


def test_steps_beside_what_is_shown_are_one_row() -> None:
    world, found = long_run()
    assert found.trace is not None

    picture = readable(diagram(world, found.trace), world, found)

    assert picture.folds == (Fold(2, 25),)
    assert len(picture.folds[0]) == 24
    assert picture.folds[0].words == "24 steps that do not matter here"


def test_what_is_short_is_shown_whole() -> None:
    world = friends("hi", "ho", "hu")
    found = violated(nobody_says_hi, run(world, CALL, CALL, CALL, HEARD))
    assert found.trace is not None
    picture = diagram(world, found.trace)

    assert readable(picture, world, found) == picture
    assert folded(picture, decisive(world, found)).folds == (Fold(2, 3),)


def test_a_row_alone_is_not_folded_for_that_saves_nothing() -> None:
    world = friends("hi", "ho")
    picture = diagram(world, run(world, CALL, CALL, HEARD))

    assert past(picture, [3]) == {1, 3}
    assert folded(picture, [3]).folds == ()


def test_the_loop_of_a_run_without_end_is_never_folded() -> None:
    world, found = long_run()
    assert found.trace is not None
    picture = diagram(world, evolve(found.trace, loop=10))

    assert folded(picture, ()).folds == (Fold(2, 10),)


def test_what_the_claim_does_not_see_decides_nothing() -> None:
    world = friends("hi", "ho")
    ends_at_the_bell = run(world, CALL, HEARD, "ann0: Bell")

    assert decisive(world, violated(nobody_says_hi, ends_at_the_bell)) == {2}


@pytest.mark.parametrize("kind", [Kind.AT_REST, Kind.RECOVERABLE])
def test_where_every_node_counts_every_step_does(kind: Kind) -> None:
    world, found = long_run()
    whole = evolve(found, claim=evolve(found.claim, kind=kind))

    assert decisive(world, whole) == set(range(1, 27))


def runs_that_violate(world: World, claim: Property, count: int) -> list[Trace]:
    """Return random runs of a world, each up to where it violates the claim."""
    steps = Steps(world)
    judge = Judge(steps, [claim])
    cut = (judge.cut(claim, run_of(steps, Plan(steps=60), number)) for number in range(4 * count))
    return [found for found in cut if found is not None][:count]


def test_without_what_is_folded_the_run_still_shows_the_same() -> None:
    world = NAIVE.world(**NAIVE.parameters(replicas=4, customers=4))
    claims = [claim for claim in NAIVE.properties if claim.name in {"same_order", "sold_once"}]
    dropped = 0
    for claim in claims:
        for whole in runs_that_violate(world, claim, 6):
            decided = finding(claim, whole)
            rows = past(diagram(world, whole), {*decisive(world, decided), len(whole)})
            dropped += len(whole) - len(rows)

            kept = [whole.steps[row - 1].happenings for row in sorted(rows)]
            assert shows(world, decided, kept)
    assert dropped > 0


def shows(world: World, found: Finding, wanted: list[object]) -> bool:
    """Return whether these things, one after the other, violate the claim."""
    steps = Steps(world)
    values = steps.starts[0]
    taken = []
    for happenings in wanted:
        taken.append(next(each for each in steps.of(values) if each.happenings == happenings))
        values = taken[-1].values
    return (
        Judge(steps, [found.claim]).cut(found.claim, Trace(steps.starts[0], tuple(taken)))
        is not None
    )
