# SPDX-License-Identifier: Apache-2.0
"""An instance is one process, whoever asks for it and however often."""

import multiprocessing
import sys

import pytest

import servers

#: stands for an engine: waits for its end.
PROGRAM = "import signal; signal.pause()"


@pytest.fixture
def instance(tmp_path, monkeypatch):
    monkeypatch.setattr(servers, "can_run", lambda name: None)
    monkeypatch.setattr(servers.artefacts, "fetch", lambda name: tmp_path)
    monkeypatch.setattr(servers, "_plugin_dir", lambda *_: tmp_path)
    monkeypatch.setattr(
        servers, "_command", lambda engine, home, folder, heap:
        [sys.executable, "-c", PROGRAM, str(folder)],
    )
    made = servers.Instance(tmp_path / "instance")
    yield made
    made.stop()


def _start(instance, together, records):
    together.wait()
    instance.start("trino-435")
    records.put(instance.record())


def test_asked_for_by_many_at_once(instance):
    fork = multiprocessing.get_context("fork")
    count = 4
    together, records = fork.Barrier(count), fork.Queue()
    askers = [
        fork.Process(target=_start, args=(instance, together, records))
        for _ in range(count)
    ]
    for asker in askers:
        asker.start()
    seen = [records.get(timeout=60) for _ in askers]
    for asker in askers:
        asker.join()
    assert instance.is_alive()
    assert all(record == seen[0] for record in seen)


def test_started_again_after_its_end(instance):
    instance.start("trino-435")
    first = instance.record()["pid"]
    instance.stop()
    assert not instance.is_alive()
    instance.start("trino-435")
    assert instance.record()["pid"] != first
