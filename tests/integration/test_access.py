# SPDX-License-Identifier: Apache-2.0
"""Who may use an object, and what a user may use: REST and command line."""

import json
import subprocess

import pytest

from admin_site import Admin


@pytest.fixture(scope="module")
def admin(datagateway, postgres, tmp_path_factory):
    made = Admin(datagateway, postgres, tmp_path_factory.mktemp("access"))

    def allow(name, to, table, **more):
        return {"name": name, "effect": "allow", "to": to,
                "privileges": ["select"], "table": table, **more}

    done = made.api().post("/apply", {
        "users": [{"name": name} for name in
                  ("ann", "bob", "cyd", "dan", "eve", "lost")] +
                 [{"name": "gone", "disabled": True}, {"name": "sue"}],
        "roles": [{"name": "readers", "members": ["ann", "gone", "lost"]},
                  {"name": "staff", "members": ["role:readers", "bob"]},
                  {"name": "dpo", "members": ["cyd"]}, {"name": "pond"}],
        "group_mappings": [
            {"name": "eu-staff", "roles": ["readers", "pond"]},
            {"name": "fish", "roles": ["pond"]},
            {"name": "officers", "roles": ["dpo"]}],
        "clusters": [
            {"name": "lake", "engine": "trino", "url": "http://127.0.0.1:1",
             "default": True, "catalogs": ["hive_eu=hive"]},
            {"name": "pond", "engine": "presto", "url": "http://127.0.0.1:2"},
            {"name": "off", "engine": "trino", "url": "http://127.0.0.1:3",
             "enabled": False}],
        "tags": [{"name": "pii", "objects": ["hive.crm.people.email",
                                             "hive.hr"]}],
        "rules": [
            {"name": "use lake", "effect": "allow", "privileges": ["use"],
             "to": ["ann", "bob", "cyd", "dan", "gone", "sue"],
             "cluster": "*"},
            {"name": "eve uses pond", "effect": "allow", "to": ["eve"],
             "privileges": ["use"], "cluster": "pond"},
            allow("staff read", ["role:staff"], "hive.crm.*"),
            allow("dpo reads", ["role:dpo"], "hive.*.*"),
            allow("all read", ["public"], "hive.open.*"),
            {"name": "pond people", "effect": "allow", "to": ["role:pond"],
             "privileges": ["use"], "cluster": "pond"},
            allow("eve reads lake", ["eve"], "hive.crm.people",
                  clusters=["lake"]),
            allow("dan later", ["dan"], "hive.crm.people",
                  valid_from="2099-01-01"),
            allow("dan office", ["dan"], "hive.crm.people", columns=["id"],
                  networks=["10.0.0.0/8"]),
            {"name": "no pii", "effect": "deny", "to": ["public"],
             "except": ["role:dpo"], "privileges": ["select"],
             "tags": ["pii"]},
            {"name": "no old", "effect": "deny", "to": ["role:staff"],
             "privileges": ["select"], "table": "hive.*.old*"},
            {"name": "no secrets", "effect": "deny", "to": ["role:staff"],
             "privileges": ["select"], "table": "hive.crm.secrets"},
        ],
        "admins": [{"name": "crm", "role": "steward", "to": ["sue"],
                    "schemas": ["hive.crm"]}],
    })
    assert done.status == 200, done
    yield made
    made.gateway.stop()


def who(admin, what, **more):
    answer = admin.api().get("/access", object=what, **more)
    assert answer.status == 200, answer
    return answer.json


def users(admin, what, **more):
    return [item["user"] for item in who(admin, what, **more)["items"]]


def test_who_can(admin):
    told = who(admin, "hive.crm.people.id")
    assert [i["user"] for i in told["items"]] == ["ann", "bob", "cyd"]
    ann = told["items"][0]
    assert ann["path"] == "ann -> readers -> staff"
    assert told["rule_names"][str(ann["rule"])] == "staff read"
    assert ann["clusters"] == ["lake", "pond"]  # not the one that is off
    assert users(admin, "hive.crm.people.email") == ["cyd"]
    assert users(admin, "hive.hr.pay.sum") == ["cyd"]
    assert users(admin, "hive.crm.older.id") == ["cyd"]
    assert users(admin, "hive.crm.people.id", privilege="update") == []


@pytest.mark.parametrize("more, want", [
    ({"cluster": "lake"}, ["ann", "bob", "cyd"]),
    ({"cluster": "off"}, []),
    ({"address": "10.1.1.1"}, ["ann", "bob", "cyd", "dan"]),
    ({"time": "2099-02-01T00:00:00Z"}, ["ann", "bob", "cyd", "dan"]),
])
def test_conditions(admin, more, want):
    assert users(admin, "hive.crm.people.id", **more) == want


def test_tables(admin):
    """Without a column: whoever may read some, and which."""
    items = {i["user"]: i for i in who(
        admin, "hive.crm.people", address="10.1.1.1")["items"]}
    assert set(items) == {"ann", "bob", "cyd", "dan"}
    assert items["ann"]["columns"] == "*"
    assert items["ann"]["except"] == ["email"]
    assert items["dan"]["columns"] == ["id"]
    assert "except" not in items["cyd"]


def test_pages(admin):
    items, pages = admin.api().pages("/access", object="hive.crm.people.id",
                                     limit=1)
    assert [i["user"] for i in items] == ["ann", "bob", "cyd"] and pages == 3


def test_groups(admin):
    """Roles that come with tokens: asked about apart from users."""
    told = who(admin, "hive.crm.people.id")
    eu, eu_elsewhere, officers = told["groups"]
    assert (eu["group"], eu["clusters"], eu["may_use_cluster"]) == (
        "eu-staff", ["pond"], True)
    assert eu["path"] == "eu-staff -> readers -> staff"
    assert told["rule_names"][str(eu["rule"])] == "staff read"
    assert (eu_elsewhere["clusters"], eu_elsewhere["may_use_cluster"]) == (
        ["lake"], False)
    assert (officers["group"], officers["clusters"]) == (
        "officers", ["lake", "pond"])
    assert [g["group"] for g in who(
        admin, "hive.crm.people.email")["groups"]] == ["officers"]
    # By roles all the same: not what everybody reads, but where.
    assert [(g["group"], g["clusters"]) for g in who(
        admin, "hive.open.t.id")["groups"]] == [
            ("eu-staff", ["pond"]), ("fish", ["pond"])]
    columns = {g["group"]: g for g in who(admin, "hive.crm.people")["groups"]}
    assert columns["eu-staff"]["except"] == ["email"]
    assert columns["officers"]["columns"] == "*"
    assert "except" not in columns["officers"]
    assert who(admin, "hive.crm.people.id", limit=1)["groups"]
    later = who(admin, "hive.crm.people.id", limit=1,
                cursor=who(admin, "hive.crm.people.id", limit=1)["next"])
    assert later["groups"] == []


def test_members_of_a_group(admin):
    """Exactly who, as explain says of a token with that group."""
    for group in ("eu-staff", "fish", "officers"):
        told = who(admin, "hive.crm.people.id", group=group, cluster="pond")
        assert {g["group"] for g in told["groups"]} <= {group}
        for user in ("ann", "dan", "eve", "lost", "gone"):
            answer = admin.api().post("/explain", {
                "user": user, "cluster": "pond", "groups": [group],
                "metadata": {"hive": {"crm": {"people": ["id"]}}},
                "sql": "SELECT id FROM hive.crm.people"})
            assert answer.json["allowed"] == (
                user in [i["user"] for i in told["items"]]), (user, group)
    assert "lost" in users(admin, "hive.crm.people.id", group="fish")


def test_it_is_what_explain_says(admin):
    """Each user, each column, asked both ways."""
    columns = {"hive_eu": {"crm": {"people": ["id", "email"],
                                   "secrets": ["id"], "older": ["id"]}}}
    for table, names in columns["hive_eu"]["crm"].items():
        for column in names:
            told = users(admin, f"hive.crm.{table}.{column}", cluster="lake")
            for user in ("ann", "bob", "cyd", "dan", "eve", "lost", "gone"):
                answer = admin.api().post("/explain", {
                    "user": user, "cluster": "lake", "metadata": columns,
                    "sql": f"SELECT {column} FROM hive_eu.crm.{table}"})
                assert answer.json["allowed"] == (user in told), (user, table)


def tree(admin, user, **more):
    answer = admin.api().get(f"/users/{user}/access", **more)
    assert answer.status == 200, answer
    told = answer.json
    return told, {
        (c["catalog"], s["schema"], t["table"]): t
        for c in told["catalogs"] for s in c["schemas"] for t in s["tables"]
        if c["catalog"] not in ("*", "system")}


def test_tree(admin):
    told, tables = tree(admin, "ann")
    assert told["cluster"] == "lake" and told["may_use_cluster"]
    people = tables["hive", "crm", "people"]
    assert people["columns"] == "*" and people["except"] == ["email"]
    assert people["path"] == "ann -> readers -> staff"
    assert tables["hive", "crm", "*"]["columns"] == "*"
    assert tables["hive", "crm", "secrets"]["columns"] == []
    assert tables["hive", "*", "old*"]["denied"]
    assert tables["hive", "hr", "*"]["denied"]
    assert set(told["rule_names"].values()) >= {"staff read", "no old"}
    _, tables = tree(admin, "cyd")
    assert set(tables) == {("hive", "*", "*"), ("hive", "open", "*")}
    told, tables = tree(admin, "gone")
    assert told["disabled"] and not told["may_use_cluster"]
    assert not tree(admin, "lost")[0]["may_use_cluster"]
    assert tree(admin, "eve", cluster="pond")[1].get(
        ("hive", "crm", "people"), {"columns": []})["columns"] == []


@pytest.mark.parametrize("path, query", [
    ("/access", {}), ("/access", {"object": ""}),
    ("/access", {"object": "a..b"}), ("/access", {"object": "a.*.b"}),
    ("/access", {"object": "a.b.c", "privilege": "read"}),
    ("/access", {"object": "a.b.c.d", "privilege": "insert"}),
    ("/access", {"object": "a.b.c", "cluster": "none"}),
    ("/access", {"object": "a.b.c", "time": "noon"}),
    ("/access", {"object": "a.b.c", "group": "none"}),
    ("/users/ann/access", {"privilege": "everything"}),
])
def test_wrong(admin, path, query):
    assert admin.api().get(path, **query).status == 400


def test_stewards(admin):
    assert admin.api().get("/users/nobody/access").status == 404
    made = admin.api().post("/tokens", {"name": "s", "subject": "sue",
                                        "role": "steward"})
    steward = admin.api(made.json["text"])
    assert steward.get("/access", object="hive.crm.people").status == 200
    assert steward.get("/access", object="hive.hr.pay").status == 403
    told = steward.get("/users/ann/access").json
    assert [s["schema"] for c in told["catalogs"] for s in c["schemas"]] == [
        "crm"]


@pytest.fixture(scope="module")
def tool(admin):
    (admin.gateway.folder / "token").write_text(admin.token, encoding="utf-8")

    def run(*words):
        return admin.gateway.command(
            "admin", *words, "--server",
            f"http://127.0.0.1:{admin.gateway.admin_port}", "--token-file",
            str(admin.gateway.folder / "token"), stdin=subprocess.DEVNULL)

    return run


def test_who_can_as_a_table(tool):
    done = tool("who-can", "select", "hive.crm.people.id", "cluster=lake")
    assert done.returncode == 0, done.stderr
    lines = [line.split("  ") for line in done.stdout.splitlines()]
    assert done.stdout.splitlines()[0].split() == ["user", "clusters", "rule",
                                                   "path"]
    assert [line[0] for line in lines[1:4]] == ["ann", "bob", "cyd"]
    assert lines[1][-1] == "ann -> readers -> staff"
    assert done.stdout.splitlines()[4] == ""
    assert done.stdout.splitlines()[5].split() == [
        "group", "clusters", "may_use_cluster", "rule", "path"]
    assert lines[6][0] == "eu-staff" and "no" in lines[6]
    assert lines[6][-1] == "eu-staff -> readers -> staff"
    assert json.loads(tool("who-can", "select", "hive.crm.people.id",
                           "--json").stdout)["items"][0]["user"] == "ann"
    short = tool("who-can", "select", "hive.crm.people", "limit=1")
    assert "cursor=" in short.stderr
    assert tool("who-can", "select").returncode == 2
    assert tool("who-can", "select", "a.b.c", "x").returncode == 2
    assert tool("who-can", "selekt", "a.b.c").returncode == 1


def test_denies_that_groups_bring(admin, tool):
    """Told of, as they are not looked at; only those that are news."""
    told = {user: admin.api().get(f"/users/{user}/access").json[
        "denying_groups"] for user in ("ann", "dan")}
    assert told == {"ann": [], "dan": ["eu-staff"]}
    assert ('a token that names group "eu-staff" brings denies that are not '
            "shown") in tool("access", "dan").stderr
    assert "brings denies" not in tool("access", "ann").stderr


def test_access_as_a_table(tool):
    done = tool("access", "ann")
    assert done.returncode == 0, done.stderr
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert " yes " in rows["hive.crm.people"] and "email" in rows[
        "hive.crm.people"]
    assert " no" in rows["hive.crm.secrets"]
    assert "taken away" in rows["hive.*.old*"] and "no old" in rows[
        "hive.*.old*"]
    assert "disabled" in tool("access", "gone").stderr
    assert "may not use" in tool("access", "lost").stderr
    assert tool("access", "nobody").returncode == 1
    assert json.loads(tool("access", "ann", "--json").stdout)["user"] == "ann"
