# SPDX-License-Identifier: Apache-2.0
"""Columns that have to be fetched: how many, for whom, how long; and when."""

import contextlib
import json
import threading
import time

import pytest

from fake_coordinator import STATS, FakeCoordinator
from gateway import wait_until
import policy

SOURCE = "datagateway-metadata"


class Slow(FakeCoordinator):
    """Tells columns once it is told to; every other query at once."""

    def __init__(self):
        super().__init__()
        self.may_tell = threading.Event()
        self.quick = "no table"  # those of this name are told at once
        self.script(self.answer)

    def answer(self, handler):
        query_id = handler.path.split("/")[4]
        if (SOURCE in handler.headers.values()
                and self.quick not in self.texts[query_id]):
            self.may_tell.wait(30)
        page = json.dumps({
            "id": query_id,
            "infoUri": self.url + "/ui/",
            "columns": [{"name": "a", "type": "integer", "typeSignature": {
                "rawType": "integer", "arguments": []}}],
            "data": [[1]], "stats": {**STATS, "state": "FINISHED"},
            "warnings": [],
        })
        with contextlib.suppress(OSError):  # nobody waits any more
            handler._send(200, page.encode())  # pylint: disable=W0212

    def asked(self):
        """Texts of the queries for columns so far."""
        return [body.decode() for _, _, headers, body in
                self.statements("POST") if SOURCE in dict(headers).values()]


@pytest.fixture
def slow():
    with Slow() as coordinator:
        yield coordinator
        coordinator.may_tell.set()


def start(make_site, clusters, slow, deadline):
    base = policy.base(clusters).cluster(
        "slow", engine="trino", url=slow.url, metadata_user="datagateway",
        cross_check="off", default=True,
    )
    base.cluster("blue", default=False)
    base.user("guest", default_cluster="slow")
    base.allow("guest uses slow", ["guest"], ["use"], cluster="slow")
    return make_site("slow", base=base, options={
        "workers": 1, "metadata.deadline": deadline,
    })


@pytest.fixture
def slow_site(make_site, clusters, slow):
    return start(make_site, clusters, slow, "30s")


def tables(prefix, count):
    return ", ".join(f"tpch.tiny.{prefix}{i}" for i in range(count))


def in_background(call, *arguments):
    """Runs it in a thread; returns (thread, list that gets its result)."""
    results = []
    thread = threading.Thread(
        target=lambda: results.append(call(*arguments)), daemon=True)
    thread.start()
    return thread, results


def test_a_crowd_waits_in_line(slow, slow_site):
    crowd, answers = in_background(
        slow_site.client("engineer").rows,
        f"select 1 from {tables('crowd', 60)}")
    wait_until(lambda: len(slow.asked()) >= 8, "the first of the crowd")
    single, more = in_background(
        slow_site.client("analyst").rows, "select a from tpch.tiny.single")
    wait_until(lambda: any("single" in text for text in slow.asked()),
               "the table of somebody else")
    assert len(slow.asked()) == 9
    slow.may_tell.set()
    for thread in (crowd, single):
        thread.join(30)
    assert answers == [[[1]]] and more == [[[1]]]


def test_odd_names_are_asked_about_once(slow, slow_site):
    """And only whether they are views: connectors may run what they say."""
    slow.may_tell.set()
    engineer = slow_site.client("engineer")
    for _ in range(2):
        assert engineer.rows('select a from tpch.tiny."an odd ""name"""') \
            == [[1]]
    assert slow.asked() == [
        'SHOW CREATE VIEW "tpch"."tiny"."an odd ""name"""']


def test_too_many_tables(slow, slow_site):
    slow.may_tell.set()
    result = slow_site.client("engineer").refused(
        f"select 1 from {tables('many', 65)}")
    assert result.error["errorName"] == "QUERY_REJECTED"
    assert "more than 64 tables" in result.message
    assert "limits.new_tables" in result.message
    assert slow.asked() == []
    assert slow_site.client("engineer").rows(
        f"select 1 from {tables('many', 64)}") == [[1]]
    assert len(slow.asked()) == 64
    # Those are known now.
    assert slow_site.client("engineer").rows(
        f"select 1 from {tables('many', 65)}") == [[1]]


def test_nothing_is_asked_for_a_stranger(slow, slow_site):
    result = slow_site.client("guest").refused(
        f"select 1 from {tables('strange', 300)}")
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert slow.asked() == []


def test_no_longer_than_the_deadline(make_site, clusters, slow):
    """What is not known by then could be a view, of whatever rights."""
    slow_site = start(make_site, clusters, slow, "1s")
    began = time.monotonic()
    result = slow_site.client("engineer").refused(
        f"select a from {tables('late', 8)}")
    assert result.error["errorName"] == "QUERY_REJECTED"
    assert "Whether tpch.tiny.late0 is a view" in result.message
    assert "try again later" in result.message
    result = slow_site.client("analyst").refused(
        "select name from tpch.tiny.customer")
    assert time.monotonic() - began < 10
    assert "its columns are not known" in result.message


def test_a_crowd_is_no_way_to_be_unknown(make_site, clusters, slow):
    """Who fills his own line until the deadline would have a view for a table."""
    slow_site = start(make_site, clusters, slow, "1s")
    result = slow_site.client("engineer").refused(
        f"select a from {tables('crowd', 9)}")
    assert result.error["errorName"] == "QUERY_REJECTED"
    assert "try again" in result.message


@pytest.mark.parametrize("change, times_asked", [
    ("drop table memory.default.soon", 1),  # of this one only
    ("drop schema memory.other", 2),        # of any, so of late as well
])
def test_a_change_is_no_way_to_be_unknown(slow, slow_site, change,
                                          times_asked):
    """What was told of one table is lost while another is waited for."""
    slow.quick = "soon"
    engineer = slow_site.client("engineer")
    select = "select 1 from memory.default.soon, memory.default.late"
    thread, results = in_background(slow_site.client("engineer").run, select)
    slow_site.gateway.wait_for_metric(
        "datagateway_metadata_fetch_total", 1, result="ok")
    engineer.rows(change)
    slow.may_tell.set()
    thread.join(30)
    assert results[0].error["errorName"] == "QUERY_REJECTED"
    assert "it was changed meanwhile; try again" in results[0].message
    assert sum("late" in text for text in slow.asked()) == times_asked
    assert engineer.rows(select) == [[1]]


def test_a_window_closes_during_the_wait(slow, slow_site):
    """Decided as of its arrival, so the URI is of that moment, too."""
    usual = slow_site.policy
    for seconds in (2, 5, 15):  # a slow machine gets longer ones
        at, text = policy.moment(seconds)
        slow_site.apply(usual.change().allow(
            "a while", ["analyst"], ["read"], table="memory.default.soon",
            valid_until=text))
        thread, results = in_background(
            slow_site.client("analyst").run,
            "select 1 from memory.default.soon")
        wait_until(lambda: slow.asked() or results, "the table to be asked for")
        if slow.asked():
            break
    wait_until(lambda: time.time() >= at, "the window to close")
    slow.may_tell.set()
    thread.join(30)
    assert results[0].error["errorName"] == "QUERY_REJECTED"
    assert "has begun or ended" in results[0].message


# ---- tables that change ------------------------------------------------------

ROUNDS = 5
CONNECTIONS = 8  # the kernel spreads them over the workers


@pytest.fixture(scope="module")
def changing_site(make_site, clusters):
    """No cross-check: what was decided by old columns would be shown."""
    base = policy.base(clusters)
    for name in ("blue", "green"):
        base.cluster(name, cross_check="off")
    base.allow("analysts read changing", ["role:analysts"], ["read"],
               table="memory.default.changing*")
    base.deny("not the secret", ["role:analysts"], ["select"],
              table="memory.default.changing*", columns=["secret"])
    return make_site("changing", base=base, options={
        "workers": 2, "metadata.ttl": "1h", "metadata.absent_ttl": "1h",
    })


def told_by_all(site, family, sql):
    """What connection after connection is told: names, or the refusal."""
    answers = []
    for _ in range(CONNECTIONS):
        connection = site.client("analyst", family)
        result = connection.run(sql)
        connection.close()
        answers.append(
            result.message.partition(" (")[0] if result.error
            else tuple(result.names))
    return set(answers)


@pytest.mark.parametrize("family", ["trino", "presto"])
def test_every_worker_hears_of_a_change(changing_site, family):
    """CREATE and DROP through the gateway show at once, on every worker."""
    table = "memory.default.changing_" + family
    select = f"select * from {table}"
    engineer = changing_site.client("engineer", family)
    denied = ("Access Denied: line 1:8: Cannot select from columns [secret] "
              f"in table {table}")
    engineer.run(f"drop table if exists {table}")
    for _ in range(ROUNDS):
        for columns, answer in (
            ("1 a", ("a",)), ("1 a, 2 secret", denied), ("1 b, 2 c",
                                                        ("b", "c")),
        ):
            engineer.rows(f"create table {table} as select {columns}")
            assert told_by_all(changing_site, family, select) == {answer}
            engineer.rows(f"drop table {table}")
            # Without columns the rule speaks of the whole table.
            assert told_by_all(changing_site, family, select) == {
                denied.replace("1:8", "1:15")}


def test_a_view_that_is_replaced(changing_site):
    view = "memory.default.changing_view"
    engineer = changing_site.client("engineer")
    for columns, refused in (("1 a", False), ("1 a, 2 secret", True)) * 3:
        engineer.rows(f"create or replace view {view} as select {columns}")
        (answer,) = told_by_all(changing_site, "trino",
                                f"select * from {view}")
        assert ("Cannot select" in answer) == refused
    engineer.rows(f"drop view {view}")
