# SPDX-License-Identifier: Apache-2.0
"""The engines' own parsers, asked in-process (java/ParserOracle.java)."""

import collections
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "deploy" / "engines"))

import artefacts  # noqa: E402  (its folder is added above)
import javas  # noqa: E402

#: dialect -> (set of jars, lowest and highest Java, engine version)
PARSERS = {
    "trino": ("trino-parser-476", 24, 99, "476"),
    "presto": ("presto-parser-0.296", 17, 21, "0.296"),
}


def command(dialect, *mode):
    """What runs the oracle, or None where no suitable Java is installed."""
    jars, lowest, highest, _ = PARSERS[dialect]
    java = javas.find(lowest, highest)
    if java is None:
        return None
    return [
        str(java.home / "bin" / "java"),
        "-Xss256m",
        "-cp",
        f"{artefacts.fetch(jars)}/*",
        str(HERE / "java" / "ParserOracle.java"),
        *mode,
    ]


def ask(program, statements):
    """The line that the program prints for each statement."""
    done = subprocess.run(
        program,
        input=b"".join(text.encode() + b"\0" for text in statements),
        stdout=subprocess.PIPE,
        check=True,
    )
    lines = done.stdout.decode().split("\n")[:-1]
    assert len(lines) == len(statements)
    return lines


def judge(dialect, statements):
    """[None, or (line, column, message)] in the order of the statements."""
    answers = []
    for line in ask(command(dialect, "accept"), statements):
        if line == "ok":
            answers.append(None)
        else:
            _, number, column, message = line.split(" ", 3)
            answers.append((int(number), int(column), message))
    return answers


def outlines(program, statements):
    """The items of each outline (ast_outline.c) with their counts, or None."""
    found = []
    for line in ask(program, statements):
        items = [
            item.lower()
            for item in line.split("|")
            if item and not item.endswith("@?")
        ]
        found.append(None if line == "error" else collections.Counter(items))
    return found
