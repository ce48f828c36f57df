"""Keepers: how the changes of one machine's memory become rows, and rows become memory again.

Every keeper keeps one law: what `load` returns is what folding `machine.recorded` over all changes
that were ever written gives, None for none at all.
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

import msgspec
from attrs import define, field

from coterie.impl.storage.tables import Operation, Put, Read, Table, coded, integer, text
from coterie.model.machine import Machine
from coterie.model.stacked import Above, Below, Stack

_unpack, _to_json = msgspec.msgpack.Decoder().decode, msgspec.json.Encoder().encode

SHOWN = 200
"""How many letters of a value are written beside its bytes, for an operator to read."""


class Coding(Protocol):
    """Turns values into bytes of MessagePack and back; `coterie.impl.codec.Codec` does."""

    def encode(self, value: Any) -> bytes:
        """Return `value` as bytes."""
        ...

    def decode(self, data: bytes) -> Any:
        """Return the value; ValueError where there is none."""
        ...


class Keeper(Protocol):
    """Keeps the memory of one machine in tables of its own.

    A keeper belongs to one store, and may remember where its tables end; `load` comes before the
    first `write`.
    """

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables."""
        ...

    @property
    def views(self) -> tuple[str, ...]:
        """What is created besides, for operators to read: SQL that both databases understand."""
        ...

    def load(self, read: Read) -> Any:
        """Return the memory, or None where nothing was ever written.

        Raises: ValueError where the rows are not what `write` left there.
        """
        ...

    def write(self, change: Any) -> Iterable[Operation]:
        """Return what a change does to the tables."""
        ...


def shown(data: bytes) -> str:
    """Return the beginning of an encoded value as JSON; nothing reads it but people."""
    letters = _to_json(_short(_unpack(data))).decode()
    return letters if len(letters) <= SHOWN else letters[: SHOWN - 1] + "…"


def _short(plain: Any) -> Any:
    """Return a plain value without what would not be shown anyway."""
    match plain:
        case bytes() if len(plain) > SHOWN // 4:
            return f"{plain[:16].hex()}… ({len(plain)} bytes)"
        case bytes():
            return plain.hex()
        case str():
            return plain[:SHOWN]
        case list() | tuple():
            return [_short(item) for item in plain[: SHOWN // 4]]
    return plain


def gapless(numbers: Iterable[int], first: int, where: str) -> None:
    """Check that numbers count up from the first.

    Raises: ValueError where one is missing.
    """
    for expected, number in enumerate(numbers, first):
        if number != expected:
            raise ValueError(f"{where} {expected} is missing")


@define
class Folded:
    """Keeps every change that there ever was, and folds them when it loads: for any machine.

    Attributes:
        machine: whose memory it is.
        codec: for its changes.
        name: of the table.
    """

    machine: Machine[Any, Any]
    codec: Coding
    name: str = "changes"
    tables: tuple[Table, ...] = field(init=False)
    views: tuple[str, ...] = field(init=False, default=())
    _next: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self.tables = (Table(self.name, (integer("number"), coded("change"), text("shown"))),)

    def load(self, read: Read) -> Any:
        """Return what all changes amount to."""
        rows = read(self.tables[0])
        gapless((row[0] for row in rows), 0, f"in table {self.name}, the row")
        memory = None
        for _, change, _ in rows:
            memory = self.machine.recorded(memory, self.codec.decode(change))
        self._next = len(rows)
        return memory

    def write(self, change: Any) -> Iterator[Operation]:
        """Append the change."""
        data = self.codec.encode(change)
        yield Put(self.tables[0], (self._next, data, shown(data)))
        self._next += 1


@define
class StackedKeeper:
    """Keeps the memories of two machines, one stacked on the other.

    Attributes:
        upper: keeps that of the upper machine.
        lower: keeps that of the lower machine, in other tables.
    """

    upper: Keeper
    lower: Keeper

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables of both."""
        return (*self.upper.tables, *self.lower.tables)

    @property
    def views(self) -> tuple[str, ...]:
        """The views of both."""
        return (*self.upper.views, *self.lower.views)

    def load(self, read: Read) -> Stack | None:
        """Return both memories; None when there is neither."""
        memory = Stack(self.upper.load(read), self.lower.load(read))
        return None if memory == Stack(None, None) else memory

    def write(self, change: Any) -> Iterable[Operation]:
        """Let the machine's keeper write that the change belongs to."""
        match change:
            case Above(inner):
                return self.upper.write(inner)
            case Below(inner):
                return self.lower.write(inner)
        raise TypeError(f"{change!r} belongs to neither layer")
