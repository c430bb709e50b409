# SPDX-License-Identifier: Apache-2.0
"""A real OpenID Connect provider as a process: oidc/provider.mjs."""

import base64
import http.client
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import urllib.parse

import pytest

import gateway

HERE = pathlib.Path(__file__).resolve().parent
DEADLINE_S = 30
RESOURCE = "https://gateway.example.com/sql"


def modules():
    """The folder with the package of oidc/package.json; tests/run makes it."""
    cache = pathlib.Path(
        os.environ.get("DG_CACHE")
        or pathlib.Path(os.environ.get("XDG_CACHE_HOME",
                                       pathlib.Path.home() / ".cache"))
        / "datagateway"
    )
    folder = cache / "npm" / "node_modules"
    if shutil.which("node") is None or not (folder / "oidc-provider").exists():
        pytest.skip("no node or no oidc-provider: tests/run integration "
                    f"installs it below {cache}")
    return folder


class Provider:
    """start, stop, and tokens for its clients."""

    def __init__(self, folder, tls, clients, keys=("RSA-1",), lifetime=300):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tls = tls
        self.port = gateway.free_port()
        self.process = None
        self.setup = {
            "port": self.port, "certificate": str(tls.certificate),
            "key": str(tls.key), "modules": str(modules()),
            "folder": str(self.folder), "keys": list(keys),
            "clients": clients, "lifetime": lifetime,
        }

    @property
    def issuer(self):
        return f"https://127.0.0.1:{self.port}"

    def options(self, **more):
        """Of the gateway that believes it."""
        return {
            "auth.jwt.issuer": self.issuer,
            "auth.jwt.audiences": [RESOURCE],
            "auth.jwt.keys.url": self.issuer + "/jwks",
            "auth.jwt.keys.ca_file": str(self.tls.ca),
            "auth.jwt.keys.refresh": "60s",
            "auth.jwt.keys.retry": "100ms",
            "auth.jwt.keys.timeout": "10s",
            "auth.jwt.groups_claim": "realm_access.roles",
            **more,
        }

    def start(self, **setup):
        self.setup.update(setup)
        path = self.folder / "setup.json"
        path.write_text(json.dumps(self.setup), encoding="utf-8")
        self.process = subprocess.Popen(
            ["node", str(HERE / "oidc" / "provider.mjs"), str(path)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
            stderr=open(self.folder / "provider.log", "ab"),
        )
        for line in self.process.stdout:
            if line == "listening\n":
                return self
        raise AssertionError(
            (self.folder / "provider.log").read_text("utf-8")[-2000:]
        )

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        self.process.wait(DEADLINE_S)
        self.process.stdout.close()
        self.process = None

    def restart(self, **setup):
        self.stop()
        return self.start(**setup)

    def token(self, client, resource=RESOURCE):
        """By client credentials (RFC 6749, 4.4; RFC 8707)."""
        context = ssl.create_default_context(cafile=str(self.tls.ca))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=DEADLINE_S, context=context
        )
        word = ":".join(urllib.parse.quote(text, safe="")
                        for text in (client, f"secret of {client}"))
        connection.request(
            "POST", "/token",
            urllib.parse.urlencode({
                "grant_type": "client_credentials", "resource": resource,
                "scope": "sql",
            }),
            {
                "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": "Basic "
                + base64.b64encode(word.encode()).decode(),
            },
        )
        reply = json.load(connection.getresponse())
        connection.close()
        assert "access_token" in reply, reply
        return reply["access_token"]


def parts_of(token):
    """Header and payload, as JSON."""
    return [
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        for part in token.split(".")[:2]
    ]
