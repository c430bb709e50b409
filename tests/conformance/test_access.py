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
import re
import subprocess

import pytest

import engine_access
import random_statements
import record_truth
import report
import rights_tables
import sql_texts

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SEED = int(os.environ.get("DG_SEED", "1"))
RANDOM = ("memory", "random")
EXAMPLES = ("c", "s")
EXAMPLE_PREPARED = ("select a from c.s.t where a = ? and b = ?",)
NAMES_PREPARED = re.compile("(execute|describe|deallocate).* p")
#: where the names of the corpora's statements are looked for
PLACES = (("tpch", "tiny"), ("tpch", "s1"), ("memory", "forms"))
#: of the rights that we ask for
OPAQUE = ("opaque", ("",), [])
#: what would change the engine for those that come after
LEFT_OUT = re.compile(
    r"\W*(start|commit|rollback|(create|drop)\s+catalog)\b", re.IGNORECASE
)
#: in the corpora: there is no such statement, which Presto's analyzer overlooks
UNPREPARED = re.compile(r"\W*execute\s+(?!immediate\b)", re.IGNORECASE)

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
        *request.param, rights_tables.setup(request.param[0]),
        rights_tables.CATALOGS,
    ) as started:
        yield (*request.param, started)


@pytest.fixture(scope="module")
def metadata(engine, tmp_path_factory):
    path = tmp_path_factory.mktemp("access") / "metadata.json"
    made = rights_tables.metadata(engine[0])
    path.write_text(json.dumps(made), encoding="utf-8")
    return path


def analyze(datagateway, metadata, engine, questions, accounting="strict"):
    """What we say to questions of engine_access.Engine."""
    dialect, version, _ = engine
    lines = [
        json.dumps({
            "catalog": catalog, "schema": schema, "sql": sql,
            "prepared": {"p": text for text in prepared},
        })
        for catalog, schema, sql, *prepared in questions
    ]
    done = subprocess.run(
        [
            str(datagateway), "analyze", "--jsonl", "--dialect", dialect,
            "--engine-version", version, "--metadata", str(metadata),
            "--accounting", accounting, "-",
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
        #: kinds of statement: {kind: whether the engine took one of it}
        self.kinds = {}
        for question, their, our in zip(questions, theirs, ours, strict=True):
            if our["ok"]:
                kind = our["statement"]
                self.kinds[kind] = self.kinds.get(kind) or "error" not in their
            if "error" not in their:
                self._compare(question[2], their, our)

    def _compare(self, sql, their, our):
        self.valid += 1
        if not our["ok"]:
            self.refused.append((sql, our["error"]))
            return
        asked = engine_access.wanted(their, our)
        listed = engine_access.given(our)
        short = engine_access.missing(asked, listed)
        long = engine_access.more(asked, listed)
        if short:
            self.short.append((sql, short))
        if long:
            self.long.append((sql, long))
        self.equal += not short and not long

    def say(self, engine, of):
        print(f"{engine[0]} {engine[1]}, {of}: {self.valid} valid, "
              f"{self.equal} equal, {len(self.short)} short, "
              f"{len(self.refused)} refused by us, {len(self.long)} with more")


def compare(engine, datagateway, metadata, questions):
    return Comparison(
        questions,
        engine[2].ask(questions),
        analyze(datagateway, metadata, engine, questions),
    )


def unexplained(found, *tags):
    """Differences of statements without such a comment, with its reason.

    rights.sql and forms.sql have `-- more: ` where we ask for more, forms.sql
    `-- rights: ` too, where it is not columns. What is opaque needs none: nobody is let through.
    """
    return [
        (sql, what) for sql, what in found
        if OPAQUE not in what and not any(f"-- {tag}: " in sql for tag in tags)
    ]


def _random(engine, datagateway, metadata, count):
    made = random_statements.Statements(SEED, *RANDOM, engine[0])
    questions = [(*RANDOM, made.statement()) for _ in range(count)]
    found = compare(engine, datagateway, metadata, questions)
    found.say(engine, f"seed {SEED}, {count} statements")
    assert found.short == [], f"seed {SEED}"
    return found


def _statements(name):
    text = (HERE / name).read_text(encoding="utf-8")
    return [part.strip() for part in text.split("\n----\n") if part.strip()]


def _rights():
    return [rights_tables.question(sql) for sql in _statements("rights.sql")]


def _examples(datagateway, dialect):
    """Of each form of docs/sql-support.md one, as questions."""
    program = pathlib.Path(datagateway).parent / "dg_mksupport"
    if not program.exists():
        pytest.skip("dg_mksupport is not built")
    done = subprocess.run(
        [str(program), "--jsonl"], stdout=subprocess.PIPE, check=True
    )
    forms = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return [
        (*EXAMPLES, form["sql"], *EXAMPLE_PREPARED)
        if NAMES_PREPARED.match(form["sql"]) else (*EXAMPLES, form["sql"])
        for form in forms
        if dialect in form and not LEFT_OUT.match(form["sql"])
    ]


@pytest.fixture(scope="module")
def rights(engine, datagateway, metadata):
    """Asked once: it makes and drops catalogs."""
    found = compare(engine, datagateway, metadata, _rights())
    found.say(engine, "rights.sql")
    return found


@pytest.fixture(scope="module")
def examples(engine, datagateway, metadata):
    questions = _examples(datagateway, engine[0])
    found = compare(engine, datagateway, metadata, questions)
    found.say(engine, f"{len(questions)} forms of docs/sql-support.md")
    return found


def test_rights(rights):
    assert rights.short == []
    assert rights.refused == []
    assert unexplained(rights.long, "more") == []
    assert rights.valid > 100


def test_forms(engine, datagateway, metadata):
    questions = [rights_tables.question(s) for s in _statements("forms.sql")]
    found = compare(engine, datagateway, metadata, questions)
    assert found.short == []
    assert found.refused == []
    assert unexplained(found.long, "more", "rights") == []


def test_examples(examples):
    assert examples.short == []
    assert examples.refused == []
    assert examples.valid > 60


def _not_asked(engine):
    """Kinds that docs/conformance.md says this engine was not asked of."""
    text = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
    rows = text.partition("## Not asked")[2].partition("\n## ")[0]
    return {
        kind.strip() for kind, engines, _ in
        re.findall(r"^\| `(\w+)` \|([^|]+)\|([^|]+)\|$", rows, re.MULTILINE)
        if " ".join(engine[:2]) in engines.lower()
    }


def test_every_kind_is_asked(engine, rights, examples):
    """But those that docs/conformance.md lists, with the reason."""
    kinds = rights.kinds | examples.kinds
    taken = {kind for kind in kinds
             if rights.kinds.get(kind) or examples.kinds.get(kind)}
    assert sorted(set(kinds) - taken) == sorted(_not_asked(engine))


def _corpus(corpora):
    """Questions out of third-party statements, in each schema of theirs."""
    texts = {
        sql for bench in record_truth.TARGETS
        for _, _, sql in record_truth.statements(corpora, bench)
    }
    texts |= set(sql_texts.corpus(corpora))
    return [
        (*place, sql) for sql in sorted(texts) for place in PLACES
        if not LEFT_OUT.match(sql) and not UNPREPARED.match(sql)
    ]


def _corpora(engine, datagateway, metadata, corpora, most):
    questions = report.sampled(_corpus(corpora), most)
    found = compare(engine, datagateway, metadata, questions)
    found.say(engine, f"{len(questions)} questions of the corpora")
    assert found.short == []
    # sqlparse/include/sqlparse/opaque.def has those that are.
    assert [r for r in found.refused if r[1]["kind"] != "unsupported"] == []
    return found


def test_corpora_sample(engine, datagateway, metadata, corpora):
    found = _corpora(engine, datagateway, metadata, corpora, SAMPLE)
    assert found.valid > 30


@pytest.mark.long
def test_corpora(engine, datagateway, metadata, corpora):
    found = _corpora(engine, datagateway, metadata, corpora, None)
    assert found.valid > 1500


def test_random_sample(engine, datagateway, metadata):
    found = _random(engine, datagateway, metadata, SAMPLE)
    assert found.valid >= SAMPLE_VALID


#: Presto does not tell columns apart then
GIVES_UP = " using ("
#: read by both views of random_statements.py
VIEWED = (*RANDOM, "r")
VIEWS = {(*RANDOM, view) for view in random_statements.VIEWS}


def _utilized(engine, datagateway, metadata, count):
    """Presto's columns that decide on what comes out, and ours.

    We ask for more where its own list leaves out what decides on which rows
    there are (docs/internals/resolve.md). Left out: what it gives up on (USING,
    and others: then its list is that of all columns); and statements that read
    a table and a view of it, as what the view reads is in its list, too.
    """
    if engine[0] != "presto":
        pytest.skip("a list of Presto's")
    made = random_statements.Statements(SEED + 1, *RANDOM, engine[0])
    questions = [(*RANDOM, made.statement()) for _ in range(count)]
    theirs = engine[2].ask(questions)
    ours = analyze(datagateway, metadata, engine, questions, "utilized")
    strict = analyze(datagateway, metadata, engine, questions)
    valid = equal = fewer = given_up = 0
    short, unlisted = [], []
    for (*_, sql), their, our, all_of_it in zip(
        questions, theirs, ours, strict, strict=True
    ):
        if "utilized" not in their or not our["ok"]:
            continue
        wanted = engine_access.references(their["utilized"], our)
        everything = engine_access.references(their["references"], our)
        if VIEWED in wanted and VIEWS & set(wanted):
            continue
        named = engine_access.selected(all_of_it)
        listed = engine_access.selected(our)
        lacking = engine_access.lacks(wanted, listed)
        if lacking and (wanted == everything or GIVES_UP in sql):
            given_up += 1
            continue
        valid += 1
        equal += listed == wanted
        fewer += listed != named
        if lacking:
            short.append((sql, lacking))
        if engine_access.lacks(listed, named):
            unlisted.append(sql)
    print(f"{engine[0]} {engine[1]}, utilized, seed {SEED + 1}: {valid} valid, "
          f"{equal} equal, {len(short)} short, {fewer} with fewer than strict; "
          f"{given_up} more where it gave up")
    assert short == [], f"seed {SEED + 1}"
    assert unlisted == [], "utilized columns that strict does not list"
    return valid, equal


def test_utilized_sample(engine, datagateway, metadata):
    valid, equal = _utilized(engine, datagateway, metadata, SAMPLE)
    assert valid >= SAMPLE_VALID
    assert equal > valid / 3


@pytest.mark.long
def test_utilized_many(engine, datagateway, metadata):
    valid, _ = _utilized(engine, datagateway, metadata, MANY)
    assert valid >= MANY_VALID


@pytest.mark.long
def test_random_many(engine, datagateway, metadata):
    found = _random(engine, datagateway, metadata, MANY)
    assert found.valid >= MANY_VALID
