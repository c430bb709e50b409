# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/explain: what `datagateway explain` answers, by REST."""

import json
import time

import pytest

from admin_api import Api
from admin_site import Admin

COLUMNS = {"hive": {"crm": {"people": ["id", "email"]}}}


@pytest.fixture(scope="module")
def admin(datagateway, postgres, tmp_path_factory):
    made = Admin(datagateway, postgres, tmp_path_factory.mktemp("explain"))
    done = made.api().post("/apply", {
        "users": [{"name": "ann", "default_cluster": "lake"}, {"name": "sue"},
                  {"name": "eve"}, {"name": "gone", "disabled": True}],
        "roles": [{"name": "readers", "members": ["ann"]},
                  {"name": "staff", "members": ["role:readers"]},
                  {"name": "dpo"}],
        "clusters": [{"name": "lake", "engine": "trino",
                      "url": "http://127.0.0.1:1", "default": True,
                      "catalogs": ["hive_eu=hive"]}],
        "rules": [
            {"name": "use", "effect": "allow", "to": ["public"],
             "privileges": ["use"], "cluster": "lake"},
            {"name": "staff read", "effect": "allow", "to": ["role:staff"],
             "privileges": ["select"], "table": "hive.crm.*"},
            {"name": "no mail", "effect": "deny", "to": ["public"],
             "except": ["role:dpo"], "privileges": ["select"],
             "table": "hive.crm.*", "columns": ["email"]},
            {"name": "later", "effect": "allow", "to": ["eve"],
             "privileges": ["select"], "table": "hive.crm.people",
             "valid_from": "2099-01-01"},
            {"name": "office", "effect": "allow", "to": ["eve"],
             "privileges": ["select"], "table": "hive.hr.*",
             "networks": ["10.0.0.0/8"]},
        ],
        "admins": [{"name": "crm", "role": "steward", "to": ["sue"],
                    "schemas": ["hive.crm"]},
                   {"name": "boss", "role": "admin", "to": ["role:dpo"]}],
        "group_mappings": [{"name": "grp-readers", "roles": ["readers"]}],
    })
    assert done.status == 200, done
    yield made
    made.gateway.stop()


def ask(admin, user, sql, token=None, **more):
    return admin.api(token).post("/explain",
                                 {"user": user, "sql": sql, **more})


def test_allowed(admin):
    answer = ask(admin, "ann", "SELECT id FROM hive.crm.people",
                 metadata=COLUMNS)
    assert answer.status == 200, answer
    told = answer.json
    assert told["ok"] and told["allowed"] and told["metadata"] == "given"
    access = told["access"][0]
    assert access["path"] == "ann -> readers -> staff"
    assert [told["rule_names"][str(r)] for r in access["rules"]] == [
        "staff read", "no mail"]
    assert int(answer.headers["Policy-Version"]) == told["policy_version"]


def test_refused(admin):
    told = ask(admin, "ann", "SELECT id,\n email FROM hive.crm.people",
               metadata=COLUMNS).json
    assert not told["allowed"] and told["line"] == 2
    access = told["access"][0]
    assert access["missing"] == ["email"]
    assert told["rule_names"][str(access["rule"])] == "no mail"
    assert access["stewards"] == ["user:sue"]
    assert access["roles"] == ["dpo"]
    assert told["admins"] == ["role:dpo"]
    assert "email" in told["message"]


def test_the_same_as_the_command_line(admin, tmp_path):
    """One implementation, told by two ways."""
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps(COLUMNS), encoding="utf-8")
    for user, sql in (("ann", "SELECT * FROM hive.crm.people"),
                      ("eve", "SELECT id FROM hive.crm.people"),
                      ("ann", "SELEKT 1"),
                      ("gone", "SELECT 1"),
                      ("ann", "SHOW TABLES FROM hive.crm")):
        done = admin.gateway.command(
            "explain", "-d", admin.gateway.conninfo, "--user", user,
            "--sql", sql, "--metadata", str(columns), "--json")
        told = ask(admin, user, sql, metadata=COLUMNS)
        assert told.status == 200, told
        assert json.loads(done.stdout) == told.json, sql


def test_the_command_asks_the_api(admin, tmp_path):
    """With a token and without a database; the same answer, other words."""
    token = tmp_path / "token"
    token.write_text(admin.token + "\n", encoding="utf-8")
    columns = tmp_path / "columns.json"
    columns.write_text(json.dumps(COLUMNS), encoding="utf-8")
    sql = "SELECT email FROM hive.crm.people"
    where = ("-s", f"http://127.0.0.1:{admin.gateway.admin_port}",
             "--token-file", str(token))

    def run(*options):
        return admin.gateway.command("explain", *where, "--user", "eve",
                                     *options)

    done = run("--sql", sql, "--metadata", str(columns), "--json",
               "--group", "grp-readers", "--address", "10.1.2.3",
               "--engine", "trino", "--engine-version", "476",
               "--time", "2099-06-01T00:00:00Z", "--cluster", "lake")
    assert done.returncode == 1
    assert json.loads(done.stdout) == ask(
        admin, "eve", sql, metadata=COLUMNS, groups=["grp-readers"],
        address="10.1.2.3", engine="trino", version="476", cluster="lake",
        time="2099-06-01T00:00:00Z").json
    done = run("--sql", sql)
    assert done.returncode == 1
    assert "columns are not known of: hive.crm.people" in done.stdout
    assert run("--sql", "SELECT 1").stdout.startswith("allowed: allowed")
    done = run("--sql", "SELECT 1", "--cluster", "none")
    assert done.returncode == 1 and "none" in done.stderr
    assert run("--sql", "SELECT 1", "-d", "x").returncode == 2
    done = admin.gateway.command("explain", "--user", "x", "--sql", "x")
    assert done.returncode == 2 and "token" in done.stderr


def test_without_metadata(admin):
    """Conservative, and it says so."""
    told = ask(admin, "ann", "SELECT * FROM hive.crm.people").json
    assert told["metadata"] == "unknown" and not told["allowed"]
    assert told["access"][0]["reason"] in ("columns_unknown",
                                           "denied_by_rule")


def test_what_groups_change(admin):
    """A deny by a group alone: seen from either side."""
    api = admin.api()
    deny = {"effect": "deny", "to": ["role:banned"], "privileges": ["select"],
            "table": "hive.crm.people"}
    assert api.put("/roles/banned", {}).status < 300
    assert api.put("/rules/banned", deny).status < 300
    for group in ("grp-banned", "grp-banned-too"):
        assert api.put(f"/group_mappings/{group}",
                       {"roles": ["banned"]}).status < 300
    sql = "SELECT id FROM hive.crm.people"
    told = ask(admin, "ann", sql, metadata=COLUMNS).json
    assert told["allowed"]
    assert told["refused_with_groups"] == ["grp-banned", "grp-banned-too"]
    told = ask(admin, "ann", sql, metadata=COLUMNS,
               groups=["grp-banned"]).json
    assert not told["allowed"] and told["allowed_without_groups"]
    # Which groups bring what is read in others' rules.
    made = api.post("/tokens", {"name": "blind", "subject": "eve", "role":
                                "auditor", "scopes": ["explain:read"]})
    for groups in ([], ["grp-banned"]):
        whole = ask(admin, "ann", sql, metadata=COLUMNS, groups=groups).json
        told = ask(admin, "ann", sql, made.json["text"], metadata=COLUMNS,
                   groups=groups).json
        assert told.pop("groups_hidden") and "groups_hidden" not in whole
        del whole["allowed_without_groups" if groups else
                  "refused_with_groups"]
        assert told == whole
    # Not about this table; refused in any case; allowed with the groups.
    for told in (
        ask(admin, "ann", "SELECT id FROM hive.crm.other", metadata={
            "hive": {"crm": {"other": ["id"]}}}).json,
        ask(admin, "eve", sql, metadata=COLUMNS).json,
        ask(admin, "eve", sql, metadata=COLUMNS, groups=["grp-banned"]).json,
        ask(admin, "ann", sql, metadata=COLUMNS, groups=["grp-readers"]).json,
    ):
        assert "refused_with_groups" not in told
        assert "allowed_without_groups" not in told
    # As a member the user is denied whatever the sign-in.
    assert api.put("/roles/banned", {"members": ["ann"]}).status < 300
    told = ask(admin, "ann", sql, metadata=COLUMNS).json
    assert not told["allowed"] and "refused_with_groups" not in told
    for path in ("/rules/banned", "/group_mappings/grp-banned",
                 "/group_mappings/grp-banned-too", "/roles/banned"):
        assert api.delete(path).status < 300


def test_groups_are_bounded(admin):
    """In number, and in the time that is spent on deciding for each."""
    api = admin.api()
    was = [{"name": "grp-readers", "roles": ["readers"]}]
    deny = {"effect": "deny", "to": ["role:banned"], "privileges": ["select"],
            "table": "hive.crm.people"}
    assert api.put("/roles/banned", {}).status < 300
    assert api.put("/rules/banned", deny).status < 300
    groups = [{"name": f"b{i:04}", "roles": ["banned"]} for i in range(1024)]
    for more, is_cut in (([], False),
                         ([{"name": "c", "roles": ["banned"]}], True)):
        done = api.post("/apply", {"group_mappings": groups + more})
        assert done.status == 200, done
        told = ask(admin, "ann", "SELECT id FROM hive.crm.people",
                   metadata=COLUMNS).json
        assert told["refused_with_groups"] == [g["name"] for g in groups]
        assert told.get("groups_cut", False) is is_cut
    tables = [f"t{i}" for i in range(3000)]
    began = time.monotonic()
    told = ask(admin, "ann", "SELECT count(*) FROM " + ", ".join(
        f"hive.crm.{t}" for t in tables),
        metadata={"hive": {"crm": {t: ["id"] for t in tables}}}).json
    assert told["allowed"] and told["groups_cut"]
    assert "refused_with_groups" not in told
    assert time.monotonic() - began < 30  # minutes without a bound
    assert api.post("/apply", {"group_mappings": was}).status == 200
    for path in ("/rules/banned", "/roles/banned"):
        assert api.delete(path).status < 300


def test_tables_are_bounded(admin):
    """Those that workers are asked for; the others count as unknown."""
    for n, is_cut in ((64, False), (65, True)):
        tables = [f"hive.crm.t{i}" for i in range(n)]
        told = ask(admin, "ann", "SELECT 1 FROM " + ", ".join(tables)).json
        assert told["metadata"] == "unknown"
        assert sorted(told["unknown_tables"]) == sorted(tables)
        assert told.get("tables_cut", False) is is_cut
    told = ask(admin, "ann", "SELECT count(*) FROM " + ", ".join(tables),
               metadata={"hive": {"crm": {f"t{i}": ["id"] for i in
                                          range(n)}}}).json
    assert told["allowed"] and "tables_cut" not in told


def test_names_with_dots(admin):
    """One table's columns are not another's."""
    told = ask(admin, "ann",
               'SELECT id FROM hive.crm."x.t", hive."crm.x".t', metadata={
                   "hive": {"crm": {"x.t": ["id"]}, "crm.x": {"t": ["no"]}}})
    assert told.json["ok"], told


def test_groups_time_address(admin):
    sql = "SELECT id FROM hive.crm.people"
    assert not ask(admin, "eve", sql, metadata=COLUMNS).json["allowed"]
    told = ask(admin, "eve", sql, metadata=COLUMNS,
               groups=["grp-readers", "unheard-of"]).json
    assert told["allowed"]
    assert told["access"][0]["path"] == "eve -> readers -> staff"
    assert ask(admin, "eve", sql, metadata=COLUMNS,
               time="2099-06-01T00:00:00Z").json["allowed"]
    hr = {"hive": {"hr": {"pay": ["sum"]}}}
    for address, allowed in (("10.1.2.3:99", True), ("11.1.2.3", False),
                             ("", False)):
        told = ask(admin, "eve", "SELECT sum FROM hive.hr.pay", metadata=hr,
                   address=address).json
        assert told["allowed"] is allowed, address


def test_names_of_the_cluster(admin):
    """hive_eu of the cluster is hive to rules and stewards."""
    columns = {"hive_eu": COLUMNS["hive"]}
    told = ask(admin, "ann", "SELECT email FROM hive_eu.crm.people",
               metadata=columns).json
    assert told["access"][0]["stewards"] == ["user:sue"]


def test_the_engine_decides_how_it_is_read(admin):
    sql = "SELECT id FROM hive.crm.people FOR VERSION AS OF 1"
    new = ask(admin, "ann", sql, metadata=COLUMNS, engine="trino",
              version="476").json
    assert new["ok"]
    old = ask(admin, "ann", "SELECT 1 FETCH FIRST 1 ROW ONLY", engine="presto",
              version="0.229").json
    assert isinstance(old["ok"], bool)


@pytest.mark.parametrize("body, pointer", [
    ({"sql": "SELECT 1"}, "/user"),
    ({"user": "ann"}, "/sql"),
    ({"user": "ann", "sql": "SELECT 1", "who": "x"}, "/who"),
    ({"user": "ann", "sql": "SELECT 1", "time": "noon"}, "/time"),
    ({"user": "ann", "sql": "SELECT 1", "engine": "hive"}, "/engine"),
    ({"user": "ann", "sql": "SELECT 1", "engine": "trino",
      "version": "new"}, "/version"),
    ({"user": "ann", "sql": "SELECT 1", "groups": "a"}, "/groups"),
    ({"user": "ann", "sql": "SELECT 1", "metadata": {"a": {"b": {"c": 1}}}},
     "/metadata"),
])
def test_places_of_errors(admin, body, pointer):
    answer = admin.api().post("/explain", body)
    assert answer.status == 422, answer
    assert pointer in [e.get("pointer") for e in answer.json["errors"]]


def test_who_is_not_there(admin):
    answer = ask(admin, "nobody", "SELECT 1")
    assert answer.status == 422 and "nobody" in answer.json["detail"]


def test_who_may_ask(admin):
    api = admin.api()

    def token(role, subject, **more):
        made = api.post("/tokens", {"name": role, "subject": subject,
                                    "role": role, **more})
        assert made.status == 201, made
        return made.json["text"]

    crm, hr = "SELECT id FROM hive_eu.crm.people", "SELECT 1 FROM hive.hr.pay"
    auditor = token("auditor", "eve")
    for sql in (crm, hr):
        assert ask(admin, "ann", sql, auditor).status == 200
    steward = token("steward", "sue")
    assert ask(admin, "ann", crm, steward).status == 200
    assert ask(admin, "ann", "SELECT 1", steward).status == 200
    beyond = ask(admin, "ann", f"{crm} UNION {hr}", steward)
    assert beyond.status == 403 and "hive.hr.pay" in beyond.json["detail"]
    assert ask(admin, "ann", crm, token("steward", "ann")).status == 403
    # What only views read is not named; the view is.
    views = {"hive": {"crm": {
        name: {"columns": ["id"], "view": f"SELECT id FROM {of}",
               "rights": "reader"}
        for name, of in (("near", "hive.crm.people"), ("v", "hive.hr.pay"),
                         ("over", "hive.crm.v"))}}}
    views["hive"]["crm"]["people"] = ["id"]
    for named, view in (("near n, hive.crm.v", "v"), ("over", "over"),
                        ("v, hive.crm.over", "v")):
        beyond = ask(admin, "ann", f"SELECT 1 FROM hive.crm.{named}", steward,
                     metadata=views)
        assert beyond.status == 403 and "pay" not in beyond.json["detail"]
        assert f"hive.crm.{view} reads" in beyond.json["detail"], beyond
    for more in (", hive.hr.pay", " UNION SELECT 2 FROM hive.hr.pay"):
        beyond = ask(admin, "ann", "SELECT 1 FROM hive.crm.v" + more, steward,
                     metadata=views)
        assert beyond.status == 403 and "hive.hr.pay" in beyond.json["detail"]
    near = ask(admin, "ann", "SELECT id FROM hive.crm.near", steward,
               metadata=views)
    assert near.status == 200 and near.json["allowed"]
    reader = token("auditor", "eve", scopes=["explain:read"])
    assert ask(admin, "ann", crm, reader).status == 200
    assert admin.api(reader).get("/users").status == 403
    other = token("auditor", "eve", scopes=["users:read"])
    assert ask(admin, "ann", crm, other).status == 403


def test_what_was_written_a_moment_ago_counts(admin):
    api = admin.api()
    sql = "SELECT id FROM hive.crm.people"
    for i in range(5):
        made = api.post("/users", {"name": f"new{i}"})
        rule = api.post("/rules", {
            "name": f"new{i} reads", "effect": "allow", "to": [f"new{i}"],
            "privileges": ["select"], "table": "hive.crm.people"})
        assert made.status == rule.status == 201
        assert ask(admin, f"new{i}", sql, metadata=COLUMNS).json["allowed"]


@pytest.fixture(scope="module")
def serving(make_site):
    """A site whose second gateway, of two workers, answers the API as well."""
    site = make_site("known")
    gateway = site.add_gateway(**{"admin.api.conninfo": site.conninfo,
                                  "workers": 2})
    token = gateway.command("admin", "bootstrap", "-d", site.conninfo)
    return site, Api(gateway, token.stdout.strip())


def test_columns_that_the_gateway_knows(serving):
    """Whichever worker knows them; nothing is asked of the cluster."""
    site, api = serving
    gateway = site.gateways[1]

    def explain(sql):
        answer = api.post("/explain", {"user": "analyst", "sql": sql,
                                       "cluster": "blue"})
        assert answer.status == 200, answer
        return answer.json

    def fetched():
        return sum(gateway.metric("datagateway_metadata_fetch_total",
                                  result=result)
                   for result in ("ok", "missing", "failed"))

    sql = "SELECT * FROM tpch.tiny.customer"
    told = explain(sql)
    assert told["metadata"] == "unknown" and not told["allowed"]
    assert told["unknown_tables"] == ["tpch.tiny.customer"]
    assert explain("SELECT 1")["metadata"] == "known"
    assert fetched() == 0
    refusal = site.client("analyst", replica=1).refused(sql)
    assert fetched() == 1
    told = explain(sql)
    assert told["metadata"] == "known" and "unknown_tables" not in told
    assert told["access"][0]["missing"] == ["acctbal"]
    assert told["message"] in refusal.message  # which has an id, too
    told = explain("SELECT custkey FROM tpch.tiny.customer")
    assert told["allowed"]
    told = explain("SELECT c.custkey, n.name FROM tpch.tiny.customer c, "
                   "tpch.tiny.nation n")
    assert told["metadata"] == "partly"
    assert told["unknown_tables"] == ["tpch.tiny.nation"]
    assert fetched() == 1


def test_a_steward_learns_no_columns_elsewhere(serving):
    """Not even by how a statement that names them fails."""
    site, api = serving
    for sql in ("SELECT custkey FROM tpch.tiny.customer",
                "SELECT nope FROM tpch.tiny.customer"):
        assert api.post("/explain", {"user": "analyst", "sql": sql,
                                     "cluster": "blue"}).status == 200
    made = api.put("/admins/mem", {"role": "steward", "to": ["guest"],
                                   "catalogs": ["memory"]})
    assert made.status == 201, made
    made = api.post("/tokens", {"name": "s", "subject": "guest",
                                "role": "steward"})
    steward = Api(site.gateways[1], made.json["text"])
    answers = [steward.post("/explain", {
        "user": "analyst", "cluster": "blue",
        "sql": f"SELECT {column} FROM tpch.tiny.customer"})
        for column in ("custkey", "nope", "acctbal")]
    assert [answer.status for answer in answers] == [403] * 3
    assert len({answer.json["detail"] for answer in answers}) == 1
