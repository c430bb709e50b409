# SPDX-License-Identifier: Apache-2.0
"""A coordinator that has no time for the gateway's own questions.

It stands in front of a real one and hands on whatever comes; but while it is
deaf, what the gateway asks for itself (columns, views) is turned away as a
coordinator does that has too much to do. No real one can be made to do that
without doing it to its clients as well.
"""

import http.client
import http.server
import threading
import urllib.parse

SOURCE = "datagateway-metadata"


class DeafCoordinator:
    """Listens while it is entered as a context."""

    def __init__(self, url):
        self.origin = urllib.parse.urlsplit(url).netloc
        self.is_deaf = False
        self.hangs_up = False  # instead of an answer, when it is deaf
        self.turned_away = 0
        self._server = None

    def __enter__(self):
        outer = self

        class Handler(_Handler):
            coordinator = outer

        self._server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05},
            daemon=True,
        ).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart
    coordinator = None

    def log_message(self, *_):
        pass

    def _hand_on(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.coordinator.is_deaf and SOURCE in self.headers.values():
            self.coordinator.turned_away += 1
            if self.coordinator.hangs_up:
                self.close_connection = True
                return
            self._send(503, [], b"too busy")
            return
        origin = http.client.HTTPConnection(self.coordinator.origin,
                                            timeout=60)
        origin.request(self.command, self.path, body, dict(self.headers))
        reply = origin.getresponse()
        self._send(reply.status, reply.getheaders(), reply.read())
        origin.close()

    do_GET = do_POST = do_DELETE = do_HEAD = _hand_on

    def _send(self, status, headers, body):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding",
                                    "connection", "date", "server"):
                self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
