"""Items planted among the texts that are looked at: if they are not found, a run must not pass for a clean one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cleaners.contamination.items import Item
from cleaners.errors import RunError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cleaners.contamination.index import Index
    from cleaners.contamination.look import Hit

_LETTERS = 1_000_000  # of an item that is planted word for word
_BEFORE, _AFTER = "It was dull and dry in Orrel that day.", "Nobody there was asked about it later."

OWN = Item(
    "",
    0,
    "The Orrel Harbour Trust said on Tuesday that 47 crates of salted herring were lost when the barge Wilhelmina "
    "struck the Dunmore pier on 14 March 1987. Captain Edda Lindqvist, 58, told the inquiry in Port Ansley that fog "
    "had hidden the lamp at Hook End. Inspector Tomas Rell put the damage at 9,300 crowns and ordered Brightwell Looms "
    "to repair the crane by 30 June.",
)
"""An item of our own, in every index beside those of the files. Whether one of theirs is known in other words depends
on its language, length and facts; this one always is."""

RETOLD = (
    "Some 47 crates full of herring in salt went down as Wilhelmina, a barge, ran on 14 March 1987 into the pier of "
    "Dunmore, according to a statement that the Harbour Trust of Orrel gave Tuesday. Fog hid the Hook End lamp, "
    "58-year-old captain Edda Lindqvist said at the Port Ansley inquiry. By 30 June the crane must be repaired by "
    "Brightwell Looms, which inspector Tomas Rell has ordered; he reckons that damage comes to 9,300 crowns."
)
"""The same in other words: never as many in a row as `decontaminate.ngram_words` may be."""


class Planted(NamedTuple):
    """Texts that hold an item: one of each file word for word, and our own in other words."""

    verbatim: list[str]
    reworded: list[str]


def planted(index: Index) -> Planted:
    """Return what is to be found; in other words nothing where settings let no text like ours be known by its facts."""
    verbatim: dict[str, str] = {}
    reworded: list[str] = []
    for group in index.groups():
        for row, file in enumerate(group.files):
            if file == OWN.file:
                reworded += [RETOLD] if group.valid[row] else []
            elif group.sizes[row] and file not in verbatim:
                verbatim[file] = f"{_BEFORE}\n{group.texts[row].as_py()[:_LETTERS]}\n{_AFTER}"
    return Planted(list(verbatim.values()), reworded)


def check(where: str, trial: Planted, hits: Sequence[Hit], first: int) -> None:
    """Raise RunError unless the planted texts, which stand from row `first` on, were found among the hits."""
    told = {hit.row - first: hit for hit in hits if hit.row >= first}
    missed = sum(row not in told for row in range(len(trial.verbatim)))
    reworded = range(len(trial.verbatim), len(trial.verbatim) + len(trial.reworded))
    if missed or not all(row in told and not told[row].words for row in reworded):
        how = "word for word" if missed else "in other words"
        what = f"an item of the evaluation sets that was planted {how} was not found, so others would be missed too"
        raise RunError(
            where, what, "Nothing was decontaminated. Check decontaminate.… in the settings, or report this."
        )
