#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rules of CONTRIBUTING.md that a pattern can see: licence line, file head,
length, leftovers, machine paths, typedefs, white space."""

import re

from lint import files, finish, line_of, read, strip_c

TEXT = (".c", ".h", ".def", ".y", ".py", ".sh", ".cmake", ".sql", ".java",
        ".md", ".yaml", ".yml", ".txt", ".vtc", ".dot", ".golden", ".json",
        ".conf", ".ini", "")
SPDX = (".c", ".h", ".def", ".y", ".py", ".sh", ".cmake", ".sql", ".java",
        ".dot")
DATA = re.compile(r"tests/(fuzz/(corpus|crashes)|sql)/.*(?<!\.md)$")
LINES_MAX = 800
# file: why it is longer.
LONG = {
    "sqlparse/parse/grammar.y": "one grammar of two dialects; rules refer to "
                          "each other",
    "sqlparse/scan/keywords.def": "a table",
    "LICENSE": "the licence's text",
}
# Notes to self have no place in a finished tree. (The brackets keep this line
# from finding itself.)
LEFTOVER = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K])\b")
MACHINE = re.compile(r"(?<![\w.])/(wor[k]|roo[t]|hom[e]/[a-z]+)/")
TYPEDEF = re.compile(r"\btypedef\b(?![^;]*\(\s*\*?\s*dg_\w+_fn\s*\))[^;]*;")


def check_c(name, text, findings):
    code = strip_c(text)
    for match in TYPEDEF.finditer(code):
        if not re.search(r"\(\s*\*\s*\w+_fn\s*\)", match.group(0)):
            findings.append(f"{name}:{line_of(code, match.start())}: typedef "
                            "(only function pointer types ending in _fn)")
    if re.search(r"^[ \t]*//", code, re.M):
        findings.append(f"{name}: // comment (use /* */)")
    if name.suffix in (".c", ".h"):
        head = text.split("*/")[1:2]
        if not head or not head[0].lstrip().startswith("/*"):
            findings.append(f"{name}:2: no comment that says what the file "
                            "is for")
    if name.suffix == ".h":
        guard = re.search(r"#ifndef (\w+)\n#define (\w+)\n", text)
        if not guard or guard.group(1) != guard.group(2):
            findings.append(f"{name}: no include guard")


def check(name, findings):
    text = read(name)
    lines = text.splitlines()
    if name.suffix in SPDX and not any(
            "SPDX-License-Identifier: Apache-2.0" in line
            for line in lines[:3]):
        findings.append(f"{name}:1: no SPDX line")
    if len(lines) > LINES_MAX and str(name) not in LONG \
            and name.suffix in SPDX:
        findings.append(f"{name}: {len(lines)} lines (at most {LINES_MAX})")
    for number, line in enumerate(lines, 1):
        if name.suffix != ".md" and line != line.rstrip():
            findings.append(f"{name}:{number}: white space at the end")
        if LEFTOVER.search(line):
            findings.append(f"{name}:{number}: leftover: {line.strip()}")
        if MACHINE.search(line):
            findings.append(f"{name}:{number}: path of one machine: "
                            f"{line.strip()}")
    if text and not text.endswith("\n"):
        findings.append(f"{name}: no newline at the end")
    if name.suffix in (".c", ".h"):
        check_c(name, text, findings)


def main() -> None:
    findings: list[str] = []
    names = [n for n in files()
             if n.suffix in TEXT and not DATA.match(str(n))]
    for name in names:
        check(name, findings)
    finish(findings,
           "A file that is longer for a good reason goes into LONG of "
           "tests/lint/style.py.", f"{len(names)} text files")


main()
