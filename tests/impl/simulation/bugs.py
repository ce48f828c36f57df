"""Planted bugs: builds of a service with one part that is wrong, as people have written them."""

import asyncio
from collections.abc import Iterator
from typing import Any

from attrs import define, evolve, field

from coterie.impl.node import Node
from coterie.impl.ports import StorageError
from coterie.impl.simulation.build import Build
from coterie.impl.simulation.disk import SimulatedDisk
from coterie.impl.timers import Pace, Paces, innermost
from coterie.model.machine import Deliver, Machine, Timeout
from coterie.model.session import Line, Notice, Parcel, Resend, Session
from coterie.model.synchrony.membership import Membership
from coterie.model.synchrony.service.server import Server
from coterie.model.synchrony.state import Inside, with_row
from coterie.model.synchrony.table import Push

HARDLY_EVER = 1e9


class TrustsConnections(Paces):
    """The first message to a peer is sent again only when a connection is made anew."""

    def __call__(self, event: Timeout) -> Pace:
        inner = innermost(event)
        if isinstance(inner, Resend) and inner.first == 0:
            return HARDLY_EVER
        return super().__call__(event)


class Gullible(Session):
    """The latest acknowledgement to arrive counts, though it be older than others."""

    def _taken(
        self, known: Line, sender: Any, arrived: Parcel | Notice
    ) -> tuple[Line, tuple[Deliver, ...]]:
        if arrived.received < known.acknowledged:
            known = evolve(known, acknowledged=arrived.received)
        return super()._taken(known, sender, arrived)


class Counting(Session):
    """It counts what arrives, and does not read the number on it."""

    def _taken(
        self, known: Line, sender: Any, arrived: Parcel | Notice
    ) -> tuple[Line, tuple[Deliver, ...]]:
        after, up = super()._taken(known, sender, arrived)
        if isinstance(arrived, Parcel) and arrived.number < known.received:
            after = evolve(after, received=after.received + 1)
        return after, up


def any_number(alive: int, members: int) -> bool:
    """Go on with however few are left."""
    return alive <= members


class Private(Membership):
    """Whom another suspects is none of a member's business."""

    def read(self, inside: Inside, rank: int, push: Push) -> Inside:
        return with_row(inside, rank, push.row)


def membered(membership: Membership) -> Any:
    """Return what gives a server's machine other rules of membership."""

    def changed(made: Machine[Any, Any]) -> Machine[Any, Any]:
        assert isinstance(made, Server)
        return evolve(
            made,
            member=evolve(made.member, member=evolve(made.member.member, membership=membership)),
        )

    return changed


def forgotten(starts: int) -> int:
    """Keep nothing of the count of starts."""
    return starts * 0


@define(eq=False)
class Lying(SimulatedDisk):
    """A disk that says that it has synced, and does so a second later."""

    async def commit(self, changes: list[Any]) -> None:
        self.write(changes)
        asyncio.get_running_loop().call_later(1.0, self._later, self.unsynced[-1])

    def _later(self, record: bytes) -> None:
        if record in self.unsynced:
            self.flush(self.unsynced.index(record) + 1)


def unchecked(file: bytes) -> Iterator[bytes]:
    """Yield the records of a file, whole or not."""
    place = 0
    while len(file) - place >= 8:
        length = int.from_bytes(file[place : place + 4])
        yield file[place + 8 : place + 8 + length]
        place += 8 + length


def disk_without_checksums(*arguments: Any) -> SimulatedDisk:
    """Return a disk that reads whatever is there."""
    return SimulatedDisk(*arguments, records=unchecked)


@define(eq=False)
class Impatient(SimulatedDisk):
    """A disk that takes a sync of more than half a second for a failure."""

    async def commit(self, changes: list[Any]) -> None:
        try:
            await asyncio.wait_for(super().commit(changes), 0.5)
        except TimeoutError:
            raise StorageError("the disk does not answer") from None


def by_the_clock(starts: int, clock: float) -> int:
    """Number a client's starts by the time of day, in microseconds."""
    del starts
    return int(clock * 1_000_000)


def asks_once(made: Machine[Any, Any]) -> Machine[Any, Any]:
    """Return the server with a member that asks once to be let in."""
    assert isinstance(made, Server)
    return evolve(made, member=evolve(made.member, asks_again=False, tells_again=False))


@define(eq=False)
class Jumpy(Node):
    """A node that, when it was late to wake, takes the others for the reason."""

    late_seconds: float = 0.5
    _beat: float = field(default=0.2, init=False)

    async def _something_to_do(self) -> None:
        loop = asyncio.get_running_loop()
        began, alarm = loop.time(), loop.call_later(self._beat, self._wake.set)
        await super()._something_to_do()
        alarm.cancel()
        if loop.time() - began > self._beat + self.late_seconds:
            for peer in self._incarnations:
                self.timers.detector.disconnected(peer, began - self.timers.detector.patience)


BUGS = {
    "trusts connections": Build(paces=TrustsConnections),
    "gullible": Build(session=Gullible()),
    "counting": Build(session=Counting()),
    "any number": Build(upper=membered(Membership(has_majority=any_number))),
    "private": Build(upper=membered(Private())),
    "forgets starts": Build(session=Session(keeps=forgotten)),
    "lying": Build(disk=Lying),
    "no checksums": Build(disk=disk_without_checksums),
    "impatient": Build(disk=Impatient),
    "by the clock": Build(numbers=by_the_clock),
    "jumpy": Build(node=Jumpy),
    "asks once": Build(upper=asks_once),
}
