# SPDX-License-Identifier: Apache-2.0
"""docs/sql-support.md tells of each version what its own parser reads.

dg_mksupport gives an example of each form and the versions for which we read
it; the engine's parser of each of these versions is asked. What it reads has to
be read by us: a form that the page says to come later would be refused by the
gateway. The other way round an old engine may read less than we do, and refuses
then; how much is counted and kept small.
"""

import json
import pathlib
import subprocess

import pytest

import engine_parsers

#: of all forms, how many an old version may lack that we read for it all the
#: same: words alone do not tell, and the reading is the one of later versions.
TAKEN_TOO_EARLY = 0.05
#: asked in an ordinary run; --long asks all.
USUAL = {
    ("trino", "435"), ("trino", "476"),
    ("presto", "0.287"), ("presto", "0.296"),
}


@pytest.fixture(scope="module")
def forms(datagateway):
    program = pathlib.Path(datagateway).parent / "dg_mksupport"
    if not program.exists():
        pytest.skip("dg_mksupport is not built")
    done = subprocess.run(
        [str(program), "--jsonl"], stdout=subprocess.PIPE, check=True
    )
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def compare(forms, dialect, version):
    """(forms asked, those that only the engine reads, those that only we do)"""
    program = engine_parsers.command(dialect, "accept", version=version)
    if program is None:
        pytest.skip(engine_parsers.why_not(dialect, version))
    asked = [form for form in forms if dialect in form]
    answers = engine_parsers.ask(program, [form["sql"] for form in asked])
    number = int(version.split(".")[-1])
    missed, early = [], []
    for form, answer in zip(asked, answers):
        since, last = form[dialect]
        ours = since != 0 and since <= number <= last
        if answer == "ok" and not ours and not form["name_before"]:
            missed.append(form["what"])
        elif answer != "ok" and ours:
            early.append(form["what"])
    return asked, missed, early


def check(forms, dialect, version):
    asked, missed, early = compare(forms, dialect, version)
    print(f"{dialect} {version}: {len(asked)} forms, {len(missed)} missed, "
          f"{len(early)} taken too early: {', '.join(early)}")
    assert missed == []
    assert len(early) <= TAKEN_TOO_EARLY * len(asked), early


def _parameters(usual):
    return [
        pair for pair in engine_parsers.versions() if (pair in USUAL) == usual
    ]


@pytest.mark.parametrize("dialect,version", _parameters(True))
def test_usual_versions(dialect, version, forms):
    check(forms, dialect, version)


@pytest.mark.long
@pytest.mark.parametrize("dialect,version", _parameters(False))
def test_all_versions(dialect, version, forms):
    check(forms, dialect, version)
