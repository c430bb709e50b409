# SPDX-License-Identifier: Apache-2.0
"""A replica on its own: policy and audit on its disk while Postgres is away."""

import base64
import os

import pytest

from gateway import wait_until
from sites import private_server

NATION = "SELECT count(*) FROM tpch.tiny.nation"
REGION = "SELECT count(*) FROM tpch.tiny.region"


def new_key(path):
    path.write_bytes(base64.b64encode(os.urandom(32)))
    return f"file:{path}"


@pytest.fixture(scope="module")
def server():
    """A Postgres that these tests stop and start."""
    with private_server() as made:
        yield made


@pytest.fixture(scope="module")
def alone(make_site, server, tmp_path_factory):
    """A site whose gateway keeps policy and audit on disk."""
    folder = tmp_path_factory.mktemp("disk")
    site = make_site("alone", server=server, options={
        "postgres.poll": "200ms",
        "postgres.migrate": True,
        "policy.snapshot_file": str(folder / "policy"),
        "policy.snapshot_key": new_key(folder / "policy.key"),
        "policy.snapshot_interval": "1s",
        "audit.spool_file": str(folder / "audit"),
        "audit.spool_key": new_key(folder / "audit.key"),
    })
    site.disk = folder
    site.apply(site.policy.change().deny(
        "no regions", ["analyst"], ["select"], table="tpch.*.region"
    ))
    return site


def wait_for_file(site):
    gateway = site.gateway
    wait_until(
        lambda: gateway.metric("datagateway_policy_file_version")
        == gateway.metric("datagateway_policy_version"),
        "the policy to be in the file",
    )


def recorded(site, text):
    """Decisions in Postgres about statements with this text."""
    return len(site.sql(
        "SELECT statement_id FROM datagateway.audit_decision"
        f" WHERE position('{text}' in text) > 0"
    ))


def test_started_without_postgres(alone, server):
    """Sign-in by password, decisions, denials and their audit go on."""
    wait_for_file(alone)
    gateway = alone.gateway
    gateway.stop()
    server.stop()
    offset = gateway.log_size()
    gateway.start()
    try:
        assert gateway.wait_for_event("policy.from_file", since=offset)
        assert gateway.wait_for_event("store.not_migrated", since=offset)
        status, text = gateway.admin("/readyz")
        assert status == 200
        assert "file: Postgres has not answered" in text
        assert gateway.metric("datagateway_policy_from_file") == 1
        client = alone.client("analyst")
        assert client.rows(NATION) == [[25]]
        assert "region" in client.refused(REGION).message
        wrong = alone.client("analyst", password="wrong")
        assert wrong.post(NATION).status == 401
        assert gateway.metric("datagateway_audit_spool_bytes") > 0
        assert b"nation" not in b"".join(
            path.read_bytes() for path in alone.disk.glob("audit.[0-9]*")
        )
    finally:
        server.start()
    gateway.wait_for_metric("datagateway_policy_from_file", 0)
    assert "policy_source" not in gateway.admin("/readyz")[1]
    wait_until(lambda: recorded(alone, "nation") == 1
               and recorded(alone, "region") == 1,
               "the records of the time without Postgres")
    gateway.wait_for_metric("datagateway_audit_spool_bytes", 0)


def test_goes_on_and_dies_without_postgres(alone, server):
    """Postgres goes, statements go on; the process is killed meanwhile."""
    wait_for_file(alone)
    client = alone.client("analyst")
    gateway = alone.gateway
    server.stop()
    try:
        assert client.rows(NATION + " WHERE nationkey < 5") == [[5]]
        gateway.kill()
        gateway.start()
        client = alone.client("analyst")
        assert client.rows(NATION + " WHERE nationkey < 6") == [[6]]
    finally:
        server.start()
    wait_until(lambda: recorded(alone, "nationkey") == 2, "both records")


def refuses(gateway, site, why):
    """Not ready, for this reason, and a 503 for statements."""
    wait_until(lambda: why in gateway.admin("/readyz")[1],
               "the replica to say why it is not ready")
    assert gateway.admin("/readyz")[0] == 503
    return site.client("analyst").post(NATION)


def test_too_old_to_start_from(alone, server):
    """What was last seen longer ago than policy.max_staleness is no policy."""
    wait_for_file(alone)
    gateway = alone.gateway
    gateway.stop()
    server.stop()
    usual = dict(gateway.options)
    gateway.options["policy.max_staleness"] = "1s"
    try:
        gateway.start(until="policy.from_file")
        reply = refuses(gateway, alone, "max_staleness")
        assert reply.status == 503
        assert "policy.max_staleness" in reply.text()
    finally:
        gateway.options = usual
        server.start()
    wait_until(lambda: alone.client("analyst").works(NATION),
               "statements to be accepted with Postgres")
    gateway.stop()
    gateway.start()


def cut(path, gateway):
    os.truncate(path, path.stat().st_size - 1)
    return "ends too early"


def change(path, gateway):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return "changed since"


def other_key(path, gateway):
    new_key(path.with_suffix(".key"))
    return "not written with this key"


def other_database(path, gateway):
    gateway.options["postgres.conninfo"] += " port=1"
    return "holds the policy of the Postgres"


def remove(path, gateway):
    path.unlink()
    return "No such file"


@pytest.mark.parametrize("damage", [cut, change, other_key, other_database,
                                    remove])
def test_files_that_are_refused(alone, server, damage):
    """No policy is better than one that somebody has changed."""
    wait_for_file(alone)
    gateway = alone.gateway
    gateway.stop()
    server.stop()
    usual = dict(gateway.options)
    try:
        why = damage(alone.disk / "policy", gateway)
        offset = gateway.log_size()
        gateway.start(until="policy.file_refused")
        said = gateway.wait_for_event("policy.file_refused", since=offset)
        assert why in said["msg"]
        assert refuses(gateway, alone, "no policy").status in (401, 503)
        gateway.stop()
    finally:
        gateway.options = usual
        server.start()
    gateway.start()
    assert alone.client("analyst").rows(NATION) == [[25]]
