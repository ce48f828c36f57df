"""Work that may never end, for a while: what somebody types is evaluated no longer than that.

It is done on threads that end with the process, for nothing else can be relied upon to end them.
"""

import ctypes
from asyncio import wrap_future
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Thread
from typing import TypeVar

T = TypeVar("T")
ANSWER, EVALUATION = "an answer of the explorer", "an evaluation of the explorer"


class TooLongError(Exception):
    """The time was up."""


async def answered(function: Callable[[], T]) -> T:
    """Return what a function returns, which Ctrl-C does not wait for."""
    future, _ = _begun(function, ANSWER)
    return await wrap_future(future)


def bounded(function: Callable[[], T], seconds: float) -> T:
    """Return what a function returns within so many seconds.

    Raises: TooLongError where it does not, and whatever it raises.
    """
    future, thread = _begun(function, EVALUATION)
    wait((future,), seconds)
    if not future.done():
        _interrupt(thread)
        raise TooLongError(f"It took longer than {seconds:g} s, and was given up.")
    return future.result()


def _begun(function: Callable[[], T], name: str) -> tuple[Future[T], Thread]:
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(function())
        except BaseException as error:  # noqa: BLE001 (whoever waits for it gets it)
            future.set_exception(error)

    future.set_running_or_notify_cancel()
    thread = Thread(target=run, name=name, daemon=True)
    thread.start()
    return future, thread


def _interrupt(thread: Thread) -> None:
    """Interrupt what a thread does, which works while that is Python, and may not otherwise."""
    if thread.ident is not None and thread.is_alive():
        interrupt = ctypes.py_object(KeyboardInterrupt)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), interrupt)
