# SPDX-License-Identifier: Apache-2.0
"""Sites to test: Postgres, real clusters, policy, one gateway or several.

A Site is made once a module and stopped at its end; its folder is temporary,
its ports are free ones. Where a test fails, the gateways' logs are shown.
"""

import contextlib
import itertools
import pathlib
import subprocess
import tempfile

import pytest

import gateway
import policy
import private_postgres
import statements
from fake_coordinator import FakeCoordinator
from gateway import wait_until
from site_under_test import Site, Tls


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for running in gateway.RUNNING:
            title = f"log of gateway {running.folder.name}"
            report.sections.append((title, running.tail()))


@contextlib.contextmanager
def private_server():
    """A Postgres in a folder outside of pytest's, which are for their owner
    alone: as root, Postgres is another user."""
    with tempfile.TemporaryDirectory(prefix="dg-postgres-") as folder:
        pathlib.Path(folder).chmod(0o711)
        server = private_postgres.Server(folder)
        server.create(volatile=True)
        server.start()
        try:
            yield server
        finally:
            server.stop(mode="immediate")


@pytest.fixture(scope="session")
def postgres():
    """For all tests that do not stop it."""
    with private_server() as server:
        yield server


@pytest.fixture
def own_postgres():
    """For one test, which may stop and start it."""
    with private_server() as server:
        yield server


_NUMBERS = itertools.count(1)


def new_database(server):
    """A fresh database; returns its name."""
    name = f"gateway_{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    return name


@pytest.fixture(scope="session")
def clusters(engines):
    """The engines, by the names that the policies of the tests give them."""
    return {
        "blue": engines.trino(),
        "green": engines.other_trino(),
        "violet": engines.presto(),
    }


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    """A certificate authority and a certificate for 127.0.0.1."""
    folder = tmp_path_factory.mktemp("tls")

    def openssl(*arguments):
        subprocess.run(
            ["openssl", *arguments], cwd=folder, check=True,
            capture_output=True, timeout=60,
        )

    (folder / "extensions").write_text(
        "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
        "basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
    )
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=tests CA", "-keyout", "ca.key", "-out", "ca.pem",
            "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
            "-keyout", "server.key", "-out", "server.csr")
    openssl("x509", "-req", "-days", "2", "-in", "server.csr",
            "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-extfile", "extensions", "-out", "server.pem")
    return Tls(folder / "ca.pem", folder / "server.pem", folder / "server.key")


@pytest.fixture(scope="module")
def make_site(datagateway, tmp_path_factory, postgres, clusters):
    """Makes sites: make_site(policy=..., tls=..., options=..., server=...)."""
    made = []

    def make(name="site", server=None, base=None, tls=None, options=None):
        site = Site(
            program=datagateway,
            folder=tmp_path_factory.mktemp(name),
            server=server or postgres,
            database=new_database(server or postgres),
            policy=base or policy.base(clusters),
            clusters=clusters, tls=tls, options=options,
        )
        made.append(site)
        site.start()
        return site

    yield make
    for site in reversed(made):
        site.stop()


@pytest.fixture(scope="module")
def site(make_site):
    """The usual site: one gateway, plain HTTP, passwords."""
    return make_site()


@pytest.fixture(scope="module")
def tls_site(make_site, tls):
    """One gateway with TLS, as people use it."""
    return make_site("tls", tls=tls)


@pytest.fixture(scope="module")
def make_stage(make_site, clusters, tls, tmp_path_factory, engines):
    """make_stage(engine, catalog="memory"): for test_statements_*.py."""
    stages = []

    def find(engine, catalog):
        """Name and instance of the cluster; skips where there is none."""
        if catalog == "iceberg":
            return "lake", engines.iceberg(engine)
        for name, instance in clusters.items():
            if instance.record()["engine"] == engine:
                return name, instance
        return pytest.skip(f"{engine} does not run here")

    def make(engine, catalog="memory"):
        name, instance = find(engine, catalog)
        base = policy.base({**clusters, name: instance})
        site = make_site("statements", tls=tls, base=statements.rules(base))
        site.clusters = {**clusters, name: instance}
        stage = statements.Stage(site, name, catalog,
                                 tmp_path_factory.mktemp("cli"))
        stages.append(stage)
        stage.set_up()
        return stage

    yield make
    for stage in stages:
        stage.clear()


@pytest.fixture(scope="module")
def fake():
    with FakeCoordinator() as coordinator:
        yield coordinator


@pytest.fixture(scope="module")
def make_fake_site(make_site, clusters, fake):
    """make_fake_site(name): a site whose users' own cluster is the fake.

    change(policy): what else is in its policy.
    """
    def make(name, users=("analyst",), cross_check="off", change=None,
             options=None):
        made = policy.base(clusters).cluster(
            "fake", engine="trino", url=fake.url, metadata_user="datagateway",
            cross_check=cross_check,
        )
        for user in users:
            made.user(user, default_cluster="fake")
        if change is not None:
            change(made)
        fake.script({})
        site = make_site(name, base=made, options=options)
        client = site.client("analyst")
        wait_until(lambda: client.works("SELECT 1"),
                   "the fake cluster to be usable")
        return site

    return make
