"""Functions that numba compiles: without the interpreter's lock, and once for ever (cached)."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

P = ParamSpec("P")
R = TypeVar("R")

Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Codes = NDArray[np.int32]
Flags = NDArray[np.uint8]


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function`; it runs on plain arrays and releases the interpreter's lock."""
    return cast("Callable[P, R]", numba.njit(nogil=True, cache=True)(function))


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """Compile `function` into every kernel that calls it."""
    return cast("Callable[P, R]", numba.njit(nogil=True, cache=True, inline="always")(function))
