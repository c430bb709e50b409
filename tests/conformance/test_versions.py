# SPDX-License-Identifier: Apache-2.0
"""Every engine version that can be asked: read as its own parser reads.

A sample of the corpora and of keywords in all places; all of them with --long.
The figures: report.py, docs/conformance.md; generated statements:
test_generated.py.
"""

import concurrent.futures

import pytest

import engine_parsers
import report
import sql_texts

#: of each set, how many are asked when the run is not a long one.
SAMPLE = 150
#: goals: of what the engine accepts; of what it refuses, of the corpora alone;
#: of errors in both.
ACCEPTED = 0.999
TAKEN = 0.01
PLACED = 0.95


def measure_all(corpora, most, program):
    """{(dialect, version): Figures of corpora and words}, two at a time."""
    texts = report.sampled(sql_texts.corpus(corpora), most)
    texts = texts + report.sampled(sql_texts.soft_words(), most)
    engines = [e for e in engine_parsers.versions() if not why_not(e)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        measured = pool.map(
            lambda engine: report.measure(*engine, texts, program), engines
        )
        return dict(zip(engines, measured))


def why_not(engine):
    return engine_parsers.why_not(*engine)


def outline_of(datagateway):
    program = datagateway.parent / "tests/conformance/ast_outline"
    if not program.exists():
        pytest.skip("ast_outline is not built beside the program")
    return program


@pytest.fixture(scope="module")
def figures(corpora, datagateway):
    return measure_all(corpora, SAMPLE, outline_of(datagateway))


@pytest.fixture(scope="module")
def all_figures(corpora, datagateway):
    return measure_all(corpora, None, outline_of(datagateway))


@pytest.fixture(scope="module")
def corpus(corpora):
    return set(sql_texts.corpus(corpora))


def check(found, engine, corpus):
    if engine not in found:
        pytest.skip(why_not(engine))
    one = found[engine]
    print(one.row(" ".join(engine)))
    assert [o for o in one.others if o[0] == "reading"] == []
    refused = [o for o in one.others if o[0] in ("refused", "unsupported")]
    assert one.accepted_share() >= ACCEPTED, refused
    taken = [o for o in one.others if o[0] == "taken" and o[1] in corpus]
    assert len(taken) <= TAKEN * one.refused, taken
    assert one.placed_share() >= PLACED


@pytest.mark.parametrize("engine", engine_parsers.versions(), ids="-".join)
def test_version(engine, figures, corpus):
    check(figures, engine, corpus)


@pytest.mark.long
@pytest.mark.parametrize("engine", engine_parsers.versions(), ids="-".join)
def test_version_long(engine, all_figures, corpus):
    check(all_figures, engine, corpus)
