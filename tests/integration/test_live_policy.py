# SPDX-License-Identifier: Apache-2.0
"""Policy changes reach every replica; Postgres may go and come back."""

import signal
import threading

import pytest

from gateway import wait_until

NATION = "SELECT count(*) FROM tpch.tiny.nation"


@pytest.fixture(scope="module")
def pair(make_site):
    """Two replicas over one database."""
    site = make_site("pair")
    site.add_gateway()
    return site


def both(site, user="analyst"):
    return [site.client(user, replica=number) for number in (0, 1)]


def test_change_is_seen_by_both(pair):
    usual = pair.policy
    clients = both(pair)
    for client in clients:
        assert client.rows(NATION) == [[25]]
    pair.apply(usual.change().deny(
        "no nations", ["analyst"], ["select"], table="tpch.*.nation"
    ))
    for client in clients:
        assert "nation" in client.refused(NATION).message
    pair.apply(usual)
    for client in clients:
        assert client.rows(NATION) == [[25]]


def test_same_file_twice_changes_nothing(pair):
    first = pair.apply()
    assert pair.apply() == first


def test_new_user_can_log_in(pair):
    usual = pair.policy
    changed = usual.change()
    del changed.users["guest"]
    del changed.rules["guest uses blue"]
    del changed.rules["guest reads nations"]
    pair.apply(changed)
    for client in both(pair, "guest"):
        assert client.post("SELECT 1").status == 401
    pair.apply(usual)
    for client in both(pair, "guest"):
        assert client.rows(NATION) == [[25]]


def test_replica_dies_and_the_other_goes_on(make_site):
    site = make_site("dies")
    second = site.add_gateway()
    first, other = both(site)
    result = first.run("SELECT * FROM tpch.tiny.lineitem",
                       stop_after=lambda page: bool(page.get("data")))
    rows = list(result.rows)
    site.gateways[0].kill()
    site.gateways.pop(0)
    page = result.replies[-1].json()
    while "nextUri" in page:
        _, page = other.get(page["nextUri"])
        rows += page.get("data", [])
    assert "error" not in page
    assert len(rows) == 60175
    assert second.admin("/readyz")[0] == 200


def test_rolling_restart_drops_no_query(make_site):
    site = make_site("rolling")
    site.add_gateway()
    first, other = both(site)
    result = first.run("SELECT * FROM tpch.tiny.lineitem",
                       stop_after=lambda page: bool(page.get("data")))
    site.gateways[0].stop()
    page = result.replies[-1].json()
    _, page = other.get(page["nextUri"])
    site.gateways[0].start()
    first.close()
    rows = result.rows + page.get("data", [])
    while "nextUri" in page:
        _, page = first.get(page["nextUri"])
        rows += page.get("data", [])
    assert len(rows) == 60175


# ---- Postgres goes away ----------------------------------------------------------

def test_postgres_stopped_and_started(make_site, own_postgres):
    site = make_site("outage", server=own_postgres)
    client = site.client("analyst")
    assert client.rows(NATION) == [[25]]
    running = client.run("SELECT * FROM tpch.tiny.lineitem",
                         stop_after=lambda page: bool(page.get("data")))

    own_postgres.stop()
    site.gateway.wait_for_metric("datagateway_postgres_connected", 0)

    # A query that runs goes on; a decision that cannot be recorded is a
    # refusal, and says so.
    page = running.replies[-1].json()
    rows = list(running.rows)
    while "nextUri" in page:
        _, page = client.get(page["nextUri"])
        rows += page.get("data", [])
    assert len(rows) == 60175
    reply = client.post(NATION)
    if reply.status == 200:
        _, page = client.get(reply.json()["nextUri"])
        assert page["stats"]["state"] == "FAILED"
        assert page["error"]["errorType"] != "USER_ERROR"
    else:
        assert reply.status == 503

    own_postgres.start()
    site.gateway.wait_for_metric("datagateway_postgres_connected", 1)
    wait_until(lambda: client.works(NATION),
               "statements to be accepted again")
    site.apply(site.policy.change().deny(
        "no nations", ["analyst"], ["select"], table="tpch.*.nation"
    ))
    client.refused(NATION)


def test_started_while_postgres_is_away(make_site, own_postgres):
    """Nothing is allowed before a policy was seen; then it works."""
    site = make_site("late", server=own_postgres)
    site.gateway.stop()
    own_postgres.stop()
    late = site.gateway
    late.write_config()
    thread = threading.Thread(target=late.start)
    thread.start()
    try:
        wait_until(lambda: late.log_size() > 0, "the gateway to begin")
        own_postgres.start()
    finally:
        thread.join(60)
    client = site.client("analyst")
    wait_until(lambda: late.admin("/readyz")[0] == 200, "readiness")
    assert client.rows(NATION) == [[25]]


def test_too_stale(make_site, own_postgres):
    """Without Postgres for policy.max_staleness nothing is decided."""
    site = make_site("stale", server=own_postgres, options={
        "policy.max_staleness": "2s", "postgres.poll": "200ms",
    })
    client = site.client("analyst")
    assert client.rows(NATION) == [[25]]
    own_postgres.stop()

    def refused():
        reply = client.post(NATION)
        if reply.status == 503:
            return True
        return bool(client.get(reply.json()["nextUri"])[1].get("error"))

    wait_until(refused, "statements to be refused")
    wait_until(lambda: site.gateway.admin("/readyz")[0] != 200,
               "the replica to say that it is not ready")
    own_postgres.start()
    wait_until(lambda: client.works(NATION),
               "statements to be accepted again")


# ---- life of the process -----------------------------------------------------

def test_reload_with_a_bad_file_changes_nothing(site):
    client = site.client("analyst")
    offset = site.gateway.log_size()
    good = dict(site.gateway.options)
    site.gateway.options["limits.depth"] = "many"
    try:
        site.gateway.reload()
        wait_until(
            lambda: [e for e in site.gateway.events(since=offset)
                     if e["level"] == "error"],
            "the reload to be refused",
        )
    finally:
        site.gateway.options = good
        site.gateway.write_config()
    assert client.rows(NATION) == [[25]]


def test_ends_cleanly_with_open_connections(make_site):
    site = make_site("ends")
    clients = [site.client("analyst") for _ in range(5)]
    for client in clients:
        assert client.rows(NATION) == [[25]]
    site.gateway.stop(signal.SIGTERM)  # asserts status 0
    site.gateways.clear()


def test_health_pages(site):
    for page in ("/healthz", "/readyz"):
        assert site.gateway.admin(page)[0] == 200
    status, text = site.gateway.admin("/metrics")
    assert status == 200
    assert "# TYPE datagateway_statements_total counter" in text
    assert site.gateway.admin("/v1/statement")[0] == 404
