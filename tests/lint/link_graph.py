#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The libraries that each target links are within the table of
docs/architecture.md, and each target is in the table."""

import re

from lint import build_dir, finish, read

# CMake's names of system libraries: the table's names.
SYSTEM = {
    "PkgConfig::LIBEVENT": "libevent", "PkgConfig::LIBPQ": "libpq",
    "PkgConfig::JANSSON": "jansson",
    "PkgConfig::YAML": "libyaml", "PkgConfig::SODIUM": "libsodium",
    "PkgConfig::OPENSSL": "openssl", "PkgConfig::ZSTD": "libzstd",
    "PkgConfig::PCRE2": "libpcre2",
    "Threads::Threads": "threads",
}
ROW = re.compile(r"^\| `(?P<folder>\w+)/` \(`(?P<target>\w+)`\) "
                 r"\|[^|]*\| (?P<uses>[^|]*) \|$", re.M)


def allowed() -> dict[str, set[str]]:
    return {m["target"]: set(re.findall(r"`([^`]+)`", m["uses"]))
            for m in ROW.finditer(read("docs/architecture.md"))}


def main() -> None:
    table = allowed()
    findings = []
    graph = (build_dir() / "tests" / "lint" / "link_graph.txt").read_text()
    for line in graph.splitlines():
        target, _, libraries = line.partition(":")
        if target not in table:
            findings.append(f"{target}: not in the table of "
                            "docs/architecture.md")
            continue
        for library in filter(None, libraries.strip().split(";")):
            if library == "dg_compile_options" or library.startswith("$<"):
                continue
            name = SYSTEM.get(library, library.removeprefix("dg_"))
            if name not in table[target]:
                findings.append(f"{target} links {library}, which the table "
                                "does not allow")
    for target in table:
        if not re.search(rf"^{target}:", graph, re.M):
            findings.append(f"docs/architecture.md: {target} is no target")
    finish(findings, "Link lines are the layering. Change the code, or the "
           "table with a reason in the commit.",
           f"{len(table)} targets link what the table allows")


main()
