# SPDX-License-Identifier: Apache-2.0
"""`analyze` asks for every right that the engine checks: statement by statement.

The engine's own analyzer and its tasks run in this machine's Java over tables
that take every statement (engine_access.py); what its access control is asked
is compared with our access list. Nothing may be missing; where we ask for more
by design, `-- more:` in rights.sql says so and why.
"""

import json
import os
import pathlib
import subprocess

import pytest

import engine_access
import random_statements
import rights_tables

HERE = pathlib.Path(__file__).resolve().parent
SEED = int(os.environ.get("DG_SEED", "1"))
FORMS = ("memory", "forms")
RANDOM = ("memory", "random")

#: of the ordinary run and of the long one: statements, and how many of them
#: have to be valid at least.
SAMPLE, SAMPLE_VALID = 600, 150
MANY, MANY_VALID = 13000, 5000


def _engines():
    for dialect, version in engine_access.ORACLES:
        yield pytest.param((dialect, version), id=f"{dialect}-{version}")


@pytest.fixture(scope="module", params=_engines())
def engine(request):
    """(dialect, version, the engine started)."""
    why = engine_access.can_run(*request.param)
    if why:
        pytest.skip(why)
    with engine_access.Engine(
        *request.param, rights_tables.setup(), rights_tables.CATALOGS
    ) as started:
        yield (*request.param, started)


@pytest.fixture(scope="module")
def metadata(tmp_path_factory):
    path = tmp_path_factory.mktemp("access") / "metadata.json"
    path.write_text(json.dumps(rights_tables.metadata()), encoding="utf-8")
    return path


def analyze(datagateway, metadata, dialect, version, questions):
    """What we say to [(catalog, schema, statement)]."""
    lines = [
        json.dumps({"catalog": catalog, "schema": schema, "sql": sql})
        for catalog, schema, sql in questions
    ]
    done = subprocess.run(
        [
            str(datagateway), "analyze", "--jsonl", "--dialect", dialect,
            "--engine-version", version, "--metadata", str(metadata), "-",
        ],
        input="".join(line + "\n" for line in lines),
        capture_output=True, text=True, check=True, timeout=300,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


class Comparison:
    """Of one set of questions: what is valid, and where the two differ."""

    def __init__(self, questions, theirs, ours):
        self.valid, self.equal, self.short, self.long = 0, 0, [], []
        self.refused = []
        for question, their, our in zip(questions, theirs, ours, strict=True):
            if "error" not in their:
                self._compare(question[2], their, our)

    def _compare(self, sql, their, our):
        self.valid += 1
        if not our["ok"]:
            self.refused.append((sql, our["error"]))
            return
        asked = engine_access.wanted(their, our["statement"])
        listed = engine_access.given(our)
        short = engine_access.missing(asked, listed)
        long = engine_access.more(asked, listed)
        if short:
            self.short.append((sql, short))
        if long:
            self.long.append((sql, long))
        self.equal += not short and not long


def compare(engine, datagateway, metadata, questions):
    dialect, version, started = engine
    return Comparison(
        questions,
        started.ask(questions),
        analyze(datagateway, metadata, dialect, version, questions),
    )


def unexplained(long):
    """forms.sql has `-- more:` for columns, `-- rights:` for the rest."""
    return [
        (sql, what) for sql, what in long
        if "-- more: " not in sql and "-- rights: " not in sql
    ]


def _random(engine, datagateway, metadata, count):
    made = random_statements.Statements(SEED, *RANDOM, engine[0])
    questions = [(*RANDOM, made.statement()) for _ in range(count)]
    found = compare(engine, datagateway, metadata, questions)
    print(f"{engine[0]} {engine[1]}, seed {SEED}: {count} statements, "
          f"{found.valid} valid, {found.equal} equal, {len(found.short)} short, "
          f"{len(found.refused)} refused by us, {len(found.long)} with more")
    assert found.short == [], f"seed {SEED}"
    return found


def _statements(name):
    text = (HERE / name).read_text(encoding="utf-8")
    return [part.strip() for part in text.split("\n----\n") if part.strip()]


def test_rights(engine, datagateway, metadata):
    questions = [(*FORMS, sql) for sql in _statements("rights.sql")]
    found = compare(engine, datagateway, metadata, questions)
    assert found.short == []
    assert found.refused == []
    assert unexplained(found.long) == []
    assert found.valid > 60


def test_forms(engine, datagateway, metadata):
    questions = [(*FORMS, sql) for sql in _statements("forms.sql")]
    found = compare(engine, datagateway, metadata, questions)
    assert found.short == []
    assert found.refused == []
    assert unexplained(found.long) == []


def test_random_sample(engine, datagateway, metadata):
    found = _random(engine, datagateway, metadata, SAMPLE)
    assert found.valid >= SAMPLE_VALID


@pytest.mark.long
def test_random_many(engine, datagateway, metadata):
    found = _random(engine, datagateway, metadata, MANY)
    assert found.valid >= MANY_VALID
