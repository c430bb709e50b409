# SPDX-License-Identifier: Apache-2.0
"""The audit: searched by REST and `admin audit`, kept by `admin audit prune`."""

import json
import subprocess

import pytest

from admin_site import Admin

PRINT = "00000000deadbeef"


@pytest.fixture(scope="module")
def admin(datagateway, postgres, tmp_path_factory):
    made = Admin(datagateway, postgres, tmp_path_factory.mktemp("audit"))

    def statement(number, hours, who, table, columns, decision="allowed",
                  fingerprint="", text="select ?"):
        access = [{"action": "select", "catalog": "hive", "schema": "crm",
                   "table": table, "columns": columns}]
        made.sql(
            "WITH d AS (INSERT INTO datagateway.audit_decision VALUES "
            f"('s{number}', now() - interval '{hours} hours', '{who}', "
            f"'{who}', '', '', 'lake', 'select', '{text}', "
            f"'{json.dumps(access)}', '{decision}', NULL, '', 1, 'r', "
            f"'{fingerprint}') RETURNING at) "
            "INSERT INTO datagateway.audit_end SELECT "
            f"'s{number}', at, 'query_{number}', at, 1, 'FINISHED', '', 0, 0 "
            "FROM d")

    statement(1, 1, "ann", "people", ["email", "id"], fingerprint=PRINT)
    statement(2, 2, "bob", "people", ["id"], "denied", PRINT)
    statement(3, 3, "ann", "people", "*")
    statement(4, 4, "ann", "people_old", ["email"], text="select 100%")
    statement(5, 200, "eve", "people", ["email"])
    api = made.api()
    for user in ("ann", "bob"):
        assert api.post("/users", {"name": user}).status == 201
    for name, rule in {
        "on email": {"table": "hive.crm.people", "columns": ["email"]},
        "on id": {"table": "hive.crm.people", "columns": ["id"]},
        "on all": {"table": "hive.c*.*"},
        "on p_": {"table": "hive.crm.p?ople"},
        "on others": {"table": "hive.crm.orders"},
        "on hr": {"schema": "hive.hr", "privileges": ["show"]},
    }.items():
        body = {"name": name, "effect": "allow", "to": ["ann"],
                "privileges": ["select"], **rule}
        assert api.post("/rules", body).status == 201
    assert api.post("/tags", {"name": "pii", "objects": [
        "hive.crm.people.email"]}).status == 201
    yield made
    made.gateway.stop()


def found(admin, **query):
    items, _ = admin.api().pages("/audit", **query)
    return [item["statement_id"] for item in items]


@pytest.mark.parametrize("query, want", [
    ({}, "s1 s2 s3 s4 s5"),
    ({"principal": "ann"}, "s1 s3 s4"),
    ({"decision": "denied"}, "s2"),
    ({"fingerprint": PRINT}, "s1 s2"),
    ({"query_id": "query_3"}, "s3"),
    ({"object": "hive"}, "s1 s2 s3 s4 s5"),
    ({"object": "hive.crm"}, "s1 s2 s3 s4 s5"),
    ({"object": "hive.crm.people"}, "s1 s2 s3 s5"),
    ({"object": "HIVE.crm.People"}, "s1 s2 s3 s5"),
    ({"object": "hive.crm.people.email"}, "s1 s3 s5"),
    ({"object": "hive.crm.people.id", "principal": "ann"}, "s1 s3"),
    ({"object": "crm"}, ""),
    ({"object": "not..an.object"}, ""),
    ({"q": "100%"}, "s4"),
])
def test_statements(admin, query, want):
    assert found(admin, **query) == want.split()
    assert found(admin, limit=1, **query) == want.split()


def test_times(admin):
    when = admin.sql("SELECT to_char(now() AT TIME ZONE 'UTC' - interval "
                     "'150 minutes', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')")[0][0]
    assert found(admin, **{"from": when}) == ["s1", "s2"]
    assert found(admin, to=when, object="hive.crm.people") == ["s3", "s5"]


@pytest.mark.parametrize("about, want", [
    ("hive.crm.people", {"on email", "on id", "on all", "on p_", "pii"}),
    ("hive.crm.people.email", {"on email", "on all", "on p_", "pii"}),
    ("hive.hr", {"on hr"}),
    ("hive.crm.orders", {"on others", "on all"}),
    ("hive.crm.%", {"on all"}),
    ("hive", {"on email", "on id", "on all", "on p_", "on others", "on hr",
              "pii"}),
    ("ice.crm.people", set()),
])
def test_changes_about(admin, about, want):
    items, _ = admin.api().pages("/changes", about=about)
    names = {item["name"] for item in items}
    assert {n for n in names if not n.startswith("default:")} == want


def run(admin, *words):
    done = admin.gateway.command(
        "admin", "audit", *words, "--server",
        f"http://127.0.0.1:{admin.gateway.admin_port}", "--token-file",
        str(admin.gateway.folder / "token"), stdin=subprocess.DEVNULL)
    return done


@pytest.fixture(scope="module")
def tool(admin):
    (admin.gateway.folder / "token").write_text(admin.token, encoding="utf-8")

    def search(*words):
        done = run(admin, *words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["items"]

    return search


def test_one_list(admin, tool):
    items = tool("object=hive.crm.people.email", "since=7d")
    assert [i["id"] for i in items if "statement" in i] == ["s1", "s3"]
    assert [i["text"] for i in items if "change" in i] == [
        "pii", "on p_", "on all", "on email"]
    assert [i["at"] for i in items] == sorted(
        (i["at"] for i in items), reverse=True)
    assert items[0]["change"]["after"]["tag"] == "pii"
    assert {i["who"] for i in items if "change" in i} == {"admin (token 1)"}
    assert len(tool("object=hive.crm.people", "limit=2")) == 2
    assert {i["what"] for i in tool("user=ann")} == {"select"}
    assert {i["what"] for i in tool("user=admin", "object=hive.hr")} == {
        "rules"}
    assert tool("user=adm", "what=changes") == []
    assert {i["result"] for i in tool("decision=denied")} == {"denied"}
    assert len(tool("what=statements")) == 5
    table = run(admin, "what=statements", "user=bob").stdout.splitlines()
    assert table[0].split() == ["at", "who", "what", "result", "id", "text"]
    assert table[1].split()[1:] == ["bob", "select", "denied", "s2",
                                    "select", "?"]


@pytest.mark.parametrize("word", ["since=7", "since=xh", "limit=0", "who=ann",
                                  "ann", "what=else"])
def test_wrong_words(admin, tool, word):
    done = run(admin, word)
    assert done.returncode == 2 and word in done.stderr


def prune(admin, *options):
    return admin.gateway.command("admin", "audit", "prune", *options)


def test_prune(admin):
    """The last one here: it takes away."""
    conninfo = admin.gateway.conninfo
    done = prune(admin, "-d", conninfo, "--keep", "2")
    assert done.returncode == 0, done.stderr
    assert " 2 rows deleted" in done.stdout
    assert found(admin) == ["s1", "s2", "s3", "s4"]
    admin.gateway.options["audit.retention"] = "1d"
    admin.gateway.write_config()
    again = prune(admin, "-c", admin.gateway.config_path)
    assert again.stdout == "0 partitions made, 0 dropped, 0 rows deleted\n"
    parts = admin.sql("SELECT count(*) FROM datagateway.audit_partitions "
                      "WHERE parent = 'audit_decision' AND since > now()")
    assert parts == [["7"]]
    rights = admin.sql(
        "SELECT bool_or(has_table_privilege('datagateway_admin', "
        "name, 'DELETE') OR has_table_privilege('datagateway_proxy', name, "
        "'INSERT')) FROM (SELECT 'datagateway.' || name AS name FROM "
        "datagateway.audit_partitions) x")
    assert rights == [["f"]]
    admin.sql("INSERT INTO datagateway.audit_decision VALUES ('s9', now(), "
              "'ann', '', '', '', '', '', '', '[]', '', NULL, '', 1, 'r')")
    assert found(admin)[0] == "s9"
    assert admin.sql("SELECT count(*) FROM "
                     "datagateway.audit_decision_default") == [["0"]]


@pytest.mark.parametrize("options", [
    ("--keep", "x"), ("--by", "week"), (), ("--keep", "3651"), ("more",)])
def test_prune_wrong(admin, options):
    assert prune(admin, *options).returncode == 2
