#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/bypass.md from the table of tricks."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "integration"))

import bypass  # noqa: E402  (its imports are in the folder added above)

DOC = ROOT / "docs" / "bypass.md"
HEAD = """# Tricks to see more than one may

<!-- Written by tests/bypass/list_cases.py from tests/bypass/cases. -->

{count} tricks that could make a proxy see less in a statement than the engine
does. `tests/bypass` plays each of them through the gateway on real engines:
Trino 476, Trino 435 ("old-trino") and Presto 0.287. The forbidden value must be
in no byte of what comes back, and the same trick at an allowed table has to show
its value: a trick that shows nothing would prove nothing. The cross-check is
off, so that the reading of the statement alone stands against them.

The last column says what came of the trick: *refused*, or *harmless*: it runs,
since the engine reads nothing forbidden in it{leaking}. In brackets is how the
control was done, where not by the value that came through the gateway:

{controls}
"""


def outcome(case):
    """What came of the trick, in a few words."""
    if case.harmless is not None:
        return "harmless"
    found = "refused"
    if case.leaks:
        found = "**LEAKS** on " + ", ".join(sorted(case.leaks))
    if case.control != "value":
        found += f" ({case.control})"
    return found


def render():
    cases = bypass.load()
    leaking = ", or **LEAKS**" if any(case.leaks for case in cases) else ""
    controls = "\n".join(
        f"- {name}: {what}" for name, what in bypass.CONTROLS.items()
        if name != "value"
    )
    text = HEAD.format(count=len(cases), leaking=leaking, controls=controls)
    category = None
    for case in cases:
        if case.category != category:
            category = case.category
            text += (f"\n## {category}\n\n"
                     "| case | trick | engines | came of it |\n"
                     "|---|---|---|---|\n")
        text += (f"| {case.name} | {case.trick.replace('|', chr(92) + '|')} "
                 f"| {', '.join(case.engines)} | {outcome(case)} |\n")
    return text


if __name__ == "__main__":
    DOC.write_text(render(), encoding="utf-8")
