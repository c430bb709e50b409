# SPDX-License-Identifier: Apache-2.0
"""`analyze` never lists less than a real Trino reads, whatever the query.

Random queries over empty tables (random_queries.py); DG_SEED makes others.
"""

import concurrent.futures
import json
import os
import subprocess

import pytest

import random_queries
import record_truth
import servers

CATALOG, SCHEMA = "memory", "random"
STATEMENTS = 600
SEED = int(os.environ.get("DG_SEED", "1"))

#: a key of USING that one side lacks is looked for further out by Trino; we
#: refuse it (docs/internals/resolve.md).
NOT_OFFERED = "is missing from"


@pytest.fixture(scope="module")
def trino_url(engines):
    url = engines.trino().url()
    # Engines that are kept have both from the time before.
    servers.run_sql(
        url, "trino", f"CREATE SCHEMA IF NOT EXISTS {CATALOG}.{SCHEMA}"
    )
    for table, columns in random_queries.TABLES.items():
        listed = ", ".join(f"{column} bigint" for column in columns)
        servers.run_sql(
            url, "trino",
            f"CREATE TABLE IF NOT EXISTS {CATALOG}.{SCHEMA}.{table} ({listed})",
        )
    return url


def _analyze(datagateway, folder, texts):
    metadata = folder / "metadata.json"
    metadata.write_text(
        json.dumps({CATALOG: {SCHEMA: random_queries.TABLES}}),
        encoding="utf-8",
    )
    done = subprocess.run(
        [
            str(datagateway), "analyze", "--jsonl", "--dialect", "trino",
            "--catalog", CATALOG, "--schema", SCHEMA,
            "--metadata", str(metadata), "-",
        ],
        input="".join(json.dumps({"sql": sql}) + "\n" for sql in texts),
        capture_output=True, text=True, check=True, timeout=60,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def _columns(access):
    return {
        (entry["catalog"], entry["schema"], entry["table"]):
            set(entry["columns"])
        for entry in access
    }


def _is_covered(truth, answer):
    listed = _columns(answer["access"])
    return all(
        table in listed and columns <= listed[table]
        for table, columns in _columns(truth["access"]).items()
    )


@pytest.mark.long
def test_random(trino_url, datagateway, tmp_path):
    queries = random_queries.Queries(SEED, CATALOG, SCHEMA)
    texts = [queries.query() for _ in range(STATEMENTS)]
    answers = _analyze(datagateway, tmp_path, texts)
    assert len(answers) == len(texts)
    with concurrent.futures.ThreadPoolExecutor(record_truth.THREADS) as pool:
        truths = list(pool.map(
            lambda sql: record_truth.truth(trino_url, sql, CATALOG, SCHEMA),
            texts,
        ))
    equal, wrong = 0, []
    for sql, answer, truth in zip(texts, answers, truths):
        if "access" not in truth:
            continue
        if answer["ok"] and _columns(answer["access"]) == _columns(
            truth["access"]
        ):
            equal += 1
        elif not answer["ok"]:
            if NOT_OFFERED not in answer["error"]["message"]:
                wrong.append((sql, answer, truth))
        elif not _is_covered(truth, answer):
            wrong.append((sql, answer, truth))
    assert not wrong, f"seed {SEED}: {wrong[:3]}"
    assert equal > STATEMENTS // 20, f"seed {SEED}: only {equal} were valid"
