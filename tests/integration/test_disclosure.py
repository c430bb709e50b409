# SPDX-License-Identifier: Apache-2.0
"""What a refusal tells of tables and columns that one may not read."""

import re

import pytest

import policy

#: $T is a table that is there or not; guest has a right on tpch.tiny.nation.
ORACLES = [
    "select * from $T",
    "select count(*) from $T",
    "select custkey from $T",
    "select 1 from $T t (x)",
    "select t.name from $T t",
    "select zzz from $T a cross join tpch.tiny.nation b",
    "select name from $T a cross join tpch.tiny.nation b",
    "select name from tpch.tiny.nation where nationkey in "
    "(select nationkey from $T)",
    "select zzz from tpch.tiny.nation where exists (select 1 from $T)",
    "with t (a, b) as (select * from $T) select a from t",
    "select name from tpch.tiny.nation union select * from $T",
    "select * from $T a join tpch.tiny.nation b using (nationkey)",
    "explain select name from $T",
    "insert into $T select * from tpch.tiny.nation",
    "create view memory.default.v as select zzz from $T",
    'select * from "$T$files"',
    "describe $T",
]
DISCLOSE = ["full", "minimal"]


@pytest.fixture(scope="module", params=DISCLOSE)
def disclosing(request, make_site, clusters):
    base = policy.base(clusters)
    base.allow("guest uses violet", ["guest"], ["use"], cluster="violet")
    base.allow("guest reads names", ["guest"], ["select"],
               table="tpch.tiny.supplier", columns=["name"])
    return make_site(request.param, base=base,
                     options={"errors.disclose": request.param})


def told(result):
    """The bytes that a client gets, but for the ids of the statement."""
    pages = b"\n".join(reply.body for reply in result.replies).decode()
    return re.sub(r'(statement id |"id":"|"http://)\w[^")]*', r"\1...", pages)


def ask(site, family, sql, table):
    if "$T$files" in sql:
        table = table.replace(".", '"."')
    return site.client("guest", family).refused(sql.replace("$T", table))


@pytest.mark.parametrize("family", ["trino", "presto"])
@pytest.mark.parametrize("sql", ORACLES)
def test_forbidden_and_absent_look_alike(disclosing, family, sql):
    there = ask(disclosing, family, sql, "tpch.tiny.customer")
    absent = ask(disclosing, family, sql, "tpch.tiny.customes")
    assert there.error["errorName"] == "PERMISSION_DENIED", there.message
    assert "[" not in there.message, there.message
    assert "line" in told(there) and "customer" in told(there)
    assert told(there).replace("customer", "customes") == told(absent)


def test_forbidden_tables_are_not_asked_for(disclosing):
    """What nobody may see is not looked up for anybody."""
    name = f"tpch.tiny.never_{disclosing.gateway.port}"
    for _ in range(2):
        result = disclosing.client("guest").refused(f"select * from {name}")
        assert result.error["errorName"] == "PERMISSION_DENIED"
    seen = disclosing.direct(
        "blue", "select query from system.runtime.queries where source = "
        "'datagateway-metadata'")
    assert not [row for row in seen if "never_" in row[0]]


#: The gateway's own words about names; the rest is the engine's to say.
MISTAKES = [
    ("select 1 from tpch.tiny.customer t (x)", "MISMATCHED_COLUMN_ALIASES"),
    ("select zzz from tpch.tiny.nation, tpch.tiny.customer",
     "COLUMN_NOT_FOUND"),
    ("select comment from tpch.tiny.nation, tpch.tiny.customer",
     "AMBIGUOUS_NAME"),
    ("with t (a) as (select * from tpch.tiny.customer) select a from t",
     "MISMATCHED_COLUMN_ALIASES"),
]


@pytest.mark.parametrize("sql, name", MISTAKES)
def test_mistakes_in_names(disclosing, sql, name):
    """analyst may not read one column of customer; engineer all of it."""
    right = disclosing.client("engineer").refused(sql)
    assert right.error["errorName"] == name, right.message
    partly = disclosing.client("analyst").refused(sql)
    if disclosing.options["errors.disclose"] == "full":
        assert told(partly) == told(right)
        return
    assert partly.error["errorName"] == "PERMISSION_DENIED"
    assert "Cannot select from table tpch.tiny.customer (" in partly.message


def test_mistakes_beside_a_forbidden_table(disclosing):
    """The denial wins, wherever the mistake is."""
    for sql in (
        "select zzz from tpch.tiny.nation a cross join tpch.tiny.nation b "
        "where exists (select 1 from tpch.tiny.orders)",
        "select 1 from tpch.tiny.nation t (x), tpch.tiny.orders o",
    ):
        result = disclosing.client("guest").refused(sql)
        assert "Cannot select from table tpch.tiny.orders (" in result.message


def test_partly_readable(disclosing):
    """guest may read one column of supplier: is there another of a name?"""
    client = disclosing.client("guest")
    sql = "select $C from tpch.tiny.supplier"
    answers = {
        told(client.refused(sql.replace("$C", column)))
        for column in ("zzzzzzz", "acctbal", "*      ", "t.zzzzz")
    }
    answers.add(told(client.refused(sql.replace("$C", "1      ") + " t (x)")))
    if disclosing.options["errors.disclose"] == "minimal":
        assert len(answers) == 1, answers
        assert "Cannot select from table tpch.tiny.supplier (" in answers.pop()
    else:
        named = "\n".join(answers)
        for words in ("columns [acctbal]", "columns [zzzzzzz]",
                      "7 columns available"):
            assert words in named
