#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every public header compiles alone (CMake's verify target)."""

import re
import subprocess

from lint import build_dir, finish, need


def main() -> None:
    cmake = need("cmake", "cmake")
    out = subprocess.run(
        [cmake, "--build", str(build_dir()), "--target",
         "all_verify_interface_header_sets", "-j2"],
        capture_output=True, text=True, check=False)
    lines = [line for line in out.stdout.splitlines()
             if re.search(r"(error|warning):", line)]
    if out.returncode != 0 and not lines:
        lines = (out.stdout + out.stderr).splitlines()[-10:]
    finish(lines, "A header includes what it uses.",
           "every public header compiles alone")


main()
