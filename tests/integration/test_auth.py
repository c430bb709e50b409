# SPDX-License-Identifier: Apache-2.0
"""Who is calling: passwords, TLS, the trusted-header mode."""

import base64
import http.client
import ssl

import pytest

import policy
from client import Client


def test_wrong_and_unknown_alike(site):
    """One text for a wrong password, an unknown user and a disabled one."""
    site.apply(site.policy.change().user("outsider", disabled=True))
    texts = set()
    for user, password in (
        ("analyst", "wrong"), ("nobody", "wrong"), ("nobody", ""),
        ("outsider", policy.PASSWORDS["outsider"]), ("analyst", ""),
        ("ANALYST", policy.PASSWORDS["analyst"]),
    ):
        reply = site.client(user, password=password).post("SELECT 1")
        assert reply.status == 401
        assert reply.one("WWW-Authenticate").startswith("Basic ")
        assert "\n" not in reply.text().strip()
        texts.add(reply.text())
    assert len(texts) == 1


def test_no_credentials(site):
    client = Client(site.gateway.url, "analyst")
    reply = client.post("SELECT 1")
    assert reply.status == 401
    assert reply.one("WWW-Authenticate")
    # The connection goes on: clients send the password on it.
    reply = client.post("x" * (1 << 20))
    assert reply.status == 401


@pytest.mark.parametrize("value", [
    "Basic", "Basic ", "Basic !!!!", "Basic YW5hbHlzdA==", "Bearer x",
    "Basic " + base64.b64encode(b"analyst\x00:x").decode(),
    "Basic " + base64.b64encode(b":").decode(),
    "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
    "Basic " + "A" * 100000, "Negotiate YII=", "basic",
])
def test_malformed_credentials(site, value):
    reply = Client(site.gateway.url).request(
        "POST", "/v1/statement", "SELECT 1", {"Authorization": value}
    )
    assert reply.status in (400, 401)


def test_two_credentials(site):
    client = site.client("analyst")
    word = client.headers["Authorization"]
    reply = client.request("POST", "/v1/statement", "SELECT 1",
                           {"Authorization": [word, word]})
    assert reply.status in (400, 401)


def test_unusual_passwords(site):
    """A colon, a quote and letters outside of ASCII."""
    for user in ("analyst", "guest"):
        assert site.client(user).rows("SELECT 1") == [[1]]


def test_user_header_may_be_absent(site):
    client = site.client("analyst")
    del client.headers["X-Trino-User"]
    client.headers["X-Trino-Source"] = "x"
    assert client.rows("SELECT 1") == [[1]]


def test_engine_sees_the_user_and_no_password(site):
    client = site.client("analyst")
    assert client.rows("SELECT current_user") == [["analyst"]]


def test_password_change_is_in_force_at_once(make_site, monkeypatch):
    site = make_site("password")
    client = site.client("analyst")
    assert client.rows("SELECT 1") == [[1]]
    monkeypatch.setitem(policy.PASSWORDS, "analyst", "another one")
    site.apply()
    assert client.post("SELECT 1").status == 401
    assert site.client("analyst").rows("SELECT 1") == [[1]]


def test_verified_once(site):
    """Later requests are answered by the cache."""
    client = site.client("engineer")
    client.rows("SELECT 1")
    before = site.gateway.metric("datagateway_auth_cache_hits_total")
    client.rows("SELECT 2")
    after = site.gateway.metric("datagateway_auth_cache_hits_total")
    assert after > before


def test_passwords_need_tls_unless_said_otherwise(site):
    """Such a configuration is not started at all."""
    careless = site.new_gateway(**{"auth.password.require_tls": True})
    careless.write_config()
    done = careless.command("check-config", careless.config_path)
    assert done.returncode == 1
    assert "auth.password.require_tls" in done.stdout + done.stderr
    done = careless.command("serve", "-c", careless.config_path)
    assert done.returncode != 0
    assert "auth.password.require_tls" in done.stderr


def test_no_password_in_the_log(make_site):
    site = make_site("secrets")
    site.client("analyst").rows("SELECT 'literal-in-text'")
    site.client("analyst", password="wr0ng-passw0rd").post("SELECT 1")
    text = site.gateway.log_path.read_text(encoding="utf-8")
    word = site.client("analyst").headers["Authorization"].split()[1]
    for secret in (policy.PASSWORDS["analyst"], "wr0ng-passw0rd", word):
        assert secret not in text


# ---- TLS -----------------------------------------------------------------------

def test_tls(tls_site):
    assert tls_site.client("analyst").rows("SELECT 1") == [[1]]
    page = tls_site.client("analyst").start("SELECT 1")[1]
    assert page["nextUri"].startswith("https://127.0.0.1:")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2,
                                     ssl.TLSVersion.TLSv1_3])
def test_tls_versions(tls_site, version):
    assert _handshake(tls_site, version) == {
        ssl.TLSVersion.TLSv1_2: "TLSv1.2", ssl.TLSVersion.TLSv1_3: "TLSv1.3",
    }[version]


def test_old_tls_is_refused(tls_site):
    with pytest.raises(ssl.SSLError):
        _handshake(tls_site, ssl.TLSVersion.TLSv1_1)


def _handshake(site, version):
    context = ssl.create_default_context(cafile=site.tls.ca)
    context.minimum_version = context.maximum_version = version
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    connection = http.client.HTTPSConnection(
        "127.0.0.1", site.gateway.port, timeout=20, context=context
    )
    connection.connect()
    name = connection.sock.version()
    connection.close()
    return name


def test_plain_http_to_the_tls_port(tls_site):
    plain = Client(tls_site.gateway.url.replace("https", "http"), "analyst")
    with pytest.raises((http.client.HTTPException, OSError)):
        plain.request("GET", "/v1/info")


# ---- the mode for closed test networks -----------------------------------------

@pytest.fixture(scope="module")
def trusting_site(make_site):
    return make_site("trusting", options={
        "auth.trusted_header.enabled": True, "auth.password.enabled": False,
    })


def test_trusted_header(trusting_site):
    client = Client(trusting_site.gateway.url, "analyst")
    assert client.rows("SELECT current_user") == [["analyst"]]
    result = client.refused("SELECT acctbal FROM tpch.tiny.customer")
    assert result.error["errorName"] == "PERMISSION_DENIED"


def test_trusted_header_shouts(trusting_site):
    warned = [e for e in trusting_site.gateway.events()
              if e["level"] in ("warn", "error")
              and "trusted" in (e["event"] + e["msg"]).lower()]
    assert warned


def test_trusted_header_knows_only_known_users(trusting_site):
    client = Client(trusting_site.gateway.url, "stranger")
    reply = client.post("SELECT 1")
    if reply.status == 200:
        assert client.get(reply.json()["nextUri"])[1]["error"]
    else:
        assert reply.status == 401


def test_trusted_header_is_off_unless_named(site):
    assert Client(site.gateway.url, "analyst").post("SELECT 1").status == 401
