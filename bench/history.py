"""How long it takes to judge histories of 10 000 operations, 10 processes and 20 keys.

    python bench/history.py           each object: linearizable, and with one result changed
    python bench/history.py --quick   the same with 2 000 operations

The histories are what users see of a true object: every operation takes effect at some time between
its call and its answer, and two in a hundred are never answered. The seed is fixed.
"""

import random
import sys
import time
from collections.abc import Callable
from typing import Any

from attrs import evolve

from coterie.model.call import Call
from coterie.spec.history.conditions import linearization, parts
from coterie.spec.history.objects import KEY_VALUE, LOG, QUEUE, REGISTER, SequentialObject
from coterie.spec.history.operation import DONE, Operation
from coterie.spec.history.search import Answer

PROCESSES, KEYS, UNANSWERED = 10, 20, 0.02
Choice = Callable[[random.Random, int, int], Call]


def register(dice: random.Random, number: int, key: int) -> Call:
    f = dice.choice(["read", "read", "write", "cas"])
    values = {"write": number, "cas": (dice.randrange(5), dice.randrange(5))}
    return Call(f, values.get(f), key)


def few_values(dice: random.Random, number: int, key: int) -> Call:
    call = register(dice, number, key)
    return evolve(call, value=number % 5) if call.f == "write" else call


def store(dice: random.Random, number: int, key: int) -> Call:
    f = dice.choice(["get", "get", "put", "put", "delete"])
    return Call(f, number if f == "put" else None, key)


def queue(dice: random.Random, number: int, key: int) -> Call:
    return dice.choice([Call("enqueue", number, key), Call("dequeue", None, key)])


def log(dice: random.Random, number: int, key: int) -> Call:
    return Call("read", None, key) if dice.random() < 0.1 else Call("append", number, key)


CASES: dict[str, tuple[SequentialObject, Choice]] = {
    "register": (REGISTER, register),
    "register, 5 values": (REGISTER, few_values),
    "key-value store": (KEY_VALUE, store),
    "queue": (QUEUE, queue),
    "log": (LOG, log),
}


def generated(of: SequentialObject, choice: Choice, count: int) -> list[Operation]:
    """Return so many operations as their users saw them."""
    dice = random.Random(7)  # noqa: S311 (it has to be the same each time)
    free = dict.fromkeys(range(PROCESSES), 0.0)
    intervals = []
    for number in range(count):
        process = min(free, key=lambda each: free[each])
        begun = free[process] + dice.random()
        ended = begun + dice.expovariate(1.0)
        answered = dice.random() >= UNANSWERED
        free[process] = ended
        effect = dice.uniform(begun, ended) if answered else begun + dice.expovariate(0.05)
        call = choice(dice, number, dice.randrange(KEYS))
        intervals.append((effect, begun, ended if answered else None, process, call))
    return _run(of, intervals)


def _run(of: SequentialObject, intervals: list[Any]) -> list[Operation]:
    states: dict[Any, Any] = {}
    history = []
    for _, begun, ended, process, call in sorted(intervals, key=lambda each: each[0]):
        state, result = of.step(states.get(call.key, of.initial), call)
        states[call.key] = state
        seen = None if ended is None or result is DONE else result
        history.append(Operation(process, call, begun, ended, seen))
    return sorted(history, key=lambda each: each.invoked)


def spoilt(history: list[Operation]) -> list[Operation]:
    """Return the history with an old result in the place of a late one."""
    reads = [at for at, op in enumerate(history) if op.call.f in {"read", "get", "dequeue"}]
    known = [at for at in reads if history[at].is_known and history[at].result is not None]
    late = known[len(known) * 9 // 10]
    same = [at for at in known if history[at].call.key == history[late].call.key]
    wrong = evolve(history[late], result=history[same[len(same) // 2]].result)
    return [*history[:late], wrong, *history[late + 1 :]]


def judged(name: str, of: SequentialObject, history: list[Operation]) -> None:
    """Check, and print how long it took."""
    begun = time.perf_counter()
    found = [linearization(part, of) for part in parts(history, of).values()]
    seconds = time.perf_counter() - begun
    bad = sum(each.answer is not Answer.YES for each in found)
    entered = sum(each.configurations for each in found)
    said = f"NOT linearizable at {bad} key" if bad else "linearizable"
    print(f"{name:<20} {len(history):>6} {said:<27} {entered:>9,} {seconds:>7.2f} s", flush=True)


def main(*, quick: bool) -> None:
    """Print every figure."""
    print(f"{PROCESSES} processes, {KEYS} keys; operations, verdict, configurations, seconds\n")
    for name, (of, choice) in CASES.items():
        history = generated(of, choice, 2_000 if quick else 10_000)
        judged(name, of, history)
        judged(name, of, spoilt(history))


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
