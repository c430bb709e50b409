#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""clang-tidy over the program's C files, two at a time.

A file that was clean is not looked at again while its preprocessed text, its
options and .clang-tidy stay the same; the marks are kept in the build folder.
Tests are left out: cmocka's macros are not ours to tidy."""

import hashlib
import json
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lint import MODULES, ROOT, build_dir, files, finish, need, read

EXTRA = ["-Wno-unknown-warning-option"]
# Checks that are off for some files: pattern, checks, reason.
OFF = [
    (r"sqlparse/(ast/(walk|dump)|resolve/\w+)\.c", "misc-no-recursion",
     "follows the tree; limits.max_depth bounds it, checked at each level"),
    (r"sqlparse/resolve/type\.c", "misc-no-recursion",
     "follows a type; TYPE_MAX_DEPTH bounds it, checked at each level"),
    (r"sqlparse/(resolve/access|ast/build)\.c", "bugprone-sizeof-expression",
     "arrays of pointers, each of which clang-tidy 14 takes for a mistake"),
    (r"proxy/config\.c", "misc-no-recursion",
     "follows the operator's own file; libyaml bounds its nesting"),
    (r"sqlparse/scan/promote\.c", "readability-function-size",
     "one table of words, as a switch"),
    (r"sqlparse/resolve/expr\.c", "readability-function-size",
     "one table of kinds of expression, as a switch"),
    (r"proxy/authorize_map\.c", "readability-function-size",
     "one table of actions, as a switch"),
]


def commands() -> dict[str, list[str]]:
    """The compiler's options of each file, without the output's."""
    found = {}
    path = build_dir() / "compile_commands.json"
    for entry in json.loads(path.read_text()):
        words = shlex.split(entry["command"])
        keep = [w for w in words[1:] if w.startswith(("-I", "-D", "-std",
                                                      "-W"))]
        for i, word in enumerate(words):
            if word == "-isystem":
                keep += [word, words[i + 1]]
        found[entry["file"]] = keep
    return found


def key_of(path: Path, options: list[str], settings: str) -> str | None:
    """None: it does not compile, so clang-tidy shall say why."""
    out = subprocess.run(["clang-14", "-E", *options, *EXTRA, str(path)],
                         capture_output=True, check=False)
    if out.returncode != 0:
        return None
    text = out.stdout + " ".join(options).encode() + settings.encode()
    return hashlib.sha256(text).hexdigest()


def check(program: str, name: Path, options: list[str], settings: str,
          marks: Path) -> tuple[list[str], bool]:
    path = ROOT / name
    key = key_of(path, options, settings)
    if key and (marks / key).exists():
        return [], True
    off = [f"-{checks}" for pattern, checks, _ in OFF
           if re.fullmatch(pattern, str(name))]
    out = subprocess.run(
        [program, "--quiet", f"--checks={','.join(off)}", str(path), "--",
         *options, *EXTRA],
        cwd=ROOT, capture_output=True, text=True, check=False)
    generated = f"{build_dir()}/"
    lines = [line.removeprefix(f"{ROOT}/") for line in out.stdout.splitlines()
             if (": error:" in line or ": warning:" in line)
             and not line.startswith(generated)]
    if out.returncode != 0 and not lines and not out.stdout:
        lines = [f"{name}: clang-tidy failed: {out.stderr.strip()[:500]}"]
    if not lines and key:
        (marks / key).touch()
    return lines, False


def main() -> None:
    program = need("clang-tidy-14", "clang-tidy-14")
    need("clang-14", "clang-14")
    marks = build_dir() / "lint" / "tidy"
    marks.mkdir(parents=True, exist_ok=True)
    settings = read(".clang-tidy") + str(OFF)
    options = commands()
    names = [n for n in files(".c", under=MODULES)
             if str(ROOT / n) in options]
    findings: list[str] = []
    known = 0
    workers = min(2, os.cpu_count() or 1)
    with ThreadPoolExecutor(workers) as pool:
        for lines, cached in pool.map(
                lambda n: check(program, n, options[str(ROOT / n)], settings,
                                marks), names):
            findings += lines
            known += cached
    finish(sorted(set(findings)),
           "Change the code. NOLINT only with its check's name and a reason; "
           "opt-outs for all files stand in .clang-tidy.",
           f"{len(names)} files, {known} known to be clean")


main()
