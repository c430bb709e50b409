# SPDX-License-Identifier: Apache-2.0
"""Bearer tokens of a real OpenID Connect provider, as the engines' command
lines and drivers send them; its keys, its clock and its absence."""

import base64
import hashlib
import hmac
import json
import subprocess
import time

import pytest

import gateway
from admin_site import Admin
from client import Client
from oidc_provider import RESOURCE, Provider, parts_of
from real_clients import run_cli, run_jdbc

REGIONS = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"]
REGION_SQL = "SELECT name FROM tpch.tiny.region ORDER BY 1"

#: users of the policy; what the provider says of them.
CLIENTS = {
    "analyst": {},
    # Without rights of its own: groups are all it has.
    "outsider": {"realm_access": {"roles": ["EU analysts", "unmapped"]}},
    "guest": {"realm_access": {"roles": ["eu analysts"]}},
    "stranger": {"realm_access": {"roles": ["EU analysts"]}},
}


@pytest.fixture(scope="module")
def provider(tls, tmp_path_factory):
    made = Provider(tmp_path_factory.mktemp("provider"), tls, CLIENTS)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def here(make_site, provider, tls):
    """A site that believes the provider."""
    site = make_site("tokens", tls=tls, options=provider.options())
    site.apply(site.policy.change().group("EU analysts", "analysts", "gone"))
    site.gateway.wait_for_event("auth.keys")
    return site


def bearer(site, token, user=None, **more):
    client = Client(site.gateway.url, ca=site.tls.ca, **more)
    client.headers["Authorization"] = "Bearer " + token
    if user is not None:
        client.headers[client.prefix + "User"] = user
    if more.get("family") == "presto":
        client.session["datagateway.cluster"] = "violet"
    return client


def refused(site, token):
    """The text, one line, of a refusal."""
    reply = bearer(site, token).post("SELECT 1")
    assert reply.status == 401, reply.text()
    return reply.text().strip()


def accepted(site, token):
    """Without work for an engine."""
    return bearer(site, token).request("GET", "/v1/info").status == 200


def encode(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# ---- those who come with a token ---------------------------------------------

@pytest.mark.parametrize("family", ["trino", "presto"])
def test_command_lines(here, provider, family):
    switch = {"presto": ["--session", "datagateway.cluster=violet"]}
    result = run_cli(
        family, here.gateway.url, "analyst", REGION_SQL,
        arguments=("--access-token", provider.token("analyst"),
                   "--truststore-path", str(here.tls.ca),
                   *switch.get(family, [])),
    )
    assert result.status == 0, result.err
    assert [row[0] for row in result.rows] == REGIONS


@pytest.mark.parametrize("driver, family", [
    ("trino-jdbc-476", "trino"), ("presto-jdbc-0.296", "presto"),
])
def test_drivers(here, provider, driver, family):
    properties = {
        "user": "analyst", "SSL": "true", "SSLTrustStorePath": here.tls.ca,
        "accessToken": provider.token("analyst"),
    }
    if family == "presto":
        properties["sessionProperties"] = "datagateway.cluster:violet"
    url = here.gateway.url.replace("https://", f"jdbc:{family}://")
    results = run_jdbc(driver, url, [REGION_SQL], **properties)
    assert results[0].error is None, results[0].error
    assert [row[0] for row in results[0].rows] == REGIONS


def test_user_header_is_not_needed(here, provider):
    client = bearer(here, provider.token("analyst"))
    client.headers["X-Trino-Source"] = "x"
    assert client.rows("SELECT current_user") == [["analyst"]]


def test_groups_are_roles_of_the_session(here, provider):
    mine = bearer(here, provider.token("outsider"), "outsider")
    assert [row[0] for row in mine.rows(REGION_SQL)] == REGIONS
    # Denies of the role bite as well.
    reply = mine.run("SELECT acctbal FROM tpch.tiny.customer")
    assert "personal data" in reply.message, reply.message
    # The same user by password has no such role, in the same worker's cache.
    plain = here.client("outsider").run(REGION_SQL)
    assert "Access Denied" in plain.message
    # The group is another one when it is spelled otherwise.
    other = bearer(here, provider.token("guest"), "guest").run(REGION_SQL)
    assert "Access Denied" in other.message


def test_a_deny_by_a_group(make_site, provider, tls):
    """It holds for those who come with the token; ways to have it hold."""
    site = make_site("denied", tls=tls, options=provider.options())
    count = "SELECT count(*) FROM tpch.tiny.region"
    reads = site.policy.change().allow(
        "outsider uses blue", ["outsider"], ["use"], cluster="blue").allow(
        "outsider reads", ["outsider"], ["select"], table="tpch.tiny.*").role(
        "contractors").group("EU analysts", "contractors").allow(
        "engineer speaks", ["engineer"], ["impersonate"], user="outsider")
    no_regions = {"privileges": ["select"], "table": "tpch.tiny.region"}
    reads.deny("no regions", ["role:contractors"], **no_regions)

    def is_denied(client):
        return "Access Denied" in (client.run(count).message or "")

    site.apply(reads)
    token = bearer(site, provider.token("outsider"), "outsider")
    spoken_for = site.client("engineer")
    spoken_for.headers["X-Trino-User"] = "outsider"
    assert is_denied(token)
    assert not is_denied(site.client("outsider"))
    assert not is_denied(spoken_for)
    # Whoever is not known to be in a role that may.
    site.apply(reads.change().deny(
        "no regions", ["public"], **{"except": ["role:contractors"]},
        **no_regions))
    assert not is_denied(token)
    assert is_denied(site.client("outsider")) and is_denied(spoken_for)
    # A stored member is denied in any case.
    site.apply(reads.change().role("contractors", "outsider"))
    assert is_denied(token) and is_denied(site.client("outsider"))
    assert is_denied(spoken_for)
    # Who has to bring a token brings its groups.
    site.apply(reads.change().user("outsider", auth_methods=["token"]))
    assert site.client("outsider").post(count).status == 401


def test_mapping_is_taken_back_at_once(make_site, provider, tls):
    site = make_site("mapping", tls=tls, options=provider.options())
    without = site.policy.change().allow(
        "outsider uses blue", ["outsider"], ["use"], cluster="blue")
    with_group = without.change().group("EU analysts", "analysts")
    site.apply(with_group)
    client = bearer(site, provider.token("outsider"), "outsider")
    assert [row[0] for row in client.rows(REGION_SQL)] == REGIONS
    reply = client.post(REGION_SQL)
    site.apply(without)
    # Decided with the role, but not started.
    _, page = client.get(reply.json()["nextUri"])
    assert page["error"]["message"].startswith("The rights of user")
    assert "Access Denied" in client.run(REGION_SQL).message


def test_nobody_brings_roles_for_somebody_else(make_site, provider, tls):
    site = make_site("speaks", tls=tls, options=provider.options())
    site.apply(
        site.policy.change().group("EU analysts", "analysts", "speakers")
        .role("speakers")
        .allow("speakers speak for guest", ["role:speakers"],
               ["impersonate"], user="guest")
    )
    token = provider.token("outsider")
    # The role lets it speak for guest ...
    client = bearer(site, token, "guest")
    assert client.rows("SELECT current_user") == [["guest"]]
    # ... and guest has guest's rights only.
    assert "Access Denied" in client.run(REGION_SQL).message


def test_unknown_users_are_refused(here, provider):
    assert refused(here, provider.token("stranger")) == (
        "Access Denied: Invalid credentials"
    )


# ---- tokens that must not hold ------------------------------------------------

def test_wrong_audience(here, provider):
    text = refused(here, provider.token("analyst", "https://other.example"))
    assert text == "Access Denied: The token is for another service"


def test_forged(here, provider):
    token = provider.token("analyst")
    header, payload = parts_of(token)
    key = json.loads((provider.folder / "RSA-1.json").read_text())
    public = {k: key[k] for k in ("kty", "n", "e", "kid")}
    head, body, signature = token.split(".")
    more = encode({**payload, "sub": "engineer"})

    def by_hmac(alg, secret):
        text = encode({"alg": alg, "kid": header["kid"]}) + "." + more
        mac = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        return text + "." + encode(mac)

    for forged in (
        f"{head}.{more}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}",
        encode({"alg": "none"}) + f".{more}.",
        encode({"alg": "none", "kid": header["kid"]}) + f".{more}.{signature}",
        by_hmac("HS256", json.dumps(public).encode()),
        by_hmac("HS256", base64.urlsafe_b64decode(key["n"] + "==")),
        by_hmac("RS256", b""),
        encode({**header, "jwk": public, "kid": "x"}) + f".{more}.{signature}",
    ):
        assert refused(here, forged) == "Access Denied: Invalid credentials"
    # What was altered is the token, not the test.
    assert accepted(here, token)


def test_expired(make_site, tls, tmp_path_factory):
    short = Provider(tmp_path_factory.mktemp("short"), tls, CLIENTS,
                     lifetime=1).start()
    try:
        site = make_site("expired", tls=tls,
                         options=short.options(**{"auth.jwt.leeway": 0}))
        token = short.token("analyst")
        expires = parts_of(token)[1]["exp"]
        gateway.wait_until(lambda: time.time() >= expires, "the token's end")
        assert refused(site, token) == "Access Denied: The token has expired"
    finally:
        short.stop()


def test_tokens_need_tls(here, provider):
    """Such a configuration is not started at all."""
    careless = here.new_gateway(**{"tls.certificate": "", "tls.key": "",
                                   "auth.password.require_tls": False})
    careless.write_config()
    done = careless.command("check-config", careless.config_path)
    assert done.returncode == 1
    assert "auth.jwt.require_tls" in done.stdout + done.stderr


def test_no_token_in_the_log(here, provider):
    token = provider.token("analyst")
    assert accepted(here, token)
    refused(here, token[:-8] + "AAAAAAAA")
    here.gateway.wait_for_event("auth.token_refused")
    text = here.gateway.log_path.read_text(encoding="utf-8")
    for part in token.split("."):
        assert part not in text


# ---- the provider's keys and absence -------------------------------------------

@pytest.fixture
def moody(tls, tmp_path_factory):
    """A provider of the test's own."""
    made = Provider(tmp_path_factory.mktemp("moody"), tls, CLIENTS).start()
    yield made
    made.stop()


def test_keys_are_rotated(make_site, moody, tls):
    site = make_site("rotation", tls=tls, options=moody.options())
    site.gateway.wait_for_event("auth.keys")
    old = moody.token("analyst")
    assert accepted(site, old)
    # Another key of another kind signs, of which the gateway has not heard:
    # the token waits for it.
    moody.restart(keys=["EC-2", "RSA-1"])
    new = moody.token("analyst")
    assert parts_of(new)[0]["kid"] == "EC-2"
    assert accepted(site, new)
    assert accepted(site, old)
    # The old one is gone, as is all that was remembered by it.
    moody.restart(keys=["OKP-3", "EC-2"])
    newest = moody.token("analyst")
    assert parts_of(newest)[0]["alg"] == "EdDSA"
    assert accepted(site, newest)
    site.gateway.wait_for_metric("datagateway_auth_keys", 2)
    assert refused(site, old) == "Access Denied: Invalid credentials"
    assert accepted(site, new)


def test_unknown_keys_do_not_flood_the_provider(make_site, moody, tls):
    site = make_site("flood", tls=tls, options=moody.options(
        **{"auth.jwt.keys.retry": "30s"}))
    site.gateway.wait_for_event("auth.keys")
    fetches = site.gateway.metric("datagateway_auth_keys_fetch_total",
                                  result="ok")
    _, payload = parts_of(moody.token("analyst"))
    for number in range(20):
        refused(site, ".".join((
            encode({"alg": "RS256", "kid": f"unknown-{number}"}),
            encode(payload), encode(b"x" * 256),
        )))
    assert site.gateway.metric("datagateway_auth_keys_fetch_total",
                               result="ok") <= fetches + 1


def test_provider_is_down(make_site, moody, tls):
    site = make_site("down", tls=tls, options=moody.options(**{
        "auth.jwt.keys.refresh": "1s", "auth.jwt.keys.stale": "4s",
        "auth.cache_ttl": 0,
    }))
    site.gateway.wait_for_event("auth.keys")
    token = moody.token("analyst")
    moody.stop()
    site.gateway.wait_for_event("auth.keys_failed")
    # Its keys are believed for a while, and passwords are none of its
    # business.
    assert accepted(site, token)
    gateway.wait_until(
        lambda: bearer(site, token).post("SELECT 1").status == 503,
        "keys too old to be believed",
    )
    assert site.client("analyst").request("GET", "/v1/info").status == 200
    moody.start()
    gateway.wait_until(
        lambda: accepted(site, token),
        "the provider's keys again",
    )


def test_gateway_starts_without_the_provider(make_site, moody, tls):
    moody.stop()
    site = make_site("alone", tls=tls, options=moody.options())
    reply = bearer(site, ".".join((encode({"alg": "RS256", "kid": "RSA-1"}),
                                   encode({}), "AAAA"))).post("SELECT 1")
    assert reply.status == 503, reply.text()
    assert site.client("analyst").request("GET", "/v1/info").status == 200
    moody.start()
    token = moody.token("analyst")
    gateway.wait_until(
        lambda: accepted(site, token),
        "the provider's keys",
    )


def test_keys_from_a_file(make_site, moody, tls, tmp_path):
    """The certificate, or the key itself, and no URL at all."""
    options = moody.options()
    for name in ("auth.jwt.keys.url", "auth.jwt.keys.ca_file"):
        del options[name]
    key = json.loads((moody.folder / "RSA-1.json").read_text())
    pem = subprocess.run(
        ["node", "-e", "process.stdout.write(require('crypto')"
         ".createPublicKey({key: JSON.parse(process.argv[1]), format: 'jwk'})"
         ".export({type: 'spki', format: 'pem'}))", json.dumps(key)],
        capture_output=True, text=True, check=True,
    ).stdout
    (tmp_path / "issuer.pem").write_text(pem)
    options["auth.jwt.keys.files"] = [f"RSA-1 {tmp_path / 'issuer.pem'}"]
    options["auth.jwt.audiences"] = ["another", RESOURCE]
    site = make_site("file", tls=tls, options=options)
    token = moody.token("analyst")
    moody.stop()
    assert accepted(site, token)


# ---- those who administer ----------------------------------------------------

ADMINS = "https://gateway.example.com/admin"


@pytest.fixture(scope="module")
def admin(datagateway, postgres, provider, tls, tmp_path_factory):
    """A gateway whose admin API believes the provider, and its policy."""
    made = Admin(datagateway, postgres, tmp_path_factory.mktemp("admins"),
                 tls=tls, **provider.options(**{
                     "auth.jwt.admin_audiences": [ADMINS],
                     "auth.jwt.require_tls": False,
                 }))
    api = made.api()
    for user in ("analyst", "outsider", "guest"):
        assert api.put(f"/users/{user}", {}).status == 201
    assert api.put("/roles/crm-owners", {}).status == 201
    assert api.put("/group_mappings/EU%20analysts",
                   {"roles": ["crm-owners"]}).status == 201
    assert api.put("/admins/root", {"role": "admin",
                                    "to": ["analyst"]}).status == 201
    last = api.put("/admins/crm", {"role": "steward", "catalogs": ["crm"],
                                   "to": ["role:crm-owners"]})
    assert last.status == 201, last
    made.gateway.wait_for_event("auth.keys")
    made.gateway.wait_for_event("policy.loaded",
                                version=int(last.headers["Policy-Version"]))
    yield made
    made.gateway.stop()


RULE = {"effect": "allow", "to": ["guest"], "privileges": ["select"]}


def test_administrator_signs_in(admin, provider):
    api = admin.api(provider.token("analyst", ADMINS))
    who = api.get("/self")
    assert who.status == 200, who
    assert (who.json["subject"], who.json["role"]) == ("analyst", "admin")
    made = api.put("/rules/all", {**RULE, "table": "erp.a.b"})
    assert made.status == 201, made
    log, _ = admin.api().pages("/changes", name="all")
    assert [row["actor"] for row in log] == ["analyst"]
    kept = api.put("/rules/all", {**RULE, "table": "erp.a.c"},
                   headers={"Idempotency-Key": "k"})
    assert kept.status == 400 and "Idempotency-Key" in kept.text


def test_steward_by_a_group(admin, provider):
    """The group's role is the session's alone, and its scope holds."""
    api = admin.api(provider.token("outsider", ADMINS))
    assert api.get("/self").json["role"] == "steward"
    within = api.put("/rules/within", {**RULE, "table": "crm.a.b"})
    assert within.status == 201, within
    beyond = api.put("/rules/beyond", {**RULE, "table": "erp.a.b"})
    assert beyond.status == 403, beyond
    assert api.post("/tokens", {"name": "x", "subject": "x",
                                "role": "admin"}).status == 403


def test_who_may_not_administer(admin, provider):
    # A user of the policy, whom no row makes anything.
    refused = admin.api(provider.token("guest", ADMINS)).get("/self")
    assert refused.status == 403 and "guest is no admin" in refused.text
    # A token for statements, a user that is not there, and no token at all.
    for token in (provider.token("analyst"),
                  provider.token("stranger", ADMINS), "eyJ.e30.x"):
        refused = admin.api(token).get("/self")
        assert refused.status == 401, refused
        assert refused.headers["WWW-Authenticate"] == "Bearer"
    # Disabled now: the token holds, the user does not.
    token = provider.token("guest", ADMINS)
    admin.api().patch("/users/guest", {"disabled": True})
    assert admin.api(token).get("/rules").status in (401, 403)
