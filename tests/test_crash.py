"""Whatever stops a run, nothing half made is visible, nothing works on, and the next run ends with the same bytes."""

from __future__ import annotations

import errno
import os
import pickle
import resource
import signal
import subprocess
import sys
import time
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import TYPE_CHECKING

import crash
import library
import pytest

from cleaners import lock, storage
from cleaners.errors import RunError
from flows import cli, environment, reasons, workers

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = "COPYDESK_TEST_OF"
ROOT = Path(__file__).resolve().parent.parent


def start(copydesk: str, inputs: list[str], out: Path, *more: str) -> subprocess.Popen[str]:
    """Start a run whose processes, and theirs, can be told by their environment."""
    environment = {**os.environ, _MARK: str(out)}
    command = [copydesk, "clean", *inputs, "-o", str(out), "--workers", "1", *more]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def alive(out: Path) -> dict[int, str]:
    """Return the processes of a run on OUT, by id, with their commands."""
    found = {}
    for process in Path("/proc").iterdir():
        try:
            if f"{_MARK}={out}".encode() in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = (process / "cmdline").read_text().replace("\0", " ")
        except (OSError, ValueError):
            continue
    return found


def wait_until(holds: Callable[[], object], seconds: float) -> bool:
    """Wait for something; tell whether it came to hold in time."""
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return bool(holds())


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Return the input of a small job."""
    return crash.write_job(tmp_path / "in")


def test_a_job_killed_at_any_write_ends_with_the_same_bytes(tmp_path: Path) -> None:
    script = [sys.executable, "-W", "ignore", str(Path(crash.__file__)), str(tmp_path / "job"), "31"]
    done = subprocess.run(script, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) >= 8


def test_no_part_that_was_finished_is_made_again(inputs: list[str], tmp_path: Path) -> None:
    out = tmp_path / "out"
    library.clean(inputs, out)
    stages = {"extracted", "lines", "cleaned", "signals", "fingerprints", "facts", "bands"}
    parts = [path for stage in stages for path in out.glob(f"work/{stage}/*")]
    before = {path: path.stat().st_mtime_ns for path in parts}
    (out / "manifest.json").unlink()  # as if it had been killed just before its end
    library.clean(inputs, out)

    assert {path: path.stat().st_mtime_ns for path in parts} == before
    assert {path.parent.name for path in parts} == stages


def test_nothing_of_a_killed_run_is_alive_and_the_next_one_ends_it(
    inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    library.clean(inputs, tmp_path / "alone")
    for kind, code in (("worker", 1), ("command", -signal.SIGKILL)):
        run = start(copydesk, inputs, out)
        assert wait_until(lambda: list(out.glob(f"work/*/{storage.TEMPORARY}*")), 60)
        workers = [process for process, command in alive(out).items() if "forkserver" in command]
        os.kill(run.pid if kind == "command" else max(workers), signal.SIGKILL)
        _, told = run.communicate(timeout=30)

        assert wait_until(lambda: not alive(out), 3), alive(out)
        assert not (out / "manifest.json").exists()
        assert run.returncode == code
        assert told.count("a worker was killed") == (kind == "worker")

    last = start(copydesk, inputs, out)
    _, told = last.communicate(timeout=120)

    assert last.returncode == 0, told
    assert library.digests(out) == library.digests(tmp_path / "alone")
    assert not list(out.rglob(f"{storage.TEMPORARY}*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_run_in_time_and_says_how_to_go_on(
    number: int, inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run = start(copydesk, inputs, out)
    assert wait_until(lambda: list(out.glob(f"work/*/{storage.TEMPORARY}*")), 60)

    second = start(copydesk, inputs, out)
    _, refused = second.communicate(timeout=30)

    assert second.returncode == 1
    assert f"another run (process {run.pid} on " in refused

    run.send_signal(number)
    _, told = run.communicate(timeout=5)

    assert run.returncode == 1
    assert told.endswith("copydesk: stopped. What is finished is kept; the same command goes on from there.\n")
    assert wait_until(lambda: not alive(out), 3), alive(out)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ("clean in -o out", " What is finished is kept; the same command goes on from there."),
        ("clean in -o out --dry-run", " Nothing was written."),
        ("match in -o pairs.parquet", " No pairs were written; the same command begins anew."),
        ("export out --format txt", " Nothing of it is kept; the same command begins anew."),
        ("strip", ""),
    ],
)
def test_ctrl_c_is_told_from_the_first_moment_on_with_what_is_true_of_the_command(
    call: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "typer.py").write_text("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(9)\n")
    command = [sys.executable, "-c", "from flows.command import main; main()", *call.split()]
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, check=False, capture_output=True, text=True)

    assert (done.returncode, done.stderr) == (1, f"copydesk: stopped.{told}\n")


def test_a_run_whose_memory_is_at_its_end_says_so_and_can_go_on(
    inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    out, config = tmp_path / "out", tmp_path / "copydesk.toml"
    config.write_text("[extract]\nmax_memory_mb = 256\n", encoding="utf-8")  # less than a worker takes before any page
    run = start(copydesk, inputs, out, "--config", str(config))
    _, told = run.communicate(timeout=60)

    assert run.returncode == 1
    assert "memory ran out. Fewer --workers and a smaller read.shard_mb take less." in told
    assert wait_until(lambda: not alive(out), 3), alive(out)

    again = start(copydesk, inputs, out)
    _, told = again.communicate(timeout=120)
    assert again.returncode == 0, told
    library.clean(inputs, tmp_path / "alone")

    assert library.digests(out) == library.digests(tmp_path / "alone")


@pytest.mark.parametrize("megabytes", [100, 200, 300])
def test_a_limit_of_memory_that_no_run_can_live_with_is_named_in_one_sentence(
    megabytes: int, inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    limited = ["sh", "-c", f'ulimit -d {megabytes << 10}; exec "$@"', "", copydesk, "clean", *inputs, "-o", str(out)]
    done = subprocess.run(limited, env={**os.environ, _MARK: str(out)}, check=False, capture_output=True, text=True)
    told = done.stderr.splitlines()

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert told[-1].startswith("copydesk: ")
    assert f"There are {megabytes} MB for a process (ulimit -d); give it 2,048 or more." in told[-1]
    assert wait_until(lambda: not alive(out), 3), alive(out)


def test_a_system_that_has_no_memory_is_told_with_what_helps(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    monkeypatch.setattr(cli, "app", fail)
    monkeypatch.setattr(cli, "collect_seldom", lambda: None)
    with pytest.raises(SystemExit) as left:
        cli.main()

    assert left.value.code == 1
    assert f"memory ran out. {reasons.more_memory()}" in capsys.readouterr().err


def test_nothing_is_imported_from_the_folder_that_the_command_runs_in(
    inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    for name in ("flows", "orjson", "prefect", "signal"):
        (folder / f"{name}.py").write_text(f"print(__name__, file=open({str(tmp_path / 'executed')!r}, 'a'))\n")
    command = [copydesk, "clean", *inputs, "-o", str(tmp_path / "out"), "--workers", "1"]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, timeout=120)

    assert not (tmp_path / "executed").exists()
    assert done.returncode == 0, done.stderr
    library.clean(inputs, tmp_path / "alone")
    assert library.digests(tmp_path / "out") == library.digests(tmp_path / "alone")


def test_what_workers_are_forked_from_has_no_thread_that_could_hold_a_lock() -> None:
    script = (
        "from flows import environment; environment.prepare(); import flows.nursery; from pathlib import Path; "
        "print(*(task.joinpath('comm').read_text().strip() for task in Path('/proc/self/task').iterdir()))"
    )
    threads = subprocess.check_output([sys.executable, "-c", script], text=True).split()

    assert set(threads[1:]) <= {"jemalloc_bg_thd"}  # Arrow's, which minds forks


def test_what_workers_are_forked_from_ends_at_once_if_its_parent_is_gone_by_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handed: list[str] = []
    monkeypatch.setattr(workers.forkserver, "ensure_running", lambda: handed.append(os.environ[environment.PARENT]))
    workers.prepare()

    assert handed == [str(os.getpid())]
    assert environment.PARENT not in os.environ

    for parent, loads in ((os.getpid(), True), (os.getppid(), False)):
        script = [sys.executable, "-c", "import flows.nursery; print('loaded')"]
        named = {**os.environ, environment.PARENT: str(parent)}
        done = subprocess.run(script, env=named, check=False, capture_output=True, text=True)

        assert (done.stdout, done.returncode) == (("loaded\n", 0) if loads else ("", 1))


def test_a_held_dataset_is_free_when_its_holder_is_done(tmp_path: Path) -> None:
    with lock.held(str(tmp_path)):
        with pytest.raises(RunError, match=rf"another run \(process {os.getpid()} on "):
            lock.check_free(str(tmp_path))
        with pytest.raises(RunError, match="at work on it"), lock.held(str(tmp_path)):
            pass

    lock.check_free(str(tmp_path))


def test_what_was_left_half_written_is_swept_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "work" / "cleaned").mkdir(parents=True)
    (tmp_path / "work" / "cleaned" / ".tmp-7-a.parquet").write_bytes(b"half")
    (tmp_path / "work" / "cleaned" / "a.parquet").write_bytes(b"whole")
    (tmp_path / ".hidden").write_bytes(b"not ours")
    storage.sweep(str(tmp_path))

    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == [".hidden", "a.parquet"]


def test_a_disk_that_is_full_leaves_nothing_half_written(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            storage.write_bytes(str(tmp_path / "a"), b"x" * 5000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "told", "passes"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full", False),
        (OSError(errno.EIO, "Input/output error", "a.warc"), "a.warc: Input/output error", True),
        (ConnectionResetError("reset"), "reset", True),
        (PermissionError(errno.EACCES, "Permission denied", "out"), "out: Permission denied", False),
        (BrokenProcessPool("gone"), "a worker was killed", False),
        (MemoryError(), "memory ran out", False),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "memory ran out", False),
        (RuntimeError("can't start new thread"), "memory ran out", False),
        (ValueError("odd"), "ValueError: odd", False),
    ],
)
def test_a_failure_is_told_in_words_and_tried_again_only_if_that_can_help(
    error: Exception,
    told: str,
    passes: bool,  # noqa: FBT001
) -> None:
    failure = reasons.run_error("out", error)

    assert told in str(failure)
    assert "run the same command again" in str(failure) or "the same command goes on" in str(failure)
    assert reasons.may_pass(error) is passes
    assert str(pickle.loads(pickle.dumps(failure))) == str(failure)  # noqa: S301
