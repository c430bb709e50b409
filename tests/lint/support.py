#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/sql-support.md is what dg_mksupport prints: what the library answers to
the examples of sqlparse/support/support.def, and the keywords."""

import difflib
import subprocess
import sys

from lint import build_dir, finish, read

DOC = "docs/sql-support.md"


def main() -> None:
    program = build_dir() / "dg_mksupport"
    if not program.exists():
        sys.exit(f"{program} is not built")
    out = subprocess.run([program], capture_output=True, text=True,
                         check=False)
    findings = out.stderr.splitlines()
    if out.returncode != 0 and not findings:
        findings.append(f"dg_mksupport ended with {out.returncode}")
    changed = [line for line in difflib.unified_diff(
        read(DOC).splitlines(), out.stdout.splitlines(), DOC, "now",
        lineterm="", n=0)]
    findings += changed[:20]
    finish(findings, f"Read the difference, then: build/dev/dg_mksupport > "
           f"{DOC}", f"{DOC} says what the library answers")


main()
