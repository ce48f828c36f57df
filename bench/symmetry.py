"""Two-phase commit with its managers interchangeable, against the same without symmetry.

    python bench/symmetry.py            about a minute: 9 managers, then 12 with symmetry alone
    python bench/symmetry.py --quick    the same with 7 and 9, in a few seconds

Every measurement is a process of its own that compiles (or loads) the kernels on a tiny world
first. What is compared is measured in one run, in turns. The time with symmetry includes holding
all that was relied on against its renaming.
"""

import json
import statistics
import subprocess
import sys
from typing import Any

ROUNDS = 3


def measure(managers: int, *, symmetry: bool) -> dict[str, Any]:
    """Explore two-phase commit in a process of its own; return what it took."""
    command = [sys.executable, __file__, "--one", str(managers), str(int(symmetry))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def one(managers: int, *, symmetry: bool) -> None:
    """Explore, and print what it took as JSON."""
    import time  # noqa: PLC0415 (only the measured process needs the rest)

    from attrs import evolve  # noqa: PLC0415

    from coterie.checks.catalogue.oracles.two_phase import world  # noqa: PLC0415
    from coterie.checks.engine.explore import explore  # noqa: PLC0415
    from coterie.spec.oracles.two_phase import consistent  # noqa: PLC0415

    def made(count: int) -> Any:
        return evolve(world(count), symmetric=("manager",))

    explore(made(3), [consistent], symmetry=symmetry)
    begun = time.perf_counter()
    found = explore(made(managers), [consistent], symmetry=symmetry)
    taken = {
        "seconds": time.perf_counter() - begun,
        "states": found.states,
        "python_calls": found.python_calls,
        "verdict": found["consistent"].verdict.value,
        "reductions": found.reductions,
    }
    print(json.dumps(taken))


def show(label: str, taken: dict[str, Any]) -> None:
    """Print one measurement."""
    print(
        f"{label:<36} {taken['states']:>11,} states {taken['seconds']:>8.2f} s"
        f" {taken['python_calls']:>9,} Python calls  {taken['verdict']}",
        flush=True,
    )


def main(*, quick: bool) -> None:
    """Print every figure."""
    compared, larger = (7, 9) if quick else (9, 12)
    ratios = []
    for _ in range(ROUNDS):
        with_it, without = (measure(compared, symmetry=which) for which in (True, False))
        show(f"{compared} managers, with symmetry", with_it)
        show(f"{compared} managers, without", without)
        ratios.append(with_it["seconds"] / without["seconds"])
    median = statistics.median(ratios)
    print(f"-> symmetry takes {median:.2f} of the time (median of {ROUNDS} pairs)\n")
    beyond = measure(larger, symmetry=True)
    show(f"{larger} managers, with symmetry", beyond)
    print(f"-> {beyond['reductions'][0]}")


if __name__ == "__main__":
    if "--one" in sys.argv:
        one(int(sys.argv[2]), symmetry=sys.argv[3] == "1")
    else:
        main(quick="--quick" in sys.argv)
