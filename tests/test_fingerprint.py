"""Words, shingles and signatures of a column are what a plain loop over each text would make of it."""

import re
import time
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from cleaners.config import FingerprintSettings
from cleaners.fingerprint.columns import fingerprint
from cleaners.fingerprint.minhash import signatures
from cleaners.shingles.sets import shingle_hash, shingle_sets
from cleaners.shingles.words import words
from cleaners.text import UNSPACED

DEFAULT = FingerprintSettings()
STORIES = [
    "The ferry Aldona left Brenno at noon with 212 passengers, and reached Kaltsund three hours late because of fog.",
    "Паром «Альдона» вышел из Бренно в полдень с 212 пассажирами и прибыл в Кальтсунд с опозданием на три часа.",
    "ΤΟ ΠΛΟΙΟ ΤΗΣ ΓΡΑΜΜΗΣ έφυγε από το λιμάνι με 212 επιβάτες και έφτασε με τρεις ώρες καθυστέρηση.",
    "フェリー「アルドナ」は正午にブレノを出港し、三時間遅れでカルツンドに到着した。",
    "เรือข้ามฟากอัลโดนาออกจากเบรนโนตอนเที่ยงพร้อมผู้โดยสาร 212 คน",
    "غادرت العبارة ألدونا ميناء برينو ظهرا وعلى متنها ٢١٢ راكبا ووصلت متأخرة ثلاث ساعات.",
]


def column(texts):
    return pa.array(texts, pa.large_string())


def plain_words(text):
    """Return what `words` promises, by Python's own tools."""
    lowered = text.replace("Σ", "σ").lower().replace("ς", "σ")
    found = re.findall(rf"[{UNSPACED}]|[^\W{UNSPACED}]+", lowered)
    return [word for word in found if re.match(r"\w", word) or unicodedata.category(word)[0] == "M"]


def plain_shingles(text, size=5):
    found = plain_words(text)
    return {" ".join(found[at : at + size]) for at in range(len(found) - size + 1)}


@given(st.lists(st.text(), max_size=4))
def test_words_are_those_of_a_plain_loop(texts):
    joined, numbers = words(column(texts))

    assert joined.to_pylist() == [" ".join(plain_words(text)) for text in texts]
    assert numbers.tolist() == [len(plain_words(text)) for text in texts]


@given(st.lists(st.text("aZ 7_,\x7fé東", min_size=8, max_size=40), max_size=4))
def test_words_of_eight_bytes_at_a_time_are_those_of_a_plain_loop(texts):
    assert words(column(texts))[0].to_pylist() == [" ".join(plain_words(text)) for text in texts]
    assert words(column(texts))[1].tolist() == [len(plain_words(text)) for text in texts]


def test_each_ascii_character_is_the_letter_it_is_for_python():
    texts = [f"a{chr(point)}b{chr(point)}cdefgh" for point in range(0x80)]
    assert words(column(texts))[0].to_pylist() == [" ".join(plain_words(text)) for text in texts]


@pytest.mark.parametrize("story", [story for story in STORIES if not re.search(f"[{UNSPACED}]", story)])
def test_in_scripts_with_spaces_words_are_those_of_the_reference(story):
    expected = " ".join(re.findall(r"\w+", story.lower())).replace("ς", "σ")

    assert expected == words(column([story]))[0][0].as_py()


def test_every_character_of_unicode_is_read_as_python_reads_it():
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    spaced = [character for character in points if not re.match(f"[{UNSPACED}]", character)]
    texts = ["x".join(spaced[at : at + 4096]) for at in range(0, len(spaced), 4096)]
    expected = [re.findall(r"\w+", text.replace("Σ", "σ").lower().replace("ς", "σ")) for text in texts]

    assert [" ".join(found) for found in expected] == words(column(texts))[0].to_pylist()


def test_a_script_without_spaces_counts_each_character_and_vowel_sign():
    assert words(column(["東京、カフェ", "ที่นี่"]))[0].to_pylist() == ["東 京 カ フ ェ", "ท ี ่ น ี ่"]


def test_capital_and_final_sigma_are_one_letter():
    assert len({*words(column(["ΟΔΟΣ", "οδος", "οδοσ"]))[0].to_pylist()}) == 1


def test_bytes_that_are_no_utf8_separate_words():
    broken = [b"a\xffb", b"a\xe4\xb8", b"\xf7\xbf\xbf\xbfz", b"\x80\x80q", b"a\xc3"]
    texts = pa.array(broken, pa.large_binary()).view(pa.large_string())

    assert words(texts)[0].to_pylist() == ["a b", "a", "z", "q", "a"]


def test_what_lies_under_a_null_is_not_read():
    told = column(["Brenno", "Kaltsund"])
    half = pa.LargeStringArray.from_buffers(2, told.buffers()[1], told.buffers()[2], pa.py_buffer(b"\x02"), 1)

    assert half.to_pylist() == [None, "Kaltsund"]
    assert words(half)[0].to_pylist() == ["", "kaltsund"]


def test_null_and_slices_are_rows_like_any_other():
    texts = column(["left out", None, "Brenno", "Kaltsund", "left out"]).slice(1, 3)

    assert words(texts)[0].to_pylist() == ["", "brenno", "kaltsund"]


@given(st.lists(st.text(alphabet="ab c", max_size=60), max_size=5), st.integers(1, 6))
def test_shingle_sets_are_the_distinct_runs_of_words(texts, size):
    sets = shingle_sets(column(texts), size)

    for row, text in enumerate(texts):
        found = sets.hashes[sets.offsets[row] : sets.offsets[row + 1]]
        assert sorted(found >> np.uint64(32)) == sorted(shingle_hash(s.encode()) for s in plain_shingles(text, size))
        assert len(set(found.tolist())) == len(found)


@pytest.mark.parametrize(("permutations", "seed", "size"), [(128, 1, 5), (16, 7, 1), (256, 2**32 - 1, 3)])
def test_signatures_are_those_of_datasketch_bit_for_bit(permutations, seed, size):
    ours = FingerprintSettings(permutations=permutations, seed=seed, shingle_words=size)
    prints = fingerprint(column(STORIES), ours)

    for row, story in enumerate(STORIES):
        theirs = MinHash(num_perm=permutations, seed=seed, hashfunc=shingle_hash)
        theirs.update_batch([shingle.encode() for shingle in plain_shingles(story, size)])
        assert prints.signatures[row].tolist() == theirs.hashvalues.tolist()


def test_agreeing_places_estimate_jaccard_within_four_standard_errors():
    rng = np.random.default_rng(5)
    for similarity in (0.1, 0.3, 0.5, 0.7, 0.9):
        shared = round(600 * similarity)
        pool = rng.choice(2**32, 600, replace=False).astype(np.uint32)
        cut = (600 + shared) // 2
        left, right = pool[:cut], pool[600 - cut :]
        truth = len(np.intersect1d(left, right)) / 600
        both = signatures(np.array([0, cut, 2 * cut]), np.concatenate([left, right]), DEFAULT)
        error = abs((both[0] == both[1]).mean() - truth)
        assert error <= 4 * np.sqrt(truth * (1 - truth) / DEFAULT.permutations)


def test_repeated_elements_change_no_signature():
    once = signatures(np.array([0, 3]), np.array([5, 6, 7], np.uint32), DEFAULT)
    often = signatures(np.array([0, 5]), np.array([5, 6, 5, 7, 7], np.uint32), DEFAULT)

    assert (once == often).all()


def test_a_text_too_short_for_one_shingle_is_not_valid():
    prints = fingerprint(column(["one two three four", "one two three four five", "", None]), DEFAULT)

    assert prints.valid.tolist() == [False, True, False, False]
    assert prints.sizes.tolist() == [18, 23, 0, 0]


@given(st.text(), st.text())
def test_content_is_equal_exactly_where_the_words_are(first, second):
    content = fingerprint(column([first, second]), DEFAULT).content
    wordless = not plain_words(first) or not plain_words(second)
    expected = first == second if wordless else plain_words(first) == plain_words(second)

    assert expected == (content[0] == content[1]).all()


def test_two_texts_without_words_are_no_copies():
    content = fingerprint(column(["— — —", "* * *"]), DEFAULT).content

    assert not (content[0] == content[1]).all()


@settings(max_examples=20)
@given(st.permutations(range(len(STORIES))), st.integers(0, len(STORIES)))
def test_a_fingerprint_does_not_depend_on_the_rest_of_the_column(order, cut):
    alone = fingerprint(column(STORIES), DEFAULT)
    parts = [fingerprint(column([STORIES[row] for row in part]), DEFAULT) for part in (order[:cut], order[cut:])]

    for name in ("content", "sizes", "signatures", "valid"):
        together = np.concatenate([getattr(part, name) for part in parts])
        assert (together == getattr(alone, name)[order]).all()


def test_long_columns_are_cut_into_chunks_without_a_trace(monkeypatch):
    whole = fingerprint(column(STORIES * 3), DEFAULT)
    monkeypatch.setattr("cleaners.shingles.words._CHUNK_BYTES", 100)
    chunked = fingerprint(column(STORIES * 3), DEFAULT)

    assert (whole.signatures == chunked.signatures).all()
    assert (whole.content == chunked.content).all()


def test_an_empty_column_has_empty_fingerprints():
    prints = fingerprint(column([]), DEFAULT)

    assert prints.signatures.shape == (0, DEFAULT.permutations)
    assert prints.content.shape == (0, 2)


@pytest.mark.parametrize(
    "text",
    ["a" * 5_000_000, "a " * 2_000_000, "é" * 2_500_000, "東" * 1_500_000, " \u0307" * 1_500_000, "Ⱥ" * 2_000_000],
    ids=["one word", "one letter words", "two bytes", "unspaced", "no words", "growing lower case"],
)
def test_a_hostile_text_takes_linear_time(text):
    fingerprint(column(["warm up the kernels once"]), DEFAULT)
    start = time.perf_counter()
    fingerprint(column([text, "another"]), DEFAULT)

    assert time.perf_counter() - start < 5
