# SPDX-License-Identifier: Apache-2.0
"""A query's URI is good for its user, as it is, for a while; else refused."""

import re

import pytest

import policy
from fake_coordinator import COLUMNS
from gateway import another_clock, wait_until

SQL = "SELECT * FROM tpch.tiny.lineitem"

#: what a refused URI may be answered with; never the query's rows.
REFUSED = (400, 401, 403, 404, 410)


@pytest.fixture
def started(site):
    """(client, a nextUri of a query with rows to come)."""
    client = site.client("analyst")
    result = client.run(SQL, stop_after=lambda page: bool(page.get("data")))
    uri = result.replies[-1].json()["nextUri"]
    yield client, uri
    client.request("DELETE", uri)


def assert_refused(reply):
    """In HTTP, or as a failed statement."""
    assert b'"data"' not in reply.body
    if reply.status == 200:
        assert reply.json()["error"]["errorName"] == "PERMISSION_DENIED"
    else:
        assert reply.status in REFUSED, reply.text()[:300]


def test_used_by_another_user(site, started):
    client, uri = started
    other = site.client("engineer")
    assert_refused(other.request("GET", uri))
    assert_refused(other.request("DELETE", uri))
    assert client.get(uri)[1].get("data")


def test_used_by_nobody(site, started):
    client, uri = started
    reply = client.request("GET", uri, headers={}, plain=True)
    assert reply.status == 401
    assert reply.one("WWW-Authenticate")


def test_with_a_wrong_password(site, started):
    _, uri = started
    thief = site.client("analyst", password="guess")
    assert thief.request("GET", uri).status == 401


def test_altered_anywhere(site, started):
    client, uri = started
    sealed = uri.rpartition("/")[2]
    start = len(uri) - len(sealed)
    step = max(1, len(sealed) // 40)
    for place in range(start, len(uri), step):
        other = "A" if uri[place] != "A" else "B"
        altered = uri[:place] + other + uri[place + 1:]
        assert_refused(client.request("GET", altered))
    assert_refused(client.request("GET", uri[:-4]))
    assert_refused(client.request("GET", uri + "AAAA"))
    assert client.get(uri)[1].get("data")


def test_moved_to_another_query_or_phase(site, started):
    client, uri = started
    query_id = re.search(r"/(\d{8}_\d{6}_\d{5}_\w{5})/", uri).group(1)
    other = query_id[:-1] + ("a" if query_id[-1] != "a" else "b")
    assert_refused(client.request("GET", uri.replace(query_id, other)))
    phase = re.search(r"/v1/statement/(\w+)/", uri).group(1)
    for wrong in ("queued", "executing", "partial", "info", "own"):
        if wrong != phase:
            moved = uri.replace(f"/{phase}/", f"/{wrong}/", 1)
            assert_refused(client.request("GET", moved))
    assert client.get(uri)[1].get("data")


def test_engine_paths_are_not_ours(site, started):
    """The engine's own form of a URI means nothing here."""
    client, uri = started
    query_id = re.search(r"/(\d{8}_\d{6}_\d{5}_\w{5})/", uri).group(1)
    for path in (
        f"/v1/statement/executing/{query_id}/y{'0' * 40}/1",
        f"/v1/statement/queued/{query_id}/1?slug=x{'0' * 32}",
        f"/v1/statement/queued/retry/{query_id}",
    ):
        assert_refused(client.request("GET", path))


def test_no_secret_of_the_engine_in_it(site, started):
    """Neither the coordinator's address nor its slug can be read."""
    _, uri = started
    engine = site.clusters["blue"].url().partition("//")[2]
    assert engine not in uri
    assert not re.search(r"/y[0-9a-f]{40}", uri)


def test_expired(make_site):
    """A refusal made last tells when all older URIs are over, too."""
    site = make_site("expiry", options={
        "uri.queued_lifetime": "3s", "uri.own_lifetime": "3s",
    })
    client = site.client("analyst")
    unused = client.start("SELECT 1")[1]["nextUri"]
    denial = client.start("SELECT acctbal FROM tpch.tiny.customer")[1]["nextUri"]
    assert client.get(denial)[1]["error"]["errorName"] == "PERMISSION_DENIED"
    wait_until(
        lambda: client.request("GET", denial).status in REFUSED,
        "the URI of the refusal to expire",
    )
    assert_refused(client.request("GET", unused))


def test_after_the_user_was_disabled(make_site):
    site = make_site("disabled")
    client = site.client("analyst")
    result = client.run(SQL, stop_after=lambda page: bool(page.get("data")))
    uri = result.replies[-1].json()["nextUri"]
    site.apply(site.policy.change().user("analyst", disabled=True))
    assert_refused(client.request("GET", uri))
    assert client.request("POST", "/v1/statement", "SELECT 1").status == 401


@pytest.mark.parametrize("mode", ["finish", "kill"])
def test_after_the_cluster_was_forbidden(make_site, mode):
    """revocation.running says what becomes of queries that run."""
    site = make_site(f"forbidden-{mode}", options={"revocation.running": mode})
    client = site.client("analyst")
    result = client.run(SQL, stop_after=lambda page: bool(page.get("data")))
    uri = result.replies[-1].json()["nextUri"]
    site.apply(site.policy.change().deny(
        "not on blue", ["analyst"], ["use"], cluster="blue"
    ))
    if mode == "kill":
        assert_refused(client.request("GET", uri))
    else:
        assert client.get(uri)[1].get("data")
    client.refused("SELECT 1")


def test_under_another_key_ring(make_site, site):
    other = make_site("otherkeys")
    uri = site.client("analyst").start("SELECT 1")[1]["nextUri"]
    assert_refused(other.client("analyst").request("GET", uri))


# ---- a policy that changes between the POST and the first GET --------------------

@pytest.fixture(scope="module")
def fake_site(make_fake_site):
    return make_fake_site("changing")


def of_analyst(fake, method):
    """Requests for the analyst's statement, not for columns."""
    return [r for r in fake.statements(method)
            if dict(r[2]).get("X-Trino-User") == "analyst"]


def follow(client, uri):
    """(rows, error) from this URI on."""
    rows = []
    page = {"nextUri": uri}
    while "nextUri" in page:
        _, page = client.get(page["nextUri"])
        rows += page.get("data", [])
    return rows, page.get("error")


@pytest.fixture
def queued(fake_site, fake):
    """(client, a nextUri that was not asked for yet); the policy is put back."""
    usual = fake_site.policy
    fake.script({}, {"columns": COLUMNS, "data": [["x"]]})
    client = fake_site.client("analyst")
    _, page = client.start("SELECT count(*) FROM tpch.tiny.nation")
    assert not of_analyst(fake, "GET")
    yield client, page["nextUri"]
    fake_site.apply(usual)


def no_nations(usual, who):
    return usual.change().deny("no nations", [who], ["select"],
                               table="tpch.*.nation")


@pytest.mark.parametrize("change", [
    lambda usual: no_nations(usual, "role:engineers"),
    lambda usual: usual.change().user("somebody").role("few", "somebody"),
    lambda usual: usual.change().cluster("green", enabled=False),
], ids=["rules of others", "other users", "another cluster"])
def test_change_for_others_is_not_noticed(fake_site, queued, change):
    client, uri = queued
    fake_site.apply(change(fake_site.policy))
    assert follow(client, uri) == ([["x"]], None)


@pytest.mark.parametrize("who", ["analyst", "role:readers", "role:public"])
def test_change_stops_what_has_not_run(fake_site, fake, queued, who):
    """Its text is not kept, so the client has to send it again."""
    client, uri = queued
    fake_site.apply(no_nations(fake_site.policy, who))
    _, page = client.get(uri)
    assert page["error"]["errorName"] == "QUERY_REJECTED"
    assert "send it again" in page["error"]["message"]
    assert "nextUri" not in page
    assert not of_analyst(fake, "GET"), "it was started"
    wait_until(lambda: of_analyst(fake, "DELETE"), "it to be forgotten")
    again = client.refused("SELECT count(*) FROM tpch.tiny.nation")
    assert again.error["errorName"] == "PERMISSION_DENIED"


def test_change_leaves_what_runs(fake_site, queued):
    """revocation.running: finish. The first page has been given out."""
    client, uri = queued
    _, page = client.get(uri)
    fake_site.apply(no_nations(fake_site.policy, "analyst"))
    assert follow(client, page["nextUri"]) == ([["x"]], None)


@pytest.mark.parametrize("change", [
    lambda usual: no_nations(usual, "analyst"),
    lambda usual: usual.change().deny("not there", ["analyst"], ["use"],
                                      cluster="fake"),
], ids=["tables", "cluster"])
def test_change_leaves_cancelling_alone(fake_site, fake, queued, change):
    client, uri = queued
    fake_site.apply(change(fake_site.policy))
    assert client.request("DELETE", uri).status == 204
    assert of_analyst(fake, "DELETE")


@pytest.mark.parametrize("address, runs", [
    ("127.0.0.9", True), ("127.0.1.9", False),
])
def test_another_network(fake_site, fake, address, runs):
    """A statement is not carried to where its user may not read the table."""
    usual = fake_site.policy
    fake.script({}, {"columns": COLUMNS, "data": [["x"]]})
    fake_site.apply(usual.change().deny(
        "not out there", ["analyst"], ["select"], table="tpch.tiny.nation",
        networks=["127.0.1.0/24"]))
    try:
        _, page = fake_site.client("analyst").start(
            "SELECT count(*) FROM tpch.tiny.nation")
        there = fake_site.client("analyst", address=address)
        rows, error = follow(there, page["nextUri"])
    finally:
        fake_site.apply(usual)
    assert rows == ([["x"]] if runs else [])
    if not runs:
        assert error["errorName"] == "QUERY_REJECTED"
        assert "has moved to another network" in error["message"]


def test_another_clock(fake_site, fake, tmp_path):
    """Each replica goes by its own: here a rule has ended that holds there."""
    stamp = tmp_path / "offset"
    stamp.write_text("+40")
    usual = fake_site.policy
    fake.script({}, {"columns": COLUMNS, "data": [["x"]]})
    ahead = fake_site.add_gateway(another_clock(stamp))
    try:
        _, text = policy.moment(20)
        fake_site.apply(usual.change().allow(
            "soon over", ["outsider"], ["read"],
            table="tpch.tiny.nation", valid_until=text).allow(
            "outsider uses", ["outsider"], ["use"], cluster="fake").user(
            "outsider", default_cluster="fake"))
        here = fake_site.client("outsider")
        _, page = here.start("SELECT count(*) FROM tpch.tiny.nation")
        there = fake_site.client("outsider", replica=1)
        rows, error = follow(there, page["nextUri"])
        assert rows == [] and error["errorName"] == "QUERY_REJECTED"
        there.refused("SELECT count(*) FROM tpch.tiny.nation")
        assert here.rows("SELECT count(*) FROM tpch.tiny.nation") == [["x"]]
    finally:
        fake_site.gateways.remove(ahead)
        ahead.stop()
        fake_site.apply(usual)


def test_change_and_back(fake_site, queued):
    """The same rules again, written anew."""
    client, uri = queued
    usual = fake_site.policy
    fake_site.apply(no_nations(usual, "analyst"))
    fake_site.apply(usual)
    assert follow(client, uri) == ([["x"]], None)
