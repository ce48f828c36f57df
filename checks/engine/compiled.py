"""Functions that numba compiles: without the interpreter's lock, and once for ever (cached).

They run without numba's own memory management as well (`_nrt=False`): they allocate nothing, and so
never count references to the arrays they are handed, which would cost more than all their work.
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Flags = NDArray[np.uint8]


_OPTIONS: dict[str, Any] = {"nogil": True, "cache": True, "_nrt": False}


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function`; it runs on plain arrays and releases the interpreter's lock."""
    return cast("Callable[P, R]", numba.njit(**_OPTIONS)(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` into every kernel that calls it."""
    return cast("Callable[P, R]", numba.njit(inline="always", **_OPTIONS)(function))
