# SPDX-License-Identifier: Apache-2.0
"""The gateway with an imported policy against a real Trino with the rules.

One Trino follows a rule file, another has none and stands behind a gateway with
what `admin import trino-rules` made of the file. Each statement of each user is
put to both: refused or not must be the same, but for what DIFFERENCES lists.
"""

import concurrent.futures
import itertools
import json
import pathlib
import time

import pytest
import yaml

import client
import random_rules as world
import servers
from site_under_test import Site

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "the-same-for-all"

#: users and their groups.
PEOPLE = {
    "adm": [], "ann": ["dev"], "bob": ["dev", "ops"], "eve": ["hr"],
    "svc_eve": ["ops"], "visitor": [], "zoe": [],
}
GROUPS = ["dev", "ops", "hr"]
TABLES = {
    "memory": {"hr": ["salaries", "staff"], "work": ["notes", "secret"]},
    "tpch": {"tiny": ["customer", "nation"]},
}

#: name: statement. What changes something changes it to what it is.
STATEMENTS = {
    "customer": "SELECT name FROM tpch.tiny.customer WHERE custkey = 1",
    "phone": "SELECT phone FROM tpch.tiny.customer WHERE custkey = 1",
    "acctbal in where":
        "SELECT name FROM tpch.tiny.customer WHERE acctbal < -999.9",
    "count": "SELECT count(*) FROM tpch.tiny.nation",
    "star": "SELECT * FROM tpch.tiny.customer LIMIT 1",
    "salaries": "SELECT * FROM memory.hr.salaries",
    "staff": "SELECT a FROM memory.hr.staff",
    "notes": "SELECT a FROM memory.work.notes",
    "secret": "SELECT a FROM memory.work.secret",
    "join": "SELECT 1 FROM memory.work.notes n JOIN memory.hr.staff s "
            "ON n.a = s.a",
    "insert": "EXPLAIN INSERT INTO memory.work.notes (a) VALUES 1",
    "insert hr": "EXPLAIN INSERT INTO memory.hr.staff (a) VALUES 1",
    "insert from":
        "EXPLAIN INSERT INTO memory.work.notes SELECT * FROM memory.hr.staff",
    "delete": "EXPLAIN DELETE FROM memory.work.notes",
    "update": "EXPLAIN UPDATE memory.hr.staff SET a = 1",
    "create": "EXPLAIN CREATE TABLE memory.work.made AS SELECT 1 x",
    "create hr": "EXPLAIN CREATE TABLE memory.hr.made AS SELECT 1 x",
    "comment": "COMMENT ON TABLE memory.work.notes IS 'x'",
    "truncate": "TRUNCATE TABLE memory.hr.salaries",
    "add column": "ALTER TABLE memory.hr.staff ADD COLUMN a integer",
    "information schema":
        "SELECT count(*) FROM memory.information_schema.tables",
    "jdbc": "SELECT count(*) FROM system.jdbc.types",
    "nodes": "SELECT count(*) FROM system.runtime.nodes",
    "sequence": "SELECT * FROM TABLE(sequence(1, 2))",
    "set join": "SET SESSION join_distribution_type = 'BROADCAST'",
    "set time": "SET SESSION query_max_run_time = '1h'",
    "kill": "CALL system.runtime.kill_query(query_id => 'x', message => 'x')",
    "nothing": "SELECT 1",
    "show create": "SHOW CREATE TABLE memory.work.notes",
}

#: (statement, granted by): why. What else differs fails, and so does what no
#: longer does.
DIFFERENCES = {
    ("show create", "gateway"):
        "any right on the table shows it; Trino asks for OWNERSHIP",
    ("count", "trino"): "a row filter: reading is not carried over",
    ("sequence", "trino"):
        "a table function without its catalog is not system.builtin's here",
    ("create", "trino"): "Trino does not check the new table in EXPLAIN",
    ("create hr", "trino"): "the same",
    ("nodes", "trino"):
        "system tables are not in the metadata, and a rule is no pattern",
    ("jdbc", "trino"): "the same",
    ("information schema", "trino"):
        "a deny of all that is in the catalog bites there, too",
}


class EngineChance(world.Chance):
    """Random rules about the tables above."""

    USER = ["ann", "bob", "visitor", "ann|eve", "svc_.*", ".*", "[a-e].*",
            "(?!svc).*"]
    CATALOG = ["memory", "memory", "tpch", ".*", "memory|tpch", "(?!tpch).*",
               "system", "mem.*"]
    SCHEMA = ["work", "hr", "hr|work", ".*", "w.*", "tiny|jdbc", "(?!hr).*"]
    TABLE = ["notes", "staff", "s.*", ".*", "customer", "(?!sec).*",
             "nation|notes"]
    COLUMNS = ["phone", "acctbal", "a"]
    FILTERS = False


def random_rules(seed):
    chance = EngineChance(seed)
    wanted = {"catalogs": 4, "schemas": 2, "tables": 6, "functions": 3,
              "system_session_properties": 3, "queries": 2}
    made = {
        name: [getattr(chance, name)()
               for _ in range(chance.randint(1, most))]
        for name, most in wanted.items() if chance.randrange(100) < 65
    }
    if "queries" in made:  # else nobody gets anywhere
        made["queries"].append({"allow": ["execute"]})
    made.setdefault("tables", []).append({"privileges": ["SELECT"]})
    return made


class RuledTrino(servers.Instance):
    """A Trino that follows a rule file, read anew for each statement."""

    @property
    def rules(self):
        return self.folder / "rules.json"

    def _write_etc(self, engine, home, port, extra):
        super()._write_etc(engine, home, port, extra)
        etc = self.folder / "etc"
        self.rules.write_text("{}")
        (etc / "access-control.properties").write_text(
            "access-control.name=file\n"
            f"security.config-file={self.rules}\n"
            "security.refresh-period=1ms\n"
        )
        (self.folder / "group.txt").write_text(group_file())
        if engine.version != "435":  # whose group provider is not at hand
            (etc / "group-provider.properties").write_text(
                "group-provider.name=file\n"
                f"file.group-file={self.folder / 'group.txt'}\n"
            )


def group_file():
    return "".join(
        f"{group}:" + ",".join(n for n, groups in PEOPLE.items()
                               if group in groups) + "\n"
        for group in GROUPS
    )


def make_tables(instance):
    """The same tables in both engines."""
    for schema, tables in TABLES["memory"].items():
        direct(instance, f"CREATE SCHEMA IF NOT EXISTS memory.{schema}")
        for table in tables:
            direct(instance, f"CREATE TABLE IF NOT EXISTS "
                             f"memory.{schema}.{table} (a integer)")


def direct(instance, sql):
    return servers.run_sql(instance.url(), instance.record()["family"], sql)


@pytest.fixture(scope="module")
def ruled(engines):
    engine = engines.trino().record()["engine"]
    instance = engines.get(engine, engine + "-ruled", kind=RuledTrino)
    instance.rules.write_text("{}")
    wait_for_rules()
    make_tables(instance)
    return instance


def wait_for_rules():
    """The period after which Trino reads the file again."""
    time.sleep(0.01)


class Imported:
    """A policy as Site takes it."""

    def __init__(self, sections, instance):
        self.sections = sections
        self.instance = instance

    def yaml(self, folder):
        word = folder / "password"
        word.write_text(PASSWORD)
        word.chmod(0o600)
        return yaml.safe_dump({
            **self.sections,
            "users": [{"name": name, "password_file": str(word)}
                      for name in PEOPLE],
            "roles": [{"name": group, "members": [
                name for name, groups in PEOPLE.items() if group in groups]}
                for group in GROUPS],
            "clusters": [{
                "name": "blue", "engine": "trino", "default": True,
                "url": self.instance.url(), "metadata_user": "datagateway",
                "cross_check": "off",
            }],
        })


@pytest.fixture(scope="module")
def imported_site(datagateway, engines, postgres, tmp_path_factory):
    trino = engines.trino()
    make_tables(trino)
    server = postgres
    server.sql("CREATE DATABASE imported")
    made = Site(
        program=datagateway, folder=tmp_path_factory.mktemp("imported"),
        server=server, database="imported",
        policy=Imported({"rules": []}, trino), clusters={"blue": trino},
    )
    made.start()
    yield made
    made.stop()


def bring_over(site, instance, rules):
    """Puts the rules in force on both sides; returns the report."""
    folder = site.folder
    instance.rules.write_text(json.dumps(rules, indent=2))
    (folder / "users").write_text("\n".join(PEOPLE))
    (folder / "tables").write_text(json.dumps({
        c: {s: {t: ["a"] for t in tables} for s, tables in schemas.items()}
        for c, schemas in TABLES.items()
    }))
    groups = folder / "groups"
    groups.write_text("" if instance.record()["version"] == "435"
                      else group_file())
    done = site.gateway.command(
        "admin", "import", "trino-rules", "--json", "--users",
        folder / "users", "--groups", groups, "--metadata", folder / "tables",
        instance.rules,
    )
    report = json.loads(done.stderr)
    assert done.returncode == 0, report
    site.apply(Imported(yaml.safe_load(done.stdout), site.clusters["blue"]))
    wait_for_rules()
    return report


def is_refused(connection, sql):
    """By access control; other errors come after it."""
    result = connection.run(sql)
    return bool(result.error) and \
        result.error["errorName"] == "PERMISSION_DENIED"


def answers_of(user, site, instance):
    """{statement: (refused by Trino, refused by the gateway)}"""
    theirs = client.Client(instance.url(), user)
    ours = client.Client(site.gateway.url, user, PASSWORD)
    try:
        return {
            name: (is_refused(theirs, sql), is_refused(ours, sql))
            for name, sql in STATEMENTS.items()
        }
    finally:
        theirs.close()
        ours.close()


def compare(site, instance, rules):
    """(how many pairs, how many refused, {(statement, granted by)})"""
    report = bring_over(site, instance, rules)
    differences, refused, pairs = set(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        found = pool.map(lambda user: (user, answers_of(user, site, instance)),
                         PEOPLE)
        for user, answers in found:
            for name, (their, our) in answers.items():
                pairs += 1
                refused += their
                if their == our:
                    continue
                key = (name, "gateway" if their else "trino")
                assert key in DIFFERENCES or (
                    key[1] == "trino" and explained(report)
                ), f"{user}: {key}: {json.dumps(rules)}"
                differences.add(key)
    return pairs, refused, differences


def explained(report):
    """Something was not carried over, and said so."""
    return any(note["kind"] == "dropped" for note in report["notes"])


def files():
    for path in sorted((HERE / "trino_rules").glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def run(site, instance, all_rules):
    totals, seen = [0, 0], set()
    for rules in all_rules:
        pairs, refused, differences = compare(site, instance, rules)
        totals = [totals[0] + pairs, totals[1] + refused]
        seen |= differences
    print(f"{totals[0]} pairs, {totals[1]} refused by Trino")
    assert totals[0] // 5 < totals[1] < totals[0] * 4 // 5
    return totals[0], seen


def test_files(imported_site, ruled):
    """Files as people write them, and a few random ones."""
    rules = itertools.chain(files(), map(random_rules, range(1, 3)))
    pairs, seen = run(imported_site, ruled, rules)
    assert pairs >= 500
    assert set(DIFFERENCES) <= seen, "no longer a difference"


@pytest.mark.long
def test_random_files(imported_site, ruled):
    run(imported_site, ruled, map(random_rules, range(100, 130)))
