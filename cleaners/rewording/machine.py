"""How much a text reads like a language model's: what its words and word pairs weigh, on average.

A rewording by a model is in the model's words, whatever it tells: "highlighting", "despite this". Of two texts with the
same facts, one in such words is more likely to be made from the other than two in the words of reporters. Names and
figures neither weigh nor count, so that no subject does. tests/benchmarks/train_machine.py trained the weights on texts
by people and by models (one word at a time, as Solaiman et al. 2019 did to tell GPT-2's); they lie beside this file.
"""

from __future__ import annotations

import functools
import importlib.resources
import tomllib
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cleaners.facts import lexicon as lx
from cleaners.facts import marks
from cleaners.kernels import lean, njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cleaners.facts.columns import Terms

SLOTS = 1 << 20
"""Places for the weights of words and pairs of words, by hash (feature hashing)."""
PRIOR = 40.0
"""A text is read as if so many more words stood in it that speak for neither: few words say little."""
_MOST = 1e6  # what a word may weigh
_UNFIT = "cleaners/rewording/machine.toml is no table of words: train it anew with tests/benchmarks/train_machine.py"


class Table(NamedTuple):
    """What the words of some languages weigh."""

    each: float  # what any word weighs
    weight: NDArray[np.float32]  # (SLOTS,) what the words, and pairs of words, with this hash weigh beside that
    known: NDArray[np.bool_]  # for each language of the lexicon, and last for none


def machine(found: Terms, by: Table) -> NDArray[np.float32]:
    """Return for each text how much it reads like a language model's, (n,) float32, 0 … 1.

    Most reporters' texts have 0, as has every text in a language of which nothing is known.

    >>> import pyarrow as pa
    >>> from cleaners.facts import scan
    >>> told = [
    ...     "The river rose two feet in the night and the mill yard was under water by six, the foreman said.",
    ...     "Additionally, this underscores a significant challenge, highlighting the importance of collaboration. "
    ...     "Furthermore, it emphasizes the crucial role of innovation.",
    ... ]
    >>> reporter, model = machine(scan.terms(pa.array(told, pa.large_string())), table())
    >>> bool(reporter < model)
    True
    """
    out = np.zeros(len(found.offsets) - 1, np.float32)
    _weigh(found, by.weight, by.each, by.known[found.language], out)
    return out


@njit(cache=True, nogil=True)
def _weigh(
    found: Terms, weight: NDArray[np.float32], each: float, known: NDArray[np.bool_], out: NDArray[np.float32]
) -> None:
    """Write what the words of each text weigh. A name or a figure stands between two words as a full stop does."""
    last_slot = np.uint32(SLOTS - 1)
    for text in range(len(out)):
        if not known[text]:
            continue
        words, total, before, sentence = 0, 0.0, np.uint32(0), np.int64(-1)
        for k in range(found.offsets[text], found.offsets[text + 1]):
            if found.flags[k] & marks.FACT:
                before = np.uint32(0)
                continue
            term = found.term[k]
            words += 1
            total += weight[term & last_slot]
            if before and found.sentence[k] == sentence:
                total += weight[of_two(before, term) & last_slot]
            before, sentence = term, np.int64(found.sentence[k])
        out[text] = min(max((each * words + total) / (words + PRIOR), 0.0), 1.0)


@lean(cache=True)
def of_two(first: np.uint32, second: np.uint32) -> np.uint32:
    """Return the hash of two terms in this order."""
    h = np.uint32(first * np.uint32(0x9E3779B1)) ^ second
    return np.uint32((h ^ (h >> np.uint32(15))) * np.uint32(0x85EBCA77))


@functools.cache
def table() -> Table:
    """Return the trained table."""
    text = importlib.resources.files(__package__).joinpath("machine.toml").read_text(encoding="utf-8")
    return table_of(tomllib.loads(text))


def table_of(read: dict[str, Any]) -> Table:
    """Return a table from what its file says; ValueError if that is no table."""
    try:
        levels = {float(level): [int(slot, 16) for slot in slots.split()] for level, slots in read["words"].items()}
        codes, each = set(read["languages"]), float(read["each"])
    except (AttributeError, LookupError, TypeError, ValueError) as why:
        raise ValueError(_UNFIT) from why
    places = [place for slots in levels.values() for place in slots]
    sound = len(set(places)) == len(places) and all(0 <= place < SLOTS for place in places)
    if not sound or not codes <= set(lx.LANGUAGES) or not all(abs(level) < _MOST for level in (each, *levels)):
        raise ValueError(_UNFIT)
    weight = np.zeros(SLOTS, np.float32)
    for level, slots in levels.items():
        weight[slots] = level
    return Table(each, weight, np.array([*(code in codes for code in lx.LANGUAGES), False]))
