"""What matching reads is looked into where it lies: the same as in memory, and refused where it is not whole."""

import errno
import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from cleaners import mapped
from cleaners.columns import VERDICT
from cleaners.errors import RunError
from cleaners.facts.sets import Sets
from cleaners.match.bands import Bands
from cleaners.match.candidates import candidates
from cleaners.match.exact import ANY
from cleaners.shards import bands
from cleaners.shards.copies import with_verdicts
from cleaners.shards.telling import Telling

TABLE = pa.table({"row": pa.array([3, 1, 4], pa.int32()), "name": pa.array(["a", None, "c"], pa.large_string())})


@pytest.fixture(params=["local", "memory"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "in" / "a.arrow") if request.param == "local" else f"memory://{tmp_path.name}/a.arrow"


def test_what_is_written_is_read_back_with_its_note(path: str) -> None:
    mapped.write(path, TABLE, {"made": "so"})

    assert mapped.read_note(path) == {"made": "so"}
    assert mapped.columns(path).to_pydict() == TABLE.to_pydict()
    assert mapped.columns(path, ["name"]).to_pydict() == {"name": ["a", None, "c"]}


def test_a_local_column_is_not_copied(tmp_path: Path) -> None:
    path = str(tmp_path / "a.arrow")
    mapped.write(path, pa.table({"n": np.arange(100_000), "other": np.arange(100_000)}), {})
    before = pa.total_allocated_bytes()
    column = mapped.columns(path, ["n"])

    assert pa.total_allocated_bytes() - before < 10_000
    assert column["n"].to_numpy().sum() == 4_999_950_000


def maps_of(path: str) -> int:
    """Return in how many pieces a file is mapped by this process."""
    return Path("/proc/self/maps").read_text(encoding="utf-8").count(path)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="nothing tells what is mapped")
@pytest.mark.parametrize(("rows", "mapped_in"), [(100, 0), (100_000, 1)])
def test_a_small_file_takes_none_of_the_few_maps_that_a_process_has(rows: int, mapped_in: int, tmp_path: Path) -> None:
    path = str(tmp_path / "a.arrow")
    mapped.write(path, pa.table({"n": np.arange(rows), "other": np.arange(rows)}), {})
    held = mapped.columns(path, ["n"])

    assert held["n"].to_pylist()[-1] == rows - 1
    assert maps_of(path) == mapped_in


def test_more_files_than_a_process_can_map_end_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(tmp_path / "a.arrow")
    mapped.write(path, pa.table({"n": np.arange(100_000)}), {})

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr("mmap.mmap", full)

    with pytest.raises(RunError, match=r"a.arrow: .*vm.max_map_count"):
        mapped.columns(path, ["n"])


def test_more_files_are_mapped_than_a_process_may_have_open_by_default(tmp_path: Path) -> None:
    path = str(tmp_path / "a.arrow")
    mapped.write(path, pa.table({"n": np.arange(20_000)}), {})
    code = (
        "import resource; most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (64, most))\n"
        f"from cleaners import mapped; print(len([mapped.columns({path!r}) for _ in range(100)]))"
    )

    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "100\n"


def test_a_digest_tells_tables_apart_and_takes_no_copy_of_them() -> None:
    table = pa.table({"n": np.arange(1_000_000)})
    usual = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(pool)
    try:
        digest = mapped.digest(table)
    finally:
        pa.set_memory_pool(usual)

    assert pool.max_memory() < 1_000_000
    assert digest == mapped.digest(table.slice(0)) != mapped.digest(table.slice(1))


@pytest.mark.parametrize("rows", [[], [300], [50, 10, 80, 1], [64, 64], [3, 0, 100, 27]])
@pytest.mark.parametrize("full", [2**20, 2000])  # bytes that make a batch, whatever its rows
def test_packed_rows_are_found_whatever_the_batches(
    path: str, rows: list[int], full: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cleaners.storage._FULL", full)
    n = sum(rows)
    table = pa.table({"text": [f"text {row} " * 5 for row in range(n)], "row": range(n)})
    note = {}
    with mapped.packing(path, table.schema, note) as part:
        for begin, end in itertools.pairwise(np.cumsum([0, *rows]).tolist()):
            part.add(table.slice(begin, end - begin))
        note["counted"] = n
    some = np.flatnonzero(np.random.default_rng(n).random(n) < 0.1)
    walked = list(mapped.batches(path, 100, ["row"]))

    assert mapped.read_note(path) == {"counted": n}
    assert mapped.columns(path).equals(table)
    assert mapped.columns(path, ["row", "text"]).equals(table.select(["row", "text"]))
    assert mapped.take(path, some, ["text"]).to_pydict() == table.select(["text"]).take(some).to_pydict()
    assert [row for batch in walked for row in batch["row"].to_pylist()] == list(range(n))
    assert all(100 <= batch.num_rows < 200 for batch in walked[:-1])


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"no table at all"])
def test_a_broken_file_says_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.arrow").write_bytes(content)

    assert mapped.read_note(str(tmp_path / "a.arrow")) is None
    assert mapped.read_note(str(tmp_path / "absent.arrow")) is None


def test_a_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    path = str(tmp_path / "a.arrow")
    with pytest.raises(TypeError), mapped.writing(path, TABLE.schema, {}) as file:
        file.write_table("no table")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cuts", [(0, 50), (0, 20, 20, 50), (0, 0, 49, 50)])
def test_candidates_of_parts_are_those_of_all_signatures(cuts: tuple[int, ...], tmp_path: Path) -> None:
    drawn = np.random.default_rng(5)
    signatures = drawn.integers(0, 600, (50, 8), dtype=np.uint32) % 3 * 257
    valid, cut = drawn.random(50) < 0.8, Bands(4, 2)
    paths = [str(tmp_path / f"{number}.arrow") for number in range(len(cuts) - 1)]
    for path, begin, end in zip(paths, cuts, cuts[1:], strict=False):
        bands.write(path, [signatures[begin:end]], cut)
    found, whole = bands.candidates(paths, valid * np.uint8(ANY), cut, 1), candidates(signatures, valid, cut)

    assert len(whole.rows) > 20
    for column in ("rows", "offsets", "buckets", "sketch"):
        assert np.array_equal(getattr(found, column), getattr(whole, column)), column


def test_telling_terms_of_some_rows_are_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[1, 2], [], [3], [4, 5, 6], [7], [], [8, 9]]
    field = pa.schema([("telling", pa.large_list(pa.uint32()))])
    paths = [str(tmp_path / "a.arrow"), str(tmp_path / "b.arrow")]
    for path, batches in zip(paths, [[rows[:2], rows[2:3]], [rows[3:]]], strict=True):
        with mapped.writing(path, field, {}) as file:
            for batch in batches:
                file.write_table(pa.Table.from_arrays([pa.array(batch, field.field(0).type)], schema=field))
    telling = Telling(pa.concat_tables(map(mapped.columns, paths))["telling"])
    some = np.array([0, 2, 3, 5, 6])
    taken = telling.take(some)

    def read(terms: Sets, row: int) -> list[int]:
        return terms.hashes[terms.offsets[row] : terms.offsets[row + 1]].tolist()

    def look(terms: Sets, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.array([sum(read(terms, a) + read(terms, b)) for a, b in zip(left, right, strict=True)], np.int64)

    monkeypatch.setattr("cleaners.shards.telling._PAIRS", 2)
    left, right = np.array([6, 0, 3]), np.array([0, 1, 2])

    assert [read(taken, at) for at in range(len(some))] == [rows[row] for row in some]
    assert telling.take(np.zeros(0, np.int64)).offsets.tolist() == [0]
    assert telling.each(left, right, look).tolist() == [20, 3, 18]


def test_who_is_not_among_the_verdicts_stays_as_it_came(tmp_path: Path) -> None:
    said = {name: pa.nulls(1, VERDICT.field(name).type) for name in VERDICT.names}
    said |= {"id": pa.array(["b-2"]), "canonical_id": pa.array(["a"]), "kind": pa.array(["exact"])}
    told = pa.table({"row": pa.array([1], pa.int32())} | said)
    mapped.write(str(tmp_path / "v.arrow"), told, {"parts": {"p": [0, "k"]}, "split": "train"})
    rows = with_verdicts(pa.table({"id": ["a", "b", "c"], "text": ["x", "y", "z"]}), str(tmp_path / "v.arrow"), "p")

    assert rows["id"].to_pylist() == ["a", "b-2", "c"]
    assert rows["canonical_id"].to_pylist() == [None, "a", None]
    assert rows["split"].to_pylist() == ["train", None, "train"]
    assert rows["text"].to_pylist() == ["x", "y", "z"]
