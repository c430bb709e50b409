# SPDX-License-Identifier: Apache-2.0
"""The engines' own command lines and JDBC drivers, as people run them."""

import dataclasses
import os
import pathlib
import re
import subprocess

import artefacts
import javas

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE_S = 120
#: for a whole table of statements, on a machine with other work.
TABLE_DEADLINE_S = 900

#: what keeps a short-lived JVM short.
JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")


def java():
    java = javas.find(17, 99)
    return str(java.home / "bin" / "java")


@dataclasses.dataclass
class CliResult:
    status: int
    out: str
    err: str

    @property
    def rows(self):
        return [line.split("\t") for line in self.out.splitlines()]


def _cli_process(family, url, user, password, ca, arguments, stderr,
                 deadline_s=DEADLINE_S):
    name = {"trino": "trino-cli-476", "presto": "presto-cli-0.287"}[family]
    artefacts.fetch(name)
    command = [
        java(), *JVM, "-jar", str(artefacts.jar_of(name)),
        "--server", url, "--user", user, "--output-format", "TSV", *arguments,
    ]
    env = dict(os.environ)
    if password is not None:
        command += ["--password", "--truststore-path", str(ca)]
        env[family.upper() + "_PASSWORD"] = password
    return subprocess.run(
        command, stdout=subprocess.PIPE, stderr=stderr, text=True, check=False,
        env=env, stdin=subprocess.DEVNULL, timeout=deadline_s,
    )


def run_cli(family, url, user, sql, password=None, ca=None, arguments=()):
    """trino-cli or presto-cli with --execute; rows are tab-separated."""
    done = _cli_process(family, url, user, password, ca,
                        ["--execute", sql, *arguments], subprocess.PIPE)
    return CliResult(done.returncode, done.stdout, done.stderr)


def run_cli_file(family, url, user, statements, folder, password=None,
                 ca=None, arguments=()):
    """All statements in one process; what it printed for each, errors too."""
    script = folder / "script.sql"
    marks = [f"statement {number}" for number in range(len(statements) + 1)]
    lines = [f"SELECT '{mark}';\n{sql};\n"
             for mark, sql in zip(marks, statements)]
    lines.append(f"SELECT '{marks[-1]}';\n")
    script.write_text("".join(lines), encoding="utf-8")
    done = _cli_process(
        family, url, user, password, ca,
        ["--ignore-errors", "--file", str(script), *arguments],
        subprocess.STDOUT, TABLE_DEADLINE_S,
    )
    found, rest = [], done.stdout
    for mark in marks:
        text, line, rest = rest.partition(mark + "\n")
        assert line, f"no {mark}:\n{text[-2000:]}"
        found.append(text)
    return found[1:]


@dataclasses.dataclass
class JdbcResult:
    columns: list
    rows: list
    error: str  # None, or "CODE MESSAGE"
    count: int


def run_jdbc(driver, url, lines, **properties):
    """Runs the lines (see Jdbc.java) in one connection; a result for each."""
    artefacts.fetch(driver)
    done = subprocess.run(
        [
            java(), *JVM, "-cp", str(artefacts.jar_of(driver)),
            str(HERE / "Jdbc.java"), url,
            *(f"{name}={value}" for name, value in properties.items()),
        ],
        input="".join(line + "\n" for line in lines), capture_output=True,
        text=True, check=False, timeout=DEADLINE_S,
    )
    results = [JdbcResult([], [], None, None)]
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word == "columns":
            results[-1].columns = rest.split("\t")
        elif word == "row":
            results[-1].rows.append(rest.split("\t"))
        elif word == "count":
            results[-1].count = int(rest)
        elif word == "error":
            results[-1].error = rest
        elif word == "done":
            results.append(JdbcResult([], [], None, None))
    if results[-1].error is None:
        results.pop()
    assert results, f"nothing came: {done.stderr[-2000:]}"
    return results


def run_jdbc_tools(driver, url, schema, **properties):
    """{step: what JdbcTools.java printed}."""
    artefacts.fetch(driver)
    done = subprocess.run(
        [
            java(), *JVM, "-cp", str(artefacts.jar_of(driver)),
            str(HERE / "JdbcTools.java"), url, schema,
            *(f"{name}={value}" for name, value in properties.items()),
        ],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=DEADLINE_S,
    )
    _, *steps = re.split(r"^# ", done.stdout, flags=re.MULTILINE)
    assert steps, f"nothing came: {done.stderr[-2000:]}"
    return dict(step.split("\n", 1) for step in steps)


def run_jdbc_sessions(driver, sessions):
    """One connection after the other in one process.

    sessions: [(url, properties, statements)]. Returns what Jdbc.java printed
    for each statement, a list of texts for each session.
    """
    artefacts.fetch(driver)
    places = [
        [url, *(f"{name}={value}" for name, value in properties.items())]
        for url, properties, _ in sessions
    ]
    lines = []
    for place, (_, _, statements) in zip(places, sessions):
        lines.append("!connect " + "\t".join(place))
        lines += [sql.replace("\n", "\1") for sql in statements]
    done = subprocess.run(
        [
            java(), *JVM, "-cp", str(artefacts.jar_of(driver)),
            str(HERE / "Jdbc.java"), *places[0],
        ],
        input="".join(line + "\n" for line in lines[1:]), capture_output=True,
        text=True, check=False, timeout=TABLE_DEADLINE_S,
    )
    *texts, rest = re.split(r"^done\n", done.stdout, flags=re.MULTILINE)
    assert not rest and len(texts) == sum(len(s) for _, _, s in sessions), \
        f"{rest}\n{done.stderr[-2000:]}"
    given = iter(texts)
    return [[next(given) for _ in statements] for _, _, statements in sessions]
