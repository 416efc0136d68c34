"""Words in plain ASCII letters, read 64 bytes at a time: nearly all that there is to read in most languages.

Where a word ends, and where the next one begins, is counted from masks with a bit for each byte. A loop over its
letters would end where the processor did not expect it, word after word, which took longer than all the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cleaners.facts.characters import LETTERS, SEED, add
from cleaners.kernels import lean  # before all else of numba, so that it loads no SciPy

# isort: split
from llvmlite import ir
from numba import types  # noqa: TID251
from numba.extending import intrinsic  # noqa: TID251

if TYPE_CHECKING:
    from numpy.typing import NDArray

_instructions: Any = intrinsic  # its stub takes what is written here for what is called
_WIDTH = 64  # bytes looked at in one go
_FEW, MOST = 8, 16  # letters that are hashed wherever the word ends: of each word, and of the longer ones


@lean(forceinline=True)
def plain_word(
    data: NDArray[np.uint8], plain: NDArray[np.uint8], at: int, stop: int, hashes: NDArray[np.uint32]
) -> tuple[int, bool, np.uint32, np.uint32, int]:
    """Read a word from its first letter on: letters, whether some are small, hash of all, hash of the first, the gap.

    The gap is how many spaces, commas and the like follow, which mean nothing; 0 where it is not known. `hashes`, which
    has room for MOST, is overwritten.
    """
    letters = gap = 0
    small = False
    whole = cut = SEED
    if at + _WIDTH <= len(data):
        of_letters, of_small, of_gaps = _looks(data, at)
        inside = _below(min(stop - at, _WIDTH))
        letters = _ones(of_letters & inside)
        if letters < _WIDTH:
            gap = _ones((of_gaps & inside) >> np.uint64(letters))
            small = (of_small & _below(letters)) != 0
            begin, h = np.uint64(at), SEED
            for k in range(_FEW):
                h = add(h, data[begin + np.uint64(k)] | np.uint8(0x20))
                hashes[np.uint64(k)] = h
            if letters > _FEW:
                for k in range(_FEW, MOST):
                    h = add(h, data[begin + np.uint64(k)] | np.uint8(0x20))
                    hashes[np.uint64(k)] = h
                for k in range(begin + np.uint64(MOST), begin + np.uint64(letters)):
                    h = add(h, data[k] | np.uint8(0x20))
            whole = hashes[np.uint64(letters - 1)] if letters <= MOST else h
            cut = hashes[np.uint64(min(letters, LETTERS) - 1)]
            return letters, small, whole, cut, gap
    letters = 0
    while at < stop and plain[data[at]]:
        whole = add(whole, plain[data[at]])
        letters += 1
        cut = whole if letters <= LETTERS else cut
        small |= (data[at] & 0x20) != 0
        at += 1
    return letters, small, whole, cut, 0


@lean(forceinline=True)
def _below(place: int) -> np.uint64:
    """Return a mask of the bits below a place, from 1 on."""
    return np.uint64(0xFFFFFFFFFFFFFFFF) >> np.uint64(_WIDTH - place)


@_instructions  # type: ignore[untyped-decorator]
def _looks(_typing: Any, data: Any, _at: Any) -> Any:  # noqa: ANN401
    """Return of 64 bytes which are letters, which have the bit of small ones, and which mean nothing between words."""

    def code(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        kind = ir.VectorType(ir.IntType(8), _WIDTH)
        read = builder.load(builder.bitcast(builder.gep(array.data, [arguments[1]]), kind.as_pointer()), align=1)

        def all_of(value: int) -> Any:  # noqa: ANN401
            return ir.Constant(kind, [value] * _WIDTH)

        def within(vector: Any, first: int, last: int) -> Any:  # noqa: ANN401
            away = builder.sub(vector, all_of(first))
            return builder.icmp_unsigned("<", away, all_of(last - first + 1))

        letters = within(builder.or_(read, all_of(0x20)), 0x61, 0x7A)
        small = builder.icmp_unsigned("!=", builder.and_(read, all_of(0x20)), all_of(0))
        gaps = builder.or_(builder.icmp_unsigned("==", read, all_of(0x20)), within(read, 0x23, 0x2D))
        masks = [builder.bitcast(mask, ir.IntType(_WIDTH)) for mask in (letters, small, gaps)]
        return context.make_tuple(builder, signature.return_type, masks)

    return types.UniTuple(types.uint64, 3)(data, types.int64), code  # type: ignore[no-untyped-call]


@_instructions  # type: ignore[untyped-decorator]
def _ones(_typing: Any, _mask: Any) -> Any:  # noqa: ANN401
    """Return how many of the lowest bits are set without a gap."""

    def code(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:  # noqa: ANN401
        return builder.cttz(builder.not_(arguments[0]), ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), code
