"""Which of several copies stays: the written order of preference, as a run applies it and as the settings say."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import library
import pytest
from test_reworded import ORIGINAL, REWORDED

from cleaners.config import parse
from cleaners.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

TAIL = " ".join(ORIGINAL.split(". ")[-1:])
CUT = ORIGINAL.removesuffix(TAIL)
RESIDUE = ORIGINAL + "\nSign up for our daily newsletter"


def kept(folder: Path, stories: dict[str, tuple[str, str | None]], cluster: dict[str, Any] | None = None) -> list[str]:
    """Return the ids of the articles that stay; `stories` are text and date by id, each in a file of its own."""
    inputs = folder / "in"
    inputs.mkdir(parents=True)
    for number, (name, (text, date)) in enumerate(stories.items()):
        line = {"id": name, "text": text} | ({"date": date} if date else {})
        (inputs / f"{number}.jsonl").write_text(json.dumps(line), encoding="utf-8")
    library.clean([str(inputs)], folder / "out", parse({"cluster": cluster or {}}, "test"))
    return sorted(row["source_id"] for row in library.rows(folder / "out", "articles"))


@pytest.mark.parametrize(
    ("cluster", "stays"),
    [
        pytest.param({}, "whole", id="the complete one, though it is the later one"),
        pytest.param({"prefer_copy": ["published"]}, "cut", id="the earlier one where dates decide"),
        pytest.param({"prefer_copy": ["published", "completeness"]}, "cut", id="or come first"),
    ],
)
@pytest.mark.parametrize("step", [1, -1])
def test_of_near_copies_the_settings_say_which_one_stays(
    cluster: dict[str, Any], stays: str, step: int, tmp_path: Path
) -> None:
    stories = {"cut": (CUT, "2024-03-01"), "whole": (ORIGINAL, "2024-03-09")}

    assert kept(tmp_path, dict(list(stories.items())[::step]), cluster) == [stays]


def test_of_equally_complete_copies_the_one_with_least_residue_stays(tmp_path: Path) -> None:
    stories = {"littered": (RESIDUE, "2024-03-01"), "clean": (ORIGINAL, "2024-03-09")}

    assert kept(tmp_path / "residue", stories) == ["clean"]
    assert kept(tmp_path / "date", stories, {"prefer_copy": ["published"]}) == ["littered"]


def test_of_rewordings_the_earlier_one_stays_and_without_dates_the_one_that_looks_like_the_original(
    tmp_path: Path,
) -> None:
    later, earlier = (ORIGINAL, "2024-03-09"), (REWORDED, "2024-03-01")

    assert kept(tmp_path / "dates", {"a": later, "b": earlier}) == ["b"]
    assert kept(tmp_path / "one date", {"a": later, "b": (REWORDED, None)}) == ["a"]
    assert kept(tmp_path / "signs", {"a": (ORIGINAL, None), "b": (REWORDED, None)}) == ["a"]
    by_signs = {"prefer_story": ["originality", "published"]}
    assert kept(tmp_path / "signs first", {"a": later, "b": earlier}, by_signs) == ["a"]


@pytest.mark.parametrize("turn", range(3))
def test_a_story_is_as_early_as_its_earliest_copy_and_stays_with_its_best(turn: int, tmp_path: Path) -> None:
    """The cut copy was printed first, the rewording next, the whole one last: the whole one is the same story."""
    stories = {"cut": (CUT, "2024-03-01"), "told": (REWORDED, "2024-03-05"), "whole": (ORIGINAL, "2024-03-09")}
    turned = dict(itertools.islice(itertools.cycle(stories.items()), turn, turn + 3))

    assert kept(tmp_path, turned) == ["whole"]


@pytest.mark.parametrize(
    ("criteria", "said"),
    [(["length"], "'completeness', 'residue'"), (["residue", "residue"], "names a criterion twice")],
)
def test_a_criterion_that_is_unknown_or_stands_twice_is_told(criteria: list[str], said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse({"cluster": {"prefer_copy": criteria}}, "copydesk.toml")
