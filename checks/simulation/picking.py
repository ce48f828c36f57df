"""How a run chooses its next step.

Both schedules first decide whether a fault happens: where faults (or the adversary) and other steps
are possible, a fault is taken with the probability `faults`, and then any of them, equally likely.
Otherwise an adversary with a hundred lies would drown three honest deliveries.
"""

from collections.abc import Callable, Iterable, Sequence
from random import Random

from coterie.checks.component import Key
from coterie.checks.simulation.steps import actor
from coterie.checks.world import Step

Pick = Callable[[int, Sequence[Step]], Step]


def uniform(random: Random, faults: float) -> Pick:
    """Return the random walk: every step without a fault is equally likely."""
    return lambda _, steps: random.choice(_willing(random, faults, steps))


def pct(
    random: Random, faults: float, actors: Iterable[Key], *, depth: int, steps_most: int
) -> Pick:
    """Return a schedule of priorities that change `depth - 1` times: starve some, then others.

    The paper's thread is here an actor: a channel (its deliveries), a node (its own events and its
    restarts), or a user (the calls). All actors get distinct random priorities from `depth` up, and
    `depth - 1` different step numbers up to `steps_most` are drawn. Always the enabled actor of
    the highest priority goes; at the i-th of the drawn numbers the one that would go first falls
    to the priority i, below all that have not fallen. Of several steps of that actor (a channel
    that reorders, a node with several options) each is equally likely, and faults are drawn apart
    from all this; so the paper's bound of 1 / (actors x steps_most ** (depth - 1)) on finding a bug
    of that depth is kept only in a world without faults, in which an actor never has a choice.

    Source: Burckhardt, Kothari, Musuvathi and Nagarakatte, "A Randomized Scheduler with
    Probabilistic Guarantees of Finding Bugs", ASPLOS 2010, section 2.
    """
    shuffled = list(actors)
    random.shuffle(shuffled)
    priorities = {each: depth + place for place, each in enumerate(shuffled)}
    changes = random.sample(range(1, steps_most + 1), min(depth - 1, steps_most))
    falls = {number: priority for priority, number in enumerate(changes, start=1)}

    def first(steps: Sequence[Step]) -> Key:
        return max((_actor(step) for step in steps), key=priorities.__getitem__)

    def pick(number: int, steps: Sequence[Step]) -> Step:
        willing = _willing(random, faults, steps)
        if willing[0].fault:
            return random.choice(willing)
        if number in falls:
            priorities[first(willing)] = falls[number]
        chosen = first(willing)
        return random.choice([step for step in willing if _actor(step) == chosen])

    return pick


def _actor(step: Step) -> Key:
    return actor(step.happenings[0])


def _willing(random: Random, faults: float, steps: Sequence[Step]) -> list[Step]:
    """Return the faults, or the steps without one: at least one step."""
    usual = [step for step in steps if not step.fault]
    faulty = [step for step in steps if step.fault]
    if not usual or not faulty:
        return usual or faulty
    return faulty if random.random() < faults else usual
