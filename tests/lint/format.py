#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""C files are formatted as .clang-format says; with --fix, they become so."""

import subprocess
import sys

from lint import ROOT, files, finish, need


def main() -> None:
    program = need("clang-format-14", "clang-format-14")
    names = [str(n) for n in files(".c", ".h")]
    if "--fix" in sys.argv:
        subprocess.run([program, "-i", *names], cwd=ROOT, check=True)
        return
    out = subprocess.run([program, "--dry-run", "-Werror", *names], cwd=ROOT,
                         check=False, capture_output=True, text=True)
    lines = [line for line in out.stderr.splitlines() if "error:" in line]
    if out.returncode != 0 and not lines:
        lines = out.stderr.splitlines()
    finish(lines, "Run: tests/lint/format.py --fix", f"{len(names)} files")


main()
