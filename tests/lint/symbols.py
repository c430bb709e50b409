#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every global symbol of our libraries starts with dg_."""

import re
import subprocess

from lint import build_dir, finish, need

# Of the compiler's own making.
FOREIGN = re.compile(r"(__(asan|odr_asan|ubsan|tsan|sancov|start|stop|gcov|"
                     r"llvm)|\.|_sanitizer|asan\.|__emutls)")


def main() -> None:
    nm = need("nm", "binutils")
    libraries = sorted(build_dir().rglob("libdg_*.a"))
    findings = []
    count = 0
    for library in libraries:
        out = subprocess.run([nm, "-g", "--defined-only", "-P", library],
                             check=True, capture_output=True, text=True)
        for line in out.stdout.splitlines():
            words = line.split()
            if len(words) < 2 or words[0].endswith(":"):
                continue
            count += 1
            if not words[0].startswith("dg_") and \
                    not FOREIGN.match(words[0]):
                findings.append(f"{library.name}: {words[0]}")
    if not libraries:
        findings.append(f"no libdg_*.a under {build_dir()}: build first")
    finish(findings, "Make it static, or give it the prefix (lemon: %name).",
           f"{count} globals of {len(libraries)} libraries")


main()
