# SPDX-License-Identifier: Apache-2.0
"""The table of tricks itself: whole, unambiguous, documented."""

import bypass
import list_cases


def test_names_are_unique():
    names = [case.name for case in bypass.load()]
    assert len(names) == len(set(names))


def test_there_are_many():
    assert len(bypass.load()) >= 120


def test_every_case_is_one():
    for written in bypass.load():
        for engine in written.engines:
            case = written.on(engine)
            assert engine in bypass.ENGINES, case.name
            assert case.control in bypass.CONTROLS, case.name
            assert bool(case.why) == (case.control == "none"), \
                f"{case.name}: a case without a control says why, no other"
            if case.harmless is not None:
                continue
            places = str((case.sql, case.headers, case.prepared, case.schema))
            assert case.control == "none" or "$" in places.replace("$O", ""), \
                f"{case.name} aims at nothing"


def test_documented():
    assert list_cases.DOC.read_text("utf-8") == list_cases.render(), \
        "run tests/bypass/list_cases.py"
