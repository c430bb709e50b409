# SPDX-License-Identifier: Apache-2.0
"""The tables over which engine and `analyze` are compared, in one place."""

import random_queries
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
VIEWS = {
    "v": (["a", "k"], "select a, b as k from t where c > 1"),
    "vv": (["k", "n"], "select k, count(*) as n from v group by k"),
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


def schemas():
    """{(catalog, schema): {table: {column: type}}}."""
    return {
        ("memory", "forms"): FORMS,
        ("memory", "random"): random_queries.typed_tables(),
        ("memory", record_truth.TPCDS_SCHEMA): {
            table: dict(columns)
            for table, columns in record_truth.tpcds_tables().items()
        },
        ("tpch", "tiny"): {
            table: _columns(text) for table, text in TPCH.items()
        },
    }


def setup():
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
        ("memory", "forms", f"create view {view} as {query}")
        for view, (_, query) in VIEWS.items()
    ]
    return made


def metadata():
    """The same for `analyze --metadata`."""
    found = {}
    for (catalog, schema), tables in schemas().items():
        found.setdefault(catalog, {})[schema] = {
            table: list(columns) for table, columns in tables.items()
        }
    for view, (columns, _) in VIEWS.items():
        found["memory"]["forms"][view] = columns
    return found
