#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The library, installed: a folder that others can build against.

Runs by itself as well: DG_BUILD_DIR=build/dev tests/library/test_install.py
"""

import os
import pathlib
import re
import shlex
import subprocess
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "tables.c"
DOC = ROOT / "docs" / "sqlparse.md"
BUILD = pathlib.Path(os.environ.get("DG_BUILD_DIR", ROOT / "build" / "dev"))
CC = os.environ.get("CC", "cc")
CMAKE = os.environ.get("CMAKE", "cmake")
NM = os.environ.get("NM", "nm")
READELF = os.environ.get("READELF", "readelf")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

def run(command, **options):
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True, text=True, check=False, **options,
    )
    if done.returncode != 0:
        raise AssertionError(
            f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}"
        )
    return done.stdout


def declared(headers):
    """Functions and objects that the headers declare, inline ones left out."""
    names = set()
    for header in headers:
        text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
        text = re.sub(r"^[ \t]*#(.*\\\n)*.*$", "", text, flags=re.M)
        inline = re.findall(r"static inline[^{;]*?\b(dg_\w+)\(", text)
        names |= set(re.findall(r"^\w[\w \*]*?\b(dg_\w+)\(", text, re.M))
        names |= set(re.findall(r"^extern [^;(]*\b(dg_\w+);", text, re.M))
        names -= set(inline)
    return names


def sessions():
    """What DOC shows: arguments of the example, and what it prints."""
    found = []
    blocks = re.findall(r"^```console\n(.*?)^```", DOC.read_text(),
                        re.M | re.S)
    for block in blocks:
        for part in block.split("$ ./tables ")[1:]:
            command, _, printed = part.partition("\n")
            found.append((shlex.split(command), printed))
    return found


class InstalledLibrary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="dg_sqlparse.")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.top = pathlib.Path(cls.folder.name)
        # Installed at one place and moved to another: nothing may remember.
        for component in ("sqlparse", "sqlparse_dev"):
            run([CMAKE, "--install", BUILD, "--component", component,
                 "--prefix", cls.top / "first"])
        cls.prefix = (cls.top / "first").rename(cls.top / "prefix")
        (found,) = cls.prefix.rglob("dg_sqlparse.pc")
        cls.lib = found.parent.parent
        cls.environment = {
            **os.environ,
            "PKG_CONFIG_PATH": str(found.parent),
            "LD_LIBRARY_PATH": str(cls.lib),
        }

    def pkg_config(self, *arguments):
        return run(["pkg-config", *arguments, "dg_sqlparse"],
                   env=self.environment).split()

    def build(self, source, *flags, compiler=(CC, "-std=c11")):
        program = self.top / "program"
        run([*compiler, *WARNINGS, source, *flags, "-o", program])
        return program

    def check_example(self, program):
        shown = sessions()
        self.assertGreater(len(shown), 5)
        for arguments, printed in shown:
            done = subprocess.run(
                [program, *arguments], env=self.environment, text=True,
                capture_output=True, check=False,
            )
            self.assertEqual(done.stdout, printed)
            self.assertEqual(done.returncode, int("error" in printed))

    def test_example_with_pkg_config(self):
        flags = self.pkg_config("--cflags", "--libs")
        self.check_example(self.build(EXAMPLE, *flags))

    def test_example_with_the_static_library(self):
        flags = self.pkg_config("--cflags", "--libs", "--static")
        for library in self.lib.glob("*.so*"):
            library.rename(self.top / library.name)
        try:
            self.check_example(self.build(EXAMPLE, *flags))
        finally:
            for library in self.top.glob("*.so*"):
                library.rename(self.lib / library.name)

    def test_example_with_cmake(self):
        folder = self.top / "consumer"
        run([CMAKE, "-S", HERE / "consumer", "-B", folder,
             f"-DEXAMPLE={EXAMPLE}", f"-DCMAKE_PREFIX_PATH={self.prefix}",
             f"-DCMAKE_C_COMPILER={CC}"])
        run([CMAKE, "--build", folder])
        self.check_example(folder / "tables_sqlparse")
        self.check_example(folder / "tables_sqlparse_static")

    def test_cplusplus(self):
        flags = self.pkg_config("--cflags", "--libs")
        program = self.build(HERE / "all_headers.cc", *flags,
                             compiler=("c++", "-std=c++17"))
        self.assertEqual(
            run([program], env=self.environment),
            "ok select ? from t\ninvalid 1:8\n",
        )

    def test_each_header_stands_alone(self):
        include = self.prefix / "include" / "dg_sqlparse"
        for header in sorted(include.rglob("*.h")):
            line = f"#include <{header.relative_to(include)}>\n"
            for language, standard in (("c", "c11"), ("c++", "c++17")):
                with self.subTest(header=header.name, language=language):
                    run([CC, f"-std={standard}", *WARNINGS, "-x", language,
                         "-fsyntax-only", f"-I{include}", "-"], input=line)

    def test_only_the_interface_is_exported(self):
        library = self.lib / "libdg_sqlparse.so"
        lines = run([NM, "-D", "--defined-only", library]).splitlines()
        exported = {
            line.split()[2].split("@")[0] for line in lines
            if line.split()[1] != "A"
        }
        self.assertEqual(
            exported, declared(sorted(self.prefix.rglob("*.h"))),
            "sqlparse/dg_sqlparse.map lists other functions than the headers",
        )

    def test_needs_libc_alone(self):
        dynamic = run([READELF, "-d", self.lib / "libdg_sqlparse.so"])
        self.assertEqual(re.findall(r"NEEDED.*\[(.*)\]", dynamic),
                         ["libc.so.6"])
        self.assertRegex(dynamic, r"SONAME.*\[libdg_sqlparse\.so\.0\]")

    def test_no_other_name_in_the_archive(self):
        text = run([NM, "-g", "--defined-only", "-P",
                    self.lib / "libdg_sqlparse.a"])
        names = re.findall(r"^(\S+) [A-Z] ", text, re.M)
        self.assertGreater(len(names), 100)
        self.assertEqual([n for n in names if not n.startswith("dg_")], [])


if __name__ == "__main__":
    unittest.main()
