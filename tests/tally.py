#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up the reports of tests/run: JUnit, .count and .failed files.

Prints which cases failed, then one line "N passed, N failed, N skipped". Exits
with 1 when a case failed or when nothing was run at all.
"""

import collections
import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    """ctest and pytest write the same elements with small differences."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None:
        return "skipped"
    if case.get("status") in ("fail", "notrun"):
        return "failed"
    if case.get("status") == "disabled":
        return "skipped"
    return "passed"


def read_junit(path):
    """{(case, outcome)} of one report, names as people would say them."""
    found = []
    for case in ElementTree.parse(path).iter("testcase"):
        names = [case.get("classname"), case.get("name")]
        if names[0] == names[1]:
            del names[0]
        found.append(("::".join(filter(None, names)), outcome(case)))
    return found


def read_count(path):
    numbers = map(int, path.read_text(encoding="ascii").split())
    found = []
    for what, number in zip(("passed", "failed", "skipped"), numbers):
        found += [(path.stem, what)] * number
    return found


def collect(folder):
    """{part: [(case, outcome)]} of everything that was run."""
    parts = {}
    for path in sorted(folder.glob("*.count")):
        parts[path.stem] = read_count(path)
    for path in sorted(folder.glob("*.xml")):
        try:
            parts[path.stem] = read_junit(path)
        except ElementTree.ParseError as error:
            parts[path.stem] = [(f"unreadable report: {error}", "failed")]
    for path in sorted(folder.glob("*.failed")):
        cases = parts.setdefault(path.stem, [])
        if not any(what == "failed" for _, what in cases):
            cases.append((f"see {path.stem}.log", "failed"))
    return parts


def main(folder):
    total = collections.Counter()
    for part, cases in sorted(collect(folder).items()):
        total.update(what for _, what in cases)
        for name, what in cases:
            if what == "failed":
                print(f"FAILED {part}: {name}")
    line = f"{total['passed']} passed, {total['failed']} failed"
    if total["skipped"]:
        line += f", {total['skipped']} skipped"
    print(line)
    return 1 if total["failed"] or not total["passed"] else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
