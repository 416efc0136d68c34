"""How alike two sketches are: the innermost step of a walk over who met whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaners.kernels import njit  # before all else of numba, so that it loads no SciPy

# isort: split
from llvmlite import ir
from numba import types  # noqa: TID251
from numba.extending import intrinsic  # noqa: TID251

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@njit(nogil=True, forceinline=True)
def agreement(sketch: npt.NDArray[np.uint8], left: int, right: int) -> int:
    """Return the number of places in which two sketches are equal.

    Inlined by force: where an array is handed on it is counted up and down, and the walk waits for either.
    """
    places = sketch.shape[1]
    by_64 = places - places % 64
    equal = 0
    for place in range(0, by_64, 64):
        equal += _equal_of_64(sketch, left * places + place, right * places + place)  # type: ignore[call-arg]
    for place in range(by_64, places):
        equal += sketch[left, place] == sketch[right, place]
    return equal


@intrinsic
def _equal_of_64(_typing: Any, sketch: Any, _left: Any, _right: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Return how many of 64 bytes from one place on equal those from another, counted over the rows of C order.

    Written for the processor itself: a few instructions, where a loop becomes a hundred. Most of the time of a walk is
    waiting for sketches that lie anywhere in memory, and only if one is compared so fast are several on their way.
    """

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        kind = ir.VectorType(ir.IntType(8), 64).as_pointer()
        both = (builder.bitcast(builder.gep(data, [at]), kind) for at in arguments[1:])
        equal = builder.icmp_unsigned("==", *(builder.load(place, align=1) for place in both))
        return builder.ctpop(builder.bitcast(equal, ir.IntType(64)))

    return types.int64(sketch, types.int64, types.int64), code
