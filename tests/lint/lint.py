# SPDX-License-Identifier: Apache-2.0
"""What the lint checks share: the tree, its files, and how to complain.

A check is a program of its own. It prints one line per finding (file:line:
what is wrong), then once how to put it right, and exits with 1. Checks read
the files under version control and new files that git does not ignore.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

# selftest.py points the checks at a tree of its own.
ROOT = Path(os.environ.get("DG_LINT_ROOT",
                           Path(__file__).resolve().parents[2]))
MODULES = ["base", "sqlparse", "acl", "store", "proxy", "admin", "cli"]


def build_dir() -> Path:
    """The CMake build folder, given by ctest."""
    return Path(os.environ.get("DG_BUILD_DIR",
                               ROOT / "build" / "dev")).resolve()


def files(*suffixes: str, under: list[str] | None = None) -> list[Path]:
    """Files of the tree with one of these suffixes, relative to the root."""
    if (ROOT / ".git").exists():
        out = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard", "-z"],
            cwd=ROOT, check=True, capture_output=True, text=True).stdout
        names = [Path(n) for n in out.split("\0") if n]
    else:  # an unpacked archive
        names = [p.relative_to(ROOT) for p in ROOT.rglob("*")
                 if "build" not in p.parts and ".cache" not in p.parts]
    chosen = []
    for name in sorted(names):
        if suffixes and name.suffix not in suffixes:
            continue
        if under and name.parts[0] not in under:
            continue
        if (ROOT / name).is_file():
            chosen.append(name)
    return chosen


def read(name: Path | str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


def strip_c(text: str) -> str:
    """C text with comments and literals blanked, line numbers kept."""
    def blank(match: re.Match) -> str:
        token = match.group(0)
        if token.startswith("/"):
            return re.sub(r"[^\n]", " ", token)
        return token[0] + " " * (len(token) - 2) + token[-1]

    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"'
                  r"|'(?:\\.|[^'\\\n])*'", blank, text, flags=re.S)


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def need(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        sys.exit(f"{program} not found: apt-get install {package}")
    return path


def finish(findings: list[str], remedy: str, checked: str) -> None:
    """Ends the program: 0 when there are no findings."""
    for finding in findings:
        print(finding)
    if findings:
        print(f"\n{len(findings)} finding(s). {remedy}")
        sys.exit(1)
    print(f"ok: {checked}")
