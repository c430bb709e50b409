# SPDX-License-Identifier: Apache-2.0
"""Hostile requests: each a clear refusal, nothing crashed, nothing relayed."""

import base64
import re

import pytest

import policy
from client import raw_exchange, status_of

WORD = base64.b64encode(
    f"analyst:{policy.PASSWORDS['analyst']}".encode()
).decode()

HEAD = (
    "POST /v1/statement HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Authorization: Basic {WORD}\r\nX-Trino-User: analyst\r\n"
)


@pytest.fixture(scope="module")
def site(make_site):
    """Impatient: what is no request at all is given up soon."""
    return make_site("hostile", options={"timeouts.head": "2s"})


@pytest.fixture(autouse=True)
def nothing_is_relayed(site):
    """No coordinator heard of any of these, and the gateway lives on."""
    client = site.client("analyst")
    assert client.rows("SELECT 1") == [[1]]
    before = site.gateway.metric(
        "datagateway_statements_total", decision="allowed"
    )
    yield
    after = site.gateway.metric(
        "datagateway_statements_total", decision="allowed"
    )
    assert after == before, "one of these was allowed and relayed"
    assert client.rows("SELECT 1") == [[1]]


def send(site, data, **more):
    if isinstance(data, str):
        data = data.encode("latin-1")
    return raw_exchange(site.gateway.port, data, **more)


def count_replies(data):
    return len(re.findall(rb"(?:^|\n)HTTP/1\.\d \d{3}", data))


# ---- framing -----------------------------------------------------------------

BODY = "SELECT 1"
FRAMING = {
    "two content lengths":
        HEAD + "Content-Length: 8\r\nContent-Length: 9\r\n\r\n" + BODY,
    "list of content lengths":
        HEAD + "Content-Length: 8, 8\r\n\r\n" + BODY,
    "length and chunked":
        HEAD + "Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n"
        "8\r\nSELECT 1\r\n0\r\n\r\n",
    "chunked and length":
        HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 8\r\n\r\n"
        "8\r\nSELECT 1\r\n0\r\n\r\n",
    "unknown transfer coding":
        HEAD + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice":
        HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
        "\r\n0\r\n\r\n",
    "chunked not last":
        HEAD + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "tab before chunked":
        HEAD + "Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
    "negative length": HEAD + "Content-Length: -8\r\n\r\n" + BODY,
    "plus length": HEAD + "Content-Length: +8\r\n\r\n" + BODY,
    "hex length": HEAD + "Content-Length: 0x8\r\n\r\n" + BODY,
    "huge length": HEAD + f"Content-Length: {'9' * 40}\r\n\r\n",
    "space before colon": HEAD + "Content-Length : 8\r\n\r\n" + BODY,
    "folded header":
        HEAD + "X-Trino-Source: a\r\n b\r\nContent-Length: 8\r\n\r\n" + BODY,
    "bare line feeds":
        HEAD.replace("\r\n", "\n") + "Content-Length: 8\n\n" + BODY,
    "bare carriage return":
        HEAD + "X-Trino-Source: a\rb\r\nContent-Length: 8\r\n\r\n" + BODY,
    "zero byte in a header":
        HEAD + "X-Trino-Source: a\x00b\r\nContent-Length: 8\r\n\r\n" + BODY,
    "chunk size overflow":
        HEAD + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
    "chunk size sign":
        HEAD + "Transfer-Encoding: chunked\r\n\r\n+8\r\nSELECT 1\r\n0\r\n\r\n",
    "chunk size with blanks":
        HEAD + "Transfer-Encoding: chunked\r\n\r\n 8\r\nSELECT 1\r\n0\r\n\r\n",
    "chunk size empty":
        HEAD + "Transfer-Encoding: chunked\r\n\r\n\r\nSELECT 1\r\n0\r\n\r\n",
    "chunk too long":
        HEAD + "Transfer-Encoding: chunked\r\n\r\n4\r\nSELECT 1\r\n0\r\n\r\n",
    "chunk without end":
        HEAD + "Transfer-Encoding: chunked\r\n\r\n8\nSELECT 1\n0\n\n",
    "no version": "POST /v1/statement\r\n\r\n",
    "wrong version": HEAD.replace("HTTP/1.1", "HTTP/3.0") + "\r\n",
    "two hosts":
        HEAD + "Host: other\r\nContent-Length: 8\r\n\r\n" + BODY,
    "no host":
        HEAD.replace("Host: 127.0.0.1\r\n", "")
        + "Content-Length: 8\r\n\r\n" + BODY,
    "control byte in the target":
        HEAD.replace("/v1/statement", "/v1/\x01statement") + "\r\n",
    "not HTTP": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\x00" * 64,
    "only a space": " \r\n\r\n",
}


@pytest.mark.parametrize("name", FRAMING)
@pytest.mark.parametrize("pieces", [None, 1])
def test_bad_framing(site, name, pieces):
    answer = send(site, FRAMING[name], pieces=pieces)
    assert status_of(answer) in (400, 408, 411, 413, 414, 431, 501, 505), answer
    assert count_replies(answer) == 1, "a second request was seen"


def test_smuggled_request_is_not_seen(site):
    """What follows a refused request on its connection is never read."""
    data = (FRAMING["length and chunked"] + HEAD
            + "Content-Length: 8\r\n\r\nSELECT 7")
    answer = send(site, data)
    assert status_of(answer) == 400
    assert count_replies(answer) == 1


def test_oversized_head(site):
    lines = "".join(f"X-Filler-{i}: {'x' * 60000}\r\n" for i in range(60))
    assert status_of(send(site, HEAD + lines + "\r\n")) == 431


def test_endless_head(site):
    answer = send(site, HEAD + "X-Trino-Source: " + "x" * (4 << 20))
    assert status_of(answer) == 431


def test_many_headers(site):
    lines = "".join(f"X-F-{i}: 1\r\n" for i in range(100000))
    assert status_of(send(site, HEAD + lines + "\r\n")) in (400, 431)


def test_long_target(site):
    answer = send(site, f"GET /{'a' * 3000000} HTTP/1.1\r\nHost: x\r\n\r\n")
    assert status_of(answer) in (400, 414, 431)


# ---- what the engine would read differently ------------------------------------

def assert_refused(site, headers=None, sql=b"SELECT 1", family="trino"):
    """Refused in HTTP, or as a failed statement; never run."""
    client = site.client("analyst", family)
    reply = client.request(
        "POST", "/v1/statement", sql,
        {"Content-Type": "text/plain", **client.session_headers(),
         **(headers or {})},
    )
    if reply.status == 200:
        _, page = client.get(reply.json()["nextUri"])
        assert page["stats"]["state"] == "FAILED", page
        assert page["error"]["errorType"] == "USER_ERROR"
        return page["error"]["message"]
    assert reply.status in (400, 413, 415), reply.text()
    assert reply.body
    return reply.text()


CHARSETS = ["iso-2022-jp", "iso-8859-1", "utf-16", "utf-7", "UTF-16LE",
            "us-ascii", "windows-1252", "x-user-defined", "utf-8x", "cp037"]


@pytest.mark.parametrize("charset", CHARSETS)
@pytest.mark.parametrize("form", ["text/plain; charset={}",
                                  "text/plain; charset=\"{}\"",
                                  "text/plain;CHARSET={}",
                                  "text/plain; charset=utf-8; charset={}"])
def test_other_charsets(site, charset, form):
    assert_refused(site, {"Content-Type": form.format(charset)})


def test_hidden_from_clause(site):
    """ISO-2022-JP hides text from a reader of UTF-8."""
    sql = b"SELECT 1 \x1b$B -- \x1b(B FROM tpch.tiny.customer"
    assert_refused(site, {"Content-Type": "text/plain; charset=iso-2022-jp"},
                   sql)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip",
                                    "zstd", "x-gzip"])
def test_content_encoding(site, coding):
    assert_refused(site, {"Content-Encoding": coding})


@pytest.mark.parametrize("sql", [
    b"SELECT '\xff'", b"SELECT '\xc0\xaf'", b"SELECT '\xed\xa0\x80'",
    b"SELECT '\xf4\x90\x80\x80'", b"SELECT '\xe2\x82", b"\x80SELECT 1",
    b"SELECT 1\x00", b"\xfe\xffS\x00E\x00",
])
def test_broken_utf8(site, sql):
    assert_refused(site, sql=sql)


SINGLE = ["User", "Catalog", "Schema", "Source", "Time-Zone",
          "Transaction-Id", "Client-Tags", "Trace-Token"]


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("family", ["trino", "presto"])
def test_duplicated_semantic_header(site, name, family):
    prefix = f"X-{family.capitalize()}-"
    values = {"User": ["analyst", "engineer"]}.get(name, ["tpch", "memory"])
    assert_refused(site, {prefix + name: values}, family=family)


@pytest.mark.parametrize("name", ["User", "Catalog", "Schema", "Session",
                                  "Prepared-Statement", "Role"])
def test_non_ascii_semantic_header(site, name):
    value = {"User": "analystÿ", "Session": "a=ÿ", "Role": "system=ÿ",
             "Prepared-Statement": "p=ÿ"}.get(name, "tpchÿ")
    assert_refused(site, {"X-Trino-" + name: value})


def test_duplicated_session_property(site):
    assert_refused(site, {
        "X-Trino-Session": "datagateway.cluster=blue,"
                           "datagateway.cluster=green",
    })
    assert_refused(site, {
        "X-Trino-Session": ["query_max_run_time=1m", "QUERY_MAX_RUN_TIME=2m"],
    })


def test_duplicated_prepared_statement(site):
    client_sql = b"EXECUTE p"
    assert_refused(site, {
        "X-Trino-Prepared-Statement": "p=SELECT+1,p=SELECT+2",
    }, client_sql)


def test_both_families(site):
    assert_refused(site, {"X-Presto-User": "analyst"})


def test_impersonation_without_the_right(site):
    message = assert_refused(site, {"X-Trino-User": "engineer"})
    assert "engineer" in message


def test_session_user_by_other_headers(site):
    assert_refused(site, {"X-Trino-Original-User": "engineer"})


@pytest.mark.parametrize("name, value", [
    ("X-Trino-Internal-Bearer", "x"), ("X-Presto-Internal-Bearer", "x"),
])
def test_internal_headers_never_help(site, name, value):
    """They are dropped or refused; without a password they get nobody in."""
    client = site.client("analyst")
    reply = client.request("POST", "/v1/statement", "SELECT 1",
                           {name: value, "Host": "x"}, plain=True)
    assert reply.status in (400, 401)


@pytest.mark.parametrize("sql", [
    b"(" * (10 << 20),
    b"SELECT " + b"(" * 500000 + b"1" + b")" * 400000,
    b"SELECT " + b"1+" * 499000 + b"1",
    b"SELECT " + b"[" * 900000,
    b"SELECT " + b"CASE WHEN " * 90000,
    b"SELECT * FROM " + b"(SELECT * FROM " * 60000,
    b"SELECT 'a" + b"b" * (3 << 20),
    b"/* " + b"x" * (12 << 20),
    b"WITH " + b"a AS (" * 150000,
    b"NOT " * 240000,
    b"-" * 900000,
    b"",
    b"   ",
    b";",
    b"-- only a comment",
], ids=lambda sql: f"{sql[:16].decode()}-{len(sql)}")
def test_monsters(site, sql):
    message = assert_refused(site, sql=sql)
    assert len(message) < 4000


# ---- paths -----------------------------------------------------------------

@pytest.mark.parametrize("method, path", [
    ("GET", "/"), ("GET", "/ui/"), ("GET", "/v1/query"), ("GET", "/v1/node"),
    ("GET", "/v1/status"), ("PUT", "/v1/info/state"), ("GET", "/v1/jmx/mbean"),
    ("GET", "/v1/statement"), ("PUT", "/v1/statement/x"),
    ("POST", "/v1/task/x"), ("GET", "/v1/queryState"), ("GET", "/metrics"),
    ("PUT", "/v1/query/20200101_000000_00000_aaaaa/killed"),
    ("DELETE", "/v1/stage/20200101_000000_00000_aaaaa.0"),
    ("GET", "/v1/statement/../query"), ("GET", "/v1/statement/%2e%2e/query"),
    ("GET", "//v1/query"), ("GET", "/v1//query"), ("GET", "/V1/QUERY"),
    ("GET", "/v1/resourceGroupState/global"), ("GET", "/v1/announcement"),
    ("GET", "/v1/memory"), ("GET", "/v1/service"), ("GET", "/v1/cluster"),
    ("GET", "/v1/spooled/download/x"), ("GET", "/oauth2/callback"),
    ("POST", "/v1/statement/queued/x"), ("OPTIONS", "/v1/statement"),
    ("TRACE", "/v1/statement"), ("CONNECT", "127.0.0.1:80"),
])
def test_other_paths(site, method, path):
    answer = send(site, f"{method} {path} HTTP/1.1\r\nHost: x\r\n"
                        f"Authorization: Basic {WORD}\r\n"
                        "Content-Length: 0\r\n\r\n")
    assert status_of(answer) in (400, 404, 405, 501), answer
