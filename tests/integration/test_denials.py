# SPDX-License-Identifier: Apache-2.0
"""What is refused, and how the refusal looks to a client."""

import re

import pytest

import policy
import real_clients
import servers

FAMILIES = ["trino", "presto"]


@pytest.mark.parametrize("family", FAMILIES)
def test_star_over_a_forbidden_column(site, family):
    result = site.client("analyst", family).refused(
        "select * from tpch.tiny.customer"
    )
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert result.error["errorCode"] == 4
    assert result.error["errorType"] == "USER_ERROR"
    assert result.message.startswith("Access Denied: ")
    assert "acctbal" in result.message
    assert "tpch.tiny.customer" in result.message
    for allowed in ("custkey", "mktsegment", "nationkey"):
        assert allowed not in result.message
    line, column = result.location
    assert line == 1 and column in (8, 15)
    if family == "presto":
        assert result.error["retriable"] is False


def test_two_steps(site):
    """The POST is answered as by an engine; the error comes with the GET."""
    client = site.client("analyst")
    reply, page = client.start("select acctbal from tpch.tiny.customer")
    assert page["stats"]["state"] == "QUEUED"
    assert "error" not in page
    assert page["infoUri"].startswith(site.gateway.url)
    _, page = client.get(page["nextUri"])
    assert page["stats"]["state"] == "FAILED"
    assert page["error"]["errorName"] == "PERMISSION_DENIED"
    assert "nextUri" not in page


def test_position_in_the_clients_text(site):
    client = site.client("analyst")
    cases = {
        "select acctbal from tpch.tiny.customer": (1, 8),
        "select name,\n  acctbal\nfrom tpch.tiny.customer": (2, 3),
        "/* é😀 */ select c.acctbal from tpch.tiny.customer c": None,
        "select name from tpch.tiny.customer\nwhere acctbal > 0": (2, 7),
    }
    for sql, place in cases.items():
        result = client.refused(sql)
        lines = sql.split("\n")
        line, column = result.location
        assert 1 <= line <= len(lines)
        # UTF-16 units, as the command lines count.
        width = len(lines[line - 1].encode("utf-16-le")) // 2
        assert 1 <= column <= width + 1
        if place:
            assert (line, column) == place, sql


#: every way to read the column, each of which counts.
WAYS = [
    "select acctbal from tpch.tiny.customer",
    "select name from tpch.tiny.customer where acctbal > 0",
    "select name from tpch.tiny.customer order by acctbal",
    "select count(acctbal) from tpch.tiny.customer",
    "select name from tpch.tiny.customer group by name having max(acctbal) > 0",
    "select sum(1) over (order by acctbal) from tpch.tiny.customer",
    "select x from (select acctbal x from tpch.tiny.customer) t",
    "with c as (select * from tpch.tiny.customer) select name from c",
    "select 1 where exists (select 1 from tpch.tiny.customer where acctbal=0)",
    "select (select max(acctbal) from tpch.tiny.customer)",
    "select n.name from tpch.tiny.nation n join tpch.tiny.customer c "
    "on n.nationkey = c.nationkey and c.acctbal > 0",
    "select name from tpch.tiny.nation union "
    "select cast(acctbal as varchar) from tpch.tiny.customer",
    "select c.* from tpch.tiny.customer c",
    "table tpch.tiny.customer",
    'select "ACCTBAL" from tpch.tiny.customer',
    "select t.a from tpch.tiny.customer t (a,b,c,d,e,f,g,h) where f > 0",
    "explain analyze select acctbal from tpch.tiny.customer",
    "select custkey from tpch.tiny.customer c, unnest(array[c.acctbal]) u (x)",
    "select transform(array[1], x -> x + acctbal) from tpch.tiny.customer",
    "select case when acctbal > 0 then 1 end from tpch.tiny.customer",
    "select name from tpch.sf1.customer where acctbal between 1 and 2",
]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sql", WAYS)
def test_ways_to_a_forbidden_column(site, family, sql):
    result = site.client("analyst", family).refused(sql)
    assert result.error["errorName"] == "PERMISSION_DENIED"
    assert "acctbal" in result.message


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sql, count", [
    ("select name, phone from tpch.tiny.customer limit 1", 1),
    ("select count(*) from tpch.tiny.customer", 1),
    ("select acctbal from (values 1) t (acctbal)", 1),
    ("select acctbal from tpch.tiny.supplier limit 2", 2),
    ("with customer as (select 1 acctbal) select acctbal from customer", 1),
])
def test_what_is_not_the_forbidden_column(site, family, sql, count):
    assert len(site.client("analyst", family).rows(sql)) == count


@pytest.mark.parametrize("sql", [
    "select * from tpch.sf100.nation",
    "select * from memory.default.x",
    "select query from system.runtime.queries",
    "insert into memory.default.x select 1",
    "create table memory.default.x as select 1 a",
    "drop table memory.default.x",
    "delete from tpch.tiny.nation",
    "create view memory.default.v as select 1 a",
])
def test_not_granted(site, sql):
    result = site.client("analyst").refused(sql)
    assert result.error["errorName"] == "PERMISSION_DENIED", result.message


def test_every_failing_entry_is_named(site):
    result = site.client("analyst").refused(
        "select c.acctbal, o.* from tpch.tiny.customer c, memory.default.o o, "
        "tpch.sf100.nation"
    )
    assert "acctbal" in result.message
    assert "tpch.sf100.nation" in result.message


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("sql", [
    "call system.runtime.kill_query('x', 'y')",
    "grant select on tpch.tiny.nation to user analyst",
    "drop schema memory.other cascade",
    "set role admin",
])
def test_what_cannot_be_accounted_for(site, family, sql):
    result = site.client("engineer", family).refused(sql)
    assert result.error["errorName"] in ("NOT_SUPPORTED", "PERMISSION_DENIED")


@pytest.mark.parametrize("family", FAMILIES)
def test_syntax_errors(site, family):
    client = site.client("analyst", family)
    for sql, place in {
        "selec 1": (1, 1),
        "select 1 from\n  from x": (2, 3),
        "select 'abc": (1, 8),
        "select 1; select 2": (1, 9),
    }.items():
        result = client.refused(sql)
        assert result.error["errorName"] == "SYNTAX_ERROR"
        assert result.location == place, sql


def test_nobody_without_rights(site):
    result = site.client("outsider").refused("select 1")
    assert result.error["errorName"] in ("PERMISSION_DENIED", "NOT_FOUND")


def test_minimal_disclosure(make_site):
    site = make_site("minimal", options={"errors.disclose": "minimal"})
    result = site.client("analyst").refused("select * from tpch.tiny.customer")
    assert result.message.startswith("Access Denied: ")
    assert "acctbal" not in result.message


#: Names that nothing could be meant by; the engine has more of its own to say.
IMPOSSIBLE = (
    "SELECT 1 FROM a.b.c.d", "SELECT a.b.c.d(1)", "SHOW TABLES FROM a.b.c",
    "CREATE SCHEMA a.b.c", "INSERT INTO a.b.c.d SELECT 1", "CALL a.b.c.d(1)",
    "SHOW STATS FOR a.b.c.d", "SELECT *", "COMMENT ON COLUMN e IS 'x'",
    "WITH RECURSIVE t AS (SELECT 1 UNION ALL SELECT * FROM t) "
    "SELECT * FROM t",
)


@pytest.mark.parametrize("cluster", ["blue", "green", "violet"])
@pytest.mark.parametrize("sql", IMPOSSIBLE)
def test_errors_are_named_as_the_engine_does(site, cluster, sql):
    family = "presto" if cluster == "violet" else "trino"
    client = site.client("engineer", family)
    client.session["datagateway.cluster"] = cluster
    ours = client.refused(sql).error
    with pytest.raises(servers.QueryFailed) as caught:
        site.direct(cluster, sql)
    theirs = caught.value.error
    for member in ("errorName", "errorCode", "errorType"):
        assert ours[member] == theirs[member], (ours, theirs)


HELP = "ask data-team@example.com or https://wiki.example.com/access"
#: a column that is denied, on the second line of the client's text.
PLACED = "select name,\n  acctbal from tpch.tiny.customer"


@pytest.fixture(scope="module")
def helpful(make_site, tls):
    return make_site("helpful", tls=tls, options={"errors.help": HELP})


def is_complete(text):
    """Object, columns, place, whom to ask, and the id to quote."""
    found = re.search(
        r"Access Denied: line 2:3: Cannot select from columns \[acctbal\] in "
        r"table tpch\.tiny\.customer: personal data "
        rf"\({re.escape(HELP)}; statement id ([0-9a-f]{{20}})\)", text)
    assert found, text
    return found.group(1)


@pytest.mark.parametrize("family", FAMILIES)
def test_short_form_in_command_lines(helpful, family):
    done = real_clients.run_cli(
        family, helpful.gateway.url, "analyst", PLACED,
        password=policy.PASSWORDS["analyst"], ca=helpful.tls.ca,
        arguments=["--session", "datagateway.cluster=violet"]
        if family == "presto" else [])
    assert done.status != 0
    number = is_complete(done.err)
    rows = helpful.sql("SELECT decision, rule_id IS NOT NULL FROM "
                       "datagateway.audit_decision WHERE statement_id = "
                       f"'{number}'")
    assert rows == [["denied", "t"]]


def test_short_form_in_jdbc(helpful):
    results = real_clients.run_jdbc(
        "trino-jdbc-476",
        helpful.gateway.url.replace("https:", "jdbc:trino:"),
        [PLACED.replace("\n", " ")], user="analyst",
        password=policy.PASSWORDS["analyst"], SSL="true",
        SSLTrustStorePath=str(helpful.tls.ca))
    assert "Access Denied" in results[0].error
    assert HELP in results[0].error
    assert re.search(r"statement id [0-9a-f]{20}", results[0].error)
    assert "line 1:16: Cannot select from columns [acctbal] in table " \
        "tpch.tiny.customer" in results[0].error
