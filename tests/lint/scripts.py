#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""shellcheck over shell scripts; Python files compile."""

import subprocess
import sys
from pathlib import Path

from lint import ROOT, files, finish, need, read


def interpreter(name: Path) -> str:
    first = read(name).split("\n", 1)[0]
    return first if first.startswith("#!") else ""


def main() -> None:
    program = need("shellcheck", "shellcheck")
    findings: list[str] = []
    shells = []
    pythons = []
    for name in files():
        if name.suffix not in ("", ".sh", ".py"):
            continue
        line = interpreter(name)
        if name.suffix == ".py" or "python" in line:
            pythons.append(name)
        elif name.suffix == ".sh" or line.endswith(("/sh", "bash", " sh")):
            shells.append(str(name))
    if shells:
        out = subprocess.run([program, "-S", "warning", "-f", "gcc", *shells],
                             cwd=ROOT, capture_output=True, text=True,
                             check=False)
        findings += out.stdout.splitlines() + out.stderr.splitlines()
    for name in pythons:
        try:
            compile(read(name), str(name), "exec")
        except SyntaxError as error:
            findings.append(f"{name}:{error.lineno}: {error.msg}")
    finish(findings, "shellcheck explains each code at "
           "https://www.shellcheck.net/wiki/CODE.",
           f"{len(shells)} shell scripts, {len(pythons)} Python files")


if sys.version_info < (3, 11):
    sys.exit("Python 3.11 or newer is needed")
main()
