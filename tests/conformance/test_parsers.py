# SPDX-License-Identifier: Apache-2.0
"""We read what the engines' own parsers read, and place errors where they do.

Over all corpora: third-party statements, negative tests and half sentences out
of documentation among them. A statement that the engine reads is read by us.
Taking a little more than the engine is harmless (it refuses then), so that is
only kept small.
"""

import json
import subprocess

import pytest

import engine_parsers
import fault_texts
import sql_texts
from lab import corpora_dir

#: the most that we may take and the engine does not: syntax of other versions,
#: checks that the engine's parser does on numbers and argument counts.
OVER_ACCEPTED = 30
#: of statements that both refuse, how many in the same place.
SAME_PLACE = 0.985
SAME_PLACE_OF_FAULTS = 0.99


def parse(program, dialect, version, statements):
    """What `analyze --parse-only` prints for each."""
    done = subprocess.run(
        [
            program,
            "analyze",
            "--dialect",
            dialect,
            "--engine-version",
            version,
            "--parse-only",
            "--jsonl",
            "-",
        ],
        input="".join(json.dumps({"sql": s}) + "\n" for s in statements),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
    )
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(statements)
    return answers


@pytest.fixture(scope="module", params=sorted(engine_parsers.PARSERS))
def dialect(request):
    if engine_parsers.command(request.param) is None:
        pytest.skip("no Java for this engine's parser")
    return request.param


@pytest.fixture(scope="module")
def compared(dialect, corpora, datagateway):
    """[(statement, the engine's error or None, our answer)]"""
    statements = sql_texts.corpus(corpora)
    version = engine_parsers.PARSERS[dialect][3]
    return list(
        zip(
            statements,
            engine_parsers.judge(dialect, statements),
            parse(datagateway, dialect, version, statements),
        )
    )


def kind(answer):
    return "ok" if answer["ok"] else answer["error"]["kind"]


def test_all_that_the_engine_reads(compared):
    refused = [
        (sql, answer["error"])
        for sql, error, answer in compared
        if error is None and kind(answer) != "ok"
    ]
    assert refused == []
    assert sum(error is None and kind(a) == "ok" for _, error, a in compared) > 3600


def test_little_more_than_the_engine(compared):
    taken = [sql for sql, error, answer in compared if error and answer["ok"]]
    assert len(taken) <= OVER_ACCEPTED, taken


def test_errors_in_the_same_place(compared):
    places = [
        (answer["error"]["line"], answer["error"]["column"]) == error[:2]
        for _, error, answer in compared
        if error and kind(answer) == "syntax"
    ]
    assert len(places) > 1000
    assert sum(places) / len(places) >= SAME_PLACE


def test_faults_in_every_place(dialect, datagateway):
    statements = fault_texts.faults()
    version = engine_parsers.PARSERS[dialect][3]
    theirs = engine_parsers.judge(dialect, statements)
    ours = parse(datagateway, dialect, version, statements)
    assert [sql for sql, error in zip(statements, theirs) if not error] == []
    assert [s for s, a in zip(statements, ours) if kind(a) != "syntax"] == []
    places = [
        (answer["error"]["line"], answer["error"]["column"]) == error[:2]
        for error, answer in zip(theirs, ours)
    ]
    assert sum(places) / len(places) >= SAME_PLACE_OF_FAULTS


def test_the_same_reading(dialect, corpora, datagateway):
    """Names, tables, scopes and joins are those of the engine's tree."""
    program = datagateway.parent / "tests/conformance/ast_outline"
    if not program.exists():
        pytest.skip("ast_outline is not built beside the program")
    statements = sql_texts.corpus(corpora) + sql_texts.soft_words()
    version = engine_parsers.PARSERS[dialect][3]
    theirs = engine_parsers.outlines(
        engine_parsers.command(dialect, "outline"), statements
    )
    ours = engine_parsers.outlines(
        [str(program), dialect, version], statements
    )
    both = [
        (sql, sorted((a - b).elements()), engine_parsers.added(a, b))
        for sql, a, b in zip(statements, theirs, ours)
        if a is not None and b is not None
    ]
    assert len(both) > 9000
    assert [row for row in both if row[1] or row[2]] == []


def test_soft_words_in_every_place(dialect, datagateway):
    statements = sql_texts.soft_words()
    version = engine_parsers.PARSERS[dialect][3]
    theirs = engine_parsers.judge(dialect, statements)
    ours = parse(datagateway, dialect, version, statements)
    missing = [
        sql
        for sql, error, answer in zip(statements, theirs, ours)
        if error is None and kind(answer) != "ok"
    ]
    assert missing == []


@pytest.mark.parametrize("bench", ["tpch", "tpcds"])
@pytest.mark.parametrize("name", ["trino", "presto"])
def test_benchmarks_are_read(bench, name, datagateway):
    folder = corpora_dir()
    if folder is None:
        pytest.skip("no corpora: set DG_SHARED to a folder that has them")
    with open(folder / f"{name}_{bench}.jsonl", encoding="utf-8") as lines:
        statements = [json.loads(line)["sql"] for line in lines]
    version = engine_parsers.PARSERS[name][3]
    answers = parse(datagateway, name, version, statements)
    assert len(statements) == {"tpch": 22, "tpcds": 103}[bench]
    assert [a for a in answers if not a["ok"]] == []
