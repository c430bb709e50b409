# SPDX-License-Identifier: Apache-2.0
"""Columns: what the gateway knows of them, and what the engine did with them.

The metadata cache is made stale on purpose: a table is changed on the engine
behind the gateway's back, and a rule forbids the column that was added.
"""

import pytest

import policy
import servers
from fake_coordinator import FakeCoordinator
from gateway import wait_until

TABLE = "memory.default.stale"


def changed_policy(usual, mode):
    made = usual.change()
    for name in ("blue", "green"):
        made.cluster(name, cross_check=mode)
    made.allow("analysts read stale", ["role:analysts"], ["read"], table=TABLE)
    made.deny("not the secret", ["role:analysts"], ["select"], table=TABLE,
              columns=["secret"])
    return made


def new_table(site, columns):
    site.direct("blue", f"DROP TABLE IF EXISTS {TABLE}")
    site.direct("blue", f"CREATE TABLE {TABLE} AS SELECT {columns}")


@pytest.fixture(scope="module")
def stale_site(make_site, clusters):
    return make_site(
        "stale", base=changed_policy(policy.base(clusters), "enforce"),
        options={"metadata.ttl": "1h"},
    )


def run_stale(site):
    """SELECT * by a cache that has not seen the secret column."""
    new_table(site, "1 AS a")
    client = site.client("analyst")
    assert client.rows(f"SELECT * FROM {TABLE}") == [[1]]
    new_table(site, "1 AS a, 'hush' AS secret")
    return client, client.run(f"SELECT * FROM {TABLE}")


def test_enforce(stale_site):
    stale_site.apply(changed_policy(stale_site.policy, "enforce"))
    client, result = run_stale(stale_site)
    assert result.error, "rows of a forbidden column were relayed"
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "hush" not in str([reply.body for reply in result.replies])
    assert stale_site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded"
    ) >= 1
    # A statement within what was decided is not disturbed.
    assert client.rows(f"SELECT a FROM {TABLE}") == [[1]]


def test_cancelled_on_the_engine(stale_site):
    stale_site.apply(changed_policy(stale_site.policy, "enforce"))
    _, result = run_stale(stale_site)
    query_id = result.replies[0].json()["id"]
    url = stale_site.clusters["blue"].url()
    wait_until(
        lambda: servers.query_info(url, "trino", query_id)["state"]
        in ("FAILED", "FINISHED"),
        "the query to end on the engine",
    )


@pytest.fixture
def fresh_site(make_site, clusters):
    """A cache of its own for each mode."""

    def make(mode):
        return make_site(
            f"stale-{mode}", base=changed_policy(policy.base(clusters), mode),
            options={"metadata.ttl": "1h"},
        )

    return make


def test_audit_only(fresh_site):
    site = fresh_site("audit")
    _, result = run_stale(site)
    assert result.error is None
    assert result.rows == [[1, "hush"]]
    assert site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded"
    ) == 1


def test_off(fresh_site):
    site = fresh_site("off")
    _, result = run_stale(site)
    assert result.error is None
    assert site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded"
    ) == 0


def test_short_ttl_needs_no_cross_check(make_site, clusters):
    """After metadata.ttl the new column is known, and forbidden."""
    site = make_site(
        "fresh", base=changed_policy(policy.base(clusters), "off"),
        options={"metadata.ttl": "1s"},
    )
    client, _ = run_stale(site)
    result = wait_until(
        lambda: refused(client.run(f"SELECT * FROM {TABLE}")), "fresh columns"
    )
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "secret" in result.message


def refused(result):
    return result if result.error else None


def test_ordinary_queries_pass(stale_site):
    """Joins, views of the catalog, SHOW, EXPLAIN, writes: none is exceeded."""
    stale_site.apply(changed_policy(stale_site.policy, "enforce"))
    before = stale_site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded"
    )
    client = stale_site.client("engineer")
    for sql in (
        "SELECT n.name, r.name FROM tpch.tiny.nation n "
        "JOIN tpch.tiny.region r ON n.regionkey = r.regionkey",
        "SHOW TABLES FROM tpch.tiny", "DESCRIBE tpch.tiny.orders",
        "EXPLAIN SELECT * FROM tpch.tiny.orders",
        "EXPLAIN ANALYZE SELECT count(*) FROM tpch.tiny.orders",
        "SELECT count(*) FROM tpch.tiny.customer",
        "SELECT table_name FROM tpch.information_schema.tables LIMIT 1",
        "SELECT count(*) FROM system.jdbc.catalogs",
        "DROP TABLE IF EXISTS memory.default.checked",
        "CREATE TABLE memory.default.checked AS SELECT 1 a",
        "INSERT INTO memory.default.checked VALUES 2",
        "DROP TABLE memory.default.checked",
    ):
        result = client.run(sql)
        assert result.error is None, f"{sql}: {result.message}"
    assert stale_site.gateway.metric(
        "datagateway_cross_check_total", result="exceeded"
    ) == before


def test_columns_that_cannot_be_had(make_site, clusters):
    """No columns: refused where a rule needs them, allowed where none does."""
    site = make_site("nocolumns", base=policy.base(clusters))
    client = site.client("analyst")
    result = client.refused("SELECT * FROM tpch.tiny.no_such_table")
    assert result.error["errorType"] == "USER_ERROR"
    assert "no_such_table" in result.message


def test_hidden_column(stale_site):
    """tpch has row_number, which * does not show."""
    stale_site.apply(changed_policy(stale_site.policy, "enforce"))
    analyst = stale_site.client("analyst")
    names = analyst.run("SELECT * FROM tpch.tiny.nation LIMIT 1").names
    assert "row_number" not in names
    result = stale_site.client("engineer").run(
        'SELECT "row_number" FROM tpch.tiny.nation LIMIT 1'
    )
    assert result.error is None, result.message


# ---- a coordinator that touches what was not decided -----------------------------

SECRET = {
    "catalogName": "tpch", "schemaName": "tiny", "tableName": "secret",
    "directlyReferenced": True, "columns": [{"column": "ssn"}],
}


@pytest.fixture(scope="module")
def excessive():
    with FakeCoordinator() as coordinator:
        yield coordinator


@pytest.fixture(scope="module")
def excessive_site(make_site, clusters, excessive):
    changed = policy.base(clusters).cluster(
        "fake", engine="trino", url=excessive.url, metadata_user="datagateway",
        cross_check="enforce",
    )
    changed.user("analyst", default_cluster="fake")
    excessive.script({})
    site = make_site("excessive", base=changed)
    wait_until(lambda: site.client("analyst").works("SELECT 1"),
               "the fake cluster to be usable")
    return site


@pytest.mark.parametrize("width", [1, 20_000, 40_000, 200_000])
def test_wide_columns_do_not_evade(excessive_site, excessive, width):
    """Whatever comes before the rows: they wait for the check."""
    columns = [{
        "name": "a" * width, "type": "varchar",
        "typeSignature": {"rawType": "varchar", "arguments": []},
    }]
    excessive.script({"columns": columns},
                     {"columns": columns, "data": [["hush"]]},
                     {"columns": columns, "data": [["hush"]]})
    excessive.referenced = [SECRET]
    result = excessive_site.client("analyst").run("SELECT 1")
    assert result.error, "rows were relayed unchecked"
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert b"hush" not in b"".join(reply.body for reply in result.replies)


def test_wide_columns_pass_when_all_is_well(excessive_site, excessive):
    columns = [{
        "name": "a" * 200_000, "type": "varchar",
        "typeSignature": {"rawType": "varchar", "arguments": []},
    }]
    excessive.script({"columns": columns, "data": [["x"]]},
                     {"columns": columns, "data": [["y"]]})
    excessive.referenced = []
    result = excessive_site.client("analyst").run("SELECT 1")
    assert result.error is None, result.message
    assert result.rows == [["x"], ["y"]]
