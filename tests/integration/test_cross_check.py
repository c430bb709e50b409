# SPDX-License-Identifier: Apache-2.0
"""Columns: what the gateway knows of them, and what the engine did with them.

The metadata cache is made stale on purpose: a table is changed on the engine
behind the gateway's back, and a rule forbids the column that was added.
"""

import pytest

import policy
import servers
from fake_coordinator import STATS
from gateway import wait_until

TABLE = "memory.default.stale"


def changed_policy(usual, mode):
    made = usual.change()
    for name in ("blue", "green"):
        made.cluster(name, cross_check=mode)
    made.allow("analysts read stale", ["role:analysts"], ["read"],
               table=TABLE + "*")
    made.deny("not the secret", ["role:analysts"], ["select"],
              table=TABLE + "*", columns=["secret"])
    return made


def new_table(site, columns, table=TABLE):
    site.direct("blue", f"DROP TABLE IF EXISTS {table}")
    site.direct("blue", f"CREATE TABLE {table} AS SELECT {columns}")


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
    "catalog": "tpch", "schema": "tiny", "table": "secret",
    "directlyReferenced": True, "columns": [{"column": "ssn"}],
}


@pytest.fixture(scope="module")
def excessive_site(make_fake_site):
    return make_fake_site("excessive", cross_check="enforce")


@pytest.mark.parametrize("width", [1, 20_000, 40_000, 200_000])
def test_wide_columns_do_not_evade(excessive_site, fake, width):
    """Whatever comes before the rows: they wait for the check."""
    columns = [{
        "name": "a" * width, "type": "varchar",
        "typeSignature": {"rawType": "varchar", "arguments": []},
    }]
    fake.script({"columns": columns},
                     {"columns": columns, "data": [["hush"]]},
                     {"columns": columns, "data": [["hush"]]})
    fake.referenced = [SECRET]
    result = excessive_site.client("analyst").run("SELECT 1")
    assert result.error, "rows were relayed unchecked"
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "tpch.tiny.secret" in result.message
    assert b"hush" not in b"".join(reply.body for reply in result.replies)


def test_wide_columns_pass_when_all_is_well(excessive_site, fake):
    columns = [{
        "name": "a" * 200_000, "type": "varchar",
        "typeSignature": {"rawType": "varchar", "arguments": []},
    }]
    fake.script({"columns": columns, "data": [["x"]]},
                     {"columns": columns, "data": [["y"]]})
    fake.referenced = []
    result = excessive_site.client("analyst").run("SELECT 1")
    assert result.error is None, result.message
    assert result.rows == [["x"], ["y"]]


# ---- errors, whose texts can quote what is in a table ----------------------------

def error_page(name="INVALID_CAST_ARGUMENT", code=9, kind="USER_ERROR"):
    text = "Cannot cast 'hush' to INT"
    return {
        "stats": {**STATS, "state": "FAILED"},
        "error": {
            "message": text, "errorCode": code, "errorName": name,
            "errorType": kind, "failureInfo": {
                "type": "io.trino.spi.TrinoException", "message": text,
                "suppressed": [], "stack": ["hush"],
            },
        },
    }


NATION = {
    "catalog": "tpch", "schema": "tiny", "table": "nation",
    "directlyReferenced": True, "columns": [{"column": "name"}],
}
READ_NATION = "SELECT CAST(name AS integer) FROM tpch.tiny.nation"


def told(result):
    return b"".join(reply.body for reply in result.replies)


def asked(coordinator, user="analyst"):
    """How often it was asked what a query of the user's has touched."""
    return sum(request[1].startswith("/v1/query/")
               and ("X-Trino-User", user) in request[2]
               for request in coordinator.requests)


@pytest.mark.parametrize("pages", [
    lambda: [error_page()],
    lambda: [error_page(), {}],
    lambda: [{**error_page(), "columns": [{"name": "a" * 200_000}]}],
    lambda: [{**error_page(), "warnings": ["a" * 200_000]}],
], ids=["short", "with a nextUri", "behind much", "before much"])
def test_error_beyond_what_was_decided(excessive_site, fake, pages):
    fake.script({}, *pages())
    fake.referenced = [NATION, SECRET]
    fake.query_info = {"state": "FAILED"}
    result = excessive_site.client("analyst").run(READ_NATION)
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "secret" in result.message
    assert b"hush" not in told(result)


@pytest.mark.parametrize("info", [
    {"state": "FAILED", "referencedTables": [NATION]},
    {"state": "FAILED", "queryStats": {"totalTasks": 0}},
], ids=["read what was decided", "read nothing"])
def test_error_within_what_was_decided(excessive_site, fake, info):
    fake.script({}, error_page())
    fake.query_info = info
    result = excessive_site.client("analyst").run(READ_NATION)
    assert result.error == error_page()["error"]
    assert asked(fake) == 1


@pytest.mark.parametrize("status,info", [
    (200, {"state": "FAILED"}),
    (200, {"state": "FAILED", "queryStats": {"totalTasks": 3}}),
    (410, {}), (403, {}),
], ids=["no tables", "no tables though it ran", "forgotten", "forbidden"])
@pytest.mark.parametrize("name,code,kind", [
    ("INVALID_CAST_ARGUMENT", 9, "USER_ERROR"),
    # What fail(1, name) throws: the name proves nothing.
    ("SYNTAX_ERROR", 1, "USER_ERROR"),
    ("HIVE_BAD_DATA", 16777217, "EXTERNAL"),
])
def test_error_that_cannot_be_judged(excessive_site, fake, status, info,
                                     name, code, kind):
    """It keeps its name, and its text stays inside."""
    fake.script({}, error_page(name, code, kind))
    fake.query_status = status
    fake.query_info = info
    result = excessive_site.client("analyst").run(READ_NATION)
    error = result.error
    assert (error["errorName"], error["errorCode"], error["errorType"]) == (
        name, code, kind)
    assert "withheld" in result.message
    assert b"hush" not in told(result)


def test_error_of_a_strange_kind(excessive_site, fake):
    """Clients would break over a type that they do not know."""
    fake.script({}, error_page("no 'name'", 9, "STRANGE"))
    fake.query_status = 410
    result = excessive_site.client("analyst").run(READ_NATION)
    assert result.error["errorName"] == "GENERIC_INTERNAL_ERROR"
    assert result.error["errorType"] == "INTERNAL_ERROR"
    assert b"hush" not in told(result)


def test_one_question_a_statement(excessive_site, fake):
    """Rows that were checked: the error after them is not checked again."""
    columns = [{
        "name": "name", "type": "varchar",
        "typeSignature": {"rawType": "varchar", "arguments": []},
    }]
    fake.script({}, {"columns": columns, "data": [["x"]]},
                     {"columns": columns, "data": [["y"]]}, error_page())
    fake.query_info = {"referencedTables": [NATION]}
    result = excessive_site.client("analyst").run(READ_NATION)
    assert result.error == error_page()["error"]
    assert asked(fake) == 1


def test_error_under_audit(make_fake_site, fake):
    site = make_fake_site("audited", cross_check="audit")
    client = site.client("analyst")
    for status in (200, 410):
        fake.script({}, error_page())
        fake.referenced = [NATION, SECRET]
        fake.query_status = status
        assert client.run(READ_NATION).error == error_page()["error"]
    assert len(site.gateway.events("page.cross_check_differs")) == 2


@pytest.mark.parametrize("sql,name,location", [
    ("SELECT 1/0", "DIVISION_BY_ZERO", None),
    ("SELECT 1/(nationkey - nationkey) FROM tpch.tiny.nation",
     "DIVISION_BY_ZERO", None),
    ("SELECT CAST(name AS integer) FROM tpch.tiny.nation",
     "INVALID_CAST_ARGUMENT", None),
    ("SELECT (SELECT nationkey FROM tpch.tiny.nation)",
     "SUBQUERY_MULTIPLE_ROWS", None),
    ("SELECT *\n FROM memory.default.no_such", "TABLE_NOT_FOUND", (2, 7)),
    ("SELECT name + 1 FROM tpch.tiny.nation", "TYPE_MISMATCH", (1, 13)),
    ("SELECT DATE '2020-99-99' FROM tpch.tiny.nation", "INVALID_LITERAL",
     (1, 8)),
    ("SELECT 1 FROM tpch.tiny.nation FETCH FIRST 0 ROWS ONLY",
     "NUMERIC_VALUE_OUT_OF_RANGE", (1, 32)),
    ("INSERT INTO memory.default.checked2 SELECT CAST(name AS integer) "
     "FROM tpch.tiny.nation", "INVALID_CAST_ARGUMENT", None),
])
@pytest.mark.parametrize("cluster", ["blue", "green"])
def test_legitimate_errors_pass(stale_site, cluster, sql, name, location):
    """As the engine tells them: name, text and place."""
    stale_site.apply(changed_policy(stale_site.policy, "enforce"))
    if "checked2" in sql:
        stale_site.direct(cluster, "DROP TABLE IF EXISTS memory.default.checked2")
        stale_site.direct(cluster, "CREATE TABLE memory.default.checked2 (a int)")
    client = stale_site.client("engineer")
    client.session["datagateway.cluster"] = cluster
    result = client.run(sql)
    assert result.error["errorName"] == name, result.message
    assert "withheld" not in result.message
    assert result.location == location
    if name == "INVALID_CAST_ARGUMENT":
        assert "to INT" in result.message
    assert result.error["failureInfo"]["stack"], "it is not the engine's"


@pytest.mark.parametrize("number,expression,name", [
    (1, "CAST(x AS integer)", "INVALID_CAST_ARGUMENT"),
    (2, "fail(1, x)", "SYNTAX_ERROR"),
])
def test_error_on_a_new_column(stale_site, number, expression, name):
    """SELECT * of a stale cache, over which the engine itself stumbles."""
    stale_site.apply(changed_policy(stale_site.policy, "enforce"))
    table = f"{TABLE}{number}"  # one that the cache has not seen
    sql = f"SELECT {expression} FROM (SELECT * FROM {table}) AS t(a, x)"
    new_table(stale_site, "1 AS a, 'b' AS b", table)
    client = stale_site.client("analyst")
    assert client.run(sql).error["errorName"] == name
    # Another column takes the place of the one that was decided.
    new_table(stale_site, "1 AS a, 'hush' AS secret", table)
    result = client.run(sql)
    assert result.error["errorName"] == "PERMISSION_DENIED", result.message
    assert "hush" not in str([reply.body for reply in result.replies])
