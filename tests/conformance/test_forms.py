# SPDX-License-Identifier: Apache-2.0
"""`analyze` reads the columns that the engine reads: one statement a form.

forms.sql has statements of our own for the clauses with scopes of their own:
row patterns, JSON, table functions and so on. Each runs on a real Trino over
empty tables; its referencedTables has to equal our access list. Where we list
more by design, a comment in the statement says so and why.
"""

import json
import pathlib
import subprocess

import pytest

import record_truth
import servers

HERE = pathlib.Path(__file__).resolve().parent
CATALOG, SCHEMA = "memory", "forms"
MORE = "-- more:"

TABLES = {
    "t": {
        "a": "bigint",
        "b": "varchar",
        "c": "double",
        "r": "row(x bigint, y varchar)",
        "l": "array(bigint)",
        "ts": "timestamp(3) with time zone",
    },
    "u": {"a": "bigint", "d": "varchar"},
}


def _statements():
    text = (HERE / "forms.sql").read_text(encoding="utf-8")
    return [part.strip() for part in text.split("\n----\n") if part.strip()]


@pytest.fixture(scope="module")
def trino_url(engines):
    url = engines.trino().url()
    servers.run_sql(
        url, "trino", f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{SCHEMA}"
    )
    for table, columns in TABLES.items():
        listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        servers.run_sql(
            url,
            "trino",
            f"CREATE TABLE IF NOT EXISTS {CATALOG}.{SCHEMA}.{table} ({listed})",
        )
    return url


@pytest.fixture(scope="module")
def analyzed(datagateway, tmp_path_factory):
    metadata = tmp_path_factory.mktemp("forms") / "metadata.json"
    tables = {name: list(columns) for name, columns in TABLES.items()}
    metadata.write_text(
        json.dumps({CATALOG: {SCHEMA: tables}}), encoding="utf-8"
    )
    statements = _statements()
    done = subprocess.run(
        [
            str(datagateway), "analyze", "--jsonl", "--dialect", "trino",
            "--catalog", CATALOG, "--schema", SCHEMA,
            "--metadata", str(metadata), "-",
        ],
        input="".join(json.dumps({"sql": s}) + "\n" for s in statements),
        capture_output=True, text=True, check=False, timeout=60,
    )
    lines = done.stdout.splitlines()
    assert len(lines) == len(statements), done.stderr[-2000:]
    return dict(zip(statements, map(json.loads, lines)))


def _columns(access):
    return {
        (entry["catalog"], entry["schema"], entry["table"]):
            set(entry["columns"])
        for entry in access
        if entry["action"] == "select"
    }


@pytest.mark.parametrize("sql", _statements())
def test_forms(sql, trino_url, analyzed):
    truth = record_truth.truth(trino_url, sql, CATALOG, SCHEMA)
    assert "access" in truth, f"the engine refused it: {truth}"
    answer = analyzed[sql]
    assert answer["ok"], answer
    read, listed = _columns(truth["access"]), _columns(answer["access"])
    if MORE not in sql:
        assert listed == read
        return
    assert listed != read, "nothing more is listed: drop the comment"
    assert all(columns <= listed[table] for table, columns in read.items())
