# SPDX-License-Identifier: Apache-2.0
"""`datagateway explain`: the decision and its reasons, without any engine."""

import json

import pytest

import gateway as gateways
from sites import new_database

POLICY = """
users: [{name: ann, default_cluster: lake}, {name: sue}, {name: eve}]
roles:
  - {name: readers, members: [ann]}
  - {name: staff, members: ["role:readers"]}
clusters: [{name: lake, engine: trino, url: "http://127.0.0.1:1"}]
rules:
  - {name: all use it, effect: allow, to: [public], privileges: [use], cluster: lake}
  - {name: staff read, effect: allow, to: ["role:staff"], privileges: [select], table: hive.crm.*}
  - {name: no mail, effect: deny, to: [public], privileges: [select], table: hive.crm.*, columns: [email]}
admins: [{name: crm, role: steward, to: [sue], catalogs: [hive]}]
"""


class Tool:
    def __init__(self, program, server, folder):
        self.conninfo = server.conninfo(new_database(server))
        self.gateway = gateways.Gateway(program, folder / "x", self.conninfo)
        policy = folder / "policy.yaml"
        policy.write_text(POLICY)
        self.metadata = folder / "columns.json"
        self.metadata.write_text(json.dumps(
            {"hive": {"crm": {"people": ["id", "email"]}}}))
        for words in (("migrate",),
                      ("admin", "apply", "-f", str(policy), "--yes")):
            done = self.gateway.command(*words, "-d", self.conninfo)
            assert done.returncode == 0, done.stderr

    def run(self, user, sql, *more):
        return self.gateway.command(
            "explain", "-d", self.conninfo, "--user", user, "--sql", sql,
            "--metadata", self.metadata, *more)


@pytest.fixture(scope="module")
def tool(datagateway, postgres, tmp_path_factory):
    return Tool(datagateway, postgres, tmp_path_factory.mktemp("explain"))


def test_allowed(tool):
    done = tool.run("ann", "SELECT id FROM hive.crm.people", "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["allowed"] and answer["cluster"] == "lake"
    access = answer["access"][0]
    assert access["columns"] == ["id"] and access["reason"] == "allowed"
    names = [answer["rule_names"][str(i)] for i in access["rules"]]
    assert "staff read" in names
    assert access["path"] == "ann -> readers -> staff"


def test_refused(tool):
    done = tool.run("ann", "SELECT id,\n email FROM hive.crm.people", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert not answer["allowed"] and answer["line"] == 2
    access = answer["access"][0]
    assert access["missing"] == ["email"]
    assert answer["rule_names"][str(access["rule"])] == "no mail"
    assert access["stewards"] == ["user:sue"]
    text = tool.run("ann", "SELECT email FROM hive.crm.people").stdout
    assert text.startswith("refused: denied_by_rule\nAccess Denied: line 1:8")
    assert "no mail" in text and "may be given by user:sue" in text


def test_not_granted(tool):
    done = tool.run("eve", "SELECT id FROM hive.crm.people", "--cluster",
                    "lake")
    assert done.returncode == 1 and "not_granted" in done.stdout


@pytest.mark.parametrize("user, sql, more, text", [
    ("nobody", "SELECT 1", (), 'there is no user "nobody"'),
    ("ann", "SELECT 1", ("--cluster", "x"), 'there is no cluster "x"'),
    ("eve", "SELECT 1", (), "no default cluster"),
])
def test_questions_without_answer(tool, user, sql, more, text):
    done = tool.run(user, sql, *more)
    assert done.returncode == 1 and text in done.stderr


def test_what_cannot_be_read(tool):
    done = tool.run("ann", "SELEKT 1", "--json")
    answer = json.loads(done.stdout)
    assert done.returncode == 1
    assert not answer["ok"] and answer["reason"] == "syntax"
