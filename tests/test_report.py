"""Report and card: what they say agrees with the dataset, whatever stands in the dataset."""

from __future__ import annotations

import datetime as dt
import html.parser
import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import FERRY, LOOPED, lay, refusal, residue, row, rows

from cleaners import card, report, storage
from cleaners.columns import COLUMNS
from cleaners.errors import InputError
from cleaners.rulebook import CATEGORIES, builtin
from cleaners.survey import alerts, aligned, copies, figures, furniture, gallery, pictures, refusals, rules
from cleaners.visible import family, plain

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def dataset(tmp_path: Path) -> str:
    """Return the folder of a small dataset."""
    return lay(str(tmp_path / "out"), rows())


def paths(root: str, table: str) -> list[str]:
    """Return the parts of a table."""
    return storage.files(f"{root}/{table}", ".parquet")


class Page(html.parser.HTMLParser):
    """What a browser would see: tags with their attributes, and the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_report_is_written_beside_the_data_and_not_again_when_nothing_changed(dataset):
    path = report.write(dataset)
    stat = storage.os.stat(path)
    report.write(dataset)

    assert path == f"{dataset}/report.html"
    assert storage.os.stat(path).st_mtime_ns == stat.st_mtime_ns


def test_a_folder_without_a_dataset_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no finished dataset"):
        report.write(str(tmp_path))


def test_nothing_scraped_becomes_mark_up(dataset):
    page = Page(report.render(dataset))

    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "img", "iframe", "object", "embed", "form", "b0"})
    assert not [attrs for _, attrs in page.tags if any(name.startswith("on") for name in attrs)]
    assert "<script>alert(1)</script>" in page.text  # it is there, as text
    assert "{{ 7*7 }}" in page.text


def test_characters_that_act_on_the_page_are_named_instead(dataset):
    page = report.render(dataset)

    assert "⟨U+202E⟩evil⟨U+202C⟩" in page
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", page)


def test_the_page_asks_for_nothing_from_outside(dataset):
    page = Page(report.render(dataset))

    links = [value for _, attrs in page.tags for name, value in attrs.items() if name in {"src", "href"}]
    assert all((link or "").startswith(("#", "data:,")) for link in links)
    assert "@import" not in page.text
    assert "url(" not in page.text


def test_every_section_named_in_the_contents_is_there(dataset):
    page = Page(report.render(dataset))

    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    anchors = {(attrs["href"] or "")[1:] for tag, attrs in page.tags if tag == "a"}
    assert len(ids) == len(set(ids))
    assert anchors <= set(ids)


def test_an_empty_dataset_has_a_report_and_a_card(tmp_path):
    root = lay(str(tmp_path / "out"), [], [])

    assert "0 articles from 0 records" in Page(report.render(root)).text
    assert "made from 0 scraped records" in card.render(root)


def test_report_and_card_do_not_depend_on_where_the_dataset_lies(dataset):
    remote = lay("memory://elsewhere/out", rows())

    assert report.write(remote) == "memory://elsewhere/out/report.html"
    assert storage.read_bytes(report.write(remote)) == storage.read_bytes(report.write(dataset))
    assert storage.read_bytes(card.write(remote)) == storage.read_bytes(card.write(dataset))


def test_the_order_of_the_rows_changes_no_sample(dataset, tmp_path):
    other = lay(str(tmp_path / "other"), rows()[::-1])

    assert rules.read(paths(other, "edits")) == rules.read(paths(dataset, "edits"))
    assert copies.read(paths(other, "duplicates")) == copies.read(paths(dataset, "duplicates"))


def test_the_streams_of_the_picture_add_up_to_the_records(dataset):
    page = report.render(dataset)

    [flow] = re.findall(r'<div class="flow".*?</div>\s*</figure>', page, re.DOTALL)
    streams = [int(count) for count in re.findall(r"</i><b>(\d+)</b>", flow)]
    assert sum(streams) == len(rows()) + 2


def test_cuts_are_struck_through_and_named(dataset):
    page = report.render(dataset)

    assert (
        '<del class="tone-share" title="en-share">Share this story on Facebook</del>'
        '<span class="why tone-share" lang="en">share widget</span>'
    ) in page
    assert '<ins class="tone-broken" title="mojibake">’</ins>' in page


def test_every_category_of_residue_has_a_colour():
    assert {name for name in CATEGORIES if family(name) == "other"} == set()


def test_long_articles_are_shown_in_part(tmp_path):
    text, edits = residue("A long day at the harbour of Orlec. " * 2000, "Tweet", "en-tweet", "share_widget")
    crawl = [row(number, text, edits) for number in range(12)]
    page = report.render(lay(str(tmp_path / "out"), crawl))

    assert len(page) < 200_000
    assert page.count(">Tweet</del>") == gallery.PER_HOST * 3
    assert "characters kept" in page


def test_kept_text_in_the_gallery_is_kept_text(dataset):
    known = figures.read(dataset)
    parts = {table: figures.parts(dataset, known.manifest, table) for table in COLUMNS}
    shown = gallery.hang(parts, rules.read(parts["edits"]), copies.read(parts["duplicates"]))

    texts = {each["id"]: each["text"] for each in rows()}
    assert {each.head.id for each in shown.specimens} == {row(number, "", [])["id"] for number in (0, 1, 3, 7)}
    for each in shown.specimens:
        kept = [piece.text.strip() for piece in each.pieces if piece.how == "kept"]
        assert all(piece in texts[each.head.id] for piece in kept)


def test_clusters_come_largest_first_and_pairs_of_every_kind(dataset):
    found = copies.read(paths(dataset, "duplicates"))

    [cluster] = found.clusters
    assert dict(cluster.kinds) == {"exact": 1, "near": 1, "reworded": 1}
    assert [pair.kind for pair in found.pairs] == ["reworded", "near", "exact"]


def test_the_closest_call_of_a_kind_is_always_among_the_pairs(tmp_path):
    near = {"kind": "near", "canonical_id": row(0, "", [])["id"], "evidence": None}
    crawl = [row(0, FERRY, [])]
    crawl += [row(number, FERRY, [], similarity=0.7 + number / 100, **near) for number in range(1, 30)]
    found = copies.read(paths(lay(str(tmp_path / "out"), crawl), "duplicates"))

    assert 0.71 in [pair.similarity for pair in found.pairs]
    assert len(found.pairs) <= copies.SAMPLED + copies.CLOSEST
    assert found.clusters[0].copies == 29


def test_figures_by_host_and_language_agree_with_the_rows(dataset):
    known = figures.read(dataset)

    kept = [each for each in rows() if each["kind"] is None]
    languages = {group.name: group for group in figures.groups(known.languages, 99)}
    assert sum(group.articles for group in languages.values()) == len(kept)
    assert languages["de"].words == sum(each["words"] for each in kept if each["language"] == "de")
    assert languages["en"].copies == 3
    assert known.lengths.sum() == len(kept)
    assert known.days["articles"].to_pylist() == [1, 1, 1, 1]
    assert {kind: int(counts.sum()) for kind, counts in known.likeness.items()} == {
        "exact": 1,
        "near": 1,
        "reworded": 1,
    }


def test_words_struck_of_a_group_are_told_to_a_thousandth(dataset):
    known = figures.read(dataset)

    before = sum(each["words_before"] for each in rows() if each["kind"] is None)
    told = sum(group.words + group.struck for group in figures.groups(known.languages, 99))
    assert told == pytest.approx(before, rel=0.001)


def test_a_host_that_lost_most_of_its_articles_is_named(tmp_path):
    copied = {"kind": "exact", "similarity": 1.0, "canonical_id": row(0, "", [])["id"], "evidence": None}
    crawl = [
        row(number, FERRY, [], url="https://mirror.example/x", **(copied if number else {})) for number in range(30)
    ]
    known = figures.read(lay(str(tmp_path / "out"), crawl))
    [alert] = alerts.read(known, rules.read([]))

    assert alert.named == (("mirror.example", "29 of 30"),)


def test_a_rule_that_cuts_everywhere_and_a_language_without_cuts_are_named(tmp_path):
    struck = residue(FERRY, "Tweet", "en-tweet", "share_widget")
    crawl = [row(number, *struck) for number in range(50)]
    crawl += [row(50 + n, LOOPED, [], language="xh" if n < 20 else "de") for n in range(42)]
    root = lay(str(tmp_path / "out"), crawl, [refusal(n, "extract", "empty", "") for n in range(20)])
    found = alerts.read(figures.read(root), rules.read(paths(root, "edits")))

    assert [alert.named for alert in found] == [
        (("en-tweet", "54% of the texts"),),
        (("empty", "20 of 112 records"),),
        (("xh", "20 articles"),),  # without rules of its own
        (("de", "22 articles"),),  # with rules, and yet nothing was struck
    ]


def test_a_rule_that_cuts_in_languages_that_are_not_its_own_is_named(tmp_path):
    rule = next(rule.id for rule in builtin().rules if rule.languages == ("fr",))
    crawl = [row(number, *residue(FERRY, "Photo", rule, "photo_credit_caption")) for number in range(30)]
    root = lay(str(tmp_path / "out"), [*crawl, *(row(30 + number, LOOPED, []) for number in range(40))], [])
    found = alerts.read(figures.read(root), rules.read(paths(root, "edits")))

    assert [alert.named for alert in found] == [((rule, "30 texts, of 0 in fr"),)]


def test_a_rule_without_a_language_is_at_home_everywhere(tmp_path):
    rule = next(rule.id for rule in builtin().rules if rule.languages == ("*",))
    crawl = [row(number, *residue(FERRY, "[toc]", rule, "template_mangled")) for number in range(30)]
    root = lay(str(tmp_path / "out"), [*crawl, *(row(30 + number, LOOPED, []) for number in range(40))], [])

    assert alerts.read(figures.read(root), rules.read(paths(root, "edits"))) == ()


def test_few_articles_raise_no_alert(dataset):
    assert alerts.read(figures.read(dataset), rules.read(paths(dataset, "edits"))) == ()


def test_reasons_of_rejection_come_with_examples(dataset):
    reasons = refusals.read(paths(dataset, "rejected"))

    assert [(each.reason, each.count, each.examples[0].record) for each in reasons] == [
        ("broken record", 1, 90),
        ("timeout", 1, 91),
    ]


@pytest.mark.parametrize(
    ("dates", "bars"),
    [
        (["2024-02-28"], 1),
        (["2024-02-28", "2024-03-02"], 4),
        (["2023-12-30", "2024-03-02"], 4),
        (["1851-01-01", "2024-03-02"], 58),
    ],
)
def test_the_dates_have_bars_that_one_can_read(tmp_path, dates, bars):
    published = [dt.datetime.fromisoformat(date).replace(tzinfo=dt.UTC) for date in dates]
    crawl = [row(number, FERRY, [], published=date) for number, date in enumerate(published)]
    picture = pictures.dates(figures.read(lay(str(tmp_path / "out"), crawl)))

    assert len(picture.bars) == bars
    assert sum(bar.count for bar in picture.bars) == len(dates)
    assert (picture.bars[0].count, picture.bars[-1].count) in {(1, 1), (len(dates), len(dates))}


def test_dates_of_all_centuries_and_none_make_a_picture(tmp_path):
    wrong = [dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (1, 1970, 9999)]
    crawl = [row(number, FERRY, [], published=date) for number, date in enumerate([*wrong, None])]
    known = figures.read(lay(str(tmp_path / "out"), crawl))

    assert sum(bar.count for bar in pictures.dates(known).bars) == 3
    assert "1 without a date" in pictures.dates(known).says


def test_a_threshold_of_one_makes_a_picture(dataset):
    known = figures.read(dataset)
    known.manifest["settings"]["match"]["threshold"] = 1.0

    assert {each.kind: each.mark for each in pictures.likeness(known)}["near"] == 100


def test_an_untitled_article_is_called_by_its_first_words(tmp_path):
    text, edits = residue("\u98a8" * 9000, "Tweet", "en-tweet", "share_widget")
    page = report.render(lay(str(tmp_path / "out"), [row(0, text, edits, title=None)]))

    assert f'<h3 dir="auto">{chr(0x98A8) * gallery.TITLE} …</h3>' in page


def test_a_dataset_without_learned_furniture_says_so(dataset):
    assert furniture.read(dataset) is None
    assert "No furniture was learned" in Page(report.render(dataset)).text


@given(
    st.text(alphabet='aB1. !?\n"é日。', max_size=300), st.text(alphabet='aB1. !?\n"é日。', max_size=300), st.booleans()
)
def test_aligning_loses_no_sentence(left, right, shared):
    found = aligned.align(left, right, shared=shared)

    ours = ["".join(words.text for words in each.left) for each in found if each.left]
    theirs = " ".join("".join(words.text for words in each.right) for each in found if each.right)
    assert ours == aligned.sentences(left)
    assert sorted(theirs.replace(" ", "")) == sorted("".join(aligned.sentences(right)).replace(" ", ""))


def test_words_are_never_split_before_their_vowel_signs():
    [found] = aligned.align("कुशवाहा की मछली", "कुशवाहा का घर", shared=True)

    assert [words.text for words in found.left if words.marked] == ["कुशवाहा"]


@pytest.mark.parametrize("trigger", ["." * 9, "A.B.", "Ab. ", '."', "\u0301", "日", "x "])
def test_hostile_sentences_are_aligned_in_bounded_time(trigger):
    text = trigger * (1_000_000 // len(trigger))

    assert len(aligned.align(text, text)) <= 2 * aligned.SENTENCES


@given(st.text())
def test_plain_text_acts_on_nothing(text):
    once = plain(text)

    assert plain(once) == once
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", once)


def test_the_card_tells_the_counts_of_the_manifest(dataset):
    counts = json.loads(storage.read_bytes(f"{dataset}/manifest.json"))["counts"]
    books = re.findall(r"^\| (kept|copies|rejected)[^|]*\| (\d+) \|", card.render(dataset), re.MULTILINE)

    assert sum(int(count) for _, count in books) == counts["records"]
    assert [int(count) for name, count in books if name == "kept"] == [counts["articles"]]
    assert sum(int(count) for name, count in books if name == "copies") == counts["duplicates"]


def test_the_tables_of_the_card_add_up_to_the_books(dataset):
    counts = json.loads(storage.read_bytes(f"{dataset}/manifest.json"))["counts"]
    text = card.render(dataset)

    def column(header: str, number: int) -> list[int]:
        table = text.partition(header)[2].partition("\n\n")[0]
        return [int(line.split(" | ")[number].strip(" |").replace(",", "")) for line in table.splitlines()[2:]]

    assert sum(column("| language | articles", 1)) == counts["articles"]
    assert sum(column("| language | articles", 2)) == counts["duplicates"]
    assert sum(column("| language | articles", 3)) == counts["words_kept"]
    edits = [*column("| kind | edits", 1), *column("| kind | switch | edits", 2)]
    assert sum(edits) == counts["edits"] == sum(column("| rule | kinds", 2))


def test_the_header_of_the_card_names_every_table(dataset):
    yaml = pytest.importorskip("yaml")
    header = yaml.safe_load(card.render(dataset).split("---\n")[1])

    assert header["language"] == ["de", "en"]
    assert header["multilinguality"] == "multilingual"
    assert {entry["config_name"]: entry["data_files"][0]["path"] for entry in header["configs"]} == {
        table: "articles/train-*.parquet" if table == "articles" else f"{table}/*.parquet" for table in COLUMNS
    }
    assert [entry["config_name"] for entry in header["configs"] if entry.get("default")] == ["articles"]


def test_a_table_without_rows_is_not_offered_to_loaders(tmp_path):
    text = card.render(lay(str(tmp_path / "out"), rows()[:2], []))

    assert re.findall("config_name: (.*)", text) == ["articles", "edits"]


def test_nothing_scraped_leaves_its_place_in_the_card(dataset):
    text = card.render(dataset)

    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert tables
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1
    assert not re.search(r"(?<!\\)<(?!n<)[a-z/]", re.sub(r"`[^`]*`", "", text.split("---\n", 2)[2]))


def test_loaders_read_the_folder_as_it_stands(dataset):
    polars, duckdb = pytest.importorskip("polars"), pytest.importorskip("duckdb")

    assert polars.read_parquet(f"{dataset}/articles/*.parquet").height == 5
    count = f"SELECT count(*), max(evidence.jaccard) FROM '{dataset}/duplicates/*.parquet'"  # noqa: S608
    assert duckdb.sql(count).fetchall() == [(3, 0.8)]


def test_load_dataset_reads_every_table(dataset, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    card.write(dataset)

    for table, height in {"articles": 5, "duplicates": 3, "rejected": 2, "edits": 4}.items():
        assert datasets.load_dataset(dataset, table, cache_dir=str(tmp_path))["train"].num_rows == height


def test_rows_are_found_by_their_values_row_group_by_row_group(dataset):
    import pyarrow as pa  # noqa: PLC0415

    wanted = pa.array([row(0, "", [])["id"], "nowhere"], pa.large_string())
    found = [table for path in paths(dataset, "articles") for table in storage.find(path, "id", wanted, ["id", "text"])]

    assert [table.to_pylist() for table in found] == [[{"id": row(0, "", [])["id"], "text": FERRY}]]


def test_a_number_that_the_other_text_lacks_is_marked_as_changed():
    [row] = aligned.align("The dam at Orlec held 12 boats.", "At Orlec, 14 boats lay behind the dam.", shared=True)

    assert [each.text for each in row.left if each.changed] == ["12"]
    assert [each.text for each in row.right if each.changed] == ["14"]
    assert any("Orlec" in each.text and each.marked for each in row.left)
