"""Paths followed through a world, and runs of it turned into paths."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

from attrs import evolve, frozen

from coterie.checks.result import Trace
from coterie.checks.world import Step, Values, World
from coterie.commands.explorer.path import START_SEAL, STEP_SEAL, Path
from coterie.commands.words import happening, text

REMEMBERED = 4096


@frozen
class Walk:
    """A path as far as it could be followed.

    Attributes:
        path: the path, sealed, whose steps are those that could be followed.
        trace: the same as a run, what is ahead included.
        problem: why it could not be followed further; empty where it was followed to its end.
    """

    path: Path
    trace: Trace
    problem: str = ""

    @property
    def past(self) -> Trace:
        """The run up to where one stands; with its loop, where one stands at the end of it."""
        at = self.path.at
        loop = self.trace.loop if at == len(self.trace) else None
        return Trace(self.trace.start, self.trace.steps[:at], loop)

    @property
    def here(self) -> Values:
        """The state in which one stands."""
        return self.trace.states[self.path.at]


class Walker:
    """Asks a world for its steps, and remembers them.

    Attributes:
        world: the world.
        starts: its starting states, in order.
    """

    def __init__(self, world: World, name: str) -> None:
        self.world, self._name = world, name
        self.starts: Sequence[Values] = tuple(world.initial())
        self.steps = lru_cache(REMEMBERED)(self._steps)

    def _steps(self, values: Values) -> tuple[Step, ...]:
        return tuple(self.world.successors(values))

    def rests(self, values: Values) -> bool:
        """Return whether only faults and the adversary can change this state."""
        return not any(step.values != values and not step.fault for step in self.steps(values))

    def follow(self, path: Path) -> Walk:
        """Follow `path` as far as it goes; the least is the first starting state."""
        if path.start >= len(self.starts):
            problem = f"start {path.start} does not exist: there are {len(self.starts):,}"
            return self._walk(Path(), self.starts[0], (), problem)
        start = self.starts[path.start]
        if path.seal and not path.seal.startswith(self._of_start(start)):
            problem = (
                "the address was made for another check, for other parameters, or for another"
                " version of this one"
            )
            return self._walk(Path(path.start), start, (), problem)
        return self._follow(path, start)

    def _follow(self, path: Path, start: Values) -> Walk:
        taken: list[Step] = []
        here, seals = start, path.seal[START_SEAL:]
        for place, number in enumerate(path.steps):
            steps = self.steps(here)
            if number >= len(steps):
                problem = (
                    f"step {place + 1} should be number {number} of the steps that are possible"
                    f" there, but there are {len(steps):,}, counted from 0"
                )
                return self._walk(path.until(place), start, taken, problem)
            seal = seals[STEP_SEAL * place : STEP_SEAL * (place + 1)]
            if seals and seal != _of_step(steps[number]):
                problem = (
                    f"step {place + 1} was another one when the address was made:"
                    f" number {number} is now “{words(steps[number])}”"
                )
                return self._walk(path.until(place), start, taken, problem)
            taken.append(steps[number])
            here = steps[number].values
        return self._closed(path, start, taken)

    def _closed(self, path: Path, start: Values, taken: Sequence[Step]) -> Walk:
        """Return the whole path, if it comes round to where it says that it does."""
        states = Trace(start, tuple(taken)).states
        if path.loop is not None and states[path.loop] != states[-1]:
            problem = f"after its last step it is not again where it was after step {path.loop}"
            return self._walk(evolve(path, loop=None), start, taken, problem)
        return self._walk(path, start, taken, "")

    def _walk(self, path: Path, start: Values, taken: Sequence[Step], problem: str) -> Walk:
        trace = Trace(start, tuple(taken), path.loop)
        return Walk(evolve(path, seal=self._seal(trace)), trace, problem)

    def numbered(self, trace: Trace) -> Path:
        """Return the path of a run of this world."""
        steps = [
            self.steps(before).index(step)
            for before, step in zip(trace.states, trace.steps, strict=False)
        ]
        start = self.starts.index(trace.start)
        return Path(start, tuple(steps), loop=trace.loop, seal=self._seal(trace))

    def onwards(self, past: Trace, further: Trace) -> Path:
        """Return the path of a run, and of another that begins where the first one ends."""
        return self.numbered(Trace(past.start, (*past.steps, *further.steps)))

    def sealed(self, path: Path) -> Path:
        """Return `path`, which can be followed, with its seal."""
        return self.follow(evolve(path, seal="")).path

    def _seal(self, trace: Trace) -> str:
        return self._of_start(trace.start) + "".join(map(_of_step, trace.steps))

    def _of_start(self, start: Values) -> str:
        return _digest(f"{self._name}\n{''.join(map(text, start))}", START_SEAL)


def words(step: Step) -> str:
    """Return what happens in a step, in a line."""
    return "; ".join(map(happening, step.happenings)) or "something that has no name"


@lru_cache(REMEMBERED)
def _of_step(step: Step) -> str:
    return _digest(f"{words(step)}{step.fault}", STEP_SEAL)


def _digest(said: str, letters: int) -> str:
    return blake2b(said.encode(), digest_size=8).hexdigest()[:letters]
