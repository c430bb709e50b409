#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Magic numbers of objects (base/assert.h) are unique in the program."""

import re

from lint import MODULES, files, finish, line_of, read, strip_c

DEFINITION = re.compile(r"\b(\w*MAGIC\w*)\s*(?:=\s*|\s)"
                        r"(?:UINT32_C\()?(0x[0-9a-fA-F]+)")


def main() -> None:
    seen: dict[int, str] = {}
    findings = []
    for name in files(".c", ".h", under=MODULES):
        text = strip_c(read(name))
        for match in DEFINITION.finditer(text):
            value = int(match.group(2), 16)
            place = f"{name}:{line_of(text, match.start())}"
            if value in seen:
                findings.append(f"{place}: {match.group(1)} has the value of "
                                f"{seen[value]}")
            seen.setdefault(value, f"{match.group(1)} ({place})")
    if not seen:
        findings.append("no magic found: has the pattern become wrong?")
    finish(findings, "Choose another value: it names the type of what a void "
           "pointer points to.", f"{len(seen)} magics are unique")


main()
