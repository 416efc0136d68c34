"""A machine that gives little: no home, no place for kernels, closed streams."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cleaners import places
from cleaners.errors import InputError
from cleaners.shards.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def homeless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Take the home away, and give another temporary folder."""
    monkeypatch.setenv("HOME", os.devnull)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_cache_is_the_users_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)

    assert places.cache() == (tmp_path / ".cache" / "copydesk", True)

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "other"))

    assert places.cache() == (tmp_path / "other" / "copydesk", True)


def test_without_a_home_the_cache_is_a_folder_that_nobody_else_may_write_to(homeless: Path) -> None:
    expected = homeless / f"copydesk-{os.getuid()}"

    assert places.cache() == (expected, False)
    assert stat.S_IMODE(expected.stat().st_mode) == 0o700
    assert places.cache()[0] == expected

    expected.chmod(0o777)  # as one that somebody else has made beforehand

    assert places.cache()[0] != expected


@pytest.mark.parametrize("whose", ["all may write", "somebody else's", "somebody else's link"])
def test_a_cache_that_others_may_write_to_is_passed_over(
    whose: str, homeless: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = homeless / "shared" / "copydesk"
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared.parent))

    assert places.cache() == (shared, True)
    assert stat.S_IMODE(shared.stat().st_mode) == 0o700

    mine, there = os.getuid(), shared.lstat()
    if whose == "all may write":
        shared.chmod(0o777)
    elif whose == "somebody else's":
        monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    else:
        theirs = os.stat_result([*there[:4], mine + 1, *there[5:]])
        real = Path.lstat
        monkeypatch.setattr(Path, "lstat", lambda path: theirs if path == shared else real(path))
    found, stays = places.cache()

    assert not stays
    assert found != shared


@pytest.mark.parametrize("lead", ["a file", "nowhere"])
def test_what_somebody_else_put_in_the_place_of_the_cache_is_left_alone(lead: str, homeless: Path) -> None:
    taken = homeless / f"copydesk-{os.getuid()}"
    if lead == "a file":
        taken.touch(mode=0o700)
    else:
        taken.symlink_to(homeless / "nowhere")
    found, theirs = places.cache()

    assert not theirs
    assert found != taken
    assert found.is_dir()


def test_kernels_are_kept_where_the_code_may_not_be_written_to(homeless: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    places.keep_kernels()

    assert "NUMBA_CACHE_DIR" not in os.environ

    monkeypatch.setattr(os, "access", lambda path, _: Path(path).is_relative_to(homeless))
    monkeypatch.setenv("NUMBA_CACHE_DIR", "")  # so that it is as before in the end
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    places.keep_kernels()

    assert os.environ["NUMBA_CACHE_DIR"] == str(homeless / f"copydesk-{os.getuid()}" / "kernels")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_no_file_takes_the_place_of_a_stream_that_is_closed(closed: str, tmp_path: Path) -> None:
    code = (
        "import os, sys; from cleaners import places; places.fill_closed(); "
        "numbers = [one.fileno() for one in (sys.stdin, sys.stdout, sys.stderr)]; print('out'); "
        "print('err', file=sys.stderr); open(sys.argv[1], 'w').write(f'{numbers} {os.open(os.devnull, 0) > 2}')"
    )
    told = tmp_path / "told"
    done = subprocess.run(["sh", "-c", f'"$0" -c "$1" "$2" {closed}', sys.executable, code, told], check=False)

    assert done.returncode == 0
    assert told.read_text() == "[0, 1, 2] True"


def test_what_is_no_folder_is_refused_before_anything_begins() -> None:
    with pytest.raises(InputError, match="is a file, not a folder"):
        Dataset(os.devnull).check_ours()


def test_kernels_are_missed_until_this_python_has_compiled_this_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))

    assert not places.has_kernels()

    code = Path(places.__file__).with_name(places._LAST_COMPILED)
    kept = tmp_path / "cleaners_0123" / f"{code.stem}.walk-28.py{sys.version_info[0]}{sys.version_info[1]}.nbi"
    kept.parent.mkdir()
    kept.touch()

    assert places.has_kernels()

    os.utime(kept, (0, code.stat().st_mtime - 1))  # of an older version

    assert not places.has_kernels()


def test_the_kernel_that_is_looked_for_is_one_that_is_kept() -> None:
    code = Path(places.__file__).with_name(places._LAST_COMPILED).read_text(encoding="utf-8")

    assert "@njit(cache=True" in code
