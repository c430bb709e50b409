# SPDX-License-Identifier: Apache-2.0
"""The real engines as tests use them: started at first use, then shared.

DG_TEST_ENGINES names a folder of instances to use and to leave running: a
developer keeps them over many runs, and tests/run starts them while it builds.
"""

import os
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "deploy" / "engines"))

import servers  # noqa: E402  (its folder is added above)

#: many queries at once, some of them left to die: 1 GB was not enough.
HEAP = "2G"


def corpora_dir():
    """The folder of the third-party corpora, or None."""
    shared = pathlib.Path(os.environ.get("DG_SHARED", ROOT.parent / "shared"))
    corpora = shared / "corpora"
    return corpora if corpora.is_dir() else None


class Lab:
    """Starts instances on demand; knows which ones it has to stop."""

    def __init__(self, folder):
        self._kept = os.environ.get("DG_TEST_ENGINES")
        self._folder = pathlib.Path(self._kept or folder)
        self._instances = {}

    def get(self, engine, name=None, iceberg=False, kind=servers.Instance):
        """A ready instance of the engine; skips where it cannot run.

        kind: what makes of the folder an instance.
        """
        name = name or engine
        if name not in self._instances:
            reason = servers.can_run(engine)
            if reason:
                pytest.skip(reason)
            instance = kind(self._folder / name)
            instance.start(engine, heap=HEAP, iceberg=iceberg)
            self._instances[name] = instance
        self._instances[name].wait()
        return self._instances[name]

    def trino(self):
        """Trino 476 where its Java is, else 435."""
        if servers.can_run("trino-476") is None:
            return self.get("trino-476")
        return self.get("trino-435")

    def other_trino(self):
        """A second Trino, of another version where that can be."""
        if servers.can_run("trino-476") is None:
            return self.get("trino-435")
        return self.get("trino-435", "trino-435-second")

    def presto(self):
        return self.get("presto-0.287")

    def iceberg(self, engine):
        """One more instance of the engine, with a catalog iceberg."""
        return self.get(engine, engine + "-iceberg", iceberg=True)

    def stop(self):
        if not self._kept:
            for instance in self._instances.values():
                instance.stop()
