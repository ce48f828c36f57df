"""Liveness against safety: two-phase commit, whole runs under fairness, and states alone.

    python bench/liveness.py            7 managers
    python bench/liveness.py 8          as many as you say

Both are measured in one process, in turns, by the processor time of all threads; what counts is
the ratio of the medians.
"""

import statistics
import sys
import time
from collections.abc import Sequence

from attrs import evolve

from coterie.checks.catalogue.oracles.two_phase import world
from coterie.checks.engine.explore import explore
from coterie.checks.fairness import weak
from coterie.checks.result import Exploration
from coterie.checks.world import World
from coterie.spec.oracles.two_phase import consistent, decision, decisions_arrive
from coterie.spec.property import Property, View, eventually

ROUNDS = 5


@eventually
def decided(view: View) -> bool:
    """The transaction manager decides."""
    return decision(view).value != "working"


def measure(made: World, claims: Sequence[Property]) -> tuple[float, Exploration]:
    """Return the processor time that an exploration takes, and what it finds."""
    begun = time.process_time()
    found = explore(made, claims)
    return time.process_time() - begun, found


def main(managers: int) -> None:
    """Print the three measurements, and their ratios."""
    fairness = (weak("timers"), weak("deliveries"))
    runs: dict[str, tuple[World, list[Property]]] = {
        "safety: consistent": (world(managers), [consistent]),
        "eventually: decided": (evolve(world(managers), fairness=fairness), [decided]),
        "leads to: decisions_arrive": (world(managers), [decisions_arrive]),
    }
    for made, claims in runs.values():
        explore(evolve(made, machines=world(3).machines, links=world(3).links), claims)
    taken: dict[str, list[float]] = {label: [] for label in runs}
    for _ in range(ROUNDS):
        for label, (made, claims) in runs.items():
            seconds, found = measure(made, claims)
            taken[label].append(seconds)
            assert found.verdict.value == "holds"
    print(f"two-phase commit, {managers} managers, {found.states:,} states")
    base = statistics.median(taken["safety: consistent"])
    for label, each in taken.items():
        middle = statistics.median(each)
        print(f"{label:<28} {middle:7.2f} s of processor time {middle / base:6.2f} times safety")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
