"""Sequential names of replicas: PSYS_001, PSYS_002, and so on without an end.

A name is a number with a prefix. Numbers count from 1 in the order of joining, so a greater number
is a newer replica, and a tree needs no table to know where a replica stands. A number that nobody
bears now, be it not yet or no longer, is a hole.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6.
"""

import re

_NAME = re.compile(r"PSYS_([0-9]{3,})")


def name_of(number: int) -> str:
    """Return the name of the replica of that number: at least three digits.

    Raises: ValueError for a number below 1.
    """
    if number < 1:
        raise ValueError(f"replicas are numbered from 1, and {number} is below")
    return f"PSYS_{number:03d}"


def number_of(name: str) -> int:
    """Return the number in a replica's name.

    Raises: ValueError for a text that `name_of` does not write.
    """
    found = _NAME.fullmatch(name)
    if found is None or int(found[1]) < 1 or name_of(int(found[1])) != name:
        raise ValueError(f"{name!r} is no replica's name, which looks like {name_of(1)}")
    return int(found[1])
