"""Presets: which articles they reject and why, and what becomes of those in a dataset."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import library
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_quality_signals import table

from cleaners.columns import COLUMNS, SIGNALS
from cleaners.config import QualitySettings, load, parse
from cleaners.errors import InputError
from cleaners.quality import presets
from cleaners.quality.presets import REASONS, bounds, refusals
from cleaners.shards import forget, plan
from cleaners.shards.dataset import Dataset
from cleaners.shards.verify import verify
from cleaners.text import word_count

STORY = (
    "The ferry {name} ran aground off Orrel on Monday with {count} people on board, and the coast guard said that "
    "nobody was hurt. It had left the harbour at noon to bring the {name} back to its owner.\n"
    "The captain told the court of {name} that fog had been thick, and that he would have turned back with the tide. "
    "A tug is to pull the ship free at {count} in the morning, when the water is high.\n"
    "{count} passengers of the {name} spent the night in a school. They were given soup, and to some of them the "
    "mayor read a story."
)
STORIES = [STORY.format(name=name, count=count) for name, count in [("Wren", 30), ("Heron", 41), ("Puffin", 7)]]
POOR = {
    "too short": "Rain fell on the town of Orrel.",
    "repetition": "The ferry to Orrel is late and of no use.\n" * 12,
    "symbols": "Orrel 3 12 45 67 1 2 and to the " + "12,300 14,200 18,400 " * 30,
    "stop words": "Harbour ferry quay mast anchor captain fog tide Orrel rope sail gull wave buoy one two three four "
    "five six seven eight nine ten eleven twelve rudder keel stern bow deck crew cook mate oars knot cabin bell lamp "
    "chart compass storm calm wind rain snow hail port starboard leeward windward galley hold hatch",
}  # fmt: skip


def judged(text: str, preset: str, language: str = "en") -> dict[str, Any]:
    rows = table([text], language).append_column("words", pa.array([word_count(text)]))
    rows = rows.append_column("language", pa.array([language]))
    return refusals(rows, bounds(QualitySettings(preset=preset))).to_pylist()[0]


@pytest.mark.parametrize("preset", ["gopher", "c4", "fineweb", "copydesk"])
def test_a_story_passes_every_preset(preset: str) -> None:
    assert [judged(story, preset)["detail"] for story in STORIES] == [None] * 3


@pytest.mark.parametrize("reason", POOR)
def test_gopher_says_what_is_wrong(reason: str) -> None:
    found = judged(POOR[reason], "gopher")

    assert found["reason"] == reason, found
    assert found["detail"].startswith("gopher: ")


@pytest.mark.parametrize(
    ("text", "preset", "detail"),
    [
        (POOR["too short"], "gopher", "gopher: words is 7, at least 50"),
        ("One line.\nAnother line", "c4", "c4: c4_sentences is 0, at least 3"),
        (
            "It was a day of rain. It was a day of fog. It was over. Lorem ipsum.",
            "c4",
            "c4: lorem_ipsum is 1, at most 0",
        ),
        ("A list\nof things\nwithout end", "fineweb", "fineweb: punctuated_lines is 0, at least 0.12"),
        (POOR["too short"], "copydesk", "copydesk: words is 7, at least 20"),
        ("東京で雪が降った。" * 2, "copydesk", "copydesk: words is 16, at least 20"),
        (STORIES[0] + " Lorem ipsum.", "copydesk", "copydesk: lorem_ipsum is 1, at most 0"),
    ],
)
def test_the_detail_names_filter_column_value_and_bound(text: str, preset: str, detail: str) -> None:
    assert judged(text, preset)["detail"] == detail


def test_the_eight_words_are_asked_of_english_only() -> None:
    assert judged(POOR["stop words"], "gopher", "und")["reason"] is None


SCRIPTS = {
    "zh": "周一，一艘渡轮在奥雷尔附近搁浅，船上有三十人，海岸警卫队说没有人受伤。船长在法庭上说雾很大。",
    "ja": "月曜日、オレル沖でフェリーが座礁し、乗客三十人が乗っていたが、けが人はいなかったと海上保安庁が発表した。",
    "th": "เมื่อวันจันทร์เรือข้ามฟากเกยตื้นนอกเมืองออร์เรล มีผู้โดยสารสามสิบคน หน่วยยามฝั่งกล่าวว่าไม่มีผู้ได้รับบาดเจ็บ",
    "ar": "جنحت عبارة قبالة أوريل يوم الاثنين وعلى متنها ثلاثون شخصا، وقال خفر السواحل إن أحدا لم يصب بأذى. وكانت "
    "العبارة قد غادرت الميناء ظهرا. وقال القبطان للمحكمة إن الضباب كان كثيفا وإنه كان سيعود مع المد لو استطاع ذلك.",
    "hi": "सोमवार को ओरेल के पास एक नौका फंस गई जिस पर तीस लोग सवार थे। तटरक्षक ने कहा कि किसी को चोट नहीं आई। कप्तान ने "
    "अदालत को बताया कि कोहरा बहुत घना था और वह ज्वार के साथ लौट जाता।",
}


@pytest.mark.parametrize("preset", ["gopher", "c4", "fineweb"])
def test_presets_for_english_judge_no_other_language(preset: str) -> None:
    poor = "A list\nof things\nand of things\nof things\n"
    others = {**SCRIPTS, "de": poor}

    assert {judged(text, preset, language)["detail"] for language, text in others.items()} == {None}
    assert judged(poor, preset)["detail"].startswith(f"{preset}: ")
    assert judged(poor, preset, "und")["detail"].startswith(f"{preset}: ")


def test_copydesk_judges_every_language() -> None:
    assert judged("Regen fiel.", "copydesk", "de")["detail"] == "copydesk: words is 2, at least 20"


def test_what_is_in_no_language_asked_for_is_rejected_before_anything_else() -> None:
    rows = pa.table({"words": [90, 90, 90, 9, 9], "language": ["en", "de", None, "fr", "de"]})
    settings = load(None, {"quality": {"languages": "de,und", "bounds": {"words": {"least": 50}}}}).quality

    assert refusals(rows, bounds(settings)).to_pylist() == [
        {"reason": "language", "detail": "language is en, asked for: de, und"},
        {"reason": None, "detail": None},
        {"reason": None, "detail": None},
        {"reason": "language", "detail": "language is fr, asked for: de, und"},
        {"reason": "too short", "detail": "own: words is 9, at least 50"},
    ]
    assert load(None, {"quality": {"languages": "any"}}).quality == QualitySettings()


@pytest.mark.parametrize("code", ["german", "EN", "e", ""])
def test_what_is_no_code_of_a_language_is_refused(code: str) -> None:
    with pytest.raises(InputError, match=r"quality\.languages"):
        load(None, {"quality": {"languages": ["en", code]}})


def test_only_the_languages_asked_for_are_in_a_dataset(tmp_path: Path) -> None:
    texts = {"en": STORIES[0], "zh": SCRIPTS["zh"], "ar": SCRIPTS["ar"]}
    (tmp_path / "in.jsonl").write_text("\n".join(json.dumps({"text": text}) for text in texts.values()))
    wanted = settings(languages=["en", "ar"])
    manifest = library.clean([str(tmp_path / "in.jsonl")], tmp_path / "out", wanted)
    [refused] = library.rows(tmp_path / "out", "rejected")

    assert {row["language"] for row in library.rows(tmp_path / "out", "articles")} == {"en", "ar"}
    assert (refused["stage"], refused["reason"]) == ("quality", "language")
    assert refused["detail"] == "language is zh, asked for: en, ar"
    assert manifest["counts"]["rejected_by_reason"] == {"language": 1}
    assert list(verify(Dataset(str(tmp_path / "out")))) == []


@pytest.mark.parametrize("language", SCRIPTS)
def test_copydesk_lets_short_news_of_any_script_pass(language: str) -> None:
    assert judged(SCRIPTS[language], "copydesk", language)["detail"] is None


def test_a_value_at_the_bound_passes_and_a_missing_one_too() -> None:
    rows = pa.table({"words": [49, 50, None], "language": ["en"] * 3})
    wanted = [bound for bound in bounds(QualitySettings(preset="gopher")) if bound.column == "words"]

    assert refusals(rows, tuple(wanted))["reason"].to_pylist() == ["too short", None, None]


def test_bounds_of_the_users_own_take_the_place_of_a_presets() -> None:
    settings = parse(
        {"quality": {"preset": "c4", "bounds": {"c4_sentences": {"least": 1}, "digits": {"most": 0.5}}}}, "x"
    )

    assert [(bound.column, bound.least, bound.most) for bound in bounds(settings.quality)] == [
        ("lorem_ipsum", None, 0),
        ("curly_bracket", None, 0),
        ("c4_sentences", 1, None),
        ("digits", None, 0.5),
    ]


def test_a_bound_on_no_column_is_a_wrong_call_that_lists_the_columns() -> None:
    with pytest.raises(InputError, match=r"quality\.bounds\.wrods: .*There are: words, "):
        bounds(QualitySettings.model_validate({"bounds": {"wrods": {"least": 5}}}))
    with pytest.raises(InputError, match=r"quality\.bounds\.words: nothing lies between 100 and 10"):
        bounds(QualitySettings.model_validate({"bounds": {"words": {"least": 100, "most": 10}}}))


@pytest.mark.parametrize(("said", "names"), [("none", ()), ("gopher, c4", ("gopher", "c4")), (["c4"], ("c4",))])
def test_presets_are_named_alone_or_in_a_list(said: object, names: tuple[str, ...]) -> None:
    assert load(None, {"quality": {"preset": said}}).quality.preset == names


def test_every_bound_of_every_preset_is_on_a_column_and_has_a_reason_that_is_explained() -> None:
    columns = {column.name for column in COLUMNS["articles"]}
    named = {bound.column for preset in presets._presets().values() for bound in preset}

    assert named <= presets._REASONS.keys() <= columns
    assert set(SIGNALS.names) - {"page_kind"} <= presets._REASONS.keys()
    assert {reason for both in presets._REASONS.values() for reason in both} == REASONS.keys()


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Three stories, a poor text twice, and the poor text's copy with one word more that is long enough."""
    short = "The ferry Tern is late. " * 6
    lines = [*STORIES, short, short, *POOR.values()]
    file = tmp_path / "in.jsonl"
    rows = [
        {"id": f"n{number}", "url": f"https://orrel.example/{number}", "text": line}
        for number, line in enumerate(lines)
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return [str(file)]


def settings(**quality: object) -> Any:
    return parse({"quality": quality, "furniture": {"learn": False}}, "test")


def test_what_fails_is_rejected_before_copies_are_looked_for_and_the_books_balance(
    inputs: list[str], tmp_path: Path
) -> None:
    manifest = library.clean(inputs, tmp_path / "out", settings(preset="gopher"))
    counts = manifest["counts"]

    assert counts["records"] == counts["articles"] + counts["duplicates"] + counts["rejected"] == 9
    assert [row["source_id"] for row in library.rows(tmp_path / "out", "articles")] == ["n0", "n1", "n2"]
    rejected = {row["source_id"]: row for row in library.rows(tmp_path / "out", "rejected")}
    assert {row["stage"] for row in rejected.values()} == {"quality"}
    assert {row["reason"] for row in rejected.values()} <= REASONS.keys()
    assert rejected["n3"]["url"] == "https://orrel.example/3"
    assert list(verify(Dataset(str(tmp_path / "out")))) == []


def test_no_rejected_article_is_anybodys_canonical(tmp_path: Path) -> None:
    file = tmp_path / "in.jsonl"
    # The copy with more words would be kept; but it has more than the bound allows.
    short, whole = STORIES[0].replace("with 30 people on board, ", ""), STORIES[0]
    rows = [{"id": "whole", "text": whole}, {"id": "short", "text": short}]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "out"
    library.clean([str(file)], out, settings())
    (copy,) = library.rows(out, "duplicates")

    library.clean([str(file)], out, settings(bounds={"words": {"most": word_count(short)}}))

    assert copy["source_id"] == "short"
    assert [row["source_id"] for row in library.rows(out, "articles")] == ["short"]
    assert [(row["source_id"], row["reason"]) for row in library.rows(out, "rejected")] == [("whole", "too long")]


def test_another_preset_makes_only_verdicts_and_tables_anew(inputs: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean(inputs, out, settings())
    before = {path: path.stat().st_mtime_ns for path in (out / "work").rglob("*.*")}
    first = library.digests(out)

    library.clean(inputs, out, settings(preset="copydesk"))
    kept = ("extracted", "cleaned", "signals", "fingerprints", "facts", "bands")
    after = {path: path.stat().st_mtime_ns for path in (out / "work").rglob("*.*")}

    assert all(after[path] == at for path, at in before.items() if path.parent.name in kept)
    assert {path for path in after.keys() - before.keys() if path.parent.name in kept} == set()
    library.clean(inputs, out, settings())
    assert {path: digest for path, digest in library.digests(out).items() if path.endswith(".parquet")} == {
        path: digest for path, digest in first.items() if path.endswith(".parquet")
    }


def test_what_a_preset_rejected_comes_back_without_it_though_work_is_gone(inputs: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean(inputs, out, settings(preset="gopher"))
    shutil.rmtree(out / "work")
    library.clean(inputs, out, settings())
    fresh = library.clean(inputs, tmp_path / "fresh", settings())

    assert len(library.rows(out, "articles")) == fresh["counts"]["articles"] > 3
    assert library.rows(out, "rejected") == library.rows(tmp_path / "fresh", "rejected")


def test_what_is_rejected_stays_rejected_when_its_input_is_gone_too(inputs: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean(inputs, out, settings(preset="gopher"))
    rejected = library.rows(out, "rejected")
    shutil.rmtree(out / "work")
    Path(inputs[0]).unlink()
    (tmp_path / "more.jsonl").write_text(json.dumps({"id": "m", "text": "Snow fell on the roofs of Lenn. " * 3}) + "\n")
    manifest = library.clean([str(tmp_path / "more.jsonl")], out, settings(preset="gopher"))

    assert manifest["counts"]["records"] == 10
    assert [row for row in library.rows(out, "rejected") if row["source_id"] != "m"] == rejected


def test_a_rejected_article_can_be_forgotten(inputs: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean(inputs, out, settings(preset="gopher"))
    dataset = Dataset(str(out))
    stones = forget.Tombstones.of([{"url": "https://orrel.example/3"}])
    (shard,) = plan.known_shards(dataset)

    found = list(forget.found(dataset, shard.name, stones))

    assert [row["table"] for row in found] == ["rejected"]


@pytest.mark.parametrize("gone", [False, True])
def test_rejected_texts_have_no_split_and_are_forgotten_whatever_is_left_of_them(
    inputs: list[str], tmp_path: Path, *, gone: bool
) -> None:
    quiz, out = tmp_path / "quiz.jsonl", tmp_path / "out"
    quiz.write_text(json.dumps({"item": "The ferry Heron ran aground off Orrel on Monday with 41 people"}) + "\n")
    chosen = parse(
        {
            "quality": {"preset": "gopher"},
            "decontaminate": {"files": [str(quiz)]},
            "split": {"shares": {"train": 0.5, "test": 0.5}},
            "furniture": {"learn": False},
        },
        "test",
    )
    manifest = library.clean(inputs, out, chosen)
    stages = {row["source_id"]: row["stage"] for row in library.rows(out, "rejected")}

    assert stages == {"n1": "decontaminate", **{f"n{number}": "quality" for number in range(3, 9)}}
    assert sum(manifest["splits"]["articles"].values()) == manifest["counts"]["articles"] == 2

    dataset = Dataset(str(out))
    forget.bury(dataset, [{"url": f"https://orrel.example/{number}"} for number in (1, 3)])
    if gone:
        shutil.rmtree(out / "work")
        Path(inputs[0]).unlink()
    again = library.clean([], out, chosen)

    for name in ("records", "articles", "rejected"):
        assert again["counts"][name] == manifest["counts"][name]
    assert again["counts"]["rejected_by_reason"]["forgotten"] == 2
    assert not {row["source_id"] for row in library.rows(out, "rejected")} & {"n1", "n3"}
    assert list(verify(dataset)) == []


def test_signals_are_columns_of_articles_and_duplicates(inputs: list[str], tmp_path: Path) -> None:
    library.clean(inputs, tmp_path / "out", settings())

    for name in ("articles", "duplicates"):
        (path,) = (tmp_path / "out" / name).glob("*.parquet")
        assert set(SIGNALS.names) <= set(pq.read_schema(path).names)
    rows = {row["source_id"]: row for row in library.rows(tmp_path / "out", "articles")}
    assert rows["n0"]["sentences"] == 6
    assert rows["n0"]["page_kind"] == "article"
    assert rows["n0"]["language_confidence"] > 0.9
    assert not rows["n0"]["has_byline"]
