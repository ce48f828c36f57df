"""How much memory there is, and how much this process has."""

import os
import resource
import sys
from pathlib import Path

_SHARE = 0.8
_CGROUP = Path("/sys/fs/cgroup/memory.max")
_STATM = Path("/proc/self/statm")


def resident_bytes() -> int:
    """Return the memory that this process has in use (on systems without /proc: had at most)."""
    if _STATM.exists():
        return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def limit_bytes() -> int:
    """Return how much this process should use at most: four fifths of what the machine allows."""
    physical = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if _CGROUP.exists() and (allowed := _CGROUP.read_text(encoding="ascii").strip()).isdigit():
        physical = min(physical, int(allowed))
    return int(physical * _SHARE)
