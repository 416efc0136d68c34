"""A server of the user's: one that never answers, one that goes away, and whose fault that is."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import crash
import library
import pytest
from command import run

from flows import reasons

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SERVE = """
import os, time
from flows import server
with server.embedded() as ready:
    ready()
    print(os.environ["PREFECT_API_URL"], flush=True)
    time.sleep(300)
"""


_LOOK = """
import os
from flows import server
with server.embedded() as ready:
    from flows.corpus import flow
    from flows.pool import Pool
    from prefect import task
    from prefect.client.orchestration import get_client
    from prefect.settings import get_current_settings

    @task
    def look(_):
        settings = get_current_settings()
        same = settings.api.url == os.environ["PREFECT_API_URL"]
        return os.getpid(), id(get_client(sync_client=True)), id(settings), same

    @flow(name="look")
    def look_often():
        return [each.result() for each in [look.submit(number) for number in range(3)]]

    ready()
    seen = look_often.with_options(task_runner=Pool(1))()
    print(len(set(seen)), seen[0][0] != os.getpid(), seen[0][-1])
"""


# Prefect's runners with other names for what is not public.
_OTHER = """
import importlib.abc, importlib.machinery, pathlib, sys

class Renaming(importlib.machinery.SourceFileLoader):
    def get_code(self, _):
        source = pathlib.Path(self.path).read_text()
        for name in ("_cached_context", "_cached_env", "_executor", "_initargs"):
            assert f"self.{name}" in source
            for before in ("self.", "runner.", 'self, "'):
                source = source.replace(before + name, f"{before}_other{name}")
        return compile(source, self.path, "exec")

class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "prefect.task_runners":
            spec = importlib.machinery.PathFinder.find_spec(name, path)
            spec.loader = Renaming(name, spec.origin)
            return spec

sys.meta_path.insert(0, Finder())
"""


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Return the input of a small job."""
    return crash.write_job(tmp_path / "in")


@pytest.fixture
def served() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server; return its process and its address."""
    with subprocess.Popen([sys.executable, "-W", "ignore", "-c", _SERVE], stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        yield serving, serving.stdout.readline().strip()
        serving.kill()


def test_a_worker_reads_settings_and_opens_a_client_once() -> None:
    told = subprocess.check_output([sys.executable, "-W", "ignore", "-c", _LOOK], text=True)

    assert told == "1 True True\n"


def test_with_a_prefect_whose_names_are_others_tasks_run_all_the_same() -> None:
    told = subprocess.check_output([sys.executable, "-W", "ignore", "-c", _OTHER + _LOOK], text=True)

    assert int(told.split()[0]) > 1  # settings and client are made for each task, as Prefect would
    assert told.split()[1:] == ["True", "True"]


def test_a_run_whose_server_goes_away_has_its_dataset_and_ends_with_the_reason(
    served: tuple[subprocess.Popen[str], str], inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    serving, url = served
    out = tmp_path / "out"
    command = [copydesk, "clean", *inputs, "-o", str(out), "--workers", "1"]
    environment = {**os.environ, "PREFECT_API_URL": url, "PREFECT_CLIENT_MAX_RETRIES": "0"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as started:
        assert started.stderr is not None
        told = [next(started.stderr), next(started.stderr)]  # the first stage is done
        serving.send_signal(signal.SIGKILL)
        told += started.communicate(timeout=120)[1].splitlines()
    again = run(copydesk, "clean", *inputs, "-o", out)

    assert started.returncode == 1
    assert told[1].startswith("extract: ")
    assert told[-1].startswith(f"copydesk: {url}: no Prefect server answers there. Start it, or unset PREFECT_API_URL.")
    assert "nothing is new" in again.stderr
    library.clean(inputs, tmp_path / "alone")
    assert library.digests(out) == library.digests(tmp_path / "alone")


def test_a_run_on_a_server_fails_with_one_sentence(
    served: tuple[subprocess.Popen[str], str], inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    (tmp_path / "out" / "work").mkdir(parents=True)
    (tmp_path / "out" / "work" / "extracted").write_text("where there should be a folder")
    command = [copydesk, "clean", *inputs, "-o", str(tmp_path / "out")]
    named = {**os.environ, "PREFECT_API_URL": served[1]}
    done = subprocess.run(command, env=named, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "work/extracted" in done.stderr
    assert [line.partition(":")[0] for line in done.stderr.splitlines()[1:]] == ["extract", "copydesk"]
    assert re.search(r"^extract: 0 of (\d) in \d+ s, \1 failed$", done.stderr, re.MULTILINE)


def test_a_server_that_does_not_answer_is_named(inputs: list[str], copydesk: str, tmp_path: Path) -> None:
    command = [copydesk, "clean", *inputs, "-o", str(tmp_path / "out")]
    named = {**os.environ, "PREFECT_API_URL": "http://127.0.0.1:1/api"}
    done = subprocess.run(command, env=named, check=False, capture_output=True, text=True)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert (
        "http://127.0.0.1:1/api/: no Prefect server answers there. Start it, or unset PREFECT_API_URL." in done.stderr
    )


def test_a_server_that_does_not_answer_is_named_whatever_the_limits_are(
    inputs: list[str], copydesk: str, tmp_path: Path
) -> None:
    command = ["sh", "-c", 'ulimit -d 1500000; exec "$@"', "", copydesk, "clean", *inputs, "-o", str(tmp_path / "out")]
    named = {**os.environ, "PREFECT_API_URL": "http://127.0.0.1:1/api"}
    done = subprocess.run(command, env=named, check=False, capture_output=True, text=True)

    assert "http://127.0.0.1:1/api/: no Prefect server answers there." in done.stderr


def test_memory_is_blamed_for_a_server_of_ours_under_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = RuntimeError("Failed to reach API at http://127.0.0.1:1/api/")
    limits = {resource.RLIMIT_DATA: 4000 << 20, resource.RLIMIT_AS: 900 << 20}
    monkeypatch.setattr(resource, "getrlimit", lambda which: (limits[which], limits[which]))
    monkeypatch.setenv(reasons.SERVED, "1")

    assert "memory ran out for Prefect's server. There are 900 MB for a process (ulimit -v)" in str(
        reasons.run_error("out", silent)
    )

    limits[resource.RLIMIT_AS] = 4000 << 20

    assert "no Prefect server answers there" in str(reasons.run_error("out", silent))
