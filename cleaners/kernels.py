"""numba, as all kernels here import it: without the SciPy that it would load before its first kernel.

numba looks whether SciPy has a BLAS by loading it, for kernels that correlate, convolve or multiply matrices. Ours do
none of that, and it costs each process 0.15 s, 50 MB and threads of its own, which try for ever to start where memory
has run out by then.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from cleaners import places

places.keep_kernels()

from numba import njit  # noqa: E402, TID251  (it reads its settings on import; here, for all)

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["doubled", "lean", "njit"]

_Kernel = TypeVar("_Kernel", bound=Callable[..., Any])


def lean(*, cache: bool = False, forceinline: bool = False) -> Callable[[_Kernel], _Kernel]:
    """Return `njit` for a kernel that makes no array, and whose arrays nobody is to count on its behalf.

    numba counts who holds an array wherever one is handed on or taken out of a tuple, by instructions that other cores
    wait for. In a kernel that calls others for each word or pair this took more than half of the time. One that makes
    an array after all does not compile.
    """
    counting: dict[str, Any] = {"_nrt": False}  # as numba's own guide to extending it does
    made: Callable[[_Kernel], _Kernel] = njit(nogil=True, cache=cache, forceinline=forceinline, **counting)
    return made


def _without_a_look() -> None:
    """Let numba take it that what is installed can be loaded, rather than load it.

    Only that answer is given for it: a kernel of somebody else's that needs a BLAS finds it when it is compiled, as
    ever. A numba that looks in another way goes on doing so.
    """
    with contextlib.suppress(ImportError, AttributeError):
        linalg: Any = importlib.import_module("numba.np.linalg")
        look = linalg.ensure_blas
        linalg.ensure_blas = _installed
        try:
            importlib.import_module("numba.np.arraymath")
        finally:
            linalg.ensure_blas = look


def _installed() -> None:
    """Raise ImportError if SciPy is not installed."""
    if importlib.util.find_spec("scipy") is None:
        raise ImportError("scipy")


_without_a_look()


@njit(nogil=True)
def doubled(table: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the table with as many free rows after it: concatenate takes numba seconds to compile.

    >>> doubled(np.array([[3, 4]]))[0].tolist(), len(doubled(np.array([[3, 4]])))
    ([3, 4], 2)
    """
    larger = np.empty((2 * len(table), table.shape[1]), np.int64)
    for row in range(len(table)):
        for column in range(table.shape[1]):
            larger[row, column] = table[row, column]
    return larger
