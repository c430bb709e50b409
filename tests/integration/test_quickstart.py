# SPDX-License-Identifier: Apache-2.0
"""deploy/quickstart from nothing to its end, as a newcomer runs it."""

import os
import pathlib
import subprocess
import tempfile
import urllib.request

import pytest

import gateway
import lab

DEADLINE_S = 900

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def folder():
    # Postgres is another user and has to reach its files.
    with tempfile.TemporaryDirectory(prefix="dg-quickstart-") as base:
        pathlib.Path(base).chmod(0o755)
        state = pathlib.Path(base) / "state"
        yield state
        run(state, "clean")


def run(folder, command, **more):
    env = dict(os.environ, DG_QUICKSTART=str(folder), **more)
    return subprocess.run(
        [str(lab.ROOT / "deploy" / "quickstart"), command],
        capture_output=True, text=True, check=False, env=env,
        stdin=subprocess.DEVNULL, timeout=DEADLINE_S,
    )


def test_quickstart(folder):
    port = gateway.free_port()
    done = run(folder, "up", DG_PORT=str(port))
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Access Denied" in done.stdout and "acctbal" in done.stdout
    for cluster in ("blue", "green", "violet"):
        assert cluster in done.stdout
    assert f"jdbc:trino://127.0.0.1:{port}/" in done.stdout
    assert run(folder, "status").returncode == 0


def test_again(folder):
    done = run(folder, "up")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_stop_and_start(folder):
    assert run(folder, "stop").returncode == 0
    assert run(folder, "status").returncode == 1
    assert run(folder, "demo").returncode != 0
    assert run(folder, "up").returncode == 0


def test_clean(folder):
    port = (folder / "port").read_text().strip()
    assert run(folder, "clean").returncode == 0
    assert not folder.exists()
    with pytest.raises(OSError):
        urllib.request.urlopen(f"https://127.0.0.1:{port}/", timeout=5)
