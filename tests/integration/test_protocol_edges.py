# SPDX-License-Identifier: Apache-2.0
"""Corners of the statement protocol that no ordinary client turns to."""

import base64
import http.client
import json

import pytest

from client import Unexpected
from fake_coordinator import COLUMNS, SLUG, STATS
from gateway import wait_until

ROW = {"columns": COLUMNS, "data": [["x"]]}
UUID = "0b7a2c1e-0000-4000-8000-000000000001"


def allow_more(made):
    made.allow("engineers speak for analysts", ["role:engineers"],
               ["impersonate"], user="analyst")
    made.allow("a property", ["role:analysts"], ["set"],
               property="query_priority")


@pytest.fixture(scope="module")
def fake_site(make_fake_site):
    return make_fake_site("edges", users=("analyst", "engineer"),
                          change=allow_more)


def sent(fake, method, number=0):
    request = fake.statements(method)[number]
    return {name.lower(): value for name, value in request[2]}


# ---- who -----------------------------------------------------------------------

def test_impersonation(fake_site, fake):
    """The session user's rights count; pages need the principal."""
    fake.script({}, ROW)
    client = fake_site.client("engineer")
    client.headers["X-Trino-User"] = "analyst"
    assert client.rows("SELECT 1") == [["x"]]
    for method in ("POST", "GET"):
        assert sent(fake, method)["x-trino-user"] == "analyst"
    _, page = client.start("SELECT 1")
    own = fake_site.client("analyst").request("GET", page["nextUri"])
    assert own.status == 403
    client.session["datagateway.cluster"] = "blue"
    refused = client.refused("SELECT acctbal FROM tpch.tiny.customer")
    assert "acctbal" in refused.message


@pytest.mark.parametrize("wanted", ["engineer", "nobody", "Analyst"])
def test_impersonation_refused(fake_site, fake, wanted):
    fake.script(ROW)
    client = fake_site.client("analyst")
    client.headers["X-Trino-User"] = wanted
    message = client.refused("SELECT 1").message
    assert f"User analyst cannot impersonate user {wanted}" in message
    assert not fake.statements()


def test_original_user_refused(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    client.headers["X-Trino-Original-User"] = "engineer"
    result = client.refused("SELECT 1")
    assert result.error["errorName"] == "NOT_SUPPORTED"
    client.headers["X-Trino-Original-User"] = "analyst"
    assert client.rows("SELECT 1") == [["x"]]
    assert "x-trino-original-user" not in sent(fake, "POST")


# ---- session -------------------------------------------------------------------

def test_properties_need_a_right(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    client.session["query_priority"] = "2"
    assert client.rows("SELECT 1") == [["x"]]
    assert sent(fake, "POST")["x-trino-session"] == "query_priority=2"
    client.session["query_max_run_time"] = "1h"
    result = client.refused("SELECT 1")
    assert ("Cannot set system session property query_max_run_time"
            in result.message)
    assert result.location is None
    client.session = {"hive.x": "1"}
    assert ("Cannot set catalog session property hive.x"
            in client.refused("SELECT 1").message)


def test_path_is_refused(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    result = client.refused("SELECT 1",
                            headers={"X-Trino-Path": "hive.functions"})
    assert result.error["errorName"] == "NOT_SUPPORTED"
    assert not fake.statements()


@pytest.mark.parametrize("role", [
    "hive=ROLE%7Badmin%7D", "system=ALL,hive=ROLE%7Badmin%7D",
])
def test_role_is_refused(fake_site, fake, role):
    fake.script(ROW)
    client = fake_site.client("analyst")
    result = client.refused("SELECT 1", headers={"X-Trino-Role": role})
    assert result.error["errorName"] == "NOT_SUPPORTED"
    assert "role 'admin'" in result.message
    assert not fake.statements()


@pytest.mark.parametrize("role", ["system=ALL", "system=NONE,hive=ALL"])
def test_no_particular_role_is_taken(fake_site, fake, role):
    fake.script(ROW)
    client = fake_site.client("analyst")
    assert client.run("SELECT 1", headers={"X-Trino-Role": role}).rows


def test_transaction_is_bound(fake_site, fake):
    fake.script({**ROW})
    fake.reply_headers = [("X-Trino-Started-Transaction-Id", UUID)]
    client = fake_site.client("analyst")
    client.transaction = "NONE"
    client.rows("START TRANSACTION")
    assert sent(fake, "POST")["x-trino-transaction-id"] == "NONE"
    sealed = client.transaction
    assert UUID not in sealed
    fake.script(ROW)
    client.rows("SELECT 1")
    assert sent(fake, "POST")["x-trino-transaction-id"] == UUID
    client.session["datagateway.cluster"] = "blue"
    assert "open on cluster" in client.refused("SELECT 1").message
    client.session["datagateway.cluster"] = "fake"
    assert client.rows("SELECT 1") == [["x"]]
    other = fake_site.client("engineer")
    for wrong in (sealed, UUID, sealed[:-2] + "AA"):
        other.transaction = wrong
        result = other.refused("SELECT 1")
        assert result.error["errorName"] == "UNKNOWN_TRANSACTION"


def test_transaction_is_the_session_users(fake_site, fake):
    """Who may speak for several users may not go on as another of them."""
    fake.script(ROW)
    fake.reply_headers = [("X-Trino-Started-Transaction-Id", UUID)]
    client = fake_site.client("engineer")
    client.headers["X-Trino-User"] = "analyst"
    client.transaction = "NONE"
    client.rows("START TRANSACTION")
    fake.script(ROW)
    assert client.rows("SELECT 1") == [["x"]]
    assert sent(fake, "POST")["x-trino-transaction-id"] == UUID
    fake.script(ROW)
    client.headers["X-Trino-User"] = "engineer"
    result = client.refused("SELECT 1")
    assert result.error["errorName"] == "UNKNOWN_TRANSACTION"
    assert not fake.statements()


# ---- pages ---------------------------------------------------------------------

def test_spooled_rows_are_refused(fake_site, fake):
    fake.script({"columns": COLUMNS, "data": {
        "encoding": "json", "segments": [
            {"type": "spooled", "uri": "http://storage/secret"},
        ]}})
    client = fake_site.client("analyst")
    result = client.refused("SELECT 1")
    assert "spooled" in result.message
    assert "storage" not in result.replies[-1].text()
    wait_until(lambda: fake.statements("DELETE"), "the query to be cancelled")


def test_partial_cancel(fake_site, fake):
    path = f"/v1/statement/executing/partialCancel/q/0/{SLUG}/1"
    fake.script({"partialCancelUri": fake.url + path}, ROW)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    _, page = client.get(page["nextUri"])
    uri = page["partialCancelUri"]
    assert uri.startswith(fake_site.gateway.url)
    assert SLUG not in uri
    assert client.request("GET", uri).status == 405
    stranger = fake_site.client("engineer")
    assert stranger.request("DELETE", uri).status == 403
    assert not fake.statements("DELETE")
    assert client.request("DELETE", uri).status == 204
    assert fake.statements("DELETE")[0][1] == path


@pytest.mark.parametrize("family", ["trino", "presto"])
@pytest.mark.parametrize("gets", [0, 1, 2])
def test_cancel(site, family, gets):
    """Twice, too, and whatever has been started of it (Presto throws then)."""
    client = site.client("analyst", family=family)
    _, page = client.start("SELECT * FROM tpch.tiny.lineitem")
    for _ in range(gets):
        _, page = client.get(page["nextUri"])
    assert client.request("DELETE", page["nextUri"]).status == 204
    assert client.request("DELETE", page["nextUri"]).status == 204


@pytest.mark.parametrize("status,started,told", [
    (500, False, 204), (500, True, 503), (503, False, 503), (502, True, 503),
    (404, True, 204), (410, True, 204), (403, True, 503), (302, True, 503),
])
def test_cancel_fails(fake_site, fake, status, started, told):
    """Only what cannot be running may be called cancelled then."""
    fake.script({}, ROW)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    if started:
        _, page = client.get(page["nextUri"])
    fake.delete_status = status
    since = fake_site.gateway.log_size()
    assert client.request("DELETE", page["nextUri"]).status == told
    (event,) = fake_site.gateway.events("page.cancel_failed", since)
    assert str(status) in event["why"]


def test_query_id_changes(fake_site, fake):
    """Presto does that when it repeats a query by itself."""
    fake.script({"id": "20260101_000000_99999_other"}, {}, ROW)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    _, page = client.get(page["nextUri"])
    assert "/20260101_000000_99999_other/" in page["nextUri"]
    _, page = client.get(page["nextUri"])
    assert "_fakes/" in page["nextUri"]


def hang_up(handler):
    """What was written is all that comes."""
    handler.wfile.flush()
    handler.close_connection = True


def page_head(handler, *headers):
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    for name, value in headers:
        handler.send_header(name, value)
    handler.end_headers()


def cut_by_length(handler, body):
    page_head(handler, ("Content-Length", str(len(body))))
    handler.wfile.write(body[:-1])
    hang_up(handler)


def cut_behind_the_page(handler, body):
    page_head(handler, ("Content-Length", str(len(body) + 1)))
    handler.wfile.write(body)
    hang_up(handler)


def cut_chunk(handler, body):
    page_head(handler, ("Transfer-Encoding", "chunked"))
    handler.wfile.write(b"%x\r\n%s" % (len(body), body[:-1]))
    hang_up(handler)


def no_last_chunk(handler, body):
    page_head(handler, ("Transfer-Encoding", "chunked"))
    handler.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))
    hang_up(handler)


def cut_without_framing(handler, body):
    page_head(handler, ("Connection", "close"))
    handler.wfile.write(body[:-1])
    hang_up(handler)


@pytest.mark.parametrize("rows", [1, 100_000], ids=["held", "released"])
@pytest.mark.parametrize("way", [
    cut_by_length, cut_behind_the_page, cut_chunk, no_last_chunk,
    cut_without_framing,
])
def test_page_cut_short(fake_site, fake, way, rows):
    """It never looks whole, and the same URI gives it again."""
    whole = {"columns": COLUMNS, "data": [["abcdefgh"]] * rows}
    body = json.dumps({"id": "20260101_000000_00001_fakes", "stats": STATS,
                       "infoUri": fake.url + "/ui/query.html?x", **whole})
    fake.script({}, lambda handler: way(handler, body.encode()))
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    _, page = client.get(page["nextUri"])
    uri = page["nextUri"]
    if rows == 1:
        assert client.request("GET", uri).status == 503
    else:
        with pytest.raises((http.client.HTTPException, OSError)):
            reply = client.request("GET", uri)
            raise AssertionError(f"looked whole: {reply.status}")
        client.close()
    fake.pages[1] = whole
    _, page = client.get(uri)
    assert page["data"] == whole["data"]


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_page_of_a_busy_coordinator(fake_site, fake, status):
    """503 is what all clients repeat; the URI is good for it."""
    fake.script({}, lambda handler: handler._send(status, b"inner text"))
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    _, page = client.get(page["nextUri"])
    for _ in range(2):
        reply = client.request("GET", page["nextUri"])
        assert reply.status == 503
        assert "try again" in reply.text()
    assert not fake.statements("DELETE"), "it was given up"
    fake.pages[1] = ROW
    assert client.get(page["nextUri"])[1]["data"] == [["x"]]


def test_first_page_of_a_busy_coordinator(fake_site, fake):
    fake.script(lambda handler: handler._send(503, b""))
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    assert client.request("GET", page["nextUri"]).status == 503
    fake.pages[0] = ROW
    assert client.get(page["nextUri"])[1]["data"] == [["x"]]


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH"])
def test_other_methods(fake_site, fake, method):
    """Only the heartbeat of a page that is there gets to the coordinator."""
    fake.script({}, ROW)
    client = fake_site.client("analyst")
    _, queued = client.start("SELECT 1")
    _, page = client.get(queued["nextUri"])
    _, denial = client.start("SELECT acctbal FROM tpch.tiny.customer")
    fake.requests.clear()
    for uri in (queued["nextUri"], denial["nextUri"]):
        assert client.request(method, uri).status == 405
    assert not fake.statements()
    reply = client.request(method, page["nextUri"])
    assert reply.status == (200 if method == "HEAD" else 405)
    assert [r[0] for r in fake.statements()] == (
        ["HEAD"] if method == "HEAD" else [])
    assert client.get(page["nextUri"])[1]["data"] == [["x"]]


@pytest.mark.parametrize("wrong", [
    "http://evil.example/v1/statement/executing/q/y/1",
    "{url}/v1/query/q", "{url}/v1/statement/executing/q/../../query/q",
    "//evil.example/v1/statement/executing/partialCancel/q/0/y/1",
])
def test_strange_partial_cancel_is_left_out(fake_site, fake, wrong):
    fake.script({"partialCancelUri": wrong.format(url=fake.url)}, ROW)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    _, page = client.get(page["nextUri"])
    assert "partialCancelUri" not in page
    assert client.get(page["nextUri"])[1]["data"] == [["x"]]


@pytest.mark.parametrize("content_type", ["text/html", "application/jsonx"])
def test_page_of_another_type(fake_site, fake, content_type):
    fake.script(ROW)
    fake.reply_headers = [("Content-Type", content_type)]
    result = fake_site.client("analyst").refused("SELECT 1")
    assert "cannot pass on" in result.message


def test_prepared_statement_goes_on_as_it_was_decided(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    client.prepared = {"p": "SELECT+%27%C3%A4+b%27", "unused": "x"}
    assert client.rows("EXECUTE p") == [["x"]]
    headers = sent(fake, "POST")
    assert headers["x-trino-prepared-statement"] == "p=SELECT+%27%C3%A4+b%27"
    client.prepared = {"p": "%24zstd%3A" + base64.urlsafe_b64encode(
        b"not zstd").decode().replace("=", "%3D")}
    assert "zstd" in client.refused("EXECUTE p").message


# ---- the other paths -----------------------------------------------------------

def test_version_without_credentials(fake_site):
    """A driver that gets 401 or 503 here spins."""
    client = fake_site.client("analyst")
    reply = client.request("GET", "/v1/info")
    assert reply.status == 200
    assert reply.json()["nodeVersion"]["version"] == "476"
    assert client.request("GET", "/v1/info", plain=True).status == 403
    client.headers["Authorization"] = "Basic YTpi"
    assert client.request("GET", "/v1/info").status == 403


@pytest.mark.parametrize("family,realm", [("trino", "Trino"),
                                          ("presto", "Presto")])
def test_challenge(fake_site, family, realm):
    client = fake_site.client("analyst", family=family)
    client.headers.pop("Authorization")
    for method, body in (("POST", "SELECT 1"), ("HEAD", None)):
        reply = client.request(method, "/v1/statement", body)
        assert reply.status == 401
        assert reply.one("WWW-Authenticate") == f'Basic realm="{realm}"'


def test_validate_connection(fake_site):
    assert fake_site.client("analyst").request(
        "HEAD", "/v1/statement").status == 200


def test_query_info_is_our_own(fake_site, fake):
    """The fake says that every query is the analyst's."""
    name = "/v1/query/20260101_000000_00001_fakes"
    reply = fake_site.client("analyst").request("GET", name)
    assert reply.status == 200
    assert set(reply.json()) == {"queryId", "session", "state", "query"}
    # Who may speak for a user may see and stop what that user runs.
    assert fake_site.client("engineer").request("GET", name).status == 200
    with pytest.raises(Unexpected):
        fake_site.client("guest").get(name)


def test_denied_method(fake_site):
    client = fake_site.client("analyst")
    for method in ("GET", "PUT", "DELETE", "PATCH"):
        assert client.request(method, "/v1/statement").status == 405
