# SPDX-License-Identifier: Apache-2.0
"""Every statement leaves a decision and an end, in Postgres and in the log."""

import json

import pytest

from gateway import wait_until

FIELDS = ("principal", "session_user_name", "client_address", "source",
          "cluster", "statement", "text", "access", "decision", "reason",
          "policy_version", "replica", "statement_id")


def decisions(site, where="true"):
    rows = site.sql(
        f"SELECT {', '.join(FIELDS)} FROM datagateway.audit_decision "
        f"WHERE {where} ORDER BY at"
    )
    return [dict(zip(FIELDS, row)) for row in rows]


def end_of(site, statement_id):
    """Its one end; waits for it, as it is written after the last page."""
    rows = wait_until(
        lambda: site.sql(
            "SELECT state, error_name, query_id, duration_ms, rows "
            "FROM datagateway.audit_end "
            f"WHERE statement_id = '{statement_id}'"
        ), f"the end of {statement_id}",
    )
    assert len(rows) == 1
    return dict(zip(
        ("state", "error_name", "query_id", "duration_ms", "rows"), rows[0]
    ))


@pytest.fixture
def since(site):
    """Decisions of this test only: audit(where) -> list."""
    before = {d["statement_id"] for d in decisions(site)}

    def new(count=None):
        def found():
            rows = [d for d in decisions(site)
                    if d["statement_id"] not in before]
            return rows if count is None or len(rows) >= count else None

        return wait_until(found, f"{count} decisions") if count else found()

    return new


def test_allowed(site, since):
    result = site.client("analyst").run(
        "SELECT name, 'a secret literal' FROM tpch.tiny.nation "
        "WHERE nationkey < 12345"
    )
    (row,) = since(1)
    assert row["principal"] == row["session_user_name"] == "analyst"
    assert row["client_address"].startswith("127.0.0.1")
    assert row["source"] == "tests"
    assert row["cluster"] == "blue"
    assert row["decision"] == "allowed"
    assert row["replica"] == site.gateway.options["replica"]
    assert int(row["policy_version"]) > 0
    assert "tpch.tiny.nation" in row["text"].lower().replace('"', "")
    for literal in ("secret", "12345"):
        assert literal not in row["text"]
    access = json.dumps(json.loads(row["access"]))
    assert "nation" in access and "nationkey" in access
    end = end_of(site, row["statement_id"])
    assert end["state"] == "FINISHED"
    assert end["query_id"] == result.query_id
    assert int(end["duration_ms"]) >= 0


def test_denied(site, since):
    site.client("analyst").refused("SELECT * FROM tpch.tiny.customer")
    (row,) = since(1)
    assert row["decision"] == "denied"
    assert row["reason"]
    assert "customer" in row["access"]


def test_invalid_and_unsupported(site, since):
    client = site.client("analyst")
    client.refused("SELEC 1")
    client.refused("CALL system.runtime.kill_query('a', 'b')")
    rows = since(2)
    assert rows[0]["decision"] == "invalid"
    assert rows[1]["decision"] in ("unsupported", "denied")


def test_failed_on_the_engine(site, since):
    site.client("analyst").refused(
        "SELECT 1 / (nationkey - nationkey) FROM tpch.tiny.nation"
    )
    (row,) = since(1)
    assert row["decision"] == "allowed"
    end = end_of(site, row["statement_id"])
    assert end["state"] == "FAILED"
    assert end["error_name"] == "DIVISION_BY_ZERO"


def test_cancelled(site, since):
    client = site.client("analyst")
    result = client.run(
        "SELECT * FROM tpch.tiny.lineitem",
        stop_after=lambda page: bool(page.get("data")),
    )
    client.request("DELETE", result.replies[-1].json()["nextUri"])
    (row,) = since(1)
    assert end_of(site, row["statement_id"])["state"] in (
        "CANCELED", "CANCELLED"
    )


def test_decision_comes_before_anything_runs(site, since):
    """At the reply to the POST the record is committed already."""
    client = site.client("analyst")
    client.start("SELECT count(*) FROM tpch.tiny.region")
    (row,) = since()
    assert row["decision"] == "allowed"


def test_in_the_log_as_well(site, since):
    offset = site.gateway.log_size()
    site.client("analyst").refused("SELECT acctbal FROM tpch.tiny.customer")
    (row,) = since(1)
    lines = [e for e in site.gateway.events(since=offset)
             if row["statement_id"] in json.dumps(e)]
    assert lines


def test_pages_by_another_replica_end_it_once(make_site):
    site = make_site("auditpair")
    site.add_gateway()
    first, other = site.client("analyst"), site.client("analyst", replica=1)
    first.run("SELECT * FROM tpch.tiny.lineitem", through=[other, first])
    (row,) = decisions(site)
    assert end_of(site, row["statement_id"])["state"] == "FINISHED"


def test_full_queue_refuses(make_site, own_postgres):
    """What cannot be recorded is not done."""
    site = make_site("full", server=own_postgres,
                     options={"audit.queue": 10})
    client = site.client("analyst")
    assert client.rows("SELECT 1") == [[1]]
    own_postgres.stop()
    reply = client.post("SELECT 2")
    if reply.status == 200:
        page = client.get(reply.json()["nextUri"])[1]
        assert page["error"]["errorType"] != "USER_ERROR"
    else:
        assert reply.status == 503
    own_postgres.start()
    wait_until(lambda: client.works("SELECT 3"), "recovery")
    allowed = decisions(site, "decision = 'allowed'")
    assert len(allowed) >= 2
