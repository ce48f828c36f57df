"""Users of a group, who write down what they call and what they are answered."""

import asyncio
import json
import random
import time
from typing import Any

from attrs import define, field

from coterie.impl.client.group import GroupClient, UnknownOutcomeError


@define(eq=False)
class Load:
    """Users, one call at a time each, on a few keys.

    Attributes:
        client: by which they call.
        random: what they call.
        keys: how many keys there are.
        lines: what happened, as `coterie history --model kv` reads it.
        answered: how many calls were answered.
        written: the values that were acknowledged to be written.
    """

    client: GroupClient
    random: random.Random
    keys: int = 8
    lines: list[str] = field(factory=list)
    answered: int = 0
    _users: int = 0

    async def user(self, until: asyncio.Event, pause_seconds: float) -> None:
        """Call until it is over; whoever does not know what came of a call is another one then."""
        process = self._another()
        count = 0
        while not until.is_set():
            count += 1
            if not await self._called(process, f"{process}.{count}"):
                process = self._another()
            await asyncio.sleep(pause_seconds * self.random.random())

    def _another(self) -> int:
        self._users += 1
        return self._users

    async def _called(self, process: int, value: str) -> bool:
        """Make one call; return whether it was answered."""
        key, f = f"k{self.random.randrange(self.keys)}", self.random.choice(("get", "put", "put"))
        self._line(process, "invoke", f, key, value if f == "put" else None)
        try:
            if f == "put":
                await self.client.write(key, value)
                result: Any = value
            else:
                result = await self.client.read(key)
        except UnknownOutcomeError:
            self._line(process, "info", f, key, value if f == "put" else None)
            return False
        self._line(process, "ok", f, key, result)
        self.answered += 1
        return True

    def _line(self, process: int, kind: str, f: str, key: str, value: Any) -> None:
        said = {"process": process, "type": kind, "f": f, "key": key, "value": value}
        self.lines.append(json.dumps({**said, "time": time.monotonic_ns()}))
