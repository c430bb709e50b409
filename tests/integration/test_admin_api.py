# SPDX-License-Identifier: Apache-2.0
"""The admin API of a real program with a real Postgres."""

import http.client
import threading

import pytest
import yaml

import gateway as gateways
from admin_api import Api
from admin_site import Admin


@pytest.fixture(scope="module")
def make_admin(datagateway, postgres, tmp_path_factory):
    made = []

    def make(**options):
        admin = Admin(datagateway, postgres,
                      tmp_path_factory.mktemp("admin"), **options)
        made.append(admin)
        return admin

    yield make
    for admin in made:
        admin.gateway.stop()


@pytest.fixture(scope="module")
def admin(make_admin):
    return make_admin()


@pytest.fixture(scope="module")
def api(admin):
    return admin.api()


def new_token(api, role, subject="somebody", **more):
    made = api.post("/tokens", {"name": role, "subject": subject,
                                "role": role, **more})
    assert made.status == 201, made
    return made.json


# -- items ---------------------------------------------------------------------


def test_user_life(api):
    made = api.post("/users", {"name": "ann", "default_catalog": "hive"})
    assert made.status == 201, made
    assert made.json == {"name": "ann", "disabled": False,
                         "default_catalog": "hive"}
    read = api.get("/users/ann")
    assert read.json == made.json and read.etag == made.etag
    assert api.post("/users", {"name": "ann"}).status == 409
    changed = api.patch("/users/ann", {"disabled": True},
                        {"If-Match": read.etag})
    assert changed.status == 200 and changed.json["disabled"] is True
    assert changed.json["default_catalog"] == "hive"
    assert changed.etag != read.etag
    cleared = api.patch("/users/ann", {"default_catalog": None})
    assert cleared.json == {"name": "ann", "disabled": True}
    replaced = api.put("/users/ann", {})
    assert replaced.json == {"name": "ann", "disabled": False}
    assert api.delete("/users/ann").status == 204
    assert api.get("/users/ann").status == 404
    assert api.delete("/users/ann").status == 404


def test_every_write_is_in_the_change_log(api):
    made = api.post("/users", {"name": "logged", "password": "one"})
    version = int(made.headers["Policy-Version"])
    api.patch("/users/logged", {"password": "two"})
    api.delete("/users/logged")
    rows = api.get("/changes", object="users", name="logged").json["items"]
    assert [(r["before"] is None, r["after"] is None) for r in rows] == [
        (False, True), (False, False), (True, False)]
    assert all(r["actor"] == "admin (token 1)" for r in rows)
    assert [r["version"] for r in rows] == [version + 2, version + 1, version]
    assert rows[1]["after"]["password_hash"] == "***"
    assert "argon2" not in str(rows)


def test_passwords_are_never_shown(api):
    made = api.put("/users/secretive", {"password": "hunter2"})
    assert made.status == 201 and "password" not in made.json
    other = api.patch("/users/secretive", {"password": "hunter3"})
    assert other.etag != made.etag
    again = api.patch("/users/secretive", {"password": "hunter3"})
    assert again.etag == other.etag
    assert "argon2" not in api.get("/users/secretive").text
    assert "argon2" not in api.get("/export").text


@pytest.mark.parametrize("body, pointer", [
    ({"kolumns": ["a"]}, "/kolumns"),
    ({"columns": "a"}, "/columns"),
    ({"columns": []}, "/columns"),
    ({"columns": [1]}, "/columns/0"),
    ({"privileges": ["selekt"]}, "/privileges"),
    ({"effect": "permit"}, "/effect"),
    ({"enabled": "yes"}, "/enabled"),
    ({"valid_from": "tomorrow"}, "/valid_from"),
    ({"reason": 7}, "/reason"),
    ({"schema": "hive.x"}, "/schema"),
])
def test_places_of_errors(api, body, pointer):
    rule = {"effect": "allow", "to": ["public"], "privileges": ["select"],
            "table": "hive.x.y", **body}
    answer = api.put("/rules/wrong", rule)
    assert answer.status == 422, answer
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert pointer in [e.get("pointer") for e in answer.json["errors"]]
    assert api.get("/rules/wrong").status == 404


def test_rules_name_what_exists(api):
    rule = {"effect": "allow", "to": ["nobody-there"],
            "privileges": ["select"], "table": "a.b.c"}
    answer = api.put("/rules/dangling", rule)
    assert answer.status == 422 and "nobody-there" in answer.json["detail"]


def test_what_is_used_cannot_be_deleted(api):
    api.put("/users/used", {})
    rule = {"effect": "allow", "to": ["used"], "privileges": ["select"],
            "table": 'hive.s."odd.name"'}
    made = api.put("/rules/uses%20it", rule)
    assert made.status == 201 and made.json["table"] == rule["table"]
    assert made.json["to"] == ["user:used"]
    refused = api.delete("/users/used")
    assert refused.status == 409 and "uses it" in refused.json["detail"]
    assert api.delete("/rules/uses%20it").status == 204
    assert api.delete("/users/used").status == 204


def test_names_may_be_odd(api):
    name = "a/b c%d ü"
    path = "/users/" + "a%2Fb%20c%25d%20%C3%BC"
    assert api.put(path, {}).json["name"] == name
    assert api.get(path).json["name"] == name
    assert api.delete(path).status == 204
    assert api.put("/users/a%00b", {}).status == 400
    assert api.put("/users/%zz", {}).status == 400
    assert api.put("/users/one", {"name": "two"}).status == 422


def test_memberships(api):
    for user in ("m1", "m2"):
        api.put(f"/users/{user}", {})
    api.put("/roles/readers", {"description": "they read"})
    api.put("/roles/staff", {"members": ["role:readers"]})
    added = api.put("/roles/readers/members/user:m1", None)
    assert added.status == 200 and added.json["members"] == ["user:m1"]
    assert api.put("/roles/readers/members/user:m1", None).status == 200
    assert api.put("/roles/readers/members/m2", None).status == 422
    assert api.put("/roles/readers/members/user:no", None).status == 422
    cycle = api.put("/roles/readers/members/role:staff", None)
    assert cycle.status == 422 and "cycle" in cycle.json["detail"]
    rows, _ = api.pages("/memberships", member="user:m1")
    assert rows == [{"role": "readers", "member": "user:m1"}]
    assert api.delete("/roles/readers/members/user:m1").status == 200
    assert api.delete("/roles/readers/members/user:m1").status == 404
    assert "members" not in api.get("/roles/readers").json


def test_a_cluster_elsewhere_loses_its_secret(api):
    cluster = {"engine": "trino", "url": "https://one.example:8443",
               "identity": "password", "service_user": "gw",
               "service_secret": "env:LAKE"}
    made = api.put("/clusters/lake", cluster)
    assert made.status == 201, made
    refused = api.patch("/clusters/lake", {"url": "https://evil.example:1"})
    assert refused.status == 422 and "service_secret" in refused.text
    assert api.get("/clusters/lake").json["url"] == cluster["url"]
    api.patch("/clusters/lake", {"identity": "header"})
    moved = api.patch("/clusters/lake", {"url": "https://two.example:8443"})
    assert moved.status == 200 and "service_secret" not in moved.json
    wrong = api.patch("/clusters/lake", {"service_secret": "hunter2"})
    assert wrong.status == 422 and "hunter2" not in wrong.text


# -- concurrency ---------------------------------------------------------------


def test_etags(api):
    first = api.put("/roles/locked", {"description": "one"})
    second = api.put("/roles/locked", {"description": "two"},
                     {"If-Match": first.etag})
    assert second.status == 200
    stale = api.put("/roles/locked", {"description": "three"},
                    {"If-Match": first.etag})
    assert stale.status == 412
    assert api.delete("/roles/locked", {"If-Match": first.etag}).status == 412
    there = api.put("/roles/locked", {}, {"If-None-Match": "*"})
    assert there.status == 412
    gone = api.put("/roles/nowhere", {}, {"If-Match": "*"})
    assert gone.status == 412
    assert api.put("/roles/locked", {}, {"If-Match": ""}).status == 400
    for name in ("If-Match", "Idempotency-Key"):
        connection = http.client.HTTPConnection(
            api.url.split("/")[2], timeout=60)
        connection.putrequest("PUT", "/api/v1/roles/locked")
        for value in ("Authorization", f"Bearer {api.token}"), (name, "*"), \
                (name, "*"), ("Content-Type", "application/json"), \
                ("Content-Length", "2"):
            connection.putheader(*value)
        connection.endheaders(b"{}")
        assert connection.getresponse().status == 400, name
        connection.close()
    assert api.get("/roles/locked").json["description"] == "two"


def test_concurrent_writers_lose_nothing(admin):
    """Eight writers count in one item by read, If-Match, write."""
    admin.api().put("/roles/counter", {"description": "0"})
    failures = []

    def count():
        api = admin.api()
        done = 0
        while done < 5:
            read = api.get("/roles/counter")
            wrote = api.put(
                "/roles/counter",
                {"description": str(int(read.json["description"]) + 1)},
                {"If-Match": read.etag},
            )
            if wrote.status == 200:
                done += 1
            elif wrote.status not in (412, 503):
                failures.append(wrote)
                return

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert admin.api().get("/roles/counter").json["description"] == "40"


def test_idempotency_keys(api):
    key = {"Idempotency-Key": "k-1"}
    first = api.post("/users", {"name": "once"}, key)
    again = api.post("/users", {"name": "once"}, key)
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json and again.etag == first.etag
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.headers["Idempotency-Replayed"] is None
    assert (again.headers["Policy-Version"] ==
            first.headers["Policy-Version"])
    other = api.post("/users", {"name": "twice"}, key)
    assert other.status == 422
    assert api.get("/users/twice").status == 404


def test_dry_run(api):
    before = api.get("/export").headers["Policy-Version"]
    dry = api.put("/users/unreal", {"disabled": True}, dry_run="true")
    assert dry.status == 200 and dry.json["dry_run"] is True
    assert dry.json["diff"][0] == '+ user "unreal"'
    assert api.get("/users/unreal").status == 404
    wrong = api.put("/rules/unreal", {
        "effect": "allow", "to": ["unreal"], "privileges": ["select"],
        "table": "a.b.c"}, dry_run="true")
    assert wrong.status == 422
    assert api.put("/users/unreal", {}, dry_run="maybe").status == 400
    assert api.get("/export").headers["Policy-Version"] == before


# -- listings --------------------------------------------------------------------


def test_paging(api):
    for i in range(23):
        assert api.put(f"/users/page-{i:02}", {}).status in (200, 201)
    items, pages = api.pages("/users", q="page-", limit=5)
    assert [i["name"] for i in items] == [f"page-{i:02}" for i in range(23)]
    assert pages == 5
    # What goes between two pages is no reason to miss another.
    first = api.get("/users", q="page-", limit=5).json
    api.delete("/users/page-04")
    second = api.get("/users", q="page-", limit=5, cursor=first["next"]).json
    assert second["items"][0]["name"] == "page-05"


@pytest.mark.parametrize("query", [
    {"limit": "0"}, {"limit": "1001"}, {"limit": "x"}, {"cursor": ""},
    {"cursor": "%"}, {"cursor": "AA"}, {"naem": "x"}, {"disabled": "maybe"},
])
def test_wrong_queries(api, query):
    assert api.get("/users", **query).status == 400
    assert api.get("/changes", cursor="bm9uc2Vuc2U").status == 400


def test_filters(api):
    api.put("/users/f1", {"disabled": True})
    api.put("/users/f2", {})
    items, _ = api.pages("/users", q="f", disabled="true")
    assert "f1" in [i["name"] for i in items]
    assert "f2" not in [i["name"] for i in items]
    api.put("/rules/f", {"effect": "deny", "to": ["f2"], "columns": ["c"],
                         "privileges": ["select"], "table": "hive.f.t"})
    for query in ({"to": "user:f2"}, {"effect": "deny", "schema": "f"},
                  {"object": "t", "kind": "table", "catalog": "hive"}):
        items, _ = api.pages("/rules", **query)
        assert "f" in [i["name"] for i in items], query
    assert api.pages("/rules", to="user:f1")[0] == []


# -- whole policies ----------------------------------------------------------------


def test_export_is_what_apply_takes(api):
    exported = api.get("/export")
    for kind, body in (
        ("application/json", exported.text.encode()),
        ("application/yaml", yaml.safe_dump(exported.json).encode()),
    ):
        again = api.post("/apply", body, {"Content-Type": kind})
        assert again.status == 200, again
        assert again.json["changes"] == 0 and again.json["diff"] == []


def test_apply(api):
    policy = api.get("/export").json
    policy["users"].append({"name": "bulk"})
    dry = api.post("/apply", policy, dry_run="true")
    assert dry.json["diff"] == ['+ user "bulk"']
    assert api.get("/users/bulk").status == 404
    done = api.post("/apply", policy)
    assert done.json["changes"] == 1
    assert api.get("/users/bulk").status == 200
    policy["rules"] = [{"name": "x", "kolumns": ["y"]}]
    wrong = api.post("/apply", policy)
    assert wrong.status == 422
    assert "/rules/0/kolumns" in [e["pointer"] for e in wrong.json["errors"]]
    stolen = b"users: [{name: bulk, password_file: /etc/hostname}]"
    refused = api.post("/apply", stolen, {"Content-Type": "application/yaml"})
    assert refused.status == 422 and "another machine" in refused.text


# -- who ----------------------------------------------------------------------------


def test_bootstrap_makes_one(admin):
    again = admin.bootstrap()
    assert again.returncode == 1 and "--again" in again.stderr
    more = admin.bootstrap("--again", "--subject", "second")
    assert more.returncode == 0
    self = admin.api(more.stdout.strip()).get("/self").json
    assert self["subject"] == "second" and self["role"] == "admin"


def test_tokens(admin, api):
    made = new_token(api, "auditor", days=1)
    token = made["token"]
    assert made["text"] not in api.get("/tokens").text
    other = admin.api(made["text"])
    assert other.get("/self").json["role"] == "auditor"
    assert api.get(f"/tokens/{token['id']}").json["last_used_at"]
    assert api.delete(f"/tokens/{token['id']}").status == 204
    assert other.get("/self").status == 401
    assert api.delete(f"/tokens/{token['id']}").status == 404
    rows = api.get("/changes", object="admin_tokens").json["items"]
    assert rows[0]["after"]["revoked_at"]
    stored = admin.sql("SELECT string_agg(t::text, ' ') "
                       "FROM datagateway.admin_tokens t")
    assert made["text"].split("_", 2)[2] not in str(stored)
    assert "hash" not in str(rows)


def test_tokens_end(admin, api):
    made = new_token(api, "admin")
    admin.sql("UPDATE datagateway.admin_tokens SET expires_at = now() "
              f"WHERE id = {made['token']['id']}")
    assert admin.api(made["text"]).get("/self").status == 401


def test_roles_and_scopes(admin, api):
    auditor = admin.api(new_token(api, "auditor")["text"])
    assert auditor.get("/rules").status == 200
    assert auditor.get("/audit").status == 200
    assert auditor.put("/users/x", {}).status == 403
    assert auditor.post("/apply", {}).status == 403
    assert auditor.get("/tokens").status == 403
    steward = admin.api(new_token(api, "steward")["text"])
    assert steward.get("/rules").status == 403  # nobody's steward
    assert steward.get("/self").status == 200
    narrow = admin.api(
        new_token(api, "admin", scopes=["users:write"])["text"])
    assert narrow.put("/users/scoped", {}).status == 201
    assert narrow.get("/users").status == 200
    assert narrow.get("/rules").status == 403
    assert narrow.post("/tokens", {}).status == 403
    maker = admin.api(new_token(
        api, "admin", scopes=["tokens:write", "users:read"])["text"])
    for scopes in ([], ["rules:read"], ["users:write"], ["users:read",
                                                         "rules:read"]):
        wish = {"name": "x", "subject": "x", "role": "admin", "days": 1,
                "scopes": scopes}
        assert maker.post("/tokens", wish).status == 403, scopes
    assert new_token(maker, "admin", scopes=["users:read"])["text"]
    reader = admin.api(new_token(api, "admin", scopes=["users:read"])["text"])
    assert reader.get("/users").status == 200
    assert reader.delete("/users/scoped").status == 403
    wrong = api.post("/tokens", {"name": "x", "subject": "x", "role": "admin",
                                 "scopes": ["everything"]})
    assert wrong.status == 422


def test_forged_tokens_and_lock_out(make_admin):
    admin = make_admin()
    good = admin.token
    middle = len(good) // 2
    forged = [
        good[:-1], good + "A", good.upper(), good.replace("dga_", "dgb_"),
        good[:middle] + ("A" if good[middle] != "A" else "B")
        + good[middle + 1:],
        "dga_2" + good[5:], "dga_1_" + "A" * 43, "dga__" + "A" * 43,
        "dga_-1_" + "A" * 43,
    ]
    for token in forged:
        assert admin.api(token).get("/self").status == 401, token
    assert admin.api().get("/self").status == 200  # forgives what was
    api = Api(admin.gateway)
    assert api.get("/self").status == 401  # without one: no guess
    for _ in range(10):
        assert admin.api(forged[0]).get("/self").status == 401
    locked = admin.api().get("/self")
    assert locked.status == 429 and int(locked.headers["Retry-After"]) > 0
    text = admin.gateway.log_path.read_text()
    assert "admin.locked_out" in text
    assert good.split("_", 2)[2] not in text


def test_tls(make_admin, tls):
    admin = make_admin(tls=tls)
    assert admin.api().get("/self").status == 200


def test_no_tokens_in_the_clear(datagateway, tmp_path):
    config = tmp_path / "gateway.yaml"
    config.write_text(
        "listen: ['127.0.0.1:0']\npostgres: {conninfo: 'dbname=x'}\n"
        "auth: {password: {require_tls: false}}\n"
        "admin: {listen: '0.0.0.0:9180', api: {conninfo: 'dbname=x'}}\n"
    )
    done = gateways.Gateway(datagateway, tmp_path / "x", "").command(
        "check-config", config)
    assert done.returncode == 1 and "in the clear" in done.stderr + done.stdout


def test_tokens_for_statements_do_not_administer(datagateway, tmp_path):
    config = tmp_path / "gateway.yaml"
    config.write_text(
        "listen: ['127.0.0.1:0']\npostgres: {conninfo: 'dbname=x'}\n"
        "auth: {jwt: {issuer: 'https://x', audiences: [a, b],\n"
        "  admin_audiences: [c, b], keys: {url: 'https://x/jwks'}}}\n"
    )
    done = gateways.Gateway(datagateway, tmp_path / "x", "").command(
        "check-config", config)
    assert done.returncode == 1
    assert "would administer" in done.stderr + done.stdout


def test_no_api_without_its_connection(site):
    assert Api(site.gateway).get("/self").status == 404


def test_requests(admin, api):
    assert api.get("/nothing").status == 404
    wrong = api.call("PATCH", "/users")
    assert wrong.status == 405 and wrong.headers["Allow"] == "GET, POST"
    assert api.post("/users", b"x", {"Content-Type": "text/csv"}).status == 415
    assert api.post("/users", b"{").status == 400
    assert api.post("/users", b'{"name":"a","name":"b"}').status == 400
    assert api.post("/users", b"[]").status == 422
    assert api.post("/users", b'"' + b"x" * (1 << 20) + b'"').status == 413
    assert Api(admin.gateway).get("/openapi.yaml").status == 200
    assert "<table>" in Api(admin.gateway).get("/").text


# -- Postgres' own rights ------------------------------------------------------------


def test_roles_in_postgres(admin):
    """The proxy reads the policy and adds audit rows; the admin API changes
    the policy, and neither the past nor the schema."""
    tables = admin.sql(
        "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = "
        "relnamespace WHERE nspname = 'datagateway' AND relkind IN ('r', 'p')")
    for (table,) in tables:
        for verb in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            got = admin.sql(
                "SELECT has_table_privilege('datagateway_proxy', "
                f"'datagateway.{table}', '{verb}')")[0][0]
            want = verb == "INSERT" and table in ("audit_decision",
                                                  "audit_end")
            assert (got == "t") == want, (table, verb)
        if table in ("admin_tokens", "admin_replies", "policy_change",
                     "audit_decision", "audit_end", "replicas"):
            assert admin.sql(
                "SELECT has_table_privilege('datagateway_proxy', "
                f"'datagateway.{table}', 'SELECT')")[0][0] == "f", table
    functions = admin.sql(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = "
        "p.pronamespace WHERE nspname = 'datagateway' AND p.prosecdef AND "
        "has_function_privilege('datagateway_proxy', p.oid, 'EXECUTE') "
        "ORDER BY 1")
    assert functions == [["leave_replica"], ["report_replica"]]
    assert admin.sql(
        "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = "
        "p.pronamespace WHERE nspname = 'datagateway' AND p.prosecdef AND "
        "(has_function_privilege('datagateway_admin', p.oid, 'EXECUTE') OR "
        "p.proconfig IS NULL)") == [["0"]]
    written = {
        "clusters", "users", "roles", "role_members", "rules", "catalogs",
        "tags", "tag_objects", "admins", "group_mappings", "admin_tokens",
        "admin_replies",
    }
    for (table,) in tables:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            got = admin.sql(
                "SELECT has_table_privilege('datagateway_admin', "
                f"'datagateway.{table}', '{verb}')")[0][0]
            want = table in written or (table, verb) in (
                ("policy_version", "UPDATE"), ("policy_change", "INSERT"))
            assert (got == "t") == want, (table, verb)
    for table in ("audit_decision", "audit_end", "policy_change"):
        for verb in ("UPDATE", "DELETE", "TRUNCATE"):
            assert admin.sql(
                "SELECT has_table_privilege('datagateway_admin', "
                f"'datagateway.{table}', '{verb}')")[0][0] == "f"
    for (part,) in admin.sql(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent "
            "= 'datagateway.audit_decision'::regclass"):
        for verb in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            assert admin.sql(
                "SELECT has_table_privilege('datagateway_admin', "
                f"'{part}', '{verb}')")[0][0] == "f", (part, verb)
    assert admin.sql("SELECT has_schema_privilege('datagateway_admin', "
                     "'datagateway', 'CREATE')")[0][0] == "f"


# -- the other sections ------------------------------------------------------------------


def test_tags_catalogs_admins(api):
    tag = {"name": "pii", "objects": ["hive.crm", "hive.sales.orders.email"]}
    assert api.post("/tags", tag).json == tag
    rule = {"effect": "deny", "to": ["public"], "privileges": ["select"],
            "tags": ["pii"]}
    made = api.put("/rules/no%20pii", rule)
    assert made.status == 201 and made.json["tags"] == ["pii"], made
    assert [r["name"] for r in api.pages("/rules", tag="pii")[0]] == ["no pii"]
    assert api.delete("/tags/pii").status == 409
    watched = api.put("/catalogs/hive", {"mode": "observe"})
    assert watched.json == {"name": "hive", "mode": "observe"}
    api.put("/users/ste", {})
    steward = api.put("/admins/sales", {
        "role": "steward", "to": ["ste"], "catalogs": ["hive"]})
    assert steward.status == 201
    assert steward.json["catalogs"] == ["hive"]
    mapped = api.put("/clusters/mapped", {
        "engine": "presto", "url": "http://p:1", "catalogs": ["pg=other"]})
    assert mapped.status == 201 and mapped.json["catalogs"] == ["pg=other"]
    exported = api.get("/export").json
    assert exported["tags"] == [tag]
    again = api.post("/apply", exported)
    assert again.json["changes"] == 0, again


def test_stewards_stay_within_their_scope(admin, api):
    for user in ("sue", "guest"):
        api.put(f"/users/{user}", {})
    api.put("/tags/hers", {})
    api.put("/tags/theirs", {})
    made = api.put("/admins/crm", {"role": "steward", "to": ["sue"],
                                   "catalogs": ["crm"], "tags": ["hers"]})
    assert made.status == 201, made
    # What else its subject may is no matter to a steward's token.
    api.put("/admins/all", {"role": "admin", "to": ["sue"]})
    steward = admin.api(
        new_token(api, "steward", subject="sue")["text"])
    rule = {"effect": "allow", "to": ["guest"], "privileges": ["select"]}
    within = steward.put("/rules/within", {**rule, "table": "crm.a.b"})
    assert within.status == 201, within
    assert steward.patch("/rules/within",
                         {"columns": ["c"]}).status == 200
    api.put("/rules/theirs", {**rule, "table": "erp.a.b"})
    for method, path, body in (
        ("PUT", "/rules/beyond", {**rule, "table": "erp.a.b"}),
        ("PUT", "/rules/beyond", {**rule, "table": "*.a.b"}),
        ("PUT", "/rules/beyond", {**rule, "table": "crm*.a.b"}),
        ("PUT", "/rules/beyond", {**rule, "tags": ["theirs"]}),
        ("PUT", "/rules/theirs", {**rule, "table": "crm.a.b"}),
        ("PATCH", "/rules/within", {"table": "erp.a.b"}),
        ("DELETE", "/rules/theirs", None),
        ("PUT", "/users/mine", {}),
        ("PUT", "/roles/mine", {"members": ["sue"]}),
        ("PUT", "/tags/hers", {"objects": ["erp"]}),
        ("DELETE", "/tags/theirs", None),
        ("PUT", "/admins/crm", {"role": "admin", "to": ["sue"]}),
        ("PUT", "/group_mappings/g", {"roles": ["r"]}),
        ("POST", "/apply", {"rules": []}),
        ("POST", "/tokens", {"name": "x", "subject": "x", "role": "admin"}),
    ):
        for more in ({}, {"dry_run": "true"}):
            if path in ("/tokens",) and more:
                continue
            refused = steward.call(method, path, body, **more)
            assert refused.status == 403, (method, path, body, refused)
    tagged = steward.put("/tags/hers", {"objects": ["crm.a"]})
    assert tagged.status == 200, tagged
    assert steward.delete("/rules/within").status == 204
    api.patch("/users/sue", {"disabled": True})
    assert steward.get("/rules").status == 403


def test_group_mappings(api):
    made = api.put("/group_mappings/Analysts%20EU", {"roles": ["readers"]})
    assert made.status == 201, made
    rows, _ = api.pages("/group_mappings", role="readers")
    assert rows == [{"name": "Analysts EU", "roles": ["readers"]}]
    assert api.delete("/group_mappings/Analysts%20EU").status == 204
