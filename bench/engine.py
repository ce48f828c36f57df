"""The engine against the plain explorer, one thread against two, and a world of ten million states.

    python bench/engine.py            five to ten minutes, most of them the plain explorer's
    python bench/engine.py --quick    the same on smaller worlds, in half a minute

Every measurement is a process of its own that compiles (or loads) the kernels on a tiny world
first, so that compilation is left out and the peak memory is the world's. What is compared is
measured in one run, in turns.
"""

import json
import platform
import resource
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROUNDS = 3


def measure(explorer: str, managers: int, workers: int) -> dict[str, Any]:
    """Explore two-phase commit in a process of its own; return what it took."""
    command = [sys.executable, __file__, "--one", explorer, str(managers), str(workers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def one(explorer: str, managers: int, workers: int) -> None:
    """Explore, and print what it took as JSON."""
    import time  # noqa: PLC0415 (only the measured process needs the rest)

    from coterie.checks.catalogue.oracles.two_phase import world  # noqa: PLC0415
    from coterie.checks.engine import reference  # noqa: PLC0415
    from coterie.checks.engine.explore import explore  # noqa: PLC0415
    from coterie.spec.oracles.two_phase import consistent  # noqa: PLC0415

    if explorer == "engine":
        explore(world(3), [consistent], workers=workers)
    begun = time.perf_counter()
    if explorer == "engine":
        found = explore(world(managers), [consistent], workers=workers)
    else:
        found = reference.explore(world(managers), [consistent])
    taken = {
        "seconds": time.perf_counter() - begun,
        "states": found.states,
        "transitions": found.transitions,
        "python_calls": found.python_calls,
        "verdict": found["consistent"].verdict.value,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(taken))


def machine() -> str:
    """Return what this runs on."""
    names = [
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if line.startswith("model name")
    ]
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba"))
    return f"{len(names)} x {names[0]}, CPython {platform.python_version()}, {packages}"


def show(label: str, taken: dict[str, Any]) -> None:
    """Print one measurement."""
    rate = taken["states"] / taken["seconds"]
    print(
        f"{label:<34} {taken['states']:>11,} states {taken['seconds']:>8.2f} s"
        f" {rate:>11,.0f} states/s {taken['megabytes']:>6,.0f} MB",
        flush=True,
    )


def main(*, quick: bool) -> None:
    """Print every figure."""
    compared, whole = (5, 7) if quick else (7, 9)
    print(machine())
    print("\nTwo-phase commit with its invariant, whole states compared, compilation excluded\n")
    engine = measure("engine", compared, 2)
    show(f"engine, {compared} managers, 2 threads", engine)
    plain = measure("reference", compared, 1)
    show(f"plain explorer, {compared} managers", plain)
    print(f"-> the engine is {plain['seconds'] / engine['seconds']:,.0f} times as fast\n")
    taken: dict[int, list[dict[str, Any]]] = {1: [], 2: []}
    for _ in range(ROUNDS):
        for workers, results in taken.items():
            results.append(measure("engine", whole, workers))
            show(f"engine, {whole} managers, {workers} thread(s)", results[-1])
    pairs = zip(taken[2], taken[1], strict=True)
    ratio = statistics.median(two["seconds"] / alone["seconds"] for two, alone in pairs)
    print(f"-> two threads take {ratio:.2f} of the time of one (median of {ROUNDS} pairs)")
    last = taken[2][-1]
    calls = last["python_calls"] / last["transitions"] * 1e6
    print(
        f"-> {last['transitions']:,} transitions, {last['python_calls']:,} Python calls:"
        f" {calls:,.0f} a million transitions"
    )


if __name__ == "__main__":
    if "--one" in sys.argv:
        one(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main(quick="--quick" in sys.argv)
