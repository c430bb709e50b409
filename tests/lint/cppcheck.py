#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""cppcheck over the program's C files; suppressions, each with its reason,
stand in tests/lint/cppcheck.txt."""

import subprocess

from lint import MODULES, ROOT, build_dir, files, finish, need, read


def main() -> None:
    program = need("cppcheck", "cppcheck")
    cache = build_dir() / "lint" / "cppcheck"
    cache.mkdir(parents=True, exist_ok=True)
    # cppcheck takes no comments behind an entry.
    suppressions = cache / "suppressions.txt"
    suppressions.write_text("".join(
        line.split("#")[0].strip() + "\n"
        for line in read("tests/lint/cppcheck.txt").splitlines()
        if line.split("#")[0].strip()))
    names = [str(n) for n in files(".c", under=MODULES)]
    includes = [f"-I{m}/include" for m in MODULES
                if (ROOT / m / "include").is_dir()]
    includes += ["-I" + m for m in MODULES]
    out = subprocess.run(
        [program, "-j2", "--quiet", "--std=c11", "--language=c",
         "--enable=warning,performance,portability", "--inconclusive",
         "--inline-suppr", "--error-exitcode=1",
         f"--suppressions-list={suppressions}",
         f"--cppcheck-build-dir={cache}", "-D_GNU_SOURCE",
         '-DDG_VERSION="0"', "-U__SANITIZE_ADDRESS__",
         "--template={file}:{line}: {severity}: {message} [{id}]",
         *includes, *names],
        cwd=ROOT, capture_output=True, text=True, check=False)
    lines = [line for line in out.stderr.splitlines() if ": " in line
             and "[" in line]
    if out.returncode != 0 and not lines:
        lines = (out.stdout + out.stderr).splitlines()[-5:]
    finish(lines, "Change the code, or add a suppression with its reason to "
           "tests/lint/cppcheck.txt.", f"{len(names)} files")


main()
