# SPDX-License-Identifier: Apache-2.0
"""Results of many pages, and what ends a query before its end."""

import pytest

import servers
from gateway import wait_until

LINES = 60175  # rows of tpch.tiny.lineitem
BIG = ("SELECT l.orderkey, l.linenumber, l.comment, p.name "
       "FROM tpch.tiny.lineitem l JOIN tpch.tiny.part p "
       "ON l.partkey = p.partkey")
#: runs for minutes unless somebody ends it.
ENDLESS = ("SELECT count(*) FROM tpch.sf1.lineitem a, tpch.sf1.lineitem b "
           "WHERE a.comment > b.comment")

FAMILIES = [("blue", "trino"), ("violet", "presto")]


@pytest.fixture(scope="module")
def second(site):
    return site.add_gateway()


@pytest.mark.parametrize("cluster, family", FAMILIES)
def test_many_pages(site, cluster, family):
    result = site.client("analyst", family).run(BIG)
    assert result.error is None
    with_data = [page for page in result.pages() if page.get("data")]
    assert len(with_data) > 2
    assert len(result.rows) == LINES
    assert sorted(result.rows) == sorted(site.direct(cluster, BIG))


@pytest.mark.parametrize("cluster, family", FAMILIES)
def test_pages_from_two_replicas_in_turn(site, second, cluster, family):
    first_client = site.client("analyst", family)
    other_client = site.client("analyst", family, replica=1)
    result = first_client.run(BIG, through=[other_client, first_client])
    assert result.error is None
    assert len(result.replies) > 4
    assert len(result.rows) == LINES
    assert len({(row[0], row[1]) for row in result.rows}) == LINES


def test_every_uri_is_ours(site):
    client = site.client("analyst")
    for page in client.run("SELECT * FROM tpch.tiny.nation").pages():
        for key in ("nextUri", "infoUri", "partialCancelUri"):
            if key in page:
                assert page[key].startswith(site.gateway.url + "/"), key


def state_of(site, cluster, query_id):
    """The engine's own word about a query."""
    engine = site.clusters[cluster]
    family = engine.record()["family"]
    info = servers.query_info(engine.url(), family, query_id)
    return info["state"], (info.get("errorCode") or {}).get("name")


def start_endless(site, family):
    """A query that has begun to run: (client, its last page)."""
    client = site.client("analyst", family)
    result = client.run(
        ENDLESS, stop_after=lambda page: page["stats"]["state"] == "RUNNING"
    )
    assert result.error is None
    return client, result.replies[-1].json()


@pytest.mark.parametrize("cluster, family", FAMILIES)
def test_cancel(site, cluster, family):
    client, page = start_endless(site, family)
    reply = client.request("DELETE", page["nextUri"])
    assert reply.status == 204
    wait_until(
        lambda: state_of(site, cluster, page["id"])
        == ("FAILED", "USER_CANCELED"), "the engine to end the query",
    )


@pytest.mark.parametrize("cluster, family", FAMILIES)
def test_cancel_by_query_id(site, cluster, family):
    client, page = start_endless(site, family)
    stranger = site.client("engineer", family)
    refused = stranger.request("DELETE", f"/v1/query/{page['id']}")
    assert refused.status in (403, 404, 204)
    assert state_of(site, cluster, page["id"])[0] != "FAILED"
    reply = client.request("DELETE", f"/v1/query/{page['id']}")
    assert reply.status == 204
    wait_until(
        lambda: state_of(site, cluster, page["id"])[0] == "FAILED",
        "the engine to end the query",
    )


def test_unknown_query_id(site):
    client = site.client("analyst")
    name = "/v1/query/20200101_000000_00000_aaaaa"
    assert client.request("DELETE", name).status == 204
    assert client.request("GET", name).status in (404, 410)


def test_same_page_twice(site):
    """A client that lost a reply asks for the same token again."""
    client = site.client("analyst")
    result = client.run(
        BIG, stop_after=lambda page: bool(page.get("data"))
    )
    before = result.replies[-2].json()["nextUri"]
    _, again = client.get(before)
    assert again["data"] == result.replies[-1].json()["data"]
    client.request("DELETE", result.replies[-1].json()["nextUri"])


@pytest.mark.parametrize("cluster, family", FAMILIES)
def test_page_that_was_acknowledged(site, cluster, family):
    """Gone on the engine, and so it is for the client."""
    client = site.client("analyst", family)
    result = client.run(BIG)
    uris = [page["nextUri"] for page in result.pages() if "nextUri" in page]
    older = client.request("GET", uris[-3])
    assert older.status == 410
    last = client.request("GET", uris[-1])
    assert last.json() == result.replies[-1].json()


def test_head_does_not_take_a_page(site):
    client = site.client("analyst")
    result = client.run(BIG, stop_after=lambda page: bool(page.get("data")))
    uri = result.replies[-1].json()["nextUri"]
    assert client.request("HEAD", uri).status in (200, 405)
    _, page = client.get(uri)
    assert page.get("data")
    client.request("DELETE", page["nextUri"])
