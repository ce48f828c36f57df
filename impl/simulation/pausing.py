"""A process that stands still: whatever it waits for, it does not go on before it may."""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any

from attrs import define, field


@define(eq=False)
class Pausable:
    """A coroutine that can be made to stand still, wherever it waits.

    Attributes:
        coroutine: what is run, by awaiting this.
        gate: open while it may go on.
    """

    coroutine: Coroutine[Any, Any, None]
    gate: asyncio.Event = field(factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self.gate.set()

    def pause(self) -> None:
        """Let it stand still as soon as it waits for something, which is always."""
        self.gate.clear()

    def resume(self) -> None:
        """Let it go on."""
        self.gate.set()

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self.coroutine.__await__()
        try:
            awaited = next(steps)
            while True:
                try:
                    yield awaited
                    if not self.gate.is_set():
                        yield from self.gate.wait().__await__()
                except BaseException as thrown:  # noqa: BLE001  it is the coroutine's to handle
                    awaited = steps.throw(thrown)
                else:
                    awaited = next(steps)
        except StopIteration:
            return
        finally:
            self.coroutine.close()
