"""A memory that is small: it is kept as one row, and written anew with every change."""

from collections.abc import Iterator
from typing import Any

from attrs import define, field

from coterie.impl.storage.keeper import Coding, shown
from coterie.impl.storage.tables import Operation, Put, Read, Table, coded, integer, text
from coterie.model.machine import Machine


@define
class Whole:
    """Keeps the whole memory of any machine in one row.

    Attributes:
        machine: whose memory it is.
        codec: for the memory.
        name: of the table.
    """

    machine: Machine[Any, Any]
    codec: Coding
    name: str
    tables: tuple[Table, ...] = field(init=False)
    views: tuple[str, ...] = field(init=False, default=())
    _memory: Any = field(init=False, default=None)

    def __attrs_post_init__(self) -> None:
        self.tables = (Table(self.name, (integer("one"), coded("memory"), text("shown"))),)

    def load(self, read: Read) -> Any:
        """Return the memory; None where nothing was ever written."""
        rows = read(self.tables[0])
        self._memory = self.codec.decode(rows[0][1]) if rows else None
        return self._memory

    def write(self, change: Any) -> Iterator[Operation]:
        """Write the memory after the change."""
        self._memory = self.machine.recorded(self._memory, change)
        data = self.codec.encode(self._memory)
        yield Put(self.tables[0], (0, data, shown(data)))
