# SPDX-License-Identifier: Apache-2.0
"""The client protocol in plain Python, with nothing done behind one's back.

A Client keeps one connection and one session, as a driver does: it sends what
it was told to send, follows nextUri, and applies the session headers of the
replies. Everything it saw is in the Result. It retries nothing.
"""

import base64
import dataclasses
import http.client
import json
import socket
import ssl
import time
import urllib.parse


@dataclasses.dataclass
class Reply:
    """One HTTP reply."""

    status: int
    headers: list  # (name, value), as they came
    body: bytes

    def json(self):
        return json.loads(self.body)

    def all(self, name):
        """Every value of a header."""
        wanted = name.lower()
        return [v for k, v in self.headers if k.lower() == wanted]

    def one(self, name):
        values = self.all(name)
        return values[0] if values else None

    def text(self):
        return self.body.decode("utf-8", "replace")


@dataclasses.dataclass
class Result:
    """One statement, from its POST to its last page."""

    replies: list
    columns: list
    rows: list
    error: dict

    @property
    def query_id(self):
        return self.replies[-1].json()["id"]

    @property
    def names(self):
        return [column["name"] for column in self.columns or []]

    @property
    def message(self):
        return self.error["message"] if self.error else None

    @property
    def location(self):
        """(line, column) of the error, or None."""
        where = (self.error or {}).get("errorLocation")
        return (where["lineNumber"], where["columnNumber"]) if where else None

    def pages(self):
        return [reply.json() for reply in self.replies]


class Unexpected(AssertionError):
    """A reply that the protocol has no place for."""


class Client:
    """One connection and one session of one user."""

    def __init__(self, url, user=None, password=None, family="trino",
                 ca=None, source="tests", timeout=60, address=None):
        self.url = url
        self.family = family
        self.prefix = "X-Trino-" if family == "trino" else "X-Presto-"
        self.timeout = timeout
        self._ca = ca
        self._from = (address, 0) if address else None
        self._connection = None
        self.headers = {"User-Agent": "tests", self.prefix + "Source": source}
        if password is not None:
            word = base64.b64encode(f"{user}:{password}".encode()).decode()
            self.headers["Authorization"] = "Basic " + word
        if user is not None:
            self.headers[self.prefix + "User"] = user
        self.session = {}
        self.prepared = {}
        self.catalog = self.schema = self.transaction = None

    # -- HTTP ------------------------------------------------------------------

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def request(self, method, target, body=None, headers=None, plain=False):
        """One exchange. target: a path, or a URI of which the path is used.

        plain: only the given headers, none of the client's own.
        """
        parts = urllib.parse.urlsplit(target)
        path = urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
        sent = dict(headers or {}) if plain else {**self.headers,
                                                  **(headers or {})}
        if isinstance(body, str):
            body = body.encode("utf-8")
        fresh = self._connection is None
        try:
            return self._exchange(method, path, body, sent)
        except (http.client.RemoteDisconnected, BrokenPipeError,
                ConnectionResetError):
            # A kept-alive connection may have been closed meanwhile.
            self.close()
            if fresh or method == "POST":
                raise
            return self._exchange(method, path, body, sent)

    def _exchange(self, method, path, body, headers):
        if self._connection is None:
            self._connection = self._connect()
        connection = self._connection
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            for item in value if isinstance(value, list) else [value]:
                connection.putheader(name, item)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        reply = Reply(answer.status, answer.getheaders(), answer.read())
        if answer.will_close:
            self.close()
        return reply

    def _connect(self):
        parts = urllib.parse.urlsplit(self.url)
        if parts.scheme == "https":
            context = ssl.create_default_context(cafile=self._ca)
            return http.client.HTTPSConnection(
                parts.hostname, parts.port, timeout=self.timeout,
                context=context, source_address=self._from,
            )
        return http.client.HTTPConnection(
            parts.hostname, parts.port, timeout=self.timeout,
            source_address=self._from,
        )

    # -- statements ------------------------------------------------------------

    def session_headers(self):
        found = {}
        if self.catalog:
            found[self.prefix + "Catalog"] = self.catalog
        if self.schema:
            found[self.prefix + "Schema"] = self.schema
        if self.session:
            found[self.prefix + "Session"] = ",".join(
                f"{k}={urllib.parse.quote_plus(v)}"
                for k, v in self.session.items()
            )
        if self.prepared:
            found[self.prefix + "Prepared-Statement"] = ",".join(
                f"{k}={v}" for k, v in self.prepared.items()
            )
        if self.transaction:
            found[self.prefix + "Transaction-Id"] = self.transaction
        return found

    def post(self, sql, headers=None):
        return self.request(
            "POST", "/v1/statement", sql,
            {"Content-Type": "text/plain; charset=utf-8",
             **self.session_headers(), **(headers or {})},
        )

    def start(self, sql, headers=None):
        """POSTs; returns (reply, page)."""
        reply = self.post(sql, headers)
        if reply.status != 200:
            raise Unexpected(f"POST: {reply.status} {reply.text()[:500]}")
        self._apply(reply)
        return reply, reply.json()

    def get(self, uri):
        """One page; returns (reply, page)."""
        reply = self.request("GET", uri)
        if reply.status != 200:
            raise Unexpected(f"GET: {reply.status} {reply.text()[:500]}")
        self._apply(reply)
        return reply, reply.json()

    def run(self, sql, headers=None, through=None, stop_after=None):
        """Runs a statement to its end, whatever the end is.

        through: clients to fetch the pages with, in turn.
        stop_after: a function of a page; true = leave the query there.
        """
        reply, page = self.start(sql, headers)
        result = Result([reply], None, [], None)
        turn = 0
        while True:
            result.columns = page.get("columns", result.columns)
            result.rows += page.get("data", [])
            result.error = page.get("error")
            if "nextUri" not in page or (stop_after and stop_after(page)):
                return result
            fetcher = through[turn % len(through)] if through else self
            turn += 1
            reply, page = fetcher.get(page["nextUri"])
            if fetcher is not self:
                self._apply(reply)
            result.replies.append(reply)

    def rows(self, sql, **arguments):
        """The rows of a statement that has to succeed."""
        result = self.run(sql, **arguments)
        if result.error:
            raise Unexpected(f"{sql[:200]}: {result.error['message']}")
        return result.rows

    def works(self, sql):
        """Whether the statement runs now; a 503 is a no."""
        try:
            return self.run(sql).error is None
        except Unexpected:
            return False

    def refused(self, sql, **arguments):
        """The error of a statement that has to fail."""
        result = self.run(sql, **arguments)
        if not result.error:
            raise Unexpected(f"{sql[:200]} was not refused")
        assert not result.rows
        return result

    def _apply(self, reply):
        """What a driver does with the session headers of a reply."""
        for value in reply.all(self.prefix + "Set-Session"):
            key, _, text = value.partition("=")
            self.session[key] = urllib.parse.unquote_plus(text)
        for key in reply.all(self.prefix + "Clear-Session"):
            self.session.pop(key, None)
        for value in reply.all(self.prefix + "Added-Prepare"):
            key, _, text = value.partition("=")
            self.prepared[key] = text
        for key in reply.all(self.prefix + "Deallocated-Prepare"):
            self.prepared.pop(key, None)
        self.catalog = reply.one(self.prefix + "Set-Catalog") or self.catalog
        self.schema = reply.one(self.prefix + "Set-Schema") or self.schema
        started = reply.one(self.prefix + "Started-Transaction-Id")
        if started:
            self.transaction = started
        if reply.one(self.prefix + "Clear-Transaction-Id"):
            self.transaction = None


def raw_exchange(port, data, deadline_s=20, pieces=None):
    """Sends bytes as they are; returns everything until the peer closes.

    Stops early once a whole reply with a Content-Length has come. pieces: send
    in portions of that many bytes.
    """
    end = time.monotonic() + deadline_s
    received = b""
    with socket.create_connection(("127.0.0.1", port), deadline_s) as peer:
        try:
            for start in range(0, len(data), pieces or len(data)):
                peer.sendall(data[start:start + (pieces or len(data))])
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered already, or said no by closing
        while time.monotonic() < end and not _is_whole(received):
            peer.settimeout(max(0.1, end - time.monotonic()))
            try:
                chunk = peer.recv(65536)
            except (ConnectionResetError, socket.timeout):
                break
            if not chunk:
                break
            received += chunk
    return received


def _is_whole(data):
    head, separator, body = data.partition(b"\r\n\r\n")
    if not separator:
        return False
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return len(body) >= int(value)
    return False


def status_of(data):
    """The status of a raw reply; None when there was none."""
    words = data.split(b" ", 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/1."):
        return None
    return int(words[1][:3])
