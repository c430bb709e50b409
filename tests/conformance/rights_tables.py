# SPDX-License-Identifier: Apache-2.0
"""The tables over which engine and `analyze` are compared, in one place."""

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
}
#: {schema of catalog memory: {view: (columns, query)}}
VIEWS = {
    "forms": {
        "v": (["a", "k"], "select a, b as k from t where c > 1"),
        "vv": (["k", "n"], "select k, count(*) as n from v group by k"),
    },
    "random": random_statements.VIEWS,
}

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

CATALOGS = ["memory", "tpch"]


def _columns(text):
    return dict(part.strip().split(" ", 1) for part in text.split(", "))


def schemas(benchmarks=True):
    """{(catalog, schema): {table: {column: type}}}."""
    own = {
        ("memory", "forms"): FORMS,
        ("memory", "random"): random_queries.typed_tables(),
    }
    if not benchmarks:
        return own
    return {
        **own,
        ("memory", record_truth.TPCDS_SCHEMA): {
            table: dict(columns)
            for table, columns in record_truth.tpcds_tables().items()
        },
        ("tpch", "tiny"): {
            table: _columns(text) for table, text in TPCH.items()
        },
    }


def setup(benchmarks=False):
    """[(catalog, schema, statement)] for engine_access.Engine."""
    made = []
    for (catalog, schema), tables in schemas(benchmarks).items():
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
    return made


def metadata():
    """The same for `analyze --metadata`."""
    found = {}
    for (catalog, schema), tables in schemas().items():
        found.setdefault(catalog, {})[schema] = {
            table: list(columns) for table, columns in tables.items()
        }
    for schema, views in VIEWS.items():
        for view, (columns, _) in views.items():
            found["memory"][schema][view] = columns
    return found
