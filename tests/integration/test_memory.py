# SPDX-License-Identifier: Apache-2.0
"""Memory is bounded by configuration: many statements wait at a coordinator
that does not answer, more come than there is memory for, and all comes back.
"""

import json
import pathlib
import threading

import pytest

from fake_coordinator import COLUMNS, STATS
from gateway import wait_until

MIB = 1 << 20
LIMIT = 24 * MIB
USED = "datagateway_memory_used_bytes"
REFUSED = "datagateway_memory_refused_total"
#: a tree of some 6 MB, which must not be kept.
DEEP = "SELECT " + "+".join(["1"] * 32000)
#: a token or two; only the text itself takes memory.
LONG = "SELECT '" + "x" * 900_000 + "'"
N_HELD = 100
N_MORE = 40


#: one worker with as little memory as it can have.
SMALL = {
    "workers": 1, "limits.memory": LIMIT, "limits.request_memory": 16 * MIB,
    "limits.head": 65536,
}


@pytest.fixture(scope="module")
def small_site(make_fake_site):
    return make_fake_site("small", options=SMALL)


@pytest.fixture(scope="module")
def starved_site(make_fake_site):
    """Replies get no more room than every connection has by itself."""
    return make_fake_site("starved", options={
        **SMALL, "limits.out_buffer": 16 * MIB,
    })


class Crowd:
    """Clients that each send one statement at the same time."""

    def __init__(self, site, sql, n):
        self.replies = []
        self._threads = [
            threading.Thread(target=self._post, args=(site, sql), daemon=True)
            for _ in range(n)
        ]
        for thread in self._threads:
            thread.start()

    def _post(self, site, sql):
        self.replies.append(site.client("analyst").post(sql))

    def join(self):
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive(), "a statement got no answer"
        return self.replies


def resident_bytes(site):
    status = pathlib.Path(f"/proc/{site.gateway.process.pid}/status")
    for line in status.read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def is_sanitized(site):
    return b"__asan_init" in pathlib.Path(site.program).read_bytes()


def test_held_statements(small_site, fake):
    gateway = small_site.gateway
    assert gateway.metric("datagateway_memory_limit_bytes") == LIMIT
    gateway.wait_for_metric(USED, 0)
    before = resident_bytes(small_site)

    fake.script({})
    fake.takes_statements.clear()
    held = Crowd(small_site, DEEP, N_HELD)
    wait_until(lambda: len(fake.statements("POST")) == N_HELD,
               "all statements to wait at the coordinator", deadline_s=60)
    assert 0 < gateway.metric(USED) <= LIMIT
    if not is_sanitized(small_site):
        grown = resident_bytes(small_site) - before
        assert grown < LIMIT + 16 * MIB, f"{grown / MIB:.0f} MiB"

    more = Crowd(small_site, LONG, N_MORE)
    wait_until(lambda: more.replies, "a statement to be refused",
               deadline_s=60)
    assert gateway.metric(REFUSED) > 0
    assert gateway.metric(USED) <= LIMIT
    for reply in list(more.replies):
        assert reply.status == 503
        assert "busy" in reply.text()
        assert reply.one("Retry-After") == "1"
    # What needs no memory to speak of is served meanwhile.
    info = small_site.client("outsider").request("GET", "/v1/info")
    assert info.status == 200

    fake.takes_statements.set()
    assert {reply.status for reply in held.join()} == {200}
    assert {reply.status for reply in more.join()} <= {200, 503}
    gateway.wait_for_metric(USED, 0)
    assert small_site.client("analyst").works("SELECT 1")


def test_page_that_stalls(starved_site, fake):
    """Whoever has nothing to send does not ask for room again and again."""
    goes_on = threading.Event()
    row = ["x" * 1000]

    def stall(handler):
        body = json.dumps({
            "id": handler.path.split("/")[4], "infoUri": "http://x/",
            "columns": COLUMNS, "data": [row] * 100, "stats": STATS,
        }).encode()
        handler.send_response(200)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:50_000])
        goes_on.wait()
        handler.wfile.write(body[50_000:])

    gateway = starved_site.gateway
    before = gateway.metric(REFUSED)
    fake.script(stall)
    results = []
    reader = threading.Thread(daemon=True, target=lambda: results.append(
        starved_site.client("analyst").rows("SELECT 1")))
    try:
        reader.start()
        wait_until(lambda: gateway.metric(REFUSED) > before,
                   "the first part of the page")
        start = gateway.metric(REFUSED)
        counts = [gateway.metric(REFUSED) for _ in range(20)]
        assert counts[-1] - start < 20
    finally:
        goes_on.set()
    reader.join(60)
    assert results == [[row] * 100]
