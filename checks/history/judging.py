"""A history judged: key by key where the condition allows that, each within its share of time."""

import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from enum import Enum

from attrs import field, frozen

from coterie.spec.history.conditions import linearization, parts, serialization
from coterie.spec.history.objects import KEY_VALUE, LOG, QUEUE, REGISTER, SequentialObject
from coterie.spec.history.operation import Operation
from coterie.spec.history.registers import WrongRead, irregular_reads, unsafe_reads
from coterie.spec.history.search import Answer, Search

MODELS: Mapping[str, SequentialObject] = {
    "register": REGISTER,
    "kv": KEY_VALUE,
    "log": LOG,
    "queue": QUEUE,
}
CONFIGURATIONS = 4_000_000
"""How many configurations a search may enter: they take about a gigabyte."""
_LOOKS = 64
Clock = Callable[[], float]


class Condition(Enum):
    """What may be asked of a history."""

    LINEARIZABLE = "linearizable"
    SEQUENTIAL = "sequential"
    REGULAR = "regular"
    SAFE = "safe"


@frozen
class Judgement:
    """What is known of one object, or of all together where the condition is about all.

    Attributes:
        key: the object's; None where there is one, or all are meant.
        part: its operations.
        answer: UNKNOWN when the time was over, or there were too many configurations.
        seconds: how long it took.
        search: where the search failed, if it was a search.
        wrong: the reads that are wrong by themselves, where the condition is about reads.
        why: why it is not known.
        core: the few operations that suffice to break it, where they have been looked for.
    """

    key: Hashable
    part: tuple[Operation, ...] = field(repr=False)
    answer: Answer
    seconds: float = 0.0
    search: Search | None = None
    wrong: tuple[WrongRead, ...] = ()
    why: str = ""
    core: tuple[Operation, ...] = ()


def divided(
    history: Sequence[Operation], of: SequentialObject, condition: Condition
) -> dict[Hashable, tuple[Operation, ...]]:
    """Return what is judged by itself: each key, or everything for sequential consistency."""
    if condition is Condition.SEQUENTIAL:
        return {None: tuple(history)}
    return parts(history, of)


def judgements(
    history: Sequence[Operation],
    of: SequentialObject,
    condition: Condition,
    max_seconds: float,
    clock: Clock = time.monotonic,
) -> Iterator[Judgement]:
    """Yield a judgement of each part, in no particular order: those last that took too long.

    Every part has an equal share of what is left of the time; what the others have not used goes to
    those that had too little.
    """
    end = clock() + max_seconds
    waiting = list(divided(history, of, condition).items())
    for last in (False, True):
        again = []
        for place, (key, part) in enumerate(waiting):
            share = (end - clock()) / (len(waiting) - place)
            judged = judge(key, part, of, condition, share, clock)
            hasty = judged.answer is Answer.UNKNOWN and len(waiting) > 1
            if hasty and not last and not judged.why.startswith("more"):
                again.append((key, part))
            else:
                yield judged
        waiting = again


def judge(
    key: Hashable,
    part: tuple[Operation, ...],
    of: SequentialObject,
    condition: Condition,
    max_seconds: float,
    clock: Clock = time.monotonic,
) -> Judgement:
    """Return the judgement of one part.

    Raises: ValueError where the condition is not about such operations.
    """
    begun = clock()
    patience = Patience(begun + max_seconds, clock)
    match condition:
        case Condition.LINEARIZABLE:
            found = linearization(part, of, patience)
        case Condition.SEQUENTIAL:
            found = serialization(part, of, patience)
        case _:
            asked = irregular_reads if condition is Condition.REGULAR else unsafe_reads
            wrong = asked(part, of)
            answer = Answer.NO if wrong else Answer.YES
            return Judgement(key, part, answer, clock() - begun, wrong=wrong)
    why = patience.over if found.answer is Answer.UNKNOWN else ""
    return Judgement(key, part, found.answer, clock() - begun, found, why=why)


class Patience:
    """Says whether to go on, and looks at the clock now and then.

    Attributes:
        over: why not, once it is over.
    """

    def __init__(
        self, end: float, clock: Clock = time.monotonic, steps: int = CONFIGURATIONS
    ) -> None:
        self._end, self._clock, self._left, self._most = end, clock, steps, steps
        self.over = ""

    @classmethod
    def lasting(cls, seconds: float) -> "Patience":
        """Return a patience of so many seconds from now on."""
        return cls(time.monotonic() + seconds)

    def steps(self, most: int) -> "Patience":
        """Return a patience that ends at the same time, and after so many steps."""
        return Patience(self._end, self._clock, most)

    def __call__(self) -> bool:
        """Return whether to go on."""
        self._left -= 1
        if self._left < 0:
            self.over = f"more than {self._most:,} configurations"
        elif self._left % _LOOKS == 0 and self._clock() > self._end:
            self.over = "time-out"
        return not self.over
