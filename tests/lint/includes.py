#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Which files may include which library, and that tests.cmake, CMakeLists
and README.md know every file."""

import re

from lint import MODULES, files, finish, line_of, read

# header pattern: the only files that may include it, and why.
ONLY = [
    (r"libpq-fe\.h|pg_config", r"base/pg(_\w+)?\.[ch]",
     "Postgres is spoken to through base/pg.h"),
    (r"jansson\.h", r"base/json\.c",
     "JSON is read and written through base/json.h"),
    (r"yaml\.h", r"proxy/config\w*\.c|store/\w+\.[ch]|base/\w+\.c",
     "YAML is read by the loaders of config and policy"),
    (r"event2/.*", r"(base|proxy|cli)/.*", "sqlparse, acl and store do no I/O "
     "of their own"),
    (r"openssl/.*", r"(proxy|tests)/.*", "TLS and ciphers live in proxy/"),
    (r"sodium\.h", r"(proxy|store|cli|tests)/.*",
     "hashes and sealing live in proxy/ and store/"),
]
# Pure by contract: no clock, no I/O, no threads.
PURE = ("sqlparse", "acl")
IMPURE = re.compile(r"(time|unistd|fcntl|pthread|sys/socket|sys/stat|"
                    r"threads|event2/.*|base/(clock|loop|pg|offload|log)"
                    r")\.h")
# The folders of sqlparse: each sees those before it.
LAYERS = ("scan", "ast", "parse", "resolve")
PURE_TOOLS = {"sqlparse/scan/mkkeywords.c"}


def above(name, header: str) -> bool:
    """Whether a file of sqlparse includes what is built on it."""
    mine, theirs = name.parent.name, header.partition("/")[0]
    return name.parts[0] == "sqlparse" and mine in LAYERS \
        and theirs in LAYERS and LAYERS.index(theirs) > LAYERS.index(mine)


def main() -> None:
    findings = []
    names = files(".c", ".h", ".y", under=MODULES)
    for name in names:
        text = read(name)
        for match in re.finditer(r'^#include [<"]([^>"]+)[>"]', text, re.M):
            header = match.group(1)
            place = f"{name}:{line_of(text, match.start())}"
            for pattern, allowed, why in ONLY:
                if re.fullmatch(pattern, header) and \
                        not re.fullmatch(allowed, str(name)):
                    findings.append(f"{place}: <{header}>: {why}")
            if above(name, header):
                findings.append(f"{place}: {header}: "
                                + ", ".join(LAYERS) + ": only what is before")
            if name.parts[0] in PURE and IMPURE.fullmatch(header) \
                    and str(name) not in PURE_TOOLS:
                findings.append(f"{place}: <{header}>: {name.parts[0]} is a "
                                "pure function of its arguments")
    finish(findings, "Call the module that wraps the library "
           "(docs/architecture.md).", f"{len(names)} files")


main()
