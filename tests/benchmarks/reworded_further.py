"""Pairs that follow from those there are, to learn from as well.

kin       two copies of one text are copies of one another; who reports an event by himself is no copy of a rewording
          of another report either
small     the same pairs without capitals, where a name cannot be told from a word: as in Arabic or Hindi, and as in
          German, where all nouns have them
unspaced  the same pairs in a made-up script, one or two signs for each word and nothing between them: as in Chinese
          and Japanese

Of languages like these hardly any labelled pairs are to be had.
"""

import collections
import hashlib
import itertools
import re

import pyarrow as pa

KIN, SMALL, UNSPACED = "~kin", "~small", "~unspaced"
"""What stands behind the style of such a pair."""
WEIGHTS = {
    (KIN, True): 0.2, (KIN, False): 1.0,
    (SMALL, True): 0.03, (SMALL, False): 0.03,
    (UNSPACED, True): 0.01, (UNSPACED, False): 0.01,
}  # fmt: skip
"""What such a pair weighs beside the one it follows from, if it is a copy and if not."""
WITHOUT = {"pan13_passages", "spin", "fakenews_amt"}
"""Sets without kin: passages of long texts, near-copies, reports with other facts."""
_TOKEN = re.compile(r"\d[\d.,:]*\d|\d|\w+|[^\w\s]|\n")
_MARKS = str.maketrans({".": "。", "!": "。", "?": "。", ",": "、", ";": "、", ":": "、", "“": "「", "”": "」"})
# Words with so few letters are mostly function words: one sign, of so many.
_SHORT, _PARTICLES = 3, 40
# Letters of a word that count, as for the terms themselves; and how many signs there are for the others.
_LETTERS, _SIGNS = 6, 1500


def weight(style, copy):
    """Return what a pair weighs, by its style and whether it is a copy: one that follows from none, 1."""
    return WEIGHTS.get((style[style.find("~") :], bool(copy)), 1.0) if "~" in style else 1.0


def kin(pairs):
    """Return the pairs that follow from pairs (row, row, set, label, style, id, id), as such pairs."""
    copies, reports = collections.defaultdict(list), collections.defaultdict(list)
    for a, b, name, label, style, one, other in pairs:
        kind = copies if label in {"reworded", "dup"} else reports if label == "same_event" else None
        if kind is not None and name not in WITHOUT:
            kind[a].append((b, name, label, style, other))
            kind[b].append((a, name, label, style, one))
    found = {frozenset(pair[:2]): None for pair in pairs}
    for text, of_text in copies.items():
        for (a, name, first, _, one), (b, _, second, _, other) in itertools.combinations(of_text, 2):
            if "reworded" in {first, second}:
                found.setdefault(frozenset((a, b)), (a, b, name, "reworded", KIN, one, other))
        for (a, name, first, _, one), (b, _, _, style, other) in itertools.product(of_text, reports[text]):
            if first == "reworded":
                found.setdefault(frozenset((a, b)), (a, b, name, "same_event", style + KIN, one, other))
    return [pair for pair in found.values() if pair is not None and pair[0] != pair[1]]


def altered(column):
    """Yield what stands behind the style of altered pairs, and the column of altered texts."""
    texts = column.to_pylist()
    yield SMALL, pa.array([text.lower() for text in texts], pa.large_string())
    yield UNSPACED, pa.array([unspaced(text) for text in texts], pa.large_string())


def unspaced(text):
    """Return the text in a made-up script without spaces; numbers stay as they are.

    >>> unspaced("The harvest of 2019 was late.") == unspaced("the HARVEST of 2019 was late!")
    True
    """
    return "".join(_signs(word) for word in _TOKEN.findall(text))


def _signs(word):
    """Return the signs for one word, number or mark."""
    if not word[0].isalpha():
        return word.translate(_MARKS)
    small = word.lower()
    digest = hashlib.blake2b(small[:_LETTERS].encode(), digest_size=8).digest()
    if len(small) <= _SHORT:
        return chr(0x3042 + int.from_bytes(digest) % _PARTICLES)
    # As of words, some signs are far commoner than others.
    common = [(int.from_bytes(digest[at : at + 2]) / 65536) ** 2 for at in (0, 2)]
    return "".join(chr(0x4E00 + int(each * _SIGNS)) for each in common)
