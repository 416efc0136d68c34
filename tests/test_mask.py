"""Masking: what is masked, what is not, that it can be undone, and that twice is once."""

from __future__ import annotations

import json
import subprocess
import time
from typing import TYPE_CHECKING

import library
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaners.config import StripSettings, parse
from cleaners.errors import InputError
from cleaners.read.markup import is_html_cell
from cleaners.spans import restore
from cleaners.strip.engine import strip_text
from cleaners.strip.mask import PLACEHOLDERS, masks

if TYPE_CHECKING:
    from pathlib import Path

ALL = StripSettings(mask=("email", "phone", "ip"))
STORY = (
    "The harbour office of Orrel has published the list of owners, and with it by mistake where they can be reached. "
    "The owner of the Wren is named with {email}, that of the Heron with {phone}, and a clerk's computer with {ip}. "
    "The mayor said on Monday that the page had been taken down and that the owners would be told by letter."
)
FILLED = STORY.format(email="a.quill+wren@mail.orrel.example", phone="+44 20 7946 0958", ip="203.0.113.77")


def found(text: str, language: str | None = None, host: str | None = None) -> list[tuple[str, str]]:
    return [(edit.rule, edit.before) for edit in masks(text, PLACEHOLDERS, language, host)]


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("Write to a.quill+wren@mail.orrel.example.", "a.quill+wren@mail.orrel.example"),
        ("(desk@orrel-bote.example)", "desk@orrel-bote.example"),
        ("Schreiben Sie an müller@orrel.example!", "müller@orrel.example"),
        ("请联系news@orrel.example查询", "news@orrel.example"),
        ("почта: редакция@орел.рф", "редакция@орел.рф"),
    ],
)
def test_e_mail_addresses_are_found(text: str, before: str) -> None:
    assert found(text) == [("mask-email", before)]


@pytest.mark.parametrize(
    ("text", "language", "host", "before"),
    [
        ("Ring +44 20 7946 0958 by noon.", None, None, "+44 20 7946 0958"),
        ("Der Mann (+49 30 23125 123) sagte nichts.", None, None, "+49 30 23125 123"),
        ("The flyer said (212) 555-0123 and no more.", "en", None, "(212) 555-0123"),
        ("The flyer said 212-555-0187 and no more.", "en", "orrel.com", "212-555-0187"),
        ("Rufen Sie 030 23125123 an.", "de", None, "030 23125123"),
        ("Telefon: 0664 1234567", "de", "orrel.at", "0664 1234567"),
        ("Appelez le numéro 01 23 45 67 89 avant midi.", "fr", None, "01 23 45 67 89"),
        ("Тел. 8 (495) 123-45-67", "ru", None, "8 (495) 123-45-67"),
        ("電話：03-1234-5678", "ja", None, "03-1234-5678"),
    ],
)
def test_phone_numbers_are_found(text: str, language: str | None, host: str | None, before: str) -> None:
    assert found(text, language, host) == [("mask-phone", before)]


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("It came from 203.0.113.77, the clerk said.", "203.0.113.77"),
        ("The address 2001:db8::8a2e:370:7334 was blocked.", "2001:db8::8a2e:370:7334"),
        ("It ended in 198.51.100.14.", "198.51.100.14"),
    ],
)
def test_ip_addresses_are_found(text: str, before: str) -> None:
    assert found(text) == [("mask-ip", before)]


TRAPS = [
    "On 2024-05-01 at 12:30:45 it began, and on 01.05.2024 and 5/1/2024 it was over.",
    "The seasons 2019-2020 and 2020-2021 and 1914 1918 1939 1945.",
    "The final ended 6-4 7-5 6-3, the cup 102-99 110-108 98-87.",
    "It cost 1 234 567 890 euros, $2.500.000.000, € 030 2312 5123 and 2 500 000 000 people saw it.",
    "ISBN 978-3-16-148410-0 and ISBN 0-306-40615-2, ISSN 2049-3630.",
    "IBAN DE89 3704 0044 0532 0130 00",
    "Les numéros gagnants : 01 12 23 34 45",
    "Loto : 01 12 23 34 45 et le 07.",
    "Law no. 030 23125123 of 1999, case 12-345-6789, docket 2024-123-4567.",
    "Version 10.12.1.30 follows section 1.2.3.4, at 10:30:45.",
    "Follow @orrel, see logo@2x.png, pay 5@3, a @ b.example, x@y.",
    "The ratio 12:30:45:50 and MAC 00:1b:44:11:3a:b7:99.",
    "It is 5.512.345.678 km away, 51.5074, -0.1278, 300.400.500.600.",
    "Compilers read std::vector, io::add, face::cafe and a::b1; odds of 10:20:30:40:50:60:70:80.",
    "Section 12.13.14.15 binds; firmware 10.1.12.2 and Versions: 10.1.12.3 do not.",
    "Shares closed at 1,234.56 1,236.78 1,240.00, down 0.303 123 4567 percent.",
]


@pytest.mark.parametrize("text", TRAPS)
@pytest.mark.parametrize(("language", "host"), [("en", None), ("de", "orrel.de"), ("fr", None), (None, None)])
def test_dates_prices_scores_and_isbn_are_no_numbers_of_people(
    text: str, language: str | None, host: str | None
) -> None:
    assert found(text, language, host) == []


def test_masking_is_off_by_default() -> None:
    assert strip_text(FILLED).text == FILLED


@pytest.mark.parametrize("kind", PLACEHOLDERS)
def test_each_kind_is_masked_alone(kind: str) -> None:
    shown = {"email": "a.quill+wren@mail.orrel.example", "phone": "+44 20 7946 0958", "ip": "203.0.113.77"}
    masked = strip_text(FILLED, language="en", settings=StripSettings(mask=(kind,)))  # type: ignore[arg-type]

    assert masked.text == STORY.format(**shown | {kind: PLACEHOLDERS[kind]})
    assert [(edit.rule, edit.category) for edit in masked.edits] == [(f"mask-{kind}", "privacy")]


def test_masks_are_edits_beside_others_and_are_undone_with_them() -> None:
    text = f"{FILLED} \n\n\n\nIt was cafÃ© a.quill@orrel.example that wrote of it.\n\nShare this story on Facebook\n"
    masked = strip_text(text, language="en", settings=ALL)

    assert "@" not in masked.text
    assert "Share this" not in masked.text
    assert restore(masked.text, masked.edits) == text
    assert {edit.category for edit in masked.edits} > {"privacy", "repair"}


def test_twice_is_once() -> None:
    once = strip_text(FILLED, language="en", settings=ALL)

    assert once.text == STORY.format(**PLACEHOLDERS)
    assert strip_text(once.text, language="en", settings=ALL).edits == ()
    assert strip_text(once.text).edits == ()


@given(
    st.lists(
        st.sampled_from(
            [
                FILLED,
                *TRAPS,
                *PLACEHOLDERS.values(),
                "Contact: desk@orrel.example",
                "Tel: +44 20 7946 0958",
                "203.0.113.77",
            ]
        ),
        max_size=6,
    ),
    st.sampled_from(["\n", "\n\n", " "]),
)
def test_whatever_is_masked_can_be_undone_and_twice_is_once(lines: list[str], between: str) -> None:
    text = between.join(lines)
    once = strip_text(text, language="en", settings=ALL)

    assert restore(once.text, once.edits) == text
    assert masks(once.text, PLACEHOLDERS, "en") == []
    assert strip_text(once.text, language="en", settings=ALL).edits == ()


@pytest.mark.parametrize("placeholder", PLACEHOLDERS.values())
def test_a_placeholder_is_no_residue_and_no_html(placeholder: str) -> None:
    line = f"{STORY.partition('.')[0]}.\n\nThe clerk wrote to {placeholder}, he said.\n\nIt was {placeholder}."

    assert strip_text(line).text == line
    assert not is_html_cell(line)


@pytest.mark.parametrize(
    "text", ["1" * 50_000, "1 " * 40_000, "a@" * 40_000, "1.1.1." * 20_000, ":" * 50_000, "a.-" * 30_000]
)
def test_masking_takes_no_longer_for_hostile_text(text: str) -> None:
    start = time.process_time()
    masks(text, PLACEHOLDERS, "en")
    assert time.process_time() - start < 5


def test_the_dataset_holds_masks_as_edits(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"id": "n", "text": FILLED}) + "\n")
    settings = parse({"strip": {"mask": ["email", "ip"]}, "furniture": {"learn": False}}, "test")
    manifest = library.clean([str(tmp_path / "in.jsonl")], tmp_path / "out", settings)

    assert manifest["counts"]["edits_by_category"] == {"privacy": 2}
    (row,) = library.rows(tmp_path / "out", "articles")
    assert "<EMAIL>" in row["text"]
    assert "+44 20 7946 0958" in row["text"]


def test_another_kind_is_a_wrong_setting() -> None:
    with pytest.raises(InputError, match=r"strip\.mask: input should be 'email', 'ip' or 'phone'"):
        parse({"strip": {"mask": ["names"]}}, "test")


def test_the_command_masks_too(copydesk: str) -> None:
    ran = subprocess.run([copydesk, "strip", "--mask", "email,phone", "--lang", "en"], input=FILLED, text=True,
                         capture_output=True, check=True)  # fmt: skip

    assert ran.stdout == STORY.format(**PLACEHOLDERS | {"ip": "203.0.113.77"}) + "\n"
