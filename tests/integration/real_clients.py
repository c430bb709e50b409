# SPDX-License-Identifier: Apache-2.0
"""The engines' own command lines and JDBC drivers, as people run them."""

import dataclasses
import os
import pathlib
import subprocess

import artefacts
import javas

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE_S = 120

#: what keeps a short-lived JVM short.
JVM = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m")


def _java():
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


def run_cli(family, url, user, sql, password=None, ca=None, arguments=()):
    """trino-cli or presto-cli with --execute; rows are tab-separated."""
    name = {"trino": "trino-cli-476", "presto": "presto-cli-0.287"}[family]
    artefacts.fetch(name)
    command = [
        _java(), *JVM, "-jar", str(artefacts.jar_of(name)),
        "--server", url, "--user", user, "--output-format", "TSV",
        "--execute", sql, *arguments,
    ]
    env = dict(os.environ)
    if password is not None:
        command += ["--password", "--truststore-path", str(ca)]
        env[family.upper() + "_PASSWORD"] = password
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env=env,
        stdin=subprocess.DEVNULL, timeout=DEADLINE_S,
    )
    return CliResult(done.returncode, done.stdout, done.stderr)


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
            _java(), *JVM, "-cp", str(artefacts.jar_of(driver)),
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
