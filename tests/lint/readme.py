#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each folder's README.md has a line for each of its files, and no line for a
file that is gone. A folder without a README.md is described by the nearest
one above it."""

import re
from fnmatch import fnmatch
from pathlib import Path

from lint import ROOT, files, finish, read

# Data, described as a whole.
DATA = re.compile(r"tests/(sql|fuzz/(corpus|crashes))/|__init__\.py$"
                  r"|(^|/)\.[^/]+$")
# Files that every folder has.
COMMON = {"README.md", "CMakeLists.txt", "tests.cmake"}
# The top folder's files are described by the root README and CONTRIBUTING.
SKIP_FOLDERS = {Path("."), Path(".ci")}
NAME = re.compile(r"`([^`\s]+)`")


def readme_for(folder: Path) -> Path | None:
    while folder != Path("."):
        if (ROOT / folder / "README.md").exists():
            return folder
        folder = folder.parent
    return None


def main() -> None:
    findings = []
    names = files()
    mentioned: dict[Path, set[str]] = {}
    for name in names:
        folder = name.parent
        if folder in SKIP_FOLDERS or name.name in COMMON \
                or DATA.search(str(name)):
            continue
        home = readme_for(folder)
        if home is None:
            findings.append(f"{folder}: no README.md with a line for "
                            f"{name.name}")
            continue
        if home not in mentioned:
            mentioned[home] = set(NAME.findall(read(home / "README.md")))
        said = mentioned[home]
        relative = name.relative_to(home)
        folders = {f"{p}/" for p in relative.parents if str(p) != "."}
        if not folders & said and not any(
                fnmatch(str(relative), word) for word in said):
            findings.append(f"{home}/README.md: no line for {relative}")
    for home, said in mentioned.items():
        for word in sorted(said):
            if "NAME" in word:
                continue
            if re.fullmatch(r"[\w./-]+\.(c|h|def|y|py|sh|sql|dot|cmake|md)",
                            word) and not (ROOT / home / word).exists() \
                    and not (ROOT / word).exists():
                findings.append(f"{home}/README.md: names {word}, which does "
                                "not exist")
    finish(findings, "One line a file: - `name.c`: what it is for. A pair may "
           "be written `name.*`, a folder of data `folder/`.",
           f"{len(names)} files are described")


main()
