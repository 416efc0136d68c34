"""The rulebook: residue described as data, read from ``rules/**/*.toml`` and checked as a whole.

How a rule is written stands in ``rules/README.md``. RE2 matches the patterns, in time linear in the text, against the
folded line (`cleaners.text.fold`): small letters, straight quotes, plain dashes and spaces.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import hashlib
import json
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

import re2

from cleaners import literals
from cleaners.errors import InputError
from cleaners.literals import Cue, cue
from cleaners.text import fold, fold_alike, fold_signs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

Where: TypeAlias = Literal["line", "head", "tail", "beside", "apart", "span", "block"]

RULES = Path(__file__).parent / "rules"
_MACRO = re.compile(r"(?<!\\[pP])\{([A-Z][A-Z_]*)\}")
# Parts of a pattern that folding must not touch: \p{Lu} and \S mean something else in small letters.
_ESCAPE = re.compile(r"(\\[pP]\{\^?\w+\}|\\[pP]\w|\\x\{\w+\}|\\.|\(\?[a-zA-Z<:-]+)", re.DOTALL)
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"\*|[a-z]{2,3}(?:-[A-Z][a-z]{3})?")
# Characters of the longest line a rule is tried on, if it does not say: residue is short, but a span may stand in any
# paragraph.
_LONGEST_LINE, _LONGEST_PARAGRAPH = 240, 6000


@dataclasses.dataclass(frozen=True, slots=True)
class Category:
    """One kind of residue. `setting` names the switch in `StripSettings` where a corpus may want it either way."""

    name: str
    removes: str
    why: str
    setting: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One description of residue, with its reason, its hits and its misses. Patterns are folded, macros expanded."""

    id: str
    category: str
    languages: tuple[str, ...]
    where: Where
    pattern: tuple[str, ...]
    removes: str
    why: str
    source: str
    hits: tuple[str, ...]
    misses: tuple[str, ...]
    todo: tuple[str, ...] = ()
    until: str = ""
    unless: str = ""
    triggers: tuple[str, ...] = ()
    takes: bool = False
    case: bool = False
    label: bool = False
    longest: int = _LONGEST_LINE


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Rulebook:
    """All rules together, sorted by id; `version` is a hash of everything that can change a result.

    Compared by identity: two with the same version do the same.
    """

    rules: tuple[Rule, ...]
    version: str
    cues: Mapping[str, Cue]


def _categories() -> dict[str, Category]:
    table = tomllib.loads((RULES / "categories.toml").read_text(encoding="utf-8"))
    return {name: Category(name, **row) for name, row in table.items()}


CATEGORIES: Mapping[str, Category] = _categories()


def builtin() -> Rulebook:
    """Return the rulebook that comes with the package."""
    return _builtin()


@functools.cache
def _builtin() -> Rulebook:
    paths = sorted(RULES.rglob("*.toml"), key=lambda path: path.relative_to(RULES).as_posix())
    paths.remove(RULES / "categories.toml")
    contents = [path.read_bytes() for path in paths]
    code = [Path(__file__).read_bytes(), Path(literals.__file__).read_bytes()]
    key = hashlib.sha256(b"\0".join(code + contents)).hexdigest()
    cache = RULES / "__pycache__" / "rulebook.json"
    # Parsing half a megabyte of TOML takes half a second, so the outcome is kept the way Python keeps byte code.
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(cache.read_bytes())
        if kept["key"] == key:
            cues = {pattern: Cue(tuple(strings), telling) for pattern, (strings, telling) in kept["cues"].items()}
            return Rulebook(tuple(map(_thaw, kept["rules"])), kept["version"], cues)
    rulebook = _checked(list(zip(map(str, paths), contents, strict=True)))
    with contextlib.suppress(OSError):
        cache.parent.mkdir(exist_ok=True)
        fresh = cache.with_suffix(f".{key[:16]}.tmp")
        rules = [dataclasses.asdict(rule) for rule in rulebook.rules]
        kept = {"key": key, "version": rulebook.version, "rules": rules, "cues": rulebook.cues}
        fresh.write_text(json.dumps(kept), encoding="utf-8")
        fresh.replace(cache)
    return rulebook


def load(paths: Sequence[Path]) -> Rulebook:
    """Return the built-in rulebook with the user's files of rules added.

    Raise InputError that lists every problem of all files: unknown keys, unsafe or invalid patterns, ids used twice.
    """
    if not paths:
        return builtin()
    sources = []
    for path in paths:
        try:
            sources.append((str(path), path.read_bytes()))
        except OSError as error:
            raise InputError(str(path), f"cannot be read: {error.strerror}") from None
    return _checked(sources, builtin().rules, _words(_tables([_shared_words()])))


def _shared_words() -> tuple[str, bytes]:
    path = RULES / "words.toml"
    return str(path), path.read_bytes()


def _thaw(fields: dict[str, Any]) -> Rule:
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()
    }
    return Rule(**values)


def _tables(sources: Iterable[tuple[str, bytes]]) -> list[tuple[str, dict[str, Any]]]:
    """Return each file's name and parsed TOML."""
    tables, problems = [], []
    for name, content in sources:
        try:
            table = tomllib.loads(content.decode("utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            problems.append(f"{name}: cannot be read as TOML: {error}")
        else:
            problems += [f"{name}: {fault}" for fault in _shape_faults(table)]
            tables.append((name, table))
    if problems:
        raise _problems(problems)
    return tables


def _shape_faults(table: dict[str, Any]) -> Iterator[str]:
    """Yield what keeps a file from being read as rules."""
    for key in sorted(table.keys() - {"defaults", "rule", "words"}):
        yield f"{key}: no such key; there are defaults, rule, words"
    rules = table.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(fields, dict) for fields in rules):
        yield "rule: should be tables, each under [[rule]]"
    if not isinstance(table.get("defaults", {}), dict):
        yield "defaults: should be a table"
    words = table.get("words", {})
    if not isinstance(words, dict):
        yield "words: should be a table of lists"
        return
    for name, entries in words.items():
        if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
            yield f"words: {name}: should be a list of strings"


def _problems(problems: Iterable[str]) -> InputError:
    """Return the error that lists all problems, one a line where there are several."""
    listed = sorted(problems)
    told = listed[0] if len(listed) == 1 else f"{len(listed)} problems\n" + "\n".join(f"  {each}" for each in listed)
    return InputError("", told, "See cleaners/rules/README.md for how a rule is written.")


def _words(tables: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, list[str]]:
    """Return the word lists that all files share: those of ``words.toml``."""
    return {
        name: entries
        for path, table in tables
        if Path(path).name == "words.toml"
        for name, entries in table["words"].items()
    }


def _checked(
    sources: Sequence[tuple[str, bytes]], known: tuple[Rule, ...] = (), shared: Mapping[str, list[str]] | None = None
) -> Rulebook:
    """Return the rules of all files on top of the known ones, or raise InputError with every problem found."""
    tables = _tables(sources)
    shared = shared if shared is not None else _words(tables)
    rules, problems = list(known), []
    places = {rule.id: "the built-in rulebook" for rule in known}
    for name, table in tables:
        words = {**shared, **table.get("words", {})}
        for number, fields in enumerate(table.get("rule", []), 1):
            place = f"{name}: rule {number} ({fields.get('id', 'without id')})"
            rule, faults = _rule({**table.get("defaults", {}), **fields}, words)
            problems += [f"{place}: {fault}" for fault in faults]
            if rule is None:
                continue
            if rule.id in places:
                problems.append(f"{place}: this id is taken, in {places[rule.id]}")
            places[rule.id] = name
            rules.append(rule)
    if problems:
        raise _problems(problems)
    rules.sort(key=lambda rule: rule.id)
    return Rulebook(tuple(rules), _version(rules), _cues(rules, builtin().cues if known else {}))


def _cues(rules: Iterable[Rule], known: Mapping[str, Cue]) -> dict[str, Cue]:
    """Return the cue of every pattern of whole lines."""
    patterns = {pattern for rule in rules if rule.where != "span" for pattern in rule.pattern}
    return {pattern: known[pattern] if pattern in known else cue(pattern) for pattern in sorted(patterns)}


def _version(rules: Iterable[Rule]) -> str:
    """Return twelve hexadecimal digits that change with whatever can change a result."""
    explaining = {"removes", "why", "source", "hits", "misses", "todo", "languages"}
    telling = [
        {name: value for name, value in dataclasses.asdict(rule).items() if name not in explaining} for rule in rules
    ]
    return hashlib.sha256(json.dumps(telling, sort_keys=True).encode()).hexdigest()[:12]


_LISTS = ("languages", "pattern", "hits", "misses", "todo", "triggers")
_KINDS = {"takes": bool, "case": bool, "label": bool, "longest": int, **dict.fromkeys(_LISTS, list)}
_REQUIRED = ("id", "category", "languages", "where", "pattern", "source", "hits", "misses")


def _rule(fields: dict[str, Any], words: Mapping[str, list[str]]) -> tuple[Rule | None, list[str]]:
    """Return the rule in a table of fields, or None, and what is wrong with it."""
    known = {field.name for field in dataclasses.fields(Rule)}
    faults = [f"{key}: no such key; there are {', '.join(sorted(known))}" for key in sorted(fields.keys() - known)]
    faults += [f"{key}: is missing" for key in _REQUIRED if key not in fields]
    fields = {key: [value] if key in _LISTS and isinstance(value, str) else value for key, value in fields.items()}
    mistyped = [fault for key, value in fields.items() if key in known for fault in _type_faults(key, value)]
    faults += mistyped
    if mistyped or not all(key in fields for key in _REQUIRED):
        return None, faults
    fields = {key: value for key, value in fields.items() if key in known}
    faults += _faults(fields)
    plain = fold_alike if fields["where"] == "span" else fold_signs if fields.get("case") else fold
    fields["triggers"] = [fold(trigger) for trigger in fields.get("triggers", [])]
    for key in ("pattern", "until", "unless"):
        try:
            texts = fields.get(key, [])
            expanded = tuple(
                _expand(text, words, plain) for text in ([texts] if isinstance(texts, str) else texts) if text
            )
            for text in expanded:
                _compiled(text)
        except ValueError as error:
            faults.append(f"{key}: {error}")
        else:
            fields[key] = expanded if key == "pattern" else "".join(expanded)
    if faults:
        return None, faults
    category = CATEGORIES[fields["category"]]
    longest = _LONGEST_PARAGRAPH if fields["where"] == "span" else _LONGEST_LINE
    return _thaw({"removes": category.removes, "why": category.why, "longest": longest, **fields}), []


def _type_faults(key: str, value: object) -> Iterator[str]:
    kind = _KINDS.get(key, str)
    if not isinstance(value, kind):
        yield f"{key}: should be a {kind.__name__}, is {value!r}"
    elif isinstance(value, list) and not all(isinstance(entry, str) for entry in value):
        yield f"{key}: should hold strings"


def _faults(fields: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the values of a rule, patterns aside."""
    if not _ID.fullmatch(fields["id"]):
        yield f"id: {fields['id']!r} should be words in small letters joined by hyphens"
    if fields["category"] not in CATEGORIES:
        yield f"category: {fields['category']!r} is none of {', '.join(CATEGORIES)}"
    if fields["where"] not in get_args(Where):
        yield f"where: {fields['where']!r} is none of {', '.join(get_args(Where))}"
    yield from (
        f"languages: {code!r} is no language code" for code in fields["languages"] if not _LANGUAGE.fullmatch(code)
    )
    if (fields["where"] == "block") != bool(fields.get("until")):
        yield 'until: a rule has one if, and only if, its where is "block"'
    if (fields["where"] == "span") != bool(fields.get("triggers")):
        yield 'triggers: a rule has some if, and only if, its where is "span": words of which one is in every hit'
    if not fields["pattern"] or not fields["hits"]:
        yield "pattern, hits: at least one of each"


def _expand(pattern: str, words: Mapping[str, list[str]], plain: Callable[[str], str], depth: int = 0) -> str:
    """Return the pattern with word lists in place of their names, and folded like the lines it will meet."""
    if depth > 8:  # lists that name each other for ever
        raise ValueError(f"the word lists in {pattern!r} contain themselves")

    def alternatives(found: re.Match[str]) -> str:
        if found[1] not in words:
            raise ValueError(f"no word list {found[1]}; there are {', '.join(sorted(words))}")
        entries = (_expand(entry, words, plain, depth + 1) for entry in words[found[1]])
        return f"(?:{'|'.join(entries)})"

    between = [_outside_escapes(part, plain) for part in _MACRO.split(pattern)[0::2]]
    names = [alternatives(found) for found in _MACRO.finditer(pattern)]
    return "".join(piece for pair in zip(between, [*names, ""], strict=True) for piece in pair)


def _outside_escapes(pattern: str, plain: Callable[[str], str]) -> str:
    return "".join(piece if at % 2 else plain(piece) for at, piece in enumerate(_ESCAPE.split(pattern)))


_UNSAFE = (
    ("invalid perl operator", "look-around cannot be matched in linear time: "),
    ("invalid escape sequence", "back-references cannot be matched in linear time, and other escapes are unknown: "),
    ("invalid repetition size", "a counted repetition has at most 1,000 copies of its part, nested ones together: "),
    ("pattern too large", "the automaton would outgrow its bound of memory: "),
)
"""What stands behind RE2's words."""


def _compiled(pattern: str) -> None:
    """Raise ValueError where RE2 refuses the pattern: look-around and back-references cannot run in linear time."""
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        why = next((why for sign, why in _UNSAFE if sign in reason), "")
        raise ValueError(f"{pattern!r} is refused: {why}{reason}") from None
