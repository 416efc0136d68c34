"""Past one machine: a Dask cluster over TCP, an S3 server on loopback, and the same bytes as the local run."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import crash
import library
import pytest

from cleaners import storage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def write_half(url: str, size: int) -> None:
    """Begin to write a file, and fail."""

    def fail() -> None:
        with storage.writing(url) as file:
            file.write(b"x" * size)
            raise KeyError

    with pytest.raises(KeyError):
        fail()


def test_an_upload_that_ends_badly_leaves_nothing(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/a"
    write_half(url, 10)

    assert list(tmp_path.iterdir()) == []

    storage.write_bytes(url, b"whole")

    assert (tmp_path / "a").read_bytes() == b"whole"


@contextmanager
def serving(*command: str, port: int, environment: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; it is there when its port answers."""
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", *command],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        end = time.monotonic() + 60
        while port and time.monotonic() < end:
            with socket.socket() as asked:
                if asked.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield process
    finally:
        process.kill()
        process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def test_dask_and_s3_give_the_bytes_of_the_local_run_though_a_worker_dies(
    copydesk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for extra in ("moto.server", "s3fs", "distributed", "prefect_dask"):
        pytest.importorskip(extra, reason="the extras dask and s3, and moto[server], are not installed")
    import s3fs  # noqa: PLC0415

    inputs = crash.write_job(tmp_path / "in")
    library.clean(inputs, tmp_path / "alone")
    store, cluster = free_port(), free_port()
    known = {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{store}",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",  # the server on loopback asks for some
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    address = f"tcp://127.0.0.1:{cluster}"
    worker = ["-m", "dask", "worker", address, "--nthreads", "1", "--no-dashboard", "--no-nanny"]
    with ExitStack() as servers:
        servers.enter_context(serving("-m", "moto.server", "-H", "127.0.0.1", "-p", str(store), port=store))
        scheduler = ["-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", str(cluster), "--no-dashboard"]
        servers.enter_context(serving(*scheduler, port=cluster))
        doomed = servers.enter_context(serving(*worker, port=0, environment=known))
        servers.enter_context(serving(*worker, port=0, environment=known))
        system = s3fs.S3FileSystem(endpoint_url=known["AWS_ENDPOINT_URL"], key="any", secret="any")  # noqa: S106
        system.mkdir("news")
        for name, value in known.items():
            monkeypatch.setenv(name, value)
        write_half("s3://news/small", 10)
        write_half("s3://news/large", 12 << 20)
        gc.collect()
        assert not system.ls("news", refresh=True)
        command = [copydesk, "clean", *inputs, "-o", "s3://news/out", "--runner", "dask", "--dask-address", address]
        run = subprocess.Popen(
            command, env={**os.environ, **known}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        end = time.monotonic() + 90
        while not system.exists("news/out/work/extracted") and run.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
            system.invalidate_cache()
        doomed.send_signal(signal.SIGKILL)
        _, told = run.communicate(timeout=200)
        assert run.returncode == 0, told
        system.invalidate_cache()
        system.get("news/out", str(tmp_path / "fetched"), recursive=True)
        again = subprocess.run(command, env={**os.environ, **known}, capture_output=True, text=True, check=True)

    assert library.digests(tmp_path / "fetched") == library.digests(tmp_path / "alone")
    assert "nothing is new" in again.stderr
    assert json.loads((tmp_path / "fetched" / "manifest.json").read_text())["counts"]["records"] == 200
