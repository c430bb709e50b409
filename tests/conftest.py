# SPDX-License-Identifier: Apache-2.0
"""What every kind of pytest here shares: the program, engines, corpora."""

import os
import pathlib
import tempfile

import pytest

import lab

#: Postgres, engines, certificates, sites (integration/sites.py).
pytest_plugins = ["sites"]


def pytest_addoption(parser):
    parser.addoption(
        "--long", action="store_true", help="run the tests marked long"
    )


def pytest_collection_modifyitems(config, items):
    chosen = config.getoption("--long")
    other = [i for i in items if bool(i.get_closest_marker("long")) != chosen]
    config.hook.pytest_deselected(items=other)
    items[:] = [i for i in items if i not in other]


@pytest.fixture(scope="session")
def corpora():
    found = lab.corpora_dir()
    if found is None:
        pytest.skip("no corpora: set DG_SHARED to a folder that has them")
    return found


@pytest.fixture(scope="session")
def datagateway():
    """The program under test: DATAGATEWAY, or what a usual preset built."""
    given = os.environ.get("DATAGATEWAY")
    if given:
        return pathlib.Path(given).resolve()
    for preset in ("dev", "release", "asan"):
        path = lab.ROOT / "build" / preset / "datagateway"
        if path.exists():
            return path
    pytest.fail("no datagateway: build a preset, or set DATAGATEWAY")


@pytest.fixture(scope="session")
def engines():
    with tempfile.TemporaryDirectory(prefix="dg-engines-") as folder:
        found = lab.Lab(folder)
        yield found
        found.stop()
