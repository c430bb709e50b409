# SPDX-License-Identifier: Apache-2.0
"""dry_run and `admin apply`: who gains and who loses which rights."""

import subprocess

import pytest
import yaml

from admin_site import Admin

POLICY = {
    "users": [{"name": name} for name in ("ann", "bob", "cyd")],
    "roles": [{"name": "readers", "members": ["ann", "bob"]},
              {"name": "dpo", "members": ["cyd"]}],
    "clusters": [{"name": name, "engine": "trino", "url": "http://h:1"}
                 for name in ("lake", "pond")],
    "tags": [{"name": "pii", "objects": ["hive.crm.people.email"]}],
    "rules": [
        {"name": "readers", "effect": "allow", "to": ["role:readers"],
         "privileges": ["select"], "table": "hive.crm.*"},
        {"name": "dpo", "effect": "allow", "to": ["role:dpo"],
         "privileges": ["select", "update"], "table": "hive.crm.people"},
    ],
}


@pytest.fixture(scope="module")
def admin(datagateway, postgres, tmp_path_factory):
    made = Admin(datagateway, postgres, tmp_path_factory.mktemp("effects"))
    done = made.api().post("/apply", POLICY)
    assert done.status == 200, done
    yield made
    made.gateway.stop()


def rule(effect, to, table=None, **more):
    what = {"table": table} if table else {}
    return {"effect": effect, "to": to, "privileges": ["select"], **what,
            **more}


@pytest.mark.parametrize("path, body, want", [
    ("/rules/new", rule("allow", ["cyd"], "hive.hr.pay", columns=["id"]),
     ["cyd gains select on hive.hr.pay: columns id"]),
    ("/rules/new", rule("allow", ["ann"], "hive.crm.people"), []),
    ("/rules/new", rule("allow", ["ann"], "hive.crm.people",
                        columns=["id"]), []),
    ("/rules/new", rule("deny", ["role:readers"], "hive.crm.people"),
     ["ann loses select on hive.crm.people",
      "bob loses select on hive.crm.people"]),
    ("/rules/new", rule("deny", ["role:readers"], "hive.crm.people",
                        columns=["email"], **{"except": ["bob"]}),
     ["ann loses select on hive.crm.people: columns email"]),
    ("/rules/new", rule("deny", ["public"], tags=["pii"]),
     ["ann loses select on hive.crm.people: columns email",
      "bob loses select on hive.crm.people: columns email",
      "cyd loses select on hive.crm.people: columns email"]),
    ("/rules/new", rule("deny", ["ann"], "hive.*.old*"),
     ["ann loses select on hive.*.old*"]),
    ("/rules/new", rule("deny", ["ann"], "ice.*.*"), []),
    ("/rules/new", rule("deny", ["ann"], "hive.crm.*",
                        valid_from="2099-01-01"), []),
    ("/rules/new", rule("allow", ["cyd"], "hive.crm.*", clusters=["pond"]),
     ["cyd gains select on hive.crm.*"]),
    ("/rules/dpo", rule("allow", ["role:dpo"], "hive.crm.people",
                        columns=["id"]),
     ["cyd loses update on hive.crm.people",
      "cyd loses select on hive.crm.people: all columns but id"]),
    ("/roles/dpo", {"members": ["cyd", "ann"]},
     ["ann gains update on hive.crm.people"]),
    ("/roles/readers", {"members": ["bob"]},
     ["ann loses select on hive.crm.*"]),
    ("/rules/new", {"effect": "allow", "to": ["ann"], "schema": "hive.crm",
                    "privileges": ["create", "show"]},
     ["ann gains create on schema hive.crm"]),
    ("/rules/new", {"effect": "allow", "to": ["ann"], "function": "hive.f.*",
                    "privileges": ["execute"]},
     ["ann gains execute on function hive.f.*"]),
    ("/rules/new", {"effect": "allow", "to": ["ann"], "property": "hive.x",
                    "privileges": ["set"]},
     ["ann gains set on session property hive.x"]),
    ("/rules/new", {"effect": "allow", "to": ["ann"], "user": "bob",
                    "privileges": ["impersonate"]},
     ["ann gains impersonate on user bob"]),
    ("/rules/new", {"effect": "allow", "to": ["ann"], "query": "*",
                    "privileges": ["kill"]}, ["ann gains kill on queries of *"]),
    ("/rules/new", {"effect": "allow", "to": ["ann"], "cluster": "lake",
                    "privileges": ["use"]}, ["ann gains use on cluster lake"]),
    ("/tags/pii", {"objects": ["hive.crm.people.phone"]}, []),
    ("/users/dora", {}, []),
])
def test_one_item(admin, path, body, want):
    answer = admin.api().put(path, body, dry_run="true")
    assert answer.status == 200, answer
    effects = answer.json["effects"]
    assert sorted(effects["items"]) == sorted(want)
    gains = sum(" gains " in text for text in want)
    assert (effects["gains"], effects["losses"]) == (gains, len(want) - gains)
    assert not effects["is_cut"]


def test_delete_and_members(admin):
    api = admin.api()
    gone = api.delete("/rules/readers", dry_run="true").json["effects"]
    assert gone["items"] == ["ann loses select on hive.crm.*",
                             "bob loses select on hive.crm.*"]
    assert gone["users"] == 2
    out = api.call("DELETE", "/roles/dpo/members/user:cyd",
                   dry_run="true").json["effects"]
    assert {text.split()[2] for text in out["items"]} == {"select", "update"}


def notes(admin, path, body):
    answer = admin.api().put(path, body, dry_run="true")
    assert answer.status == 200, answer
    return answer.json["effects"]["notes"]


def test_notes_of_groups(admin, tmp_path):
    """Denies for roles that only tokens bring, and whatever makes one such."""
    api = admin.api()
    deny = rule("deny", ["role:readers", "public"], "hive.crm.pay")
    assert notes(admin, "/rules/pay", deny) == []
    mapping = {"roles": ["dpo"]}
    assert notes(admin, "/group_mappings/officers", mapping) == []
    assert api.put("/group_mappings/officers", mapping).status < 300
    assert notes(admin, "/rules/pay", deny) == []
    want = ('deny "pay" for role:readers: who has the role by group '
            '"officers" of a token alone is not denied when signed in with a '
            'password, or spoken for by others')
    above = {"members": ["ann", "bob", "role:dpo"]}
    assert notes(admin, "/roles/readers", above) == []
    assert api.put("/roles/readers", above).status < 300
    assert notes(admin, "/rules/pay", deny) == [want]
    assert notes(admin, "/rules/pay", {**deny, "enabled": False}) == []
    assert notes(admin, "/rules/pay", {**deny, "effect": "allow"}) == []
    assert api.put("/rules/pay", deny).status < 300
    # It is so already.
    assert notes(admin, "/rules/pay", {**deny, "table": "hive.crm.p*"}) == []
    assert api.delete("/group_mappings/officers").status < 300
    assert notes(admin, "/group_mappings/eu", mapping) == [
        want.replace("officers", "eu")]
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(
        {"group_mappings": [{"name": "eu", **mapping}]}), encoding="utf-8")
    done = admin.gateway.command(
        "admin", "apply", "-d", admin.gateway.conninfo, "-f", path,
        "--dry-run", stdin=subprocess.DEVNULL)
    assert f"note: {want.replace('officers', 'eu')}\n" in done.stdout, done
    assert api.post("/apply", {**POLICY, "group_mappings": []}).status == 200


def test_apply(admin, tmp_path):
    """Shown before anybody is asked; the same by REST."""
    changed = {**POLICY, "rules": POLICY["rules"][1:]}
    want = ["ann loses select on hive.crm.*", "bob loses select on hive.crm.*"]
    answer = admin.api().post("/apply", changed, dry_run="true")
    assert answer.json["effects"]["items"] == want
    assert "effects" not in admin.api().post("/apply", POLICY).json
    path = tmp_path / "policy.yaml"
    path.write_text(yaml.safe_dump(changed), encoding="utf-8")
    done = admin.gateway.command(
        "admin", "apply", "-d", admin.gateway.conninfo, "-f", path,
        "--dry-run", stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    assert "who gains and who loses (2 users concerned):" in done.stdout
    for text in want:
        assert f"  {text}\n" in done.stdout


def test_groups(admin):
    """Roles that come with tokens are told apart; not what everybody has."""
    api = admin.api()

    def told(call, *arguments):
        answer = getattr(api, call)(*arguments, dry_run="true")
        assert answer.status == 200, answer
        return answer.json["effects"]["items"]

    assert sorted(told("put", "/group_mappings/eu", {"roles": ["dpo"]})) == [
        "group eu gains select on hive.crm.people",
        "group eu gains update on hive.crm.people"]
    assert api.put("/roles/token", {}).status == 201
    assert api.put("/group_mappings/eu", {"roles": ["token"]}).status == 201
    assert told("put", "/rules/new",
                rule("allow", ["role:token"], "hive.hr.*")) == [
        "group eu gains select on hive.hr.*"]
    items = told("put", "/rules/new", rule("allow", ["public"], "hive.hr.*"))
    assert "ann gains select on hive.hr.*" in items
    assert not any(text.startswith("group ") for text in items)
    assert told("put", "/rules/new",
                rule("deny", ["role:token"], "hive.crm.*")) == []
    assert api.put("/rules/given", rule("allow", ["role:token"],
                                        "hive.hr.*")).status in (200, 201)
    assert told("put", "/rules/new", rule("deny", ["role:token"],
                                          "hive.hr.pay")) == [
        "group eu loses select on hive.hr.pay"]
    assert told("delete", "/group_mappings/eu") == [
        "group eu loses select on hive.hr.*"]
    assert api.delete("/rules/given").status == 204
    assert api.delete("/group_mappings/eu").status == 204
    assert api.delete("/roles/token").status == 204


def test_groups_that_come_and_go(admin):
    """In one write: each is held against itself."""
    api = admin.api()

    def apply(groups, **options):
        done = api.post("/apply", {"group_mappings": [
            {"name": name, "roles": roles} for name, roles in groups.items()]},
            **options)
        assert done.status == 200, done
        return done.json

    apply({"gone": ["dpo"], "same": ["dpo"], "less": ["dpo", "readers"]})
    told = apply({"same": ["dpo"], "less": ["readers"], "new": ["readers"]},
                 dry_run="true")["effects"]
    assert sorted(told["items"]) == [
        "group gone loses select on hive.crm.people",
        "group gone loses update on hive.crm.people",
        "group less loses update on hive.crm.people",
        "group new gains select on hive.crm.*"]
    assert not told["is_cut"]
    apply({})


def test_who_is_told(admin):
    """Nobody by a dry run what it could not ask for."""
    api = admin.api()
    api.post("/users", {"name": "sue"})
    made = api.put("/admins/people", {"role": "steward", "to": ["sue"],
                                      "schemas": ["hive.people"],
                                      "tags": ["pii"]})
    assert made.status == 201, made
    wide = rule("allow", ["role:dpo"], "hive.*.*")
    for schema in ("people", "crm"):
        made = api.put(f"/rules/cyd-{schema}",
                       rule("allow", ["cyd"], f"hive.{schema}.names"))
        assert made.status == 201, made

    def token(role, subject, *scopes):
        made = api.post("/tokens", {"name": role, "subject": subject,
                                    "role": role, "scopes": list(scopes)})
        assert made.status == 201, made
        return admin.api(made.json["text"])

    def told(asker, call, *arguments):
        answer = getattr(asker, call)(*arguments, dry_run="true")
        assert answer.status == 200, answer
        return answer.json

    whole = told(api, "put", "/rules/wide", wide)
    assert whole["effects"]["items"] and "effects_hidden" not in whole
    writer = token("admin", "ann", "rules:write", "roles:write")
    for asked in (("put", "/rules/wide", wide), ("delete", "/rules/readers"),
                  ("put", "/roles/readers", {"members": []})):
        answer = told(writer, *asked)
        assert answer["effects_hidden"] and "effects" not in answer
        assert answer["diff"]
    both = token("admin", "ann", "rules:write", "access:read")
    assert told(both, "put", "/rules/wide", wide) == whole
    blind = token("admin", "ann", "apply:write")
    answer = told(blind, "post", "/apply", {"rules": []})
    assert answer["effects_hidden"] and "effects" not in answer

    steward = token("steward", "sue")
    deny = rule("deny", ["public"], "hive.people.*")
    answer = told(steward, "put", "/rules/none", deny)
    assert answer["effects"]["items"] == ["cyd loses select on "
                                          "hive.people.names"]
    assert answer["effects"]["users"] == 1
    # By its tag, within what it may not be told of otherwise.
    assert told(steward, "put", "/rules/none",
                rule("deny", ["public"], tags=["pii"]))["effects"]["items"]
    for name in ("people", "crm"):
        assert api.delete(f"/rules/cyd-{name}").status == 204
    assert api.delete("/admins/people").status == 204


def test_many(admin):
    """Bounded, and counted."""
    users = [{"name": f"u{i}"} for i in range(1200)]
    policy = {**POLICY, "users": POLICY["users"] + users,
              "roles": POLICY["roles"] + [
                  {"name": "all", "members": [u["name"] for u in users]}]}
    assert admin.api().post("/apply", policy).status == 200
    answer = admin.api().put("/rules/new", rule("allow", ["role:all"],
                                                "hive.a.b"), dry_run="true")
    effects = answer.json["effects"]
    assert effects["users"] == 1200 and effects["is_cut"]
    assert len(effects["items"]) == 1000
