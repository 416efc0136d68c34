"""Cuts to be looked at: families of residue that share a colour, scraped text that cannot act, and cuts as HTML."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

REPAIR = "repair"
"""The category of changes that are no cuts: mojibake and white space."""

FAMILIES: dict[str, tuple[str, ...]] = {
    "share": ("share_widget", "follow_social", "embedded_post", "comment_prompt", "poll_quiz"),
    "links": ("related_links", "navigation", "pagination", "aggregator_tail", "video_player"),
    "offer": ("newsletter_signup", "subscription_paywall", "app_promo", "donation_appeal", "login_prompt", "ad_marker"),
    "credit": (
        "wire_credit",
        "photo_credit_caption",
        "byline_dateline_meta",
        "author_bio",
        "editorial_note",
        "correction_contact",
    ),
    "legal": ("copyright_legal", "cookie_consent"),
    "broken": ("template_mangled", REPAIR),
}
"""Categories of residue that share a colour wherever cuts are shown; any other is drawn as `other`."""

# Characters that would act on the page around them, or not be seen: controls, bidi marks and overrides, invisible
# operators and tags, non-characters. ZWNJ and ZWJ stay: Persian, Hindi and emoji need them.
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e007f]+"
)

_NAMED = 3  # such characters in a row that are named; more are counted, so that they cannot fill the page

# Middle tones, which can be read on white and on black: a notebook may be either.
_TONES = {
    "share": "#3b78c2",
    "links": "#8a5cc0",
    "offer": "#bb6120",
    "credit": "#2f8560",
    "legal": "#887420",
    "broken": "#c4405f",
    "other": "#77716a",
}


class Change(Protocol):
    """An edit, as `cleaners.model` has it."""

    @property
    def start(self) -> int:
        """Where it begins in the text before."""

    @property
    def before(self) -> str:
        """What stood there."""

    @property
    def after(self) -> str:
        """What stands there now."""

    @property
    def rule(self) -> str:
        """What decided."""

    @property
    def category(self) -> str:
        """Kind of residue."""


def family(category: str) -> str:
    """Return the family whose colour a category has.

    >>> family("share_widget"), family("something new")
    ('share', 'other')
    """
    return next((name for name, categories in FAMILIES.items() if category in categories), "other")


def plain(text: str) -> str:
    r"""Return the text with every character that would act on the page named instead; many in a row are counted.

    >>> print(plain("left\u202eright\x07"), plain("\x07" * 90))
    left⟨U+202E⟩right⟨U+0007⟩ ⟨90 control characters⟩
    """
    return _ACTING.sub(_named, text)


def _named(found: re.Match[str]) -> str:
    acting = found[0]
    if len(acting) > _NAMED:
        return f"⟨{len(acting)} control characters⟩"
    return "".join(f"⟨U+{ord(character):04X}⟩" for character in acting)


def cuts_html(text: str, edits: Iterable[Change], title: str | None = None) -> str:
    """Return a clean text as HTML in which what was cut stands struck through, its kind behind it, in colour.

    For notebooks: one block, styles in place, everything scraped escaped; a screen without colours still shows `<del>`
    and `<ins>`.

    >>> from cleaners.model import Edit
    >>> edit = Edit(8, 21, "Share <b>this", "", "en-share", "share_widget")
    >>> print(cuts_html("He left.", [edit]).split(">", 1)[1])  # doctest: +NORMALIZE_WHITESPACE
    He left.<del style="color:#3b78c2" title="en-share">Share &lt;b&gt;this</del><small style="color:#3b78c2">
    share widget</small></div>
    """
    head = f"<p><b>{_escaped(title)}</b></p>" if title else ""
    pieces = [f'{head}<div dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere;max-width:46em">']
    at, moved = 0, 0  # where we are in the clean text, and how much shorter than the extracted text it is so far
    for edit in edits:
        start = edit.start - moved
        pieces.append(_escaped(text[at:start]))
        tone, kind = _TONES[family(edit.category)], edit.category.replace("_", " ")
        # White space at the edges goes outside, so that the kind stands beside the words and not on the next line.
        words = edit.before.strip()
        lead, tail = edit.before.split(words, 1) if words else ("", "")
        pieces.append(_escaped(lead))
        if words:
            pieces.append(f'<del style="color:{tone}" title="{_escaped(edit.rule)}">{_escaped(words)}</del>')
        put = _escaped(edit.after)
        pieces.append(f'<ins style="color:{tone}">{put}</ins>' if edit.after.strip() else put)
        if words and edit.category != REPAIR:
            pieces.append(f'<small style="color:{tone}"> {_escaped(kind)}</small>')
        pieces.append(_escaped(tail))
        at = start + len(edit.after)
        moved += len(edit.before) - len(edit.after)
    return f"{''.join(pieces)}{_escaped(text[at:])}</div>"


def _escaped(text: str) -> str:
    return html.escape(plain(text))
