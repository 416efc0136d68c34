"""Which kinds of copies are removed: those of `cluster.remove`, and no others."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from typing import Any

import library
import pytest
from stories import ORIGINAL, REWORDED, RIVAL, UPDATE

from cleaners import card, report
from cleaners.columns import EVIDENCE
from cleaners.config import Settings, parse
from cleaners.model import KINDS
from cleaners.shards import memory
from cleaners.shards.dataset import Dataset
from cleaners.shards.verify import verify
from flows.explain import explain

TRANSLATED = """\
Die Fähre Halvard ist am frühen Dienstag vor der Insel Skarvik mit 214 Menschen an Bord auf Grund gelaufen, teilte die
Küstenwache mit. Niemand wurde verletzt. Alle Passagiere wurden binnen zwei Stunden in Rettungsbooten an Land gebracht,
37 von ihnen verbrachten die Nacht in der Schule von Nordhamn. Kapitänin Ingrid Tveit sagte den Ermittlern, die
Steuerung sei Minuten vor dem Aufprall auf ein Riff beim Leuchtturm von Morvik ausgefallen. Taucher fanden einen neun
Meter langen Riss im Rumpf. Die Reederei Fjordlinjen erklärte, die Fähre sei am 3. März geprüft worden, die Reparatur
koste etwa 12,5 Millionen Kronen. Von Donnerstag an übernehmen zwei andere Schiffe die Linie. "Wir schulden unseren
Passagieren eine Entschuldigung und eine Erklärung", sagte der Direktor der Reederei, Olav Brekke. Die Umweltbehörde
schickte ein Boot mit Ölsperren, nachdem 400 Liter Diesel in die Bucht gelaufen waren, in der zu dieser Zeit Eiderenten
brüten. Fischer in Skarvik fordern seit 1998 einen größeren Leuchtturm.
"""
EDITED = ORIGINAL.replace("eider ducks", "many ducks")
TEXTS = {
    "original": ORIGINAL, "exact": ORIGINAL, "near": EDITED, "near exact": EDITED, "reworded": REWORDED,
    "overlap": UPDATE, "translated": TRANSLATED, "rival": RIVAL,
}  # fmt: skip
STAY = {"original", "rival"}
DEFAULT = ["exact", "near", "reworded"]
GONE = {"exact": {"exact"}, "near": {"near", "near exact"}, "reworded": {"reworded"}, "overlap": {"overlap"}}
GONE |= {"translated": {"translated"}}


def removing(kinds: list[str], **sections: Any) -> Settings:
    # The original was first; where no date is known its own words would have to tell.
    return parse({"cluster": {"remove": kinds}, "furniture": {"learn": False}, **sections}, "test")


def lay(path: Path, names: list[str]) -> str:
    """Write some of the texts, in the order in which they were published."""
    day = {name: number for number, name in enumerate(TEXTS, 1)}
    told = [{"id": name, "text": TEXTS[name], "date": f"2024-05-{day[name]:02}T08:00:00Z"} for name in names]
    path.write_text("".join(json.dumps(record) + "\n" for record in told), encoding="utf-8")
    return str(path)


def outcome(out: Path) -> tuple[set[str], dict[str, tuple[str, str]]]:
    """Return what is kept, and of each copy its kind and the kept article."""
    kept = {row["id"]: row["source_id"] for row in library.rows(out, "articles")}
    copies = library.rows(out, "duplicates")
    return set(kept.values()), {row["source_id"]: (row["kind"], kept[row["canonical_id"]]) for row in copies}


@pytest.mark.parametrize(
    "kinds",
    [
        DEFAULT,
        [*KINDS],
        [],
        ["exact"],
        ["near"],
        ["reworded"],
        ["overlap"],
        ["translated"],
        ["exact", "reworded"],
        ["near", "reworded", "translated"],
    ],
    ids=" ".join,
)
def test_what_is_removed_is_of_the_kinds_asked_for(kinds: list[str], tmp_path: Path) -> None:
    library.clean([lay(tmp_path / "in.jsonl", [*TEXTS])], tmp_path / "out", removing(kinds))
    kept, copies = outcome(tmp_path / "out")
    gone = {name for kind in kinds for name in GONE[kind]}
    if "exact" in kinds:
        gone.add("near exact")

    assert copies.keys() == gone
    assert kept == TEXTS.keys() - gone
    assert {name: kind for name, (kind, _) in copies.items()} == {
        name: "exact" if name == "near exact" and "near" not in kinds else name.removesuffix(" exact") for name in gone
    }
    assert list(verify(Dataset(str(tmp_path / "out")))) == []


def test_every_kind_has_its_evidence_and_is_told_of(tmp_path: Path) -> None:
    library.clean([lay(tmp_path / "in.jsonl", [*TEXTS])], tmp_path / "out", removing([*KINDS]))
    evidence = {
        row["kind"]: row["evidence"] | {"is": row["similarity"]} for row in library.rows(tmp_path / "out", "duplicates")
    }
    scores = {
        "exact": "jaccard",
        "near": "jaccard",
        "reworded": "reworded",
        "overlap": "overlap",
        "translated": "overlap",
    }
    out = str(tmp_path / "out")
    shown = card.render(out)

    assert {field.name for field in EVIDENCE} == evidence["exact"].keys() - {"is"}
    for kind, score in scores.items():
        assert evidence[kind][score] == evidence[kind]["is"] >= 0.5
        assert [evidence[kind][other] for other in {*scores.values()} - {score}] == [None, None]
        assert (evidence[kind]["shared"] is None) == (score == "jaccard")
        assert f"| copies, {kind} |" in shown
        assert f"tone-kind-{kind}" in report.render(out)
    told = "\n".join(map(str, explain(out, "translated", as_json=False)))
    assert re.search(r"translated +similarity ([01]\.\d{3}) +\(overlap \1, aligned 0\.\d+, facts ", told)
    assert "Copies of these kinds were removed: exact, near, reworded, overlap, translated." in shown
    assert "Shorter borrowings" not in shown


@pytest.mark.parametrize("kinds", [[*KINDS], ["reworded", "overlap"], []], ids=" ".join)
def test_in_two_nights_the_same_is_removed_as_in_one(kinds: list[str], tmp_path: Path) -> None:
    names = [*TEXTS]
    at_once = library.clean(
        [lay(tmp_path / name, [name]) for name in names], tmp_path / "once" / "out", removing(kinds)
    )
    for until in (3, 6, len(names)):
        grown = library.clean(
            [str(tmp_path / name) for name in names[:until]], tmp_path / "more" / "out", removing(kinds)
        )

    assert outcome(tmp_path / "once" / "out") == outcome(tmp_path / "more" / "out")
    assert grown["counts"] == at_once["counts"]


def test_other_kinds_on_the_next_run_are_those_of_that_run(tmp_path: Path) -> None:
    path = lay(tmp_path / "in.jsonl", [*TEXTS])
    for kinds in (DEFAULT, ["reworded"], [*KINDS], DEFAULT):
        library.clean([path], tmp_path / "out", removing(kinds))
        library.clean([path], tmp_path / "alone" / "-".join(kinds), removing(kinds))

        assert outcome(tmp_path / "out") == outcome(tmp_path / "alone" / "-".join(kinds))


def test_what_stays_stays_in_the_split_of_what_it_is_akin_to(tmp_path: Path) -> None:
    halves = {"split": {"shares": {"train": 0.5, "test": 0.5}}}
    library.clean([lay(tmp_path / "in.jsonl", [*TEXTS])], tmp_path / "out", removing([], **halves))
    splits = {row["source_id"]: row["split"] for row in library.rows(tmp_path / "out", "articles")}

    assert splits.keys() == TEXTS.keys()
    assert len({splits[name] for name in TEXTS.keys() - {"rival"}}) == 1


def test_kinds_are_named_in_any_order_and_only_those_that_there_are() -> None:
    for order in itertools.permutations(DEFAULT):
        assert removing([*order]) == removing(DEFAULT)
    assert removing(DEFAULT) == parse({"furniture": {"learn": False}}, "test")
    with pytest.raises(Exception, match=r"cluster\.remove: input should be 'exact', 'near'"):
        removing(["same"])


def test_what_is_known_of_near_pairs_stays_known_while_they_are_not_removed(tmp_path: Path) -> None:
    path = lay(tmp_path / "in.jsonl", [*TEXTS])
    library.clean([path], tmp_path / "out", removing(DEFAULT))
    name = memory.keys(removing(DEFAULT), None)["near"]
    known = Path(Dataset(str(tmp_path / "out")).columns("verified", name))
    before = known.read_bytes()
    library.clean([path], tmp_path / "out", removing(["reworded"]))

    assert known.read_bytes() == before
