# SPDX-License-Identifier: Apache-2.0
"""The engines' own parsers, asked in-process (java/ParserOracle.java)."""

import collections
import pathlib
import subprocess
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "deploy" / "engines"))

import artefacts  # noqa: E402  (its folder is added above)
import javas  # noqa: E402

NO_LIMIT = 99


def _parser(dialect, version):
    """(set of jars, lowest and highest Java, version)"""
    lowest, highest = 17, 21
    if dialect == "trino":
        number = int(version)
        lowest = max(java for since, java in TRINO_JAVA if since <= number)
        highest = NO_LIMIT
    return (f"{dialect}-parser-{version}", lowest, highest, version)


#: (version, the Java that it and later ones need); java/ParserOracle.java 17.
TRINO_JAVA = ((0, 17), (436, 21), (447, 22), (460, 23), (470, 24), (480, 25))
#: dialect -> the version that is asked most
PARSERS = {
    "trino": _parser("trino", "476"),
    "presto": _parser("presto", "0.296"),
}
#: the same of all other versions, by dialect and version
OLDER = {
    (dialect, version): _parser(dialect, version)
    for dialect, known in (
        ("trino", artefacts.TRINO_PARSERS),
        ("presto", artefacts.PRESTO_PARSERS),
    )
    for version in known
    if version != PARSERS[dialect][3]
}


def _known(dialect, version):
    newest = PARSERS[dialect]
    return newest if version in (None, newest[3]) else OLDER[dialect, version]


def versions():
    """[(dialect, version)] of all that can be asked."""
    newest = [(dialect, rest[3]) for dialect, rest in PARSERS.items()]
    return sorted(newest + list(OLDER))


def why_not(dialect, version):
    """Why this one cannot be asked here, or None."""
    _, lowest, highest, _ = _known(dialect, version)
    if javas.find(lowest, highest) is not None:
        return None
    limit = "" if highest == NO_LIMIT else f" to {highest}"
    return f"no Java {lowest}{limit} is installed"


def command(dialect, *mode, version=None, program="ParserOracle.java"):
    """What runs the program, or None where no suitable Java is installed."""
    jars, lowest, highest, _ = _known(dialect, version)
    java = javas.find(lowest, highest)
    if java is None:
        return None
    return [
        str(java.home / "bin" / "java"),
        "-Xss256m",
        "-cp",
        f"{artefacts.fetch(jars)}/*",
        str(HERE / "java" / program),
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


def items(line):
    """Those of one line of an outline, with their counts; None of an error."""
    if line.startswith("error "):
        return None
    return collections.Counter(
        item.lower()
        for item in line.split("|")
        if item and not item.endswith("@?")
    )


def added(theirs, ours):
    """What only we say; we name all that is named, the engine some of it."""
    more = sorted((ours - theirs).elements())
    return [item for item in more if not item.startswith("o ")]


class Conversation:
    """A program that answers each statement before it reads the next."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            program, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def ask(self, statements):
        writer = threading.Thread(target=self._write, args=(statements,))
        writer.start()
        lines = [self.process.stdout.readline() for _ in statements]
        writer.join()
        assert all(line.endswith(b"\n") for line in lines), "it ended"
        return [line.decode()[:-1] for line in lines]

    def _write(self, statements):
        for text in statements:
            self.process.stdin.write(text.encode() + b"\0")
        self.process.stdin.flush()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


class Walk:
    """The engine's own grammar, and random statements out of it."""

    def __init__(self, dialect, version, seed):
        self.process = subprocess.Popen(
            command(
                dialect, str(seed), version=version, program="GrammarWalk.java"
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def statements(self, count):
        print(count, file=self.process.stdin, flush=True)
        return [self.process.stdout.readline() for _ in range(count)]


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
    return [items(line) for line in ask(program, statements)]
