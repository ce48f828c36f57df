"""Threads that work side by side and are waited for, whatever happens."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")


class Crew:
    """So many workers; kernels release the interpreter's lock, so they run at the same time."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool = ThreadPoolExecutor(workers) if workers > 1 else None

    def all(self, jobs: Iterable[Callable[[], T]]) -> list[T]:
        """Run every job and return what they return; an interrupt waits for those under way."""
        if self._pool is None:
            return [job() for job in jobs]
        futures = [self._pool.submit(job) for job in jobs]
        try:
            return [future.result() for future in futures]
        except BaseException:
            wait(futures)
            raise

    def close(self) -> None:
        """Send the workers home."""
        if self._pool is not None:
            self._pool.shutdown()
