# SPDX-License-Identifier: Apache-2.0
"""The tables over which engine and `analyze` are compared, in one place."""

import re

import random_queries
import random_statements
import record_truth

#: of forms.sql and rights.sql
FORMS = {
    "t": {
        "a": "bigint",
        "b": "varchar",
        "c": "double",
        "r": "row(x bigint, y varchar)",
        "l": "array(bigint)",
        "ts": "timestamp with time zone",
    },
    "u": {"a": "bigint", "d": "varchar"},
    "w": {"k": "bigint", "s": "row(a bigint, b row(c bigint, d varchar))"},
    "nn": {"a": "bigint not null"},
}
#: {schema of catalog memory: {view: (columns, query)}}
VIEWS = {
    "forms": {
        "v": (["a", "k"], "select a, b as k from t where c > 1"),
        "vv": (["k", "n"], "select k, count(*) as n from v group by k"),
    },
    "random": random_statements.VIEWS,
}

#: of the examples of sqlparse/support/support.def, in schema c.s
EXAMPLES = {
    "t": {
        "a": "bigint",
        "b": "varchar",
        "l": "array(bigint)",
        "r": "row(x bigint, y varchar)",
    },
    "u": {"a": "bigint", "b": "varchar"},
    "v": {"a": "bigint"},
}

#: of the engines' own tests of their analyzers, in schema tpch.s1
TESTED = {
    "t1": dict.fromkeys("abcd", "bigint"),
    "t2": dict.fromkeys("ab", "bigint"),
    "t3": dict.fromkeys("ab", "bigint"),
    "t4": {"a": "bigint"},
    "t5": {"a": "varchar", "b": "bigint"},
    "t6": {"a": "bigint", "b": "varchar", "c": "bigint", "d": "bigint"},
    "t7": {"a": "bigint", "b": "double", "c": "array(bigint)",
           "d": "array(double)", "e": "array(row(x bigint, y bigint))"},
    "t8": {"a": "row(b row(c bigint))", "b": "row(b row(c bigint))"},
    "t13": {"a": "bigint", "b": "row(x bigint, y varchar)"},
}

#: {statement that the engine may not know: in which dialects it does}
MADE = {
    "create table m_rows (a bigint, b varchar)": ("trino",),
    "create table old_rows (a bigint, b varchar)": ("trino",),
    "create materialized view m as select a, b from memory.forms.t "
    "where c > 1": ("trino", "presto"),
    # its name for t is the session's of who refreshes it
    "create materialized view old as select a, b from t where c > 1":
        ("trino",),
    "create view inv security invoker as select a, b from memory.forms.t "
    "where c > 1": ("trino", "presto"),
    "create view inv2 security invoker as select i.a, v.k as b "
    "from memory.forms.inv i join memory.forms.v on v.a = i.a":
        ("trino", "presto"),
    "create view definv as select a, b from memory.forms.inv":
        ("trino", "presto"),
    "create function memory.forms.f(x bigint) returns bigint return x + 1":
        ("trino",),
}
#: of those that have any
MADE_COLUMNS = ["a", "b"]
#: of each statement: what it makes, and its name
MAKES = re.compile(r"create (table|view|materialized view) (\w+) ")

TPCH = {
    "customer": "custkey bigint, name varchar, address varchar, "
    "nationkey bigint, phone varchar, acctbal double, mktsegment varchar, "
    "comment varchar",
    "lineitem": "orderkey bigint, partkey bigint, suppkey bigint, "
    "linenumber integer, quantity double, extendedprice double, "
    "discount double, tax double, returnflag varchar, linestatus varchar, "
    "shipdate date, commitdate date, receiptdate date, "
    "shipinstruct varchar, shipmode varchar, comment varchar",
    "nation": "nationkey bigint, name varchar, regionkey bigint, "
    "comment varchar",
    "orders": "orderkey bigint, custkey bigint, orderstatus varchar, "
    "totalprice double, orderdate date, orderpriority varchar, "
    "clerk varchar, shippriority integer, comment varchar",
    "part": "partkey bigint, name varchar, mfgr varchar, brand varchar, "
    "type varchar, size integer, container varchar, retailprice double, "
    "comment varchar",
    "partsupp": "partkey bigint, suppkey bigint, availqty integer, "
    "supplycost double, comment varchar",
    "region": "regionkey bigint, name varchar, comment varchar",
    "supplier": "suppkey bigint, name varchar, address varchar, "
    "nationkey bigint, phone varchar, acctbal double, comment varchar",
}

CATALOGS = ["memory", "tpch", "c", "spare"]

PREPARED = "-- prepared: "


def _columns(text):
    return dict(part.strip().split(" ", 1) for part in text.split(", "))


def schemas():
    """{(catalog, schema): {table: {column: type}}}."""
    return {
        ("c", "s"): EXAMPLES,
        ("memory", "forms"): FORMS,
        ("memory", "empty"): {},
        ("memory", "random"): random_queries.typed_tables(),
        ("memory", record_truth.TPCDS_SCHEMA): {
            table: dict(columns)
            for table, columns in record_truth.tpcds_tables().items()
        },
        ("tpch", "s1"): TESTED,
        ("tpch", "tiny"): {
            table: _columns(text) for table, text in TPCH.items()
        },
    }


def setup(dialect):
    """[(catalog, schema, statement)] for engine_access.Engine."""
    made = []
    for (catalog, schema), tables in schemas().items():
        made.append((catalog, schema, f"create schema {schema}"))
        for table, columns in tables.items():
            listed = ", ".join(f"{n} {kind}" for n, kind in columns.items())
            made.append(
                (catalog, schema, f"create table {table} ({listed})")
            )
    made += [
        ("memory", schema, f"create view {view} as {query}")
        for schema, views in VIEWS.items()
        for view, (_, query) in views.items()
    ]
    made += [
        ("memory", "forms", sql)
        for sql, dialects in MADE.items() if dialect in dialects
    ]
    return made


def question(sql, catalog="memory", schema="forms"):
    """For engine_access.Engine; `-- prepared: ` says what p is."""
    prepared = [
        line.removeprefix(PREPARED) for line in sql.splitlines()
        if line.startswith(PREPARED)
    ]
    return (catalog, schema, sql, *prepared)


def _is_readers(sql, dialect):
    """Whether its reader is asked for what a view reads."""
    if "materialized" in sql:
        return dialect == "presto"
    return "security invoker" in sql


def _made_metadata(dialect):
    """{table: what `analyze --metadata` takes for it}."""
    found = {}
    for sql in MADE:
        made = MAKES.match(sql)
        if made and made[1] == "table":
            found[made[2]] = MADE_COLUMNS
        elif made:
            rights = "reader" if _is_readers(sql, dialect) else "owner"
            found[made[2]] = {
                "columns": MADE_COLUMNS, "view": sql, "rights": rights,
            }
    return found


def metadata(dialect):
    """The same for `analyze --metadata`."""
    found = {}
    for (catalog, schema), tables in schemas().items():
        found.setdefault(catalog, {})[schema] = {
            table: list(columns) for table, columns in tables.items()
        }
    for schema, views in VIEWS.items():
        for view, (columns, _) in views.items():
            found["memory"][schema][view] = columns
    found["memory"]["forms"] |= _made_metadata(dialect)
    return found
