"""Whether the nodes that are declared interchangeable are so: renaming changes nothing.

Symmetry is sound when the renamed world has the renamed starts and the renamed steps, and every
claim has the same truth. What the exploration relied on is therefore held against its renaming, and
the model is refused where that makes a difference.
"""

from collections.abc import Callable, Iterable, Sequence

from attrs import frozen

from coterie.checks.engine.answers import Answers
from coterie.checks.engine.buffers import FIELD_MASK, SLOT_SHIFT, VALUE_SHIFT
from coterie.checks.engine.symmetry.renaming import asymmetric, blocks_of, difference, generators
from coterie.checks.engine.symmetry.steps import Asked, check_steps
from coterie.checks.engine.symmetry.truths import (
    Evaluated,
    check_sample,
    check_truths,
    sample_size,
)
from coterie.checks.errors import ModelError
from coterie.checks.view import WorldView
from coterie.checks.world import Values, World
from coterie.spec.property import Kind, Property

_WAY_OUT = "take its roles out of `symmetric`, or explore without symmetry (`--no-symmetry`)"


@frozen
class Checked:
    """What was held against its renaming.

    Attributes:
        answers: how many answers of components.
        sampled: how many states, in which every claim was evaluated.
        truths: how many truths of claims, in the states for which they were first evaluated.
        whole: whether those are all there are, up to renaming, in what was explored.
    """

    answers: int
    sampled: int
    truths: int
    whole: bool

    def __str__(self) -> str:
        extent = "all" if self.whole else "those that were relied on, and a sample of the renamed"
        return (
            f"checked by renaming {self.answers:,} answers of components, a sample of"
            f" {self.sampled:,} states, and {self.truths:,} truths of claims: {extent}"
        )


def check(
    world: World,
    answers: Answers,
    evaluated: Iterable[Evaluated],
    claims: Sequence[Property],
    reached: Callable[[int], Iterable[Values]],
) -> Checked:
    """Hold all that the exploration relied on against its renaming.

    Attributes:
        reached: returns so many of the states that were found.
    Raises: ModelError where renaming makes a difference.
    """
    keys = answers.questions(0, answers.sizes()["answers"])
    steps, all_steps = check_steps(world, [_asked(answers, key) for key in keys])
    truths, all_truths = check_truths(world, evaluated)
    of_states = [claim for claim in claims if not claim.kind.is_of_steps]
    sampled = check_sample(world, of_states, reached(sample_size(world, of_states)))
    return Checked(steps, sampled, truths, all_steps and all_truths)


def _asked(answers: Answers, key: int) -> Asked:
    slot = key >> SLOT_SHIFT
    value = answers.value(slot, key >> VALUE_SHIFT & FIELD_MASK)
    return Asked(slot, value, answers.stimulus(key & FIELD_MASK))


def check_claims(world: World, claims: Iterable[Property]) -> None:
    """Refuse claims that cannot be decided from one state of those that differ only in names.

    Raises: ModelError.
    """
    interchangeable = {node for block in blocks_of(world) for node in block}
    for claim in claims:
        nodes = {node for each in claim.instances(WorldView(world, ())) for node in each}
        if claim.kind.is_temporal:
            why = "it is about whole runs, and a run of stand-ins need not be a run of the world"
        elif claim.kind is Kind.REFINES:
            why = "the abstract state of a stand-in is not the one that the step leads to"
        elif claim.kind is Kind.RECOVERABLE and nodes & interchangeable:
            why = (
                "each tuple of nodes has paths of its own, and a stand-in has other names for them"
            )
        else:
            continue
        raise ModelError(
            f"{claim.name} cannot be decided with symmetry: {why}. To decide it, {_WAY_OUT}"
        )


def check_world(world: World) -> None:
    """Refuse a world that does not begin in the same way under every renaming.

    Raises: ModelError.
    """
    starts = set(world.initial())
    for action in generators(world):
        for start in starts:
            if action.state(start) not in starts:
                changed = difference(world, start, action.state(start))
                problem = "the world does not begin in the same way: look at `starts`, `workload`"
                raise asymmetric(action, f"{problem}, observers and machines", changed)
        said = set(world.adversary.repertoire) if world.adversary else set()
        for message in said - set(map(action.renaming, said)):
            problem = "the adversary's repertoire has a message, but not under every name"
            raise asymmetric(action, problem, {"message": message})
