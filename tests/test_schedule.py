"""A served schedule: each run does the new work alone, tells what it did, and fails with a reason."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import crash
import library
import pytest
import yaml

from cleaners import lock
from cleaners.shards.dataset import Dataset
from flows import environment

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent


class Api:
    """The server that a schedule started."""

    def __init__(self, url: str, deployment: str) -> None:
        self.url = url
        self.deployment = self.ask(f"deployments/name/clean-corpus/{deployment}")

    def ask(self, path: str, body: object = None) -> Any:
        """Return the answer of the server, which may be busy at first (503), as Prefect's own clients know."""
        content = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(  # noqa: S310  (loopback)
            f"{self.url}/api/{path}", content, {"content-type": "application/json"}
        )
        for wait in (0.5, 1, 2, 4, 8, 16, 0):
            try:
                with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code != http.HTTPStatus.SERVICE_UNAVAILABLE or not wait:
                    raise
                time.sleep(wait)
        raise AssertionError

    def run(self, **parameters: object) -> dict[str, Any]:
        """Start a run, wait for it to end, and return it."""
        asked = {"parameters": parameters} if parameters else {}
        started = self.ask(f"deployments/{self.deployment['id']}/create_flow_run", asked)
        end = time.monotonic() + 180
        while time.monotonic() < end:
            run: dict[str, Any] = self.ask(f"flow_runs/{started['id']}")
            if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED"):
                return run
            time.sleep(0.3)
        raise AssertionError(run["state"])


class Healthy(http.server.BaseHTTPRequestHandler):
    """A server that says it is well, and then answers nothing."""

    def do_GET(self) -> None:
        if self.path.endswith("/health"):
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for Prefect that no other session has, so that no other session's server starts our runs."""
    return tmp_path_factory.mktemp("prefect")


@contextlib.contextmanager
def serving(copydesk: str, folder: Path, out: str, **environment: str) -> Iterator[Api]:
    """Serve a schedule that is never due, of the files in `in` into `out`, both in a folder."""
    command = [copydesk, "schedule", "in", "-o", out, "--cron", "0 0 1 1 *", "--json"]
    told, served = folder / "told", folder / "served.json"
    with (
        told.open("w+") as errors,
        served.open("w") as output,
        subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=errors, env={**os.environ, **environment}
        ) as process,
    ):
        try:
            yield _api(told, Dataset(str(folder / out)).name)
        finally:
            process.terminate()
            assert process.wait(10) == 0


@pytest.fixture
def served(copydesk: str, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """Serve a schedule on a dataset of one file of four, on a server of its own."""
    monkeypatch.chdir(tmp_path)
    crash.write_job(tmp_path / "in")
    library.clean(["in/0.jsonl"], tmp_path / "out")
    with serving(copydesk, tmp_path, "out", PREFECT_HOME=str(home)) as api:
        yield api


def _api(told: Path, name: str) -> Api:
    """Return the server when it has said where it is, and has the deployment."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        time.sleep(0.3)
        if found := re.search(r"http://127\.0\.0\.1:\d+", told.read_text()):
            with contextlib.suppress(urllib.error.HTTPError):
                return Api(found[0], name)
    raise AssertionError(told.read_text())


def test_each_run_does_the_new_work_and_tells_so(served: Api, tmp_path: Path) -> None:
    name = Dataset(str(tmp_path / "out")).name
    manifest = tmp_path / "out" / "manifest.json"
    before = next((tmp_path / "out" / "work" / "extracted").iterdir()).stat()
    run = served.run()

    assert run["state_type"] == "COMPLETED", run["state"]
    assert run["name"] == "clean into out"
    assert set(run["tags"]) == {"copydesk", name}
    assert json.loads(manifest.read_text())["counts"]["records"] == 200
    assert before in [part.stat() for part in (tmp_path / "out" / "work" / "extracted").iterdir()]

    asked = {"artifacts": {"key": {"any_": [f"copydesk-{name}-growth"]}}, "sort": "CREATED_DESC"}
    newest = next(one for one in served.ask("artifacts/filter", asked) if one["type"] == "table")

    assert {"rows": "records", "now": 200, "new": 150} in json.loads(newest["data"])

    with lock.held(str(tmp_path / "out")):
        run = served.run()

    assert run["state_type"] == "FAILED"
    assert "is at work on it" in run["state"]["message"]

    (tmp_path / "guard.toml").write_text("[cluster]\nguard_least = 1\nguard_cluster = 0.0001\n", encoding="utf-8")
    run = served.run(config=str(tmp_path / "guard.toml"))

    assert run["state_type"] == "FAILED"
    assert "run copydesk clean once with --accept" in run["state"]["message"]
    assert json.loads(manifest.read_text())["counts"]["records"] == 200
    assert served.deployment["global_concurrency_limit"]["limit"] == 1

    told = json.loads((tmp_path / "served.json").read_text())
    assert told["deployment"] == f"clean-corpus/{name}"
    assert told["prefect"] == served.url


def test_datasets_of_one_folder_name_do_not_take_each_others_runs(served: Api, copydesk: str, tmp_path: Path) -> None:
    crash.write_job(tmp_path / "b" / "in")
    with serving(copydesk, tmp_path / "b", "out", PREFECT_API_URL=f"{served.url}/api") as other:
        both = [each.deployment for each in (served, other)]
        run = other.run()

    assert run["state_type"] == "COMPLETED", run["state"]
    assert (tmp_path / "b" / "out" / "manifest.json").exists()
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["counts"]["records"] == 50
    assert len({deployment["id"] for deployment in both}) == 2
    assert len({deployment["global_concurrency_limit"]["id"] for deployment in both}) == 2
    assert all(re.fullmatch(r"out-[0-9a-f]{6}", deployment["name"]) for deployment in both)


def test_a_dataset_has_one_name_by_whatever_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a" / "crawl").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    same = ("a/crawl", "a/crawl/", "link/crawl", f"{tmp_path}/a/crawl", f"file://{tmp_path}/a/crawl")

    assert len({Dataset(path).name for path in same}) == 1
    assert len({Dataset(path).name for path in ("a/crawl", "b/crawl", "s3://a/crawl", "s3://b/crawl")}) == 4


def test_the_deployments_name_flows_and_parameters_that_exist() -> None:
    from flows import corpus  # noqa: PLC0415

    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]

    assert [one["name"] for one in deployments] == ["one-off", "nightly", "training"]
    for one in deployments:
        flow = getattr(corpus, one["entrypoint"].partition(":")[2])
        assert one["parameters"].keys() <= set(flow.parameters.properties)
        assert one["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}
    assert len({one["parameters"]["out"] for one in deployments}) == 3  # the limit is one of the deployment


def test_a_flow_that_prefect_starts_runs_its_shards_as_the_schedule_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RUNNER", "WORKERS", "ADDRESS"):
        monkeypatch.setenv(f"COPYDESK_{name}", "")
    environment.choose_runner("processes", 3, None)
    code = "from flows import corpus; print(corpus.clean_corpus.task_runner._max_workers)"

    assert subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True) == "3\n"


@pytest.mark.parametrize("kind", ["silent", "away later"])
def test_a_server_that_does_not_answer_is_told_in_one_sentence(kind: str, copydesk: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    command = [copydesk, "schedule", "in", "-o", "out", "--cron", "0 3 * * *", "--json"]
    named = {**os.environ, "PREFECT_API_URL": "http://127.0.0.1:1/api", "PREFECT_CLIENT_MAX_RETRIES": "0"}
    with http.server.HTTPServer(("127.0.0.1", 0), Healthy) as server:
        if kind == "away later":
            threading.Thread(target=server.serve_forever, daemon=True).start()
            named["PREFECT_API_URL"] = f"http://127.0.0.1:{server.server_port}/api"
        done = subprocess.run(command, cwd=tmp_path, env=named, check=False, capture_output=True, text=True, timeout=60)
        if kind == "away later":
            server.shutdown()
    told = done.stderr.splitlines()

    assert done.returncode == 1
    assert len(told) == len(done.stdout.splitlines()) == (1 if kind == "silent" else 2)  # before that, what is served
    assert told[-1].startswith(f"copydesk: {named['PREFECT_API_URL']}")
    assert "no Prefect server answers there. Start it, or unset PREFECT_API_URL." in told[-1]
    assert json.loads(done.stdout.splitlines()[-1])["error"]["message"] == told[-1].removeprefix("copydesk: ")


def test_an_input_that_is_not_there_is_a_wrong_call(copydesk: str, tmp_path: Path) -> None:
    command = [copydesk, "schedule", "nosuch", "-o", "out", "--cron", "0 3 * * *"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True, timeout=60)

    assert done.returncode == 2
    assert "nosuch: there is no such file or folder" in done.stderr


def test_what_is_no_time_zone_is_a_wrong_call(copydesk: str, tmp_path: Path) -> None:
    command = [copydesk, "schedule", "in", "-o", "out", "--cron", "0 3 * * *", "--timezone", "Mars/Olympus"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert "'Mars/Olympus' is none" in done.stderr


def test_what_is_no_cron_expression_is_a_wrong_call(copydesk: str, tmp_path: Path) -> None:
    command = [copydesk, "schedule", "in", "-o", "out", "--cron", "every night"]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)

    assert done.returncode == 2
    assert '"0 3 * * *" is every night at three' in done.stderr
