# SPDX-License-Identifier: Apache-2.0
"""What a change of the policy does to queries that run, and to those that wait."""

import pytest

from client import Unexpected

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


def begin(site):
    """A query of the analyst's that has sent its first rows."""
    client = site.client("analyst")
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
