"""What a page says about itself: licences, wishes of robots, mining, paywall, address, types."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import library
import pytest

from cleaners.config import ExtractSettings, Settings, parse
from cleaners.extract.page import extract
from cleaners.model import Meta, RawArticle, Source
from cleaners.read import warc
from cleaners.read.fields import draft
from cleaners.read.records import Draft

STORY = "<p>The bridge over the Lenn reopened on Monday after three years of repairs, the town of Orrel said.</p>" * 3


def page(head: str = "", body: str = "", described: object = None) -> str:
    script = "" if described is None else f'<script type="application/ld+json">{json.dumps(described)}</script>'
    return f"<html><head><title>Bridge</title>{head}{script}</head><body><article>{STORY}{body}</article></body></html>"


def meta(head: str = "", body: str = "", described: object = None, known: Meta | None = None) -> Meta:
    raw = RawArticle("a", Source("x", 1), page(head, body, described), None, known or Meta())
    return extract(raw, ExtractSettings()).meta


def article(**fields: object) -> dict[str, object]:
    return {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Bridge", **fields}


@pytest.mark.parametrize(
    ("head", "directives"),
    [
        ('<meta name="robots" content="NOAI, noimageai">', ("noai", "noimageai")),
        ('<meta name="Robots" content="noindex,  max-snippet:-1">', ("noindex", "max-snippet:-1")),
        ('<meta name="robots" content="noindex"><meta name="robots" content="noindex, noai">', ("noindex", "noai")),
        ('<meta name="CCBot" content="nofollow"><meta name="googlebot-news" content="noindex">',
         ("ccbot: nofollow", "googlebot-news: noindex")),
        ('<meta name="robots" content="unavailable_after: 2030-01-01">', ("unavailable_after: 2030-01-01",)),
        ('<meta name="robots" content="<script>alert(1)</script>">', None),
        ('<meta name="robotics" content="noai">', None),
        ("", None),
    ],
)  # fmt: skip
def test_robots_are_read_from_meta_tags(head: str, directives: tuple[str, ...] | None) -> None:
    assert meta(head).robots == directives


@pytest.mark.parametrize(
    ("head", "reserved", "policy"),
    [
        ('<meta name="tdm-reservation" content="1">', True, None),
        ('<meta name="tdm-reservation" content="0">', False, None),
        ('<meta name="tdm-reservation" content="1"><meta name="tdm-policy" content="https://orrel.example/tdm">', True,
         "https://orrel.example/tdm"),
        ('<meta name="tdm-reservation" content="yes, please">', None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_a_reservation_of_mining_is_read(head: str, reserved: object, policy: str | None) -> None:
    found = meta(head)

    assert (found.tdm_reserved, found.tdm_policy) == (reserved, policy)


CC = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("head", "body", "described", "licenses"),
    [
        (f'<link rel="license" href="{CC}">', "", None, (CC,)),
        ("", f'<p>Under <a rel="nofollow license" href="{CC}">this licence</a>.</p>', None, (CC,)),
        ("", f'<p>Under <a href="{CC}">this licence</a>.</p>', None, (CC,)),
        ("", f'<figure><img src="a.png"><figcaption><a href="{CC}">Photo</a></figcaption></figure>', None, None),
        ("", "", article(license=CC), (CC,)),
        ("", "", article(license={"@type": "CreativeWork", "url": CC}), (CC,)),
        ("", "", article(license=[CC, "https://orrel.example/terms"]), (CC, "https://orrel.example/terms")),
        ('<meta name="dcterms.license" content="All rights reserved">', "", None, ("All rights reserved",)),
        (f'<link rel="license" href="{CC}">', f'<a href="{CC}">CC</a>', article(license=CC), (CC,)),
        ("", '<a href="https://creativecommons.org/about/">About</a>', None, None),
        ("", "", article(license=None), None),
        ("", "", article(license="x" * 600), None),
    ],
)
def test_licences_are_read_once_each(head: str, body: str, described: object, licenses: tuple[str, ...] | None) -> None:
    assert meta(head, body, described).licenses == licenses


@pytest.mark.parametrize(
    ("head", "described", "paywall"),
    [
        ("", article(isAccessibleForFree=False), True),
        ("", article(isAccessibleForFree="False"), True),
        ("", article(isAccessibleForFree="http://schema.org/False"), True),
        ("", article(isAccessibleForFree=True), False),
        ("", article(hasPart={"@type": "WebPageElement", "isAccessibleForFree": False}), True),
        ("", article(isAccessibleForFree=True, hasPart=[{"isAccessibleForFree": "no"}]), True),
        ("", article(isAccessibleForFree="perhaps"), None),
        ("", article(), None),
        ("", {"@type": "WebSite", "isAccessibleForFree": False}, None),
        ('<meta property="article:content_tier" content="locked">', None, True),
        ('<meta property="article:content_tier" content="free">', None, False),
        ('<meta property="article:content_tier" content="gold">', None, None),
    ],
)
def test_a_paywall_is_what_the_page_says(head: str, described: object, paywall: object) -> None:
    assert meta(head, "", described).paywall is paywall


@pytest.mark.parametrize(
    ("head", "url", "canonical"),
    [
        ('<link rel="canonical" href="https://orrel.example/bridge">', None, "https://orrel.example/bridge"),
        ('<link rel="canonical" href="/bridge">', "https://orrel.example/a?x=1", "https://orrel.example/bridge"),
        ('<link rel="canonical" href="/bridge">', None, None),
        ('<meta property="og:url" content="https://orrel.example/b">', None, "https://orrel.example/b"),
        ('<link rel="canonical" href="javascript:alert(1)">', "https://orrel.example/a", None),
        ('<link rel="canonical" href="http://[broken">', "https://orrel.example/a", None),
    ],
)
def test_the_canonical_address_is_a_whole_web_address(head: str, url: str | None, canonical: str | None) -> None:
    found = meta(head, known=Meta(url=url))

    assert found.canonical_url == canonical
    assert found.url == url or canonical is not None


def test_types_are_those_of_the_article() -> None:
    described = {
        "@graph": [{"@type": "WebSite"}, article(**{"@type": ["LiveBlogPosting", "https://schema.org/Article"]})]
    }

    assert meta("", "", described).page_types == ("LiveBlogPosting", "Article")


def test_a_gallery_beside_the_article_says_nothing_on_its_terms() -> None:
    gallery = {"@type": "ImageGallery", "name": "Pictures", "license": CC, "isAccessibleForFree": False}

    found = meta("", "", [gallery, article()])

    assert (found.licenses, found.paywall, found.page_types) == (None, None, ("ImageGallery", "NewsArticle"))


def test_a_page_that_says_nothing_leaves_all_empty() -> None:
    found = meta()

    names = ("canonical_url", "licenses", "robots", "tdm_reserved", "tdm_policy", "paywall", "page_types")
    assert [getattr(found, name) for name in names] == [None] * 7


def answer(headers: str) -> Meta:
    body = page('<meta name="robots" content="noai"><meta name="tdm-reservation" content="0">')
    block = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{headers}\r\n{body}".encode()
    kind = {"warc-type": "response", "content-type": "application/http; msgtype=response"}
    frame = warc.Frame({**kind, "warc-target-uri": "https://orrel.example/a"}, block, 0, 0)
    found = warc.draft(frame, Settings().read)
    assert found is not None
    return extract(RawArticle("a", Source("x", 1), found.html, None, found.meta), ExtractSettings()).meta


def test_headers_of_an_answer_add_to_what_the_page_says() -> None:
    found = answer("X-Robots-Tag: noindex, NoAI\r\ntdm-reservation: 1\r\ntdm-policy: https://orrel.example/tdm\r\n")

    assert found.robots == ("noindex", "noai")
    assert (found.tdm_reserved, found.tdm_policy) == (True, "https://orrel.example/tdm")


def test_an_answer_without_such_headers_leaves_what_the_page_says() -> None:
    found = answer("")

    assert (found.robots, found.tdm_reserved, found.tdm_policy) == (("noai",), False, None)


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({"license": "CC-BY-4.0"}, "licenses", ("CC-BY-4.0",)),
        ({"licenses": ["CC0", CC]}, "licenses", ("CC0", CC)),
        ({"robots": "noindex, noai"}, "robots", ("noindex", "noai")),
        ({"robots": ["noai"]}, "robots", ("noai",)),
        ({"paywall": False}, "paywall", False),
        ({"is_paywalled": 1}, "paywall", True),
        ({"paywall": "no idea"}, "paywall", None),
        ({"tdm_reservation": 0}, "tdm_reserved", False),
        ({"canonical_url": "https://orrel.example/b"}, "canonical_url", "https://orrel.example/b"),
        ({}, "licenses", None),
    ],
)
def test_columns_of_a_table_are_taken_over(row: dict[str, Any], field: str, value: object) -> None:
    found = draft({"text": "Rain fell.", **row}, ())

    assert isinstance(found, Draft)
    assert getattr(found.meta, field) == value


def test_rights_reach_the_dataset_and_come_back_when_work_is_gone(tmp_path: Path) -> None:

    head = f'<meta name="robots" content="noai"><link rel="license" href="{CC}">'
    (tmp_path / "in.html").write_text(page(head, "", article(isAccessibleForFree=False)))
    (tmp_path / "more.jsonl").write_text(json.dumps({"text": "Snow fell on the roofs of Lenn that night."}) + "\n")
    inputs = [str(tmp_path / "in.html"), str(tmp_path / "more.jsonl")]
    out = tmp_path / "out"
    settings = parse({"furniture": {"learn": False}}, "test")
    library.clean(inputs, out, settings)
    rows = {Path(row["source"]).name: row for row in library.rows(out, "articles")}

    said = rows["in.html"]
    assert (said["robots"], said["licenses"], said["paywall"], said["page_types"]) == (
        ["noai"],
        [CC],
        True,
        ["NewsArticle"],
    )
    assert rows["more.jsonl"]["robots"] is None
    before = library.rows(out, "articles")
    shutil.rmtree(out / "work")
    Path(inputs[0]).unlink()
    library.clean(inputs[1:], out, settings)
    assert library.rows(out, "articles") == before
