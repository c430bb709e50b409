# SPDX-License-Identifier: Apache-2.0
"""Random statements: read as the engines' own parsers read them.

generate.py makes them out of our grammar, engine_grammar.py out of the engine's,
mutate.py changes single tokens of ours and of the corpora; disagreements.py compares and reduces;
known_disagreements.txt says what is let pass, and why. DG_SEED makes others.
"""

import os
import pathlib
import re

import pytest

import disagreements
import engine_parsers
import generate

SEED = int(os.environ.get("DG_SEED", "1"))
STATEMENTS = 5_000
STATEMENTS_LONG = 200_000
STATEMENTS_OLDER = 20_000
MUTANTS_LONG = 100_000
#: of all statements, how many we alone may take for no listed reason.
TAKEN_SHARE = 0.01
#: of those that neither takes, how many for something in the same place.
SAME_PLACE = 0.95
KNOWN = pathlib.Path(__file__).with_name("known_disagreements.txt")

NEWEST = sorted(
    (dialect, rest[3]) for dialect, rest in engine_parsers.PARSERS.items()
)
ENGINES = sorted(NEWEST + list(engine_parsers.OLDER))


def known(kind, dialect):
    rows = re.findall(
        r"^(\w+) (\w+) (.*)$", KNOWN.read_text(encoding="utf-8"), re.M
    )
    assert rows and all(row[0] in ("refused", "taken") for row in rows)
    return [
        re.compile(row[2])
        for row in rows
        if row[0] == kind and row[1] in (dialect, "both")
    ]


def is_known(patterns, text):
    return any(pattern.search(text) for pattern in patterns)


def check(dialect, version, seed, count, datagateway, what="generated"):
    program = datagateway.parent / "tests/conformance/ast_outline"
    if not program.exists():
        pytest.skip("ast_outline is not built beside the program")
    if engine_parsers.command(dialect, version=version) is None:
        pytest.skip("no Java for this engine's parser")
    run = disagreements.start(dialect, version, seed, program, what)
    run.feed(count)
    print(run.summary())
    wrong = run.reduced("reading") + [
        (one, number)
        for kind in ("refused", "unsupported")
        for one, number in run.reduced(kind)
        if not is_known(known("refused", dialect), " ".join(one.tokens))
    ]
    taken = [
        one
        for one in run.found
        if one.kind == "taken"
        and not is_known(known("taken", dialect), one.theirs)
    ]
    run.parsers.close()
    assert not wrong, run.name + "".join(
        f"\n{number:5} {' '.join(one.tokens)}\n{disagreements.explain(one)}"
        for one, number in wrong
    )
    assert len(taken) <= count * TAKEN_SHARE, "".join(
        f"\n{' '.join(one.tokens)}\n{one.theirs}" for one in taken
    )
    assert run.both > count // (20 if what == "mutants" else 5)
    # Where an engine stops in a heap of lambdas depends on how far it looked.
    if (dialect, version) in NEWEST and what != "lambdas":
        assert run.count("place") <= run.neither * (1 - SAME_PLACE)


@pytest.mark.parametrize("dialect, version", NEWEST)
def test_generated(dialect, version, datagateway):
    check(dialect, version, SEED, STATEMENTS, datagateway)


@pytest.mark.long
@pytest.mark.parametrize("dialect, version", ENGINES)
def test_generated_long(dialect, version, datagateway):
    newest = (dialect, version) in NEWEST
    count = STATEMENTS_LONG if newest else STATEMENTS_OLDER
    check(dialect, version, f"long {SEED}", count, datagateway)


@pytest.mark.parametrize("dialect, version", NEWEST)
def test_mutants(dialect, version, datagateway):
    check(dialect, version, SEED, STATEMENTS, datagateway, "mutants")


@pytest.mark.long
@pytest.mark.parametrize("dialect, version", NEWEST)
def test_mutants_long(dialect, version, datagateway):
    seed = f"long {SEED}"
    check(dialect, version, seed, MUTANTS_LONG, datagateway, "mutants")


@pytest.mark.parametrize("dialect, version", NEWEST)
def test_walk(dialect, version, datagateway):
    check(dialect, version, SEED, STATEMENTS, datagateway, "walk")


@pytest.mark.long
@pytest.mark.parametrize("dialect, version", ENGINES)
def test_walk_long(dialect, version, datagateway):
    newest = (dialect, version) in NEWEST
    count = STATEMENTS_LONG if newest else STATEMENTS_OLDER
    check(dialect, version, f"long {SEED}", count, datagateway, "walk")


@pytest.mark.parametrize("dialect, version", NEWEST)
def test_lambdas(dialect, version, datagateway):
    check(dialect, version, SEED, STATEMENTS, datagateway, "lambdas")


@pytest.mark.parametrize("dialect, version", ENGINES)
def test_every_rule_is_reached(dialect, version):
    generator = generate.Generator(dialect, version, SEED)
    lengths = sorted(
        len(generator.statement().tokens)
        for _ in range(2 * len(generator.grammar.rules))
    )
    assert len(generator.hits) == len(generator.grammar.rules)
    assert 10 < lengths[len(lengths) // 2] < 30
