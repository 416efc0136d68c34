"""How alike two sketches are, the innermost step of a walk over who met whom; and what of it is fetched beforehand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleaners.kernels import lean, njit  # before all else of numba, so that it loads no SciPy

# isort: split
import numpy as np
from llvmlite import ir
from numba import types  # noqa: TID251
from numba.extending import intrinsic  # noqa: TID251

if TYPE_CHECKING:
    import numpy.typing as npt


_LINE = 64  # bytes that the processor fetches at a time


def aligned(sketch: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return sketches that begin where a line of memory does, so that each of 128 places lies in two lines, not three.

    >>> found = aligned(np.arange(6, dtype=np.uint8).reshape(2, 3))
    >>> found.tolist(), found.ctypes.data % 64
    ([[0, 1, 2], [3, 4, 5]], 0)
    """
    room = np.empty(sketch.size + _LINE, np.uint8)
    begin = -room.ctypes.data % _LINE
    moved = room[begin : begin + sketch.size].reshape(sketch.shape)
    moved[:] = sketch
    return moved


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


@lean()
def bring_buckets(  # noqa: PLR0913, PLR0917  # plain columns are what a kernel takes
    turn: int,
    waiting: npt.NDArray[np.bool_],
    places: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    buckets: npt.NDArray[np.int32],
    starts: npt.NDArray[np.int64],
    members: npt.NDArray[np.int32],
    leaders: npt.NDArray[np.int32],
    filled: npt.NDArray[np.int32],
    passed: npt.NDArray[np.int32],
) -> None:
    """Fetch what a walk needs to know of the buckets of the second and third row after a turn, and who is in them.

    They lie anywhere in memory, and each is found by the one before: a walk would wait for them one after the other.
    """
    if turn + 3 < len(places) and waiting[turn + 3] and places[turn + 3] >= 0:
        for entry in range(offsets[places[turn + 3]], offsets[places[turn + 3] + 1]):
            bucket = np.int64(buckets[entry])
            _fetch(starts, bucket)  # type: ignore[call-arg]
            _fetch(filled, bucket)
            _fetch(passed, bucket)
    if turn + 2 < len(places) and waiting[turn + 2] and places[turn + 2] >= 0:
        for entry in range(offsets[places[turn + 2]], offsets[places[turn + 2] + 1]):
            begin = starts[buckets[entry]]
            _fetch(leaders, begin)  # type: ignore[call-arg]
            _fetch(members, begin + np.int64(passed[buckets[entry]]))


@lean()
def bring_sketches(
    met: npt.NDArray[np.int64], count: int, seen: npt.NDArray[np.int32], sketch: npt.NDArray[np.uint8]
) -> None:
    """Fetch the sketches of those that one is about to be compared with: a walk would wait for one after the other."""
    places = sketch.shape[1]
    for number in range(count):
        other = np.int64(seen[met[number, 0], 1]) * places
        for line in range(0, places, _LINE):
            _fetch(sketch, other + line)  # type: ignore[call-arg]


@intrinsic
def _fetch(_typing: Any, array: Any, _at: Any) -> tuple[Any, Any]:  # noqa: ANN401
    """Have the memory at a place, counted over the rows of C order, brought near; nothing waits for it."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        to_read, nearest, data_not_code = (ir.Constant(number, value) for value in (0, 3, 1))
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", [place.type], kind)
        builder.call(prefetch, [place, to_read, nearest, data_not_code])
        return context.get_dummy_value()

    return types.none(array, types.int64), code
