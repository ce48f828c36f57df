"""Limits and progress: what an exploration looks at between its rounds."""

from collections.abc import Callable

from coterie.checks.engine.memory import limit_bytes, resident_bytes
from coterie.checks.result import Limit, Progress

PROGRESS_SECONDS = 0.25
MACHINE = "four fifths of the memory ({:.1f} GB) are in use"
OWN = "what cannot be on the disk takes more than the {:.1f} GB of memory that were allowed"


class LimitReachedError(Exception):
    """A search limit came before the end."""


class Watch:
    """Stops an exploration at its limits, and tells how far it is, a few times a second."""

    def __init__(
        self,
        *,
        max_states: int | None = None,
        max_seconds: float | None = None,
        max_depth: int | None = None,
        memory: int | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        given = {"states": max_states, "seconds": max_seconds, "depth": max_depth}
        self._most: dict[str, float] = {k: most for k, most in given.items() if most is not None}
        self._most["memory"] = limit_bytes() if memory is None else min(memory, limit_bytes())
        self._share = MACHINE if memory is None else OWN
        self._hit = ""
        self._progress = progress
        self._told = 0.0

    @property
    def limits(self) -> tuple[Limit, ...]:
        """The limits, each with whether it was hit."""
        return tuple(Limit(name, most, name == self._hit) for name, most in self._most.items())

    def __call__(self, now: Progress) -> None:
        """Look at the limits, and tell the progress when it is time.

        Raises: LimitReachedError.
        """
        self._look("states", now.states, "the limit of {:,} states was reached")
        self._look("seconds", now.seconds, "the limit of {:g} seconds was reached")
        if now.seconds - self._told > PROGRESS_SECONDS:
            self._told = now.seconds
            resident = resident_bytes()  # stop while there is room to say what was found
            self._look("memory", resident, self._share.format(self._most["memory"] / 1e9))
            if self._progress is not None:
                self._progress(now)

    def before(self, depth: int) -> None:
        """Look whether states so many steps from a start may be expanded.

        Raises: LimitReachedError.
        """
        self._look("depth", depth + 1, "the limit of {:,} steps from a start was reached")

    def _look(self, name: str, amount: float, problem: str) -> None:
        most = self._most.get(name)
        if most is not None and amount > most:
            self._hit = name
            raise LimitReachedError(problem.format(most))
