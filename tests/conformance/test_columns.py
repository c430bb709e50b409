# SPDX-License-Identifier: Apache-2.0
"""`analyze` reads the columns that the engine reads: TPC-H and TPC-DS.

Each statement runs on a real Trino; its referencedTables has to equal the
access list that `datagateway analyze` prints. Statements of the Presto corpus
are analysed as Presto's: both engines resolve these the same way.
"""

import json
import subprocess

import pytest

import record_truth
from lab import corpora_dir


def _cases():
    corpora = corpora_dir()
    if corpora is None:
        return [pytest.param(None, id="no-corpora")]
    found = []
    for bench in record_truth.TARGETS:
        for row in record_truth.statements(corpora, bench):
            dialect, src, _ = row
            name = src.rpartition("/")[2].removesuffix(".sql")
            case = f"{bench}-{dialect}-{name}"
            found.append(pytest.param((bench, *row), id=case))
    return found


@pytest.fixture(scope="module")
def trino_url(engines, corpora):
    url = engines.trino().url()
    record_truth.create_tpcds(url)
    return url


@pytest.fixture(scope="module")
def truths(trino_url, corpora):
    return {
        bench: record_truth.truths(trino_url, corpora, bench)
        for bench in record_truth.TARGETS
    }


@pytest.fixture(scope="module")
def metadata_file(trino_url, tmp_path_factory):
    path = tmp_path_factory.mktemp("columns") / "metadata.json"
    found = record_truth.metadata(trino_url)
    assert len(found["tpch"]["tiny"]) == 8
    assert len(found["memory"]["tpcds"]) == 24
    path.write_text(json.dumps(found), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def analyzed(datagateway, corpora, metadata_file):
    """{(bench, dialect, sql): what analyze printed}, one run a dialect."""
    answers = {}
    for bench, (catalog, schema) in record_truth.TARGETS.items():
        for dialect in ("trino", "presto"):
            texts = [
                sql for _, _, sql
                in record_truth.statements(corpora, bench, (dialect,))
            ]
            done = subprocess.run(
                [
                    str(datagateway), "analyze", "--jsonl",
                    "--dialect", dialect, "--catalog", catalog,
                    "--schema", schema, "--metadata", str(metadata_file), "-",
                ],
                input="".join(json.dumps({"sql": s}) + "\n" for s in texts),
                capture_output=True, text=True, check=False, timeout=60,
            )
            lines = done.stdout.splitlines()
            assert len(lines) == len(texts), done.stderr[-2000:]
            for sql, line in zip(texts, lines):
                answers[bench, dialect, sql] = json.loads(line)
    return answers


@pytest.mark.parametrize("case", _cases())
def test_columns(case, truths, analyzed):
    bench, dialect, _, sql = case
    expected = truths[bench][sql]
    assert "access" in expected, f"the engine refused it: {expected}"
    answer = analyzed[bench, dialect, sql]
    assert answer["ok"], answer
    assert answer["statement"] == "select"
    assert answer["access"] == expected["access"]
