"""Under which name a client speaks: the clients of one machine have names that nobody else uses."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from coterie.impl import keys
from coterie.impl.cluster import KEYS
from coterie.model.machine import Node

NAMES_MOST = 1000


@contextmanager
def taken(folder: Path, role: str, most: int = NAMES_MOST) -> Iterator[tuple[Node, int]]:
    """Take the first name of this role that no other process of this machine uses now.

    Returns: the name, and a number that is greater than at each earlier time it was taken, wherever
        the clock has gone since.

    Attributes:
        folder: of the cluster; keys are made there for a name that has none yet.
        role: as `client`.
        most: how many names there are.

    Raises: KeysError where no key can be made, or all names are taken.
    """
    locks = folder / "clients"
    locks.mkdir(exist_ok=True)
    for index in range(most):
        node = Node(role, index)
        handle = os.open(locks / f"{node}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            continue
        try:
            if not keys.credentials(folder / KEYS, node).key.exists():
                keys.make(folder / KEYS, [node])
            yield node, _counted(handle)
        finally:
            os.close(handle)
        return
    raise keys.KeysError(f"{folder} has {most} {role} at work on this machine, which is the most")


def _counted(handle: int) -> int:
    """Return the next number of the name whose lock this is, and write it down there."""
    before = os.read(handle, 32)
    number = max(int(before or b"0") + 1, time.time_ns() // 1000)
    os.pwrite(handle, b"%d" % number, 0)
    return number
