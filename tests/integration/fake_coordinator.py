# SPDX-License-Identifier: Apache-2.0
"""A coordinator that says what a test wants said, and keeps what it was asked.

It speaks just enough of the statement protocol: every POST gets a query whose
pages are those of `pages`, in turn. A page is a dictionary (members of the
reply), bytes (the whole body, as it is), or a function that is given the
request handler and does as it likes, for instance hang up.
"""

import http.server
import json
import socket
import threading

from policy import METADATA_USER

SLUG = "y0123456789abcdef0123456789abcdef01234567"

STATS = {
    "state": "RUNNING", "queued": False, "scheduled": True, "nodes": 1,
    "totalSplits": 1, "queuedSplits": 0, "runningSplits": 1,
    "completedSplits": 0, "cpuTimeMillis": 0, "wallTimeMillis": 0,
    "queuedTimeMillis": 0, "elapsedTimeMillis": 0, "processedRows": 0,
    "processedBytes": 0, "peakMemoryBytes": 0, "spilledBytes": 0,
}

#: it has tables, and no views.
NO_VIEW = {
    "message": "line 1:1: Relation 'x' is a table, not a view",
    "errorCode": 13, "errorName": "NOT_SUPPORTED", "errorType": "USER_ERROR",
}

#: of a page with one column of texts.
COLUMNS = [{
    "name": "a", "type": "varchar",
    "typeSignature": {"rawType": "varchar", "arguments": []},
}]


class FakeCoordinator:
    """Listens while it is entered as a context."""

    def __init__(self, version="476"):
        self.version = version
        self.pages = []
        self.requests = []  # (method, path, [(name, value)], body)
        self.texts = {}  # by query id
        self.reply_headers = []
        self.post_status = 200
        self.referenced = []  # what queries touched, as /v1/query tells
        self.query_info = {}  # what else it tells
        self.delete_status = 204
        self.query_status = 200
        self.connections = set()
        self.takes_statements = threading.Event()  # cleared: POSTs wait
        self.takes_statements.set()
        self._count = 0
        self._server = None

    def __enter__(self):
        outer = self

        class Handler(_Handler):
            coordinator = outer

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05},
            daemon=True,
        ).start()
        return self

    def __exit__(self, *_):
        """As when the process dies: every connection is gone at once."""
        self.takes_statements.set()
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended by itself

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def script(self, *pages):
        """What the next queries answer, and a clean sheet."""
        self.pages = list(pages)
        self.requests.clear()
        self.reply_headers = []
        self.post_status = 200
        self.referenced = []
        self.query_info = {}
        self.query_status = 200
        self.delete_status = 204

    def statements(self, method=None):
        """The requests that were about statements."""
        return [r for r in self.requests if r[1].startswith("/v1/statement")
                and method in (None, r[0])]

    def next_query_id(self):
        self._count += 1
        return f"20260101_000000_{self._count:05d}_fakes"


class _Server(http.server.ThreadingHTTPServer):
    request_queue_size = 256  # many may come at once


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart
    coordinator = None

    def setup(self):
        super().setup()
        self.coordinator.connections.add(self.connection)

    def finish(self):
        self.coordinator.connections.discard(self.connection)
        super().finish()

    def log_message(self, *_):
        pass

    def _note(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.coordinator.requests.append(
            (self.command, self.path, list(self.headers.items()), body)
        )
        return body

    def do_GET(self):
        self._note()
        if self.path.startswith("/v1/info"):
            self._send(200, json.dumps({
                "nodeVersion": {"version": self.coordinator.version},
                "environment": "fake", "coordinator": True,
                "starting": False, "uptime": "1.00m",
            }).encode())
        elif self.path.startswith("/v1/statement/"):
            self._page()
        elif self.path.startswith("/v1/query/"):
            self._send(self.coordinator.query_status, json.dumps({
                "queryId": "x", "state": "RUNNING",
                "session": {"user": "analyst"},
                "referencedTables": self.coordinator.referenced,
                **self.coordinator.query_info, **self._of_columns(),
            }).encode())
        else:
            self._send(404, b"not here")

    def _of_columns(self):
        """What a query for columns has touched: a table."""
        if self.headers.get("X-Trino-User") != METADATA_USER:
            return {}
        return {"referencedTables": [{
            "catalog": "c", "schema": "s", "table": "t", "columns": [],
            "authorization": METADATA_USER, "directlyReferenced": True,
            "referenceChain": [],
        }]}

    def do_HEAD(self):
        self._note()
        self._send(200, b"")

    def do_DELETE(self):
        self._note()
        self._send(self.coordinator.delete_status, b"")

    def do_POST(self):
        body = self._note()
        if body.startswith(b"SHOW CREATE "):  # of its metadata user's
            self._send(200, json.dumps({
                "id": self.coordinator.next_query_id(), "error": NO_VIEW,
            }).encode())
            return
        self.coordinator.takes_statements.wait()
        if self.coordinator.post_status != 200:
            self._send(self.coordinator.post_status, b"a secret inner text")
            return
        query_id = self.coordinator.next_query_id()
        self.coordinator.texts[query_id] = body.decode()
        self._send(200, json.dumps({
            "id": query_id,
            "infoUri": self._uri(f"/ui/query.html?{query_id}"),
            "nextUri": self._uri(f"/v1/statement/queued/{query_id}/{SLUG}/1"),
            "stats": {**STATS, "state": "QUEUED", "queued": True},
            "warnings": [],
        }).encode())

    def _page(self):
        parts = self.path.split("/")
        phase, query_id, token = parts[3], parts[4], int(parts[-1])
        number = token - 1 if phase == "queued" else token
        pages = self.coordinator.pages
        page = pages[min(number, len(pages) - 1)]
        if callable(page):
            page(self)
            return
        if isinstance(page, dict):
            body = {"id": query_id,
                    "infoUri": self._uri(f"/ui/query.html?{query_id}")}
            if number + 1 < len(pages):
                body["nextUri"] = self.next_uri(query_id, number + 1)
            body.update({"stats": STATS, "warnings": [], **page})
            page = json.dumps(body).encode()
        self._send(200, page, self.coordinator.reply_headers)

    def next_uri(self, query_id, number):
        return self._uri(f"/v1/statement/executing/{query_id}/{SLUG}/{number}")

    def _uri(self, path):
        return self.coordinator.url + path

    def _send(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name == "Content-Type" for name, _ in headers):
            self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
