# SPDX-License-Identifier: Apache-2.0
"""What goes to a coordinator and what comes back, against one that lies."""

import http.client
import json
import socket
import struct
import time

import pytest

from client import Unexpected
from fake_coordinator import COLUMNS, FakeCoordinator
from gateway import wait_until

ROW = {"columns": COLUMNS, "data": [["x"]]}


@pytest.fixture(scope="module")
def fake_site(make_fake_site):
    return make_fake_site("fake", users=("analyst", "engineer"))


# ---- towards the coordinator ---------------------------------------------------

#: nothing else of these two families may ever arrive there.
ALLOWED = {
    "user", "original-user", "source", "catalog", "schema", "path",
    "time-zone", "language", "trace-token", "session", "role",
    "original-roles", "prepared-statement", "transaction-id", "client-info",
    "client-tags", "client-capabilities", "resource-estimate",
    "extra-credential",
}


def sent(fake, method):
    (request,) = fake.statements(method)[:1]
    return {name.lower(): value for name, value in request[2]}, request


def test_only_our_headers(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    client.rows("SELECT 'é'", headers={
        "Content-Type": "text/plain", "Accept-Encoding": "zstd, br, gzip",
        "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil", "Forwarded": "for=1.2.3.4",
        "Via": "1.1 evil", "Cookie": "a=b", "Upgrade-Insecure-Requests": "1",
        "X-Trino-Query-Data-Encoding": "json+zstd", "X-Custom": "1",
        "X-Trino-Time-Zone": "Asia/Tokyo", "Referer": "http://evil/",
        "X-HTTP-Method-Override": "DELETE",
    })
    headers, request = sent(fake, "POST")
    assert request[3] == "SELECT 'é'".encode()
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert headers["host"] == fake.url.partition("//")[2]
    assert headers.get("accept-encoding", "identity") == "identity"
    assert headers["x-trino-user"] == "analyst"
    assert headers["x-trino-path"] == "system.builtin"
    assert headers["x-trino-time-zone"] == "Asia/Tokyo"
    assert "authorization" not in headers
    for name in headers:
        if name.startswith("x-trino-"):
            assert name.removeprefix("x-trino-") in ALLOWED, name
        else:
            assert name in {"host", "content-type", "content-length",
                            "accept-encoding", "accept", "user-agent",
                            "connection"}, name
    names = [name.lower() for name, _ in request[2]]
    assert len(names) == len(set(names))


def test_own_properties_and_unnamed_prepared_statements_stay(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    client.session["datagateway.cluster"] = "fake"
    client.prepared["unused"] = "SELECT+1"
    client.rows("SELECT 1")
    headers, _ = sent(fake, "POST")
    assert "datagateway" not in headers.get("x-trino-session", "")
    assert "x-trino-prepared-statement" not in headers


def test_text_is_sent_as_it_came(fake_site, fake):
    fake.script(ROW)
    sql = "/* a */ SELECT\t'naïve 😀' -- end\r\n , 1\n"
    fake_site.client("analyst").rows(sql)
    _, request = sent(fake, "POST")
    assert request[3] == sql.encode()


def test_chunked_post(fake_site, fake):
    """presto-client of npm sends its statements so."""
    fake.script(ROW)
    client = fake_site.client("analyst")
    connection = http.client.HTTPConnection("127.0.0.1",
                                            fake_site.gateway.port, timeout=20)
    connection.request("POST", "/v1/statement",
                       body=iter([b"SELE", b"CT ", b"1"]),
                       headers=dict(client.headers), encode_chunked=True)
    assert connection.getresponse().status == 200
    connection.close()
    _, request = sent(fake, "POST")
    assert request[3] == b"SELECT 1"


def test_get_carries_no_session(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    client.session["join_distribution_type"] = "BROADCAST"
    client.rows("SELECT 1")
    headers, _ = sent(fake, "GET")
    assert headers["x-trino-user"] == "analyst"
    assert "x-trino-session" not in headers
    assert "authorization" not in headers


def test_refused_statement_never_arrives(fake_site, fake):
    fake.script(ROW)
    client = fake_site.client("analyst")
    for sql in ("SELEC 1", "CALL x.y.z()", "SET SESSION datagateway.cluster = 'x'",
                "SELECT acctbal FROM tpch.tiny.customer"):
        client.run(sql)
    assert not [r for r in fake.statements("POST")
                if dict(r[2]).get("X-Trino-User") == "analyst"]


# ---- from the coordinator ------------------------------------------------------

def test_rows_that_look_like_uris(fake_site, fake):
    evil = 'x","nextUri":"http://evil/v1/statement/x'
    rows = [[evil], ["\\"], ['"nextUri":"' + fake.url + '"'], ["\u2028😀"]]
    fake.script({"columns": COLUMNS, "data": rows},
                {"columns": COLUMNS, "data": [["last"]]})
    result = fake_site.client("analyst").run("SELECT 1")
    assert result.rows == rows + [["last"]]


def own_page(make):
    """A page written by hand: make(uri of the next page) -> text."""
    def answer(handler):
        query_id = handler.path.split("/")[4]
        text = make(handler.next_uri(query_id, 1)).replace("ID", query_id)
        handler._send(200, text.encode())
    return answer


@pytest.mark.parametrize("make", [
    lambda uri: '{"data":[["x"]],"columns":%s,"stats":%s,"warnings":[],'
                '"infoUri":"http://h/ui","nextUri":"%s","id":"ID"}'
                % (json.dumps(COLUMNS), '{"state":"RUNNING"}', uri),
    lambda uri: ' {\n "id" : "ID" ,\r\n\t"infoUri":"http://h/ui",'
                '"nextUri" : "%s" , "columns":%s, "data":[["x"]],'
                '"stats":{"state":"RUNNING","nextUri":"http://evil/"}} \n'
                % (uri.replace("/", "\\/"), json.dumps(COLUMNS)),
    lambda uri: '{"id":"ID","infoUri":"http://h/ui","next\\u0055ri":"%s",'
                '"columns":%s,"data":[["x"]],"stats":{"state":"RUNNING"}}'
                % (uri, json.dumps(COLUMNS)),
], ids=["data first", "blanks and escapes", "escaped key"])
def test_unusual_json(fake_site, fake, make):
    fake.script(own_page(make), {"columns": COLUMNS, "data": [["y"]]})
    result = fake_site.client("analyst").run("SELECT 1")
    assert result.rows == [["x"], ["y"]]
    for page in result.pages():
        if "nextUri" in page:
            assert page["nextUri"].startswith(fake_site.gateway.url)


@pytest.mark.parametrize("make", [
    lambda uri: '{"id":"ID","nextUri":"http://127.0.0.1:1/v1/statement/x/1",'
                '"stats":{"state":"RUNNING"}}',
    lambda uri: '{"id":"ID","nextUri":"%s","nextUri":"http://evil/",'
                '"stats":{"state":"RUNNING"}}' % uri,
    lambda uri: '{"id":"ID","nextUri":"%s"'
                % uri.replace("/v1/statement/executing", "/v1/query"),
    lambda uri: '{"id":"ID","nextUri":"%s","stats":{"state":"RUNNING"}}'
                % uri.replace("executing/", "executing/../../"),
    lambda uri: "[]", lambda uri: "not json", lambda uri: "",
    lambda uri: '{"id":"ID","nextUri":{"a":1},"stats":{"state":"RUNNING"}}',
    lambda uri: "[" * 100000,
], ids=["other authority", "twice", "other path", "dots", "array", "text",
        "empty", "not a string", "deep"])
def test_pages_that_lie(fake_site, fake, make):
    """Ends in an error or a cut connection; nothing of it is followed."""
    fake.script(own_page(make), ROW)
    client = fake_site.client("analyst", timeout=20)
    try:
        result = client.run("SELECT 1")
        assert result.error, result.replies[-1].text()[:500]
    except (Unexpected, http.client.HTTPException, OSError, ValueError):
        pass
    for request in fake.requests:
        assert ".." not in request[1]
    fake.script(ROW)
    assert fake_site.client("analyst").rows("SELECT 1") == [["x"]]


def test_forty_megabytes(fake_site, fake):
    """A page larger than any buffer, and one row of 20 MB."""
    rows = [["x" * 1000] for _ in range(20000)] + [["y" * (20 << 20)]]
    fake.script({"columns": COLUMNS, "data": rows})
    result = fake_site.client("analyst", timeout=120).run("SELECT 1")
    assert result.error is None
    assert len(result.rows) == len(rows)
    assert result.rows[-1] == rows[-1]


def cut(handler):
    """Half a page, then the connection is gone."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(8 << 20))
    handler.end_headers()
    handler.wfile.write(b'{"id":"x","columns":[],"data":[["a"]')
    handler.wfile.write(b',["abcdef"]' * 400000)
    handler.wfile.flush()
    handler.close_connection = True


def hang_up(handler):
    _reset(handler)


def _reset(handler):
    handler.connection.setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
    )
    handler.close_connection = True
    handler.connection.close()


def test_cut_in_the_middle(fake_site, fake):
    """The client's connection is cut as well: it must not look whole."""
    fake.script(cut)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    with pytest.raises((http.client.HTTPException, OSError)):
        reply = client.request("GET", page["nextUri"])
        raise AssertionError(f"looked whole: {reply.status} {reply.body[:200]}")
    fake.script(ROW)
    assert fake_site.client("analyst").rows("SELECT 1") == [["x"]]


def test_hung_up_then_well(fake_site, fake):
    """A lost page is asked for again, by the client at the latest."""
    fake.script({}, hang_up)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    _, page = client.get(page["nextUri"])
    uri = page["nextUri"]
    reply = client.request("GET", uri)
    assert reply.status == 503
    fake.pages[1] = ROW
    _, page = client.get(uri)
    assert page["data"] == [["x"]]


@pytest.mark.parametrize("status", [302, 307, 400, 401, 403, 404, 410, 500,
                                    502, 503])
def test_bad_statuses(fake_site, fake, status):
    """Their texts and places stay inside."""
    def answer(handler):
        handler._send(status, b"a secret inner text",
                      [("Location", "http://evil/")])

    fake.script(answer)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    reply = client.request("GET", page["nextUri"])
    assert b"secret inner" not in reply.body
    assert reply.one("Location") is None
    assert not 300 <= reply.status < 400
    if reply.status == 200:
        assert reply.json()["stats"]["state"] == "FAILED"
    fake.script(ROW)
    fake.post_status = status
    reply = client.post("SELECT 1")
    assert b"secret inner" not in reply.body
    assert reply.one("Location") is None
    fake.post_status = 200


def test_reply_headers_are_an_allow_list(fake_site, fake):
    fake.script({}, ROW)
    fake.reply_headers = [
        ("Set-Cookie", "a=b"), ("Server", "inner"), ("X-Inner", "1"),
        ("WWW-Authenticate", "Basic"), ("X-Trino-Set-Schema", "s"),
        ("X-Trino-Set-Session", "a=b"), ("X-Trino-Set-Session", "c=d"),
        ("X-Trino-Set-Session", "datagateway.cluster=green"),
        ("Access-Control-Allow-Origin", "*"), ("Refresh", "0; url=http://x"),
    ]
    client = fake_site.client("analyst")
    result = client.run("SELECT 1")
    reply = result.replies[-1]
    for name in ("Set-Cookie", "X-Inner", "WWW-Authenticate", "Refresh",
                 "Access-Control-Allow-Origin"):
        assert reply.all(name) == [], name
    assert "inner" not in reply.all("Server")
    assert reply.all("X-Trino-Set-Schema") == ["s"]
    assert sorted(reply.all("X-Trino-Set-Session")) == ["a=b", "c=d"]


def test_coordinator_dies(fake_site, clusters):
    """Its queries end in a clean error; others go on."""
    with FakeCoordinator() as dying:
        dying.script({}, {}, ROW)
        changed = fake_site.policy.change().cluster(
            "dying", engine="trino", url=dying.url, metadata_user="x",
            cross_check="off",
        )
        fake_site.apply(changed)
        client = fake_site.client("analyst")
        client.session["datagateway.cluster"] = "dying"
        wait_until(lambda: client.works("SELECT 1"),
                   "the cluster to be usable")
        _, page = client.start("SELECT 1")
    reply = client.request("GET", page["nextUri"])
    assert reply.status == 503 or reply.json().get("error")
    other = fake_site.client("engineer")
    other.session["datagateway.cluster"] = "blue"
    assert other.rows("SELECT count(*) FROM tpch.tiny.nation") == [[25]]


def test_slow_client_bounds_memory(fake_site, fake):
    """80 MB to a client that does not read: nobody holds them."""
    total = 80 << 20
    written = []

    def endless(handler):
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(total))
        handler.end_headers()
        chunk = b'["' + b"x" * 65531 + b'"],'
        handler.wfile.write(b'{"id":"x","data":[')
        try:
            while sum(written) < total:
                handler.wfile.write(chunk)
                written.append(len(chunk))
        except OSError:
            handler.close_connection = True

    fake.script(endless)
    client = fake_site.client("analyst")
    _, page = client.start("SELECT 1")
    before = resident(fake_site)
    path = page["nextUri"].removeprefix(fake_site.gateway.url)
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", fake_site.gateway.port))
        head = "".join(f"{k}: {v}\r\n" for k, v in client.headers.items())
        slow.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode())
        assert slow.recv(1)
        wait_until_still(written)
        assert sum(written) < total / 2, "it was read though nobody wanted it"
        assert resident(fake_site) - before < 16 << 20
    fake.script(ROW)
    assert fake_site.client("analyst").rows("SELECT 1") == [["x"]]


def wait_until_still(counts, still_s=0.5):
    """Returns when nothing was added for a while."""
    last = [len(counts), time.monotonic()]

    def is_still():
        if len(counts) != last[0]:
            last[:] = [len(counts), time.monotonic()]
        return time.monotonic() - last[1] > still_s

    wait_until(is_still, "the coordinator to be held up")


def resident(site):
    with open(f"/proc/{site.gateway.process.pid}/statm", "rb") as handle:
        return int(handle.read().split()[1]) * 4096
