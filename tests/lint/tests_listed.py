#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every unit test file is listed in its folder's tests.cmake, and every C file
of a module in a CMakeLists.txt: a file that is not built tests nothing."""

import re
from pathlib import Path

from lint import MODULES, ROOT, files, finish, read


def listing(folder: Path, file_name: str) -> tuple[Path | None, str]:
    """The nearest list at or above folder, without its comments."""
    while folder != Path("."):
        if (ROOT / folder / file_name).exists():
            text = read(folder / file_name)
            return folder, re.sub(r"#[^\n]*", "", text)
        folder = folder.parent
    return None, ""


def main() -> None:
    findings = []
    names = files(".c")
    for name in names:
        if str(name).startswith("tests/unit/") and \
                name.name.startswith("test_"):
            home, text = listing(name.parent, "tests.cmake")
            test = name.stem.removeprefix("test_")
            if not re.search(rf"(?<!\w){test}(?!\w)", text):
                findings.append(f"{name}: not in "
                                f"{home or name.parent}/tests.cmake")
        elif name.parts[0] in MODULES:
            home, text = listing(name.parent, "CMakeLists.txt")
            relative = name.relative_to(home) if home else name
            if not re.search(rf"(?<![\w/.]){re.escape(str(relative))}\b",
                             text):
                findings.append(f"{name}: not in {home}/CMakeLists.txt")
    for name in files(".h", ".def", under=MODULES):
        parts = name.parts
        if len(parts) > 1 and parts[1] == "include":
            _, text = listing(Path(parts[0]), "CMakeLists.txt")
            if str(name.relative_to(parts[0])) not in text:
                findings.append(f"{name}: not among the HEADERS of "
                                f"{parts[0]}/CMakeLists.txt")
    finish(findings, "List it, or remove the file.",
           f"{len(names)} C files are built")


main()
