#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks a real Trino which columns each TPC-H and TPC-DS statement reads.

TPC-H runs on catalog tpch, schema tiny; TPC-DS on empty tables made in catalog
memory from tpcds_tables.txt. What the engine says in referencedTables of
GET /v1/query/{id} is brought into the form that `datagateway analyze --jsonl`
prints, so that the two can be compared for equality.

  record_truth.py --url http://127.0.0.1:8080 --corpora DIR --out DIR

writes metadata.json, truth_tpch.jsonl and truth_tpcds.jsonl into --out. A line
of truth has src, dialect, sql, catalog, schema and either access or error.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "deploy" / "engines"))

import servers  # noqa: E402  (its folder is added above)

TPCDS_SCHEMA = "tpcds"

#: where the corpora's placeholder database.schema.TABLE points.
TARGETS = {"tpch": ("tpch", "tiny"), "tpcds": ("memory", TPCDS_SCHEMA)}

#: the plan does not matter here, and making a good one takes long.
CHEAP_PLANNING = "join_reordering_strategy=NONE,enable_stats_calculator=false"

#: statements asked at the same time.
THREADS = 3

PLACEHOLDERS = (
    (re.compile(r'"database"\."schema"\."(?:prefix)?(\w+)"'), r"{}.{}.\1"),
    (re.compile(r'(?<!")\bdatabase\.schema\.(\w+)'), r"{}.{}.\1"),
    # Query 11 takes a fraction that depends on the scale factor.
    (re.compile(r"\b(0\.0+1\d*) / scale\b"), r"\1"),
)


def statements(corpora, bench, dialects=("trino", "presto")):
    """Yields (dialect, src, sql) with the placeholders filled in."""
    for dialect in dialects:
        path = pathlib.Path(corpora) / f"{dialect}_{bench}.jsonl"
        with open(path, encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                sql = row["sql"]
                for pattern, text in PLACEHOLDERS:
                    sql = pattern.sub(text.format(*TARGETS[bench]), sql)
                yield dialect, row["src"], sql


def tpcds_tables():
    """{table: [(column, type)]} out of tpcds_tables.txt."""
    text = (HERE / "tpcds_tables.txt").read_text(encoding="ascii")
    text = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
    tables = {}
    for paragraph in text.strip().split("\n\n"):
        name, _, columns = paragraph.partition(":")
        pairs = [column.split() for column in columns.split(",")]
        tables[name] = [(column, _sql_type(short)) for column, short in pairs]
    return tables


def _sql_type(short):
    plain = {"k": "bigint", "i": "integer", "d": "date", "m": "decimal(7,2)"}
    if short in plain:
        return plain[short]
    word, number = re.fullmatch(r"([a-z]+)(\d+)", short).groups()
    form = {"c": "char({})", "v": "varchar({})", "dec": "decimal({},2)"}[word]
    return form.format(number)


def create_tpcds(url, family="trino"):
    """Creates the empty TPC-DS tables that are not there yet."""
    servers.run_sql(
        url, family, f"CREATE SCHEMA IF NOT EXISTS memory.{TPCDS_SCHEMA}"
    )
    for table, columns in tpcds_tables().items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns)
        servers.run_sql(
            url, family,
            f"CREATE TABLE IF NOT EXISTS memory.{TPCDS_SCHEMA}.{table} "
            f"({listed})",
        )


def metadata(url, family="trino"):
    """{catalog: {schema: {table: [columns in ordinal order]}}}."""
    found = collections.defaultdict(dict)
    for catalog, schema in TARGETS.values():
        rows = servers.run_sql(
            url, family,
            "SELECT table_name, column_name "
            f"FROM {catalog}.information_schema.columns "
            f"WHERE table_schema = '{schema}' "
            "ORDER BY table_name, ordinal_position",
        )
        tables = collections.defaultdict(list)
        for table, column in rows:
            tables[table].append(column)
        found[catalog][schema] = dict(tables)
    return dict(found)


def truth(url, sql, catalog, schema):
    """{"access": [...]} or {"error": {...}} for one statement.

    A statement that fails on its (missing) data was analysed all the same.
    """
    try:
        query_id = servers.run_query(
            url, "trino", sql, catalog=catalog, schema=schema,
            session=CHEAP_PLANNING,
        )["id"]
    except servers.QueryFailed as failed:
        if failed.error["errorName"] == "DIVISION_BY_ZERO":
            query_id = failed.query_id
        else:
            return {"error": _error(failed.error)}
    info = servers.query_info(url, "trino", query_id)
    return {"access": canonical_access(info["referencedTables"])}


def _error(error):
    location = error.get("errorLocation", {})
    return {
        "name": error.get("errorName"),
        "line": location.get("lineNumber"),
        "column": location.get("columnNumber"),
        "message": error.get("message"),
    }


def canonical_access(referenced):
    """The engine's list in the form and order of `analyze`."""
    columns = collections.defaultdict(set)
    for table in referenced:
        if not table["directlyReferenced"]:
            continue
        key = tuple(table[k].lower() for k in ("catalog", "schema", "table"))
        columns[key] |= {c["column"].lower() for c in table["columns"]}
    return [
        {
            "action": "select", "catalog": catalog, "schema": schema,
            "table": table, "columns": sorted(names),
        }
        for (catalog, schema, table), names in sorted(columns.items())
    ]


def truths(url, corpora, bench):
    """{sql: truth()} of every distinct statement of one benchmark."""
    texts = {sql for _, _, sql in statements(corpora, bench)}
    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        waiting = {
            sql: pool.submit(truth, url, sql, *TARGETS[bench])
            for sql in texts
        }
        return {sql: future.result() for sql, future in waiting.items()}


def record(url, corpora, bench):
    """Yields the lines of truth of one benchmark."""
    catalog, schema = TARGETS[bench]
    known = truths(url, corpora, bench)
    for dialect, src, sql in statements(corpora, bench):
        yield {
            "src": src, "dialect": dialect, "sql": sql,
            "catalog": catalog, "schema": schema, **known[sql],
        }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", required=True)
    parser.add_argument("--corpora", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    create_tpcds(args.url)
    with open(args.out / "metadata.json", "w", encoding="utf-8") as out:
        json.dump(metadata(args.url), out, indent=1)
    for bench in TARGETS:
        good = bad = 0
        path = args.out / f"truth_{bench}.jsonl"
        with open(path, "w", encoding="utf-8") as out:
            for line in record(args.url, args.corpora, bench):
                out.write(json.dumps(line) + "\n")
                good, bad = good + ("access" in line), bad + ("error" in line)
                if "error" in line:
                    print(f"{line['src']}: {line['error']['message']}",
                          file=sys.stderr)
        print(f"{bench}: {good} with access, {bad} refused by the engine")


if __name__ == "__main__":
    main()
