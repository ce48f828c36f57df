"""Limits and progress: what an exploration looks at between its rounds."""

from collections.abc import Callable

from coterie.checks.engine.memory import limit_bytes, resident_bytes
from coterie.checks.result import Progress

PROGRESS_SECONDS = 0.25


class LimitReachedError(Exception):
    """A search limit came before the end."""


class Watch:
    """Stops an exploration at its limits, and tells how far it is, a few times a second."""

    def __init__(
        self,
        max_states: int | None,
        max_seconds: float | None,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._max_states, self._max_seconds = max_states, max_seconds
        self._max_bytes = limit_bytes()
        self._progress = progress
        self._told = 0.0

    def __call__(self, now: Progress) -> None:
        """Look at the limits, and tell the progress when it is time.

        Raises: LimitReachedError.
        """
        if self._max_states is not None and now.states > self._max_states:
            raise LimitReachedError(f"the limit of {self._max_states:,} states was reached")
        if self._max_seconds is not None and now.seconds > self._max_seconds:
            raise LimitReachedError(f"the limit of {self._max_seconds:g} seconds was reached")
        if now.seconds - self._told > PROGRESS_SECONDS:
            self._told = now.seconds
            self._look_at_memory()
            if self._progress is not None:
                self._progress(now)

    def _look_at_memory(self) -> None:
        """Stop while there is still room to say what was found."""
        if resident_bytes() > self._max_bytes:
            gigabytes = self._max_bytes / 1e9
            raise LimitReachedError(f"four fifths of the memory ({gigabytes:.1f} GB) are in use")
