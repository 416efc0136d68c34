"""The same articles at once or in several runs: the same dataset; and what was made otherwise is never mixed in."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import library
import pyarrow as pa
import pytest

from cleaners import mapped
from cleaners.config import DecontaminateSettings, Settings, parse
from cleaners.facts import rarity
from cleaners.rewording import verify
from cleaners.shards import copies, memory, plan
from cleaners.shards.articles import cleaned_key
from cleaners.shards.dataset import Dataset
from cleaners.shards.prints import facts_key, fingerprint_key
from cleaners.shards.sift import index_key

if TYPE_CHECKING:
    from collections.abc import Iterable

FILES = 6
# What one run learns of a host's furniture the next ones keep, so a dataset that grew may differ by that alone.
SETTINGS = parse({"furniture": {"learn": False}}, "test")
SYLLABLES = (
    "bre",
    "no",
    "kal",
    "tsund",
    "or",
    "rel",
    "ven",
    "da",
    "mir",
    "sko",
    "lu",
    "fen",
    "ta",
    "gri",
    "hal",
    "vek",
)


def article(draw: random.Random, places: list[str]) -> list[str]:
    """Return the sentences of an invented report."""
    verbs = ("opened", "closed", "sold", "repaired", "lost", "counted", "moved", "painted")
    things = ("bridges", "ferries", "hens", "boats", "lamps", "fields", "schools", "mills")
    return [
        f"In {draw.choice(places)} {draw.choice(places)} {draw.choice(verbs)} {draw.randrange(2, 900)} "
        f"{draw.choice(things)} near {draw.choice(places)} on the {draw.randrange(1, 29)}th."
        for _ in range(8)
    ]


def corpus(count: int = 600) -> list[dict[str, str]]:
    """Return records of which about a third are copies.

    They are so word for word, cut off, with a changed sentence, in other words, and copies of such copies.

    >>> len(corpus(30))
    30
    """
    draw = random.Random(7)  # noqa: S311  (a fixed seed, for invented texts)
    places = ["".join(draw.choices(SYLLABLES, k=3)).capitalize() for _ in range(400)]
    stories: list[list[str]] = []
    while len(stories) < count:
        if draw.random() < 0.65 or not stories:
            stories.append(article(draw, places))
            continue
        text = list(draw.choice(stories))
        way = draw.randrange(4)
        if way == 1:
            text = text[: len(text) - 1]
        if way == 2 and text:
            text[draw.randrange(len(text))] = article(draw, places)[0]
        if way == 3:
            text = [
                f"{sentence[3:].replace(' near ', ' in sight of ').replace(' on the ', ', the ')}" for sentence in text
            ]
        stories.append(text)
    dates = [f"2024-03-{draw.randrange(1, 29):02}" if draw.random() < 0.6 else "" for _ in stories]
    return [
        {"id": f"a{number}", "text": " ".join(text), "url": f"https://host{number % 7}.example/{number}"}
        | ({"date": date} if date else {})
        for number, (text, date) in enumerate(zip(stories, dates, strict=True))
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the corpus as files."""
    folder = tmp_path_factory.mktemp("in")
    paths = [folder / f"{number}.jsonl" for number in range(FILES)]
    for number, path in enumerate(paths):
        path.write_text("\n".join(json.dumps(row) for row in corpus()[number::FILES]), encoding="utf-8")
    return list(map(str, paths))


class Outcome(NamedTuple):
    """What a dataset holds: the digest of each data file, the copies with their evidence, the ids that are kept."""

    data: dict[str, str]
    copies: list[Any]
    kept: list[str]


def grown(out: Path, runs: Iterable[list[str]]) -> Outcome:
    """Return what several runs leave."""
    for inputs in runs:
        library.clean(inputs, out, SETTINGS)
    paths = [path for table in ("articles", "duplicates", "rejected", "edits") for path in (out / table).glob("*")]
    data = {f"{path.parent.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    copies = sorted(
        (row["id"], row["canonical_id"], row["kind"], row["similarity"], str(row["evidence"]))
        for row in library.rows(out, "duplicates")
    )
    return Outcome(data, copies, sorted(row["id"] for row in library.rows(out, "articles")))


@pytest.fixture(scope="module")
def in_pairs(files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Return what three runs over two files each leave."""
    return grown(tmp_path_factory.mktemp("pairs") / "out", [files[0:2], files[2:4], files[4:6]])


def test_the_corpus_has_copies_of_all_kinds(in_pairs: Outcome) -> None:
    kinds = [kind for _, _, kind, _, _ in in_pairs.copies]

    assert len(in_pairs.kept) + len(in_pairs.copies) == 600
    assert min(kinds.count("exact"), kinds.count("near")) > 30
    assert kinds.count("reworded") > 5
    assert {canonical for _, canonical, *_ in in_pairs.copies} <= set(in_pairs.kept)


@pytest.mark.parametrize("order", [(4, 0, 2), (2, 4, 0)])
def test_the_same_files_in_another_order_leave_the_same_bytes(
    order: tuple[int, ...], files: list[str], in_pairs: Outcome, tmp_path: Path
) -> None:
    assert grown(tmp_path / "out", [files[at : at + 2] for at in order]) == in_pairs


@pytest.mark.parametrize("sizes", [(600,), (50, 400, 150)])
def test_articles_at_once_or_split_otherwise_leave_the_same_copies_on_the_same_evidence(
    sizes: tuple[int, ...], files: list[str], in_pairs: Outcome, tmp_path: Path
) -> None:
    rows = [line for path in map(Path, files) for line in path.read_text(encoding="utf-8").splitlines()]
    random.Random(3).shuffle(rows)  # noqa: S311
    runs = []
    for number, size in enumerate(sizes):
        path = tmp_path / f"other{number}.jsonl"
        path.write_text("\n".join(rows[:size]), encoding="utf-8")
        runs.append([str(path)])
        del rows[:size]
    found = grown(tmp_path / "out", runs)

    assert found.copies == in_pairs.copies
    assert found.kept == in_pairs.kept


@pytest.mark.parametrize("part", ["fingerprints", "facts"])
def test_signatures_of_another_scheme_are_made_anew_and_not_compared(
    part: str, files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    before = grown(out, [files[:1]])
    [path] = (out / "work" / part).glob("*.arrow")
    made = path.read_bytes()
    table = mapped.columns(str(path)).combine_chunks()
    field = table.schema.field("signature")
    nothing = pa.array([bytes(field.type.byte_width)] * len(table), field.type)
    silent = table.set_column(table.schema.get_field_index("signature"), field, nothing)
    mapped.write(str(path), silent, {"scheme": {"scheme": "affine32", "hash": "another"}})

    assert grown(out, [files[:1]]) == before
    assert path.read_bytes() == made


@pytest.mark.parametrize(
    ("field", "value"), [("seed", 2), ("permutations", 64), ("shingle_words", 4), ("HASH", "x"), ("SCHEME", "legacy")]
)
def test_whatever_signatures_depend_on_is_in_the_name_of_their_part(
    field: str, value: object, files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [shard] = plan.plan(Dataset(str(tmp_path)), files[:1], SETTINGS.read)

    def names(settings: Settings) -> tuple[str, str]:
        return fingerprint_key(shard, settings, None), facts_key("cleaned", settings)

    before = names(SETTINGS)
    if field.isupper():
        monkeypatch.setattr(f"cleaners.fingerprint.minhash.{field}", value)
        after = names(SETTINGS)
        assert after[1] != before[1]
    else:
        after = names(parse({"furniture": {"learn": False}, "fingerprint": {field: value}}, "test"))

    assert after[0] != before[0]


@pytest.mark.parametrize("field", ["rare_weight", "fact_weight", "least_facts", "permutations", "seed"])
def test_whatever_facts_depend_on_is_in_the_name_of_their_part(field: str) -> None:
    settings = parse({"rewording": {field: getattr(SETTINGS.rewording, field) + 1}}, "test")

    assert facts_key("cleaned", settings) != facts_key("cleaned", SETTINGS)


@pytest.mark.parametrize(("field", "value"), [("threshold", 0.6), ("comparisons", 50)])
def test_how_facts_are_compared_makes_none_anew(field: str, value: float) -> None:
    assert facts_key("cleaned", parse({"rewording": {field: value}}, "test")) == facts_key("cleaned", SETTINGS)


@pytest.mark.parametrize(
    ("made_by", "other"), [("rarity._FILE", "marks.py"), ("lexicon.FILE", "marks.py"), ("scan.VERSION", 0)]
)
def test_what_is_made_of_words_is_in_the_name_of_all_that_follows_from_it(
    made_by: str, other: object, tmp_path: Path, files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    [shard] = plan.plan(Dataset(str(tmp_path)), files[:1], SETTINGS.read)
    sifted = SETTINGS.model_copy(update={"decontaminate": DecontaminateSettings(files=("items.jsonl",))})

    def names() -> set[str]:
        verify.version.cache_clear()
        rarity.version.cache_clear()
        kept = memory.keys(SETTINGS, None)
        parts = [facts_key("cleaned", SETTINGS), cleaned_key(shard, sifted, None), index_key(sifted)]
        return {*parts, kept["reworded"], kept["evidence"], kept["shared facts"], kept["walk"]}

    before = names()
    with monkeypatch.context() as patch:
        patch.setattr(f"cleaners.facts.{made_by}", other)
        after = names()

    assert len(before) == len(after) == 7
    assert not before & after
    assert names() == before


def test_what_a_letter_is_is_in_the_name_of_all_that_was_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    before = memory.keys(SETTINGS, None)
    monkeypatch.setattr("unicodedata.unidata_version", "1.0")
    after = memory.keys(SETTINGS, None)

    assert not set(before.values()) & set(after.values())


def test_what_was_told_of_a_reworded_copy_is_not_found_out_again(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = grown(tmp_path / "out", [files[:3]])
    monkeypatch.setattr("cleaners.shards.evidence.shared_and_not", None)

    assert "reworded" in {kind for _, _, kind, _, _ in before.copies}
    assert grown(tmp_path / "out", [files[:3]]) == before


def test_the_key_of_the_verdicts_on_a_part_changes_exactly_when_one_of_them_does(
    files: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    path = copies.verdicts_path(Dataset(str(out)), SETTINGS)

    def told() -> dict[str, tuple[str, list[Any]]]:
        note = mapped.read_note(path)
        assert note
        return {part: (key, mapped.batch(path, at).to_pylist()) for part, (at, key) in note["parts"].items()}

    alone = [{"id": name, "text": " ".join(f"{syllable}{syllable}" for syllable in SYLLABLES)} for name in ("x", "y")]
    stranger = tmp_path / "stranger.jsonl"
    stranger.write_text("\n".join(map(json.dumps, alone)), encoding="utf-8")
    seen = []
    for more in (files[:2], [str(stranger)], files[2:3]):
        grown(out, [more])
        seen.append(told())
    changes = [
        (key_before != key, before != now)
        for then, after in itertools.pairwise(seen)
        for (key_before, before), (key, now) in ((then[part], after[part]) for part in then)
    ]

    assert all(by_key == by_rows for by_key, by_rows in changes)
    assert {by_key for by_key, _ in changes} == {False, True}


def test_with_new_articles_only_what_is_new_or_touched_is_looked_at_again(
    files: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []
    glance, verify_near = copies.glance.likely, copies.verify

    def glancing(terms: Any, left: Any, right: Any, least: float) -> Any:
        looked.append(len(left))
        return glance(terms, left, right, least)

    def verifying(left: Any, right: Any, *args: Any, **kwargs: Any) -> Any:
        looked.append(len(left))
        return verify_near(left, right, *args, **kwargs)

    monkeypatch.setattr(copies.glance, "likely", glancing)
    monkeypatch.setattr(copies, "verify", verifying)
    alone = tmp_path / "alone.jsonl"
    alone.write_text(json.dumps({"id": "new", "text": " ".join(f"quorl{n} vantik{n}" for n in range(60)) + "."}))
    at_once = grown(tmp_path / "at_once", [[*files, str(alone)]])
    at_first = sum(looked)
    looked.clear()
    grown(tmp_path / "out", [files])
    looked.clear()
    found = grown(tmp_path / "out", [[*files, str(alone)]])

    assert at_first > 1000
    assert sum(looked) < at_first / 50
    assert found[1:] == at_once[1:]


@pytest.mark.parametrize("harm", ["gone", "another", "other pairs"])
def test_where_the_last_walk_does_not_fit_it_is_walked_anew(harm: str, files: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    at_once = grown(tmp_path / "at_once", [files[:3]])
    grown(out, [files[:2]])
    path = next(path for path in (out / "work" / "verified").glob("*.arrow") if "parts" in mapped.read_note(str(path)))
    if harm == "gone":
        path.unlink()
    elif harm == "other pairs":
        for other in (out / "work" / "verified").glob("*.arrow"):
            if "digest" in mapped.read_note(str(other)):
                other.unlink()
    else:
        table, note = mapped.columns(str(path)), mapped.read_note(str(path))
        silent = table.set_column(1, "story", pa.array(table["story"].to_numpy() * 0))
        mapped.write(str(path), silent, note | {"parts": ["0" * 16, *note["parts"][1:]]})

    assert grown(out, [files[:3]])[1:] == at_once[1:]
