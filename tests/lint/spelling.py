#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""codespell over texts and sources; words that are right all the same stand
in tests/lint/spelling.txt."""

import re
import subprocess

from lint import ROOT, files, finish, need

# SQL of others, tables of words, cases that are misspelt on purpose.
SKIP = re.compile(r"tests/(sql|fuzz|unit)/|LICENSE$|\.def$|\.json$|\.csv$")


def main() -> None:
    program = need("codespell", "codespell")
    names = [str(n) for n in files() if not SKIP.search(str(n))]
    out = subprocess.run(
        [program, "--ignore-words", "tests/lint/spelling.txt", *names],
        cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line for line in out.stdout.splitlines() if "==>" in line]
    finish(lines, "Correct it, or add the word to tests/lint/spelling.txt.",
           f"{len(names)} files")


main()
