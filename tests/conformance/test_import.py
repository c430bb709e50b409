# SPDX-License-Identifier: Apache-2.0
"""Policies made of Trino's rule files, against Trino's own reading of them.

Random rule files are imported; each question is put to the engine's class and
to dg_acl_decide on the imported policy. It must never be allowed here alone,
also not to users and on tables that the import was not told of. Whom and what
it was told of must be answered alike, but for what it reported.
"""

import collections
import json
import os
import pathlib
import subprocess

import pytest
import yaml

import engine_access
import file_rules
import random_rules as world

SEED = int(os.environ.get("DG_SEED", "1"))
FEW, MANY = 30, 600

#: a statement's check, and what it is here: kind, privilege.
TABLE_CHECKS = {
    "checkCanInsertIntoTable": "insert",
    "checkCanDeleteFromTable": "delete",
    "checkCanTruncateTable": "truncate",
    "checkCanCreateTable": "create",
    "checkCanDropTable": "drop",
    "checkCanAddColumn": "alter",
    "checkCanSetTableComment": "comment",
    "checkCanRefreshMaterializedView": "refresh",
}

Question = collections.namedtuple(
    "Question", "check names kind privilege object columns")


def questions():
    """What is asked about each user."""
    for c, s, t in world.tables():
        for columns in (["a"], ["b"], ["a", "c"], []):
            yield Question("checkCanSelectFromColumns",
                           (c, s, t, columns), "table", "select", (c, s, t),
                           columns)
        if s == "information_schema":
            continue
        yield Question("checkCanUpdateTableColumns", (c, s, t, ["a"]), "table",
                       "update", (c, s, t), ["a"])
        for check, privilege in TABLE_CHECKS.items():
            yield Question(check, (c, s, t), "table", privilege, (c, s, t), [])
    for c, s in sorted({table[:2] for table in world.tables()}):
        for check, privilege in (("checkCanCreateSchema", "create"),
                                 ("checkCanDropSchema", "drop")):
            yield Question(check, (c, s), "schema", privilege, (c, s, ""), [])
    for c in ["hive", "pg", "pgx", "system"]:
        yield Question("checkCanCreateCatalog", (c,), "catalog", "create",
                       (c, "", ""), [])
        for p in world.CATALOG_PROPERTIES:
            yield Question("checkCanSetCatalogSessionProperty", (c, p),
                           "property", "set", ("", "", f"{c}.{p}"), [])
    for p in world.SYSTEM_PROPERTIES:
        yield Question("checkCanSetSystemSessionProperty", (p,), "property",
                       "set", ("", "", p), [])
    for name in world.ROUTINES:
        yield Question("canExecuteFunction", name, "function", "execute", name,
                       [])
        yield Question("canExecuteFunction", name, "table_function", "execute",
                       name, [])
        yield Question("checkCanCreateFunction", name, "function", "create",
                       name, [])
        yield Question("checkCanExecuteProcedure", name, "procedure",
                       "execute", name, [])
    yield Question("checkCanExecuteQuery", (), "cluster", "use",
                   ("", "", "one"), [])
    for other in world.people():
        yield Question("checkCanImpersonateUser", (other,), "user",
                       "impersonate", ("", "", other), [])
        for check, privilege in (("checkCanViewQueryOwnedBy", "view"),
                                 ("checkCanKillQueryOwnedBy", "kill")):
            yield Question(check, (other,), "query", privilege,
                           ("", "", other), [])


QUESTIONS = list(questions())


class Importer:
    """The program, with the files that do not change."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = pathlib.Path(folder)
        (self.folder / "users").write_text("\n".join(world.USERS))
        (self.folder / "groups").write_text("\n".join(
            f"{group}:" + ",".join(
                name for name, groups in world.USERS.items()
                if group in groups)
            for group in world.GROUPS))
        (self.folder / "tables").write_text(json.dumps({
            c: {s: {t: world.COLUMNS for t in tables}
                for s, tables in schemas.items()}
            for c, schemas in world.TABLES.items()}))

    def run(self, rules):
        """(file of the rules, policy, report)"""
        file = self.folder / "rules.json"
        out = self.folder / "policy.yaml"
        file.write_text(json.dumps(rules, indent=1))
        done = subprocess.run(
            [self.program, "admin", "import", "trino-rules", "--json",
             "--users", self.folder / "users",
             "--groups", self.folder / "groups",
             "--metadata", self.folder / "tables", "-o", out, file],
            capture_output=True, text=True, timeout=120, check=False)
        report = json.loads(done.stderr)
        assert done.returncode == 0 and report["ok"], report
        text = out.read_text()
        return file, yaml.load(text, yaml.CSafeLoader), report


def split(kind, text):
    if kind in ("cluster", "property", "user", "query"):
        return "", "", text
    return tuple([*text.split("."), "", ""][:3])


def as_case(policy):
    """The policy and all questions as tests/policy/policy_answers reads it."""
    rules = []
    kinds = ("table", "schema", "catalog", "function", "procedure",
             "table_function", "cluster", "property", "user", "query")
    for number, rule in enumerate(policy["rules"], 1):
        kind = next(key for key in kinds if key in rule)
        catalog, schema, name = split(kind, rule[kind])
        rules.append({
            "id": number, "effect": rule["effect"],
            "to": [full(p) for p in rule["to"]],
            "except": [full(p) for p in rule.get("except", [])],
            "privileges": rule["privileges"], "kind": kind,
            "catalog": catalog, "schema": schema, "name": name,
            "columns": rule.get("columns", []), "clusters": [],
            "networks": [], "tags": [], "break_glass": False, "from": 0,
            "until": 0,
        })
    members = [[group, f"user:{user}"]
               for user, groups in world.people().items() for group in groups]
    accesses = [
        {
            "user": user, "cluster": "one", "client": "", "roles": [],
            "now": 0, "privilege": q.privilege, "kind": q.kind,
            "catalog": q.object[0], "schema": q.object[1],
            "name": q.object[2], "columns": q.columns, "all": False,
            "unless_denied": False, "known": world.COLUMNS,
        }
        for user in world.people() for q in QUESTIONS
    ]
    return {
        "policy": {
            "users": list(world.people()), "roles": world.GROUPS,
            "members": members, "rules": rules, "taggings": [], "maps": [],
            "observed_clusters": [], "observed_catalogs": [],
        },
        "accesses": accesses,
    }


def full(principal):
    return "role:public" if principal == "public" else principal


def answers(program, case):
    done = subprocess.run([program], input=json.dumps(case) + "\n",
                          capture_output=True, text=True, timeout=300,
                          check=False)
    assert done.returncode == 0, done.stderr
    return [a["allowed"] for a in json.loads(done.stdout)]


def is_told_of(user, q):
    """The import knew the user and the object."""
    if user not in world.USERS:
        return False
    if q.kind == "table":
        return world.is_known(user, *q.object)
    if q.kind == "schema":
        return q.object[1] in world.TABLES.get(q.object[0], ())
    if q.kind in ("user", "query"):
        return q.object[2] in world.USERS
    # Functions and catalogs that no metadata lists may be left out.
    return q.kind == "cluster"


def excuse(report):
    """Whether something was reported as not carried over at all."""
    return any(note["kind"] == "dropped" for note in report["notes"])


@pytest.fixture(scope="module", params=file_rules.VERSIONS)
def oracle(request):
    why = engine_access.can_run("trino", request.param)
    if why:
        pytest.skip(why)
    with file_rules.FileRules(request.param) as started:
        yield started


@pytest.fixture(scope="module")
def policy_answers(datagateway):
    path = datagateway.parent / "tests" / "policy" / "policy_answers"
    if not path.exists():
        pytest.skip(f"not built: {path}")
    return path


def compare(oracle, policy_answers, importer, seed):
    """How many were asked, allowed by the engine, and allowed by it alone."""
    rules = world.random_rules(seed)
    file, policy, report = importer.run(rules)
    ours = answers(policy_answers, as_case(policy))
    asked = [(user, groups, q) for user, groups in world.people().items()
             for q in QUESTIONS]
    theirs = oracle.ask(file, [
        (q.check, user, groups, "", *q.names) for user, groups, q in asked])
    less = 0
    for (user, _, q), our, their in zip(asked, ours, theirs):
        what = f"seed {seed}: {user} {q.check} {q.names} {json.dumps(rules)}"
        assert not our or their, f"granted here alone: {what}"
        if their and not our:
            less += 1
            assert not is_told_of(user, q) or excuse(report), \
                f"granted there alone: {what}"
            assert report["notes"], f"not a word on it: {what}"
    return len(asked), sum(theirs), less


def run(oracle, policy_answers, datagateway, folder, seeds):
    importer = Importer(datagateway, folder)
    totals = [0, 0, 0]
    for seed in seeds:
        for i, n in enumerate(
                compare(oracle, policy_answers, importer, seed)):
            totals[i] += n
    asked, allowed, less = totals
    print(f"{len(seeds)} files: {asked} questions, {allowed} allowed, "
          f"{less} of them not here")
    assert allowed > asked // 10 and asked - allowed > asked // 10
    assert less < allowed // 2


def test_random_files(oracle, policy_answers, datagateway, tmp_path):
    run(oracle, policy_answers, datagateway, tmp_path,
        range(SEED, SEED + FEW))


@pytest.mark.long
def test_many_random_files(oracle, policy_answers, datagateway, tmp_path):
    run(oracle, policy_answers, datagateway, tmp_path,
        range(1000 * SEED, 1000 * SEED + MANY))
