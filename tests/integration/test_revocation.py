# SPDX-License-Identifier: Apache-2.0
"""What a change of the policy does to queries that run, and to those that wait."""

import time

import pytest

from client import Unexpected
from gateway import wait_until
from policy import moment

LINEITEM = "SELECT * FROM tpch.tiny.lineitem"
ROWS = 60175


@pytest.fixture(scope="module", params=["finish", "kill"])
def live(request, make_site):
    site = make_site(f"revoke-{request.param}",
                     options={"revocation.running": request.param})
    site.mode = request.param
    site.usual = site.policy
    return site


@pytest.fixture(autouse=True)
def usual_policy(live):
    yield
    live.apply(live.usual)


def begin(site, user="analyst"):
    """A query of the user's that has sent its first rows."""
    client = site.client(user)
    result = client.run(LINEITEM,
                        stop_after=lambda page: bool(page.get("data")))
    return client, result.replies[-1].json(), list(result.rows)


def finish(client, page, rows):
    while "nextUri" in page:
        _, page = client.get(page["nextUri"])
        rows += page.get("data", [])
    return page.get("error"), rows


def without_table(site):
    return site.usual.change().deny(
        "no lines", ["analyst"], ["select"], table="tpch.*.lineitem"
    )


def without_cluster(site):
    return site.usual.change().deny(
        "no clusters", ["analyst"], ["use"], cluster="*"
    )


def without_user(site):
    changed = site.usual.change()
    changed.users["analyst"]["disabled"] = True
    return changed


@pytest.mark.parametrize("change, name", [
    (without_table, "QUERY_REJECTED"),  # send it again
    (without_cluster, "PERMISSION_DENIED"),
])
def test_not_started(live, change, name):
    """Nothing has run yet: it does not begin."""
    client = live.client("analyst")
    _, page = client.start(LINEITEM)
    live.apply(change(live))
    _, page = client.get(page["nextUri"])
    while "nextUri" in page and "error" not in page:
        assert not page.get("data")
        _, page = client.get(page["nextUri"])
    assert page["error"]["errorName"] == name
    client.refused(LINEITEM)


def test_running_and_a_table(live):
    """What has started was allowed when it did, in either mode."""
    client, page, rows = begin(live)
    live.apply(without_table(live))
    error, rows = finish(client, page, rows)
    assert error is None
    assert len(rows) == ROWS
    client.refused(LINEITEM)


def test_running_and_the_cluster(live):
    client, page, rows = begin(live)
    live.apply(without_cluster(live))
    if live.mode == "finish":
        error, rows = finish(client, page, rows)
        assert error is None
        assert len(rows) == ROWS
        return
    error, rows = finish(client, page, rows)
    assert error["errorName"] == "PERMISSION_DENIED"
    assert len(rows) < ROWS


def test_running_and_the_user(live):
    """Who may not sign in any more gets no page, in either mode."""
    client, page, rows = begin(live)
    live.apply(without_user(live))
    with pytest.raises(Unexpected, match="GET: 40[13]"):
        finish(client, page, rows)
    assert len(rows) < ROWS


# ---- nobody changes anything, but a rule begins or ends -------------------------

def windows(site, seconds):
    """What ends is the analyst's table, what begins takes away the cluster."""
    at, text = moment(seconds)
    return at, (
        site.usual.change()
        .allow("a while", ["analyst"], ["read"], table="tpch.sf100.nation",
               valid_until=text)
        .deny("closing time", ["engineer"], ["use"], cluster="*",
              valid_from=text)
    )


def begin_in_windows(site):
    """(when they close, a page not asked for yet, a query that runs)."""
    client = site.client("analyst")
    for seconds in (2, 5, 15):  # a slow machine gets longer ones
        at, policy = windows(site, seconds)
        site.apply(policy)
        running = begin(site, "engineer")
        _, page = client.start("SELECT name FROM tpch.sf100.nation")
        if time.time() < at:
            return at, (client, page), running
    raise AssertionError("the windows were closed before anything began")


def test_a_window_closes(live):
    at, (client, page), running = begin_in_windows(live)
    wait_until(lambda: time.time() >= at, "the windows to close")
    _, page = client.get(page["nextUri"])
    assert page["error"]["errorName"] == "QUERY_REJECTED"
    assert "has begun or ended" in page["error"]["message"]
    assert "send it again" in page["error"]["message"]
    again = client.refused("SELECT name FROM tpch.sf100.nation")
    assert again.error["errorName"] == "PERMISSION_DENIED"
    # What runs is a matter of the mode, as if somebody had changed a rule.
    error, rows = finish(*running)
    if live.mode == "finish":
        assert error is None
        assert len(rows) == ROWS
    else:
        assert error["errorName"] == "PERMISSION_DENIED"
        assert len(rows) < ROWS
