# SPDX-License-Identifier: Apache-2.0
"""Every kind of statement, through the engines' own clients.

statements/*.yaml are the table. Each client runs all of it three times in one
process: straight at the engine, through the gateway as keeper, who may do
everything, and as clerk, who may do next to nothing. What keeper sees has to be
what the engine shows; what clerk sees is the refusal that the table tells.
"""

import dataclasses
import pathlib
import re

import pytest
import yaml

import policy
import real_clients

HERE = pathlib.Path(__file__).resolve().parent

#: $k: what the statements read, made straight at the engine; $s: what they
#: make; each in the catalog under test.
KEPT = "statements_kept"
MADE = "statements"

ENGINES = ("trino-476", "trino-435", "presto-0.287")
CLIENTS = ("cli", "jdbc")
#: the client of an ordinary run; the other one is asked with --long.
USUAL = {"trino-476": "cli", "trino-435": "jdbc", "presto-0.287": "jdbc"}
#: catalog: its table of statements.
FOLDERS = {"memory": "statements", "iceberg": "statements_iceberg"}

#: what differs each time.
QUERY = re.compile(r"\b20\d{6}_\d{6}_\d{5}_\w{5}\b")
STATEMENT = re.compile(r" \(statement id [0-9a-f]+\)")
#: of a syntax error: what could stand there, which we put shorter.
EXPECTING = re.compile(r" Expecting: .*")


@dataclasses.dataclass(frozen=True)
class Case:
    """One statement; README.md describes the fields."""

    does: str
    sql: str
    theme: str = ""
    engines: tuple = ENGINES
    compare: str = "all"
    refused: str = ""
    never: str = ""
    but: dict = dataclasses.field(default_factory=dict)

    def on(self, engine, catalog):
        """The case as it is on that engine."""
        made = dataclasses.replace(self, **self.but.get(engine, {}))
        filled = {
            field: fill(getattr(made, field), catalog)
            for field in ("sql", "refused", "never")
        }
        return dataclasses.replace(made, **filled)


def fill(text, catalog):
    """$k and $s as schemas of the catalog; "t$snapshots" stays."""
    names = {"k": f"{catalog}.{KEPT}", "s": f"{catalog}.{MADE}"}
    return re.sub(r"\$([ks])(?![a-z])", lambda m: names[m.group(1)], text)


def load(engine, catalog):
    """The cases of an engine, in the order of the files and their lines."""
    found = []
    for path in sorted((HERE / FOLDERS[catalog]).glob("*.yaml")):
        for row in yaml.safe_load(path.read_text("utf-8")):
            case = Case(theme=path.stem, **row)
            if engine in case.engines:
                found.append(case.on(engine, catalog))
    names = [(case.theme, case.does) for case in found]
    assert len(names) == len(set(names)), "two cases of one name"
    return found


def parameters(engine, catalog="memory"):
    return [
        pytest.param(number, case, client,
                     id=f"{client}-{case.theme}-{case.does.replace(' ', '-')}",
                     marks=() if client == USUAL[engine] else pytest.mark.long)
        for client in CLIENTS
        for number, case in enumerate(load(engine, catalog))
    ]


def rules(made):
    """What keeper and clerk may do."""
    for kind, where in (
        ("table", "*.*.*"), ("schema", "*.*"), ("catalog", "*"),
        ("function", "*.*.*"), ("procedure", "*.*.*"),
        ("table_function", "*.*.*"), ("property", "*"), ("query", "*"),
        ("cluster", "*"),
    ):
        made.allow(f"keeper owns {kind}", ["keeper"], ["own"], **{kind: where})
    made.allow("clerk uses clusters", ["clerk"], ["use"], cluster="*")
    made.allow("clerk reads nations", ["clerk"], ["read"],
               table="tpch.tiny.nation")
    made.allow("clerk reads a", ["clerk"], ["select"],
               table=f"*.{KEPT}.t", columns=["a"])
    return made


class Stage:
    """A catalog of one engine with its tables, and the site in front of it."""

    def __init__(self, site, cluster, catalog, folder):
        self.site = site
        self.cluster = cluster
        self.catalog = catalog
        self.folder = folder
        record = site.clusters[cluster].record()
        self.engine = record["engine"]
        self.family = record["family"]
        self.kept = f"{catalog}.{KEPT}"
        self.made = f"{catalog}.{MADE}"
        self._played = {}

    def direct(self, sql):
        return self.site.direct(self.cluster, sql)

    def set_up(self):
        self.clear()
        for schema in (self.kept, self.made):
            self.direct(f"CREATE SCHEMA {schema}")
        row = "CAST(ROW({0}, '{1}') AS ROW(x bigint, y varchar))"
        self.direct(
            f"CREATE TABLE {self.kept}.t AS SELECT * FROM (VALUES "
            f"(BIGINT '1', 'one', ARRAY[BIGINT '5', 6], {row.format(1, 'p')}),"
            f"(2, 'two', ARRAY[], {row.format(2, 'q')}), "
            f"(3, 'three', ARRAY[7], {row.format(3, 'r')})) AS x (a, b, l, r)"
        )
        self.direct(
            f"CREATE TABLE {self.kept}.u AS SELECT * FROM (VALUES "
            "(BIGINT '1', 'eins'), (2, 'zwei'), (7, 'sieben')) AS x (a, b)"
        )
        if self.catalog == "memory":
            self.direct(
                f"CREATE VIEW {self.kept}.v AS SELECT a, b FROM {self.kept}.t"
            )
        if self._has_functions():
            self.direct(f"CREATE FUNCTION {self.kept}.half(x bigint) "
                        "RETURNS bigint RETURN x / 2")

    def clear(self):
        for schema, name in ((self.kept, KEPT), (self.made, MADE)):
            for table, kind in self.direct(
                "SELECT table_name, table_type FROM "
                f"{self.catalog}.information_schema.tables "
                f"WHERE table_schema = '{name}'"
            ):
                kind = "VIEW" if kind == "VIEW" else "TABLE"
                self.direct(f"DROP {kind} {schema}.{table}")
            if self._has_functions():
                self.direct(f"DROP FUNCTION IF EXISTS {schema}.half(bigint)")
            self.direct(f"DROP SCHEMA IF EXISTS {schema}")

    def _has_functions(self):
        return self.family == "trino" and self.catalog == "memory"

    def outcomes(self, client):
        """{who: [text]}: what the client showed for each case."""
        if client not in self._played:
            self._played[client] = None  # once is enough, whatever comes of it
            play = {"cli": self._play_cli, "jdbc": self._play_jdbc}[client]
            cases = load(self.engine, self.catalog)
            self._played[client] = play([case.sql for case in cases])
        assert self._played[client], f"the run of {client} failed"
        return self._played[client]

    def _url(self, who):
        if who == "engine":
            return self.site.clusters[self.cluster].url()
        return self.site.gateway.url

    def _play_cli(self, statements):
        shown = {}
        for who in ("engine", "keeper", "clerk"):
            user = "keeper" if who == "engine" else who
            arguments = [] if who == "engine" else [
                "--session", f"datagateway.cluster={self.cluster}"
            ]
            shown[who] = [usual(text) for text in real_clients.run_cli_file(
                self.family, self._url(who), user, statements, self.folder,
                None if who == "engine" else policy.PASSWORDS[user],
                self.site.tls.ca, arguments,
            )]
        return shown

    def _play_jdbc(self, statements):
        sessions = []
        for who in ("engine", "keeper", "clerk"):
            url = self._url(who).partition("//")[2]
            properties = {"user": "keeper"}
            if who != "engine":
                properties = {
                    "user": who, "password": policy.PASSWORDS[who],
                    "SSL": "true", "SSLTrustStorePath": self.site.tls.ca,
                    "sessionProperties": f"datagateway.cluster:{self.cluster}",
                }
            sessions.append((f"jdbc:{self.family}://{url}", properties,
                             statements))
        driver = {"trino": "trino-jdbc-476",
                  "presto": "presto-jdbc-0.296"}[self.family]
        texts = real_clients.run_jdbc_sessions(driver, sessions)
        return {
            who: [usual(text) for text in shown]
            for who, shown in zip(("engine", "keeper", "clerk"), texts)
        }


def usual(text):
    """Without what differs each time."""
    return STATEMENT.sub("", QUERY.sub("QUERY", text))


def message_of(text):
    """The text of the error that a client showed, or None."""
    found = re.search(
        r"^(?:error \d+ )?Query (?:QUERY |)(?:failed: |failed \(#QUERY\): )"
        r"(.*)$", text, re.MULTILINE,
    )
    if found:
        return found.group(1)
    found = re.search(r"^error -?\d+ (.*)$", text, re.MULTILINE)
    return found.group(1) if found else None


def check(case, client, shown):
    """shown: {who: text} of one case."""
    if case.never:
        check_refused(case.never, case, client, shown["keeper"])
        check_refused(case.never, case, client, shown["clerk"])
        return
    check_allowed(case, shown["engine"], shown["keeper"])
    if case.refused:
        check_refused(case.refused, case, client, shown["clerk"])
    else:
        check_allowed(case, shown["engine"], shown["clerk"])


def check_refused(words, case, client, text):
    same(message_of(text), "Access Denied: " + words)
    if client == "cli":
        check_caret(words, case, text)


def same(got, wanted):
    """What differs is shown below each other."""
    assert got == wanted, f"\ngot    {got}\nwanted {wanted}"


def check_allowed(case, engine, gateway):
    if case.compare == "all":
        same(gateway, engine)
    elif case.compare == "message":
        same(message_of(gateway), message_of(engine))
    elif case.compare == "place":
        same(EXPECTING.sub("", gateway), EXPECTING.sub("", engine))
    elif case.compare == "set":
        same(sorted(gateway.splitlines()), sorted(engine.splitlines()))
    else:
        assert case.compare == "success", case.compare
        assert message_of(engine) is None, engine
        assert message_of(gateway) is None, gateway


def check_caret(words, case, text):
    """Command lines draw one below the place that the error names."""
    line, column = re.search(r"line (\d+):(\d+):", words).groups()
    source = case.sql.splitlines()[int(line) - 1]
    shown = text.splitlines()
    drawn = f"LINE {line}: {source}"
    assert drawn in shown, text
    caret = shown[shown.index(drawn) + 1]
    assert caret.index("^") == len(f"LINE {line}: ") + int(column) - 1, text


def play(stage, number, case, client):
    """Checks one case; the first one of a client runs them all."""
    shown = stage.outcomes(client)
    check(case, client, {who: texts[number] for who, texts in shown.items()})


# -- what a module that names its ENGINE imports --------------------------------


def pytest_generate_tests(metafunc):
    metafunc.parametrize("number, case, client",
                         parameters(metafunc.module.ENGINE))


@pytest.fixture(scope="module")
def stage(make_stage, request):
    return make_stage(request.module.ENGINE)


def test_statement(stage, number, case, client):
    play(stage, number, case, client)
