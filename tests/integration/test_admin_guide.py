# SPDX-License-Identifier: Apache-2.0
"""docs/admin-guide.md: its commands, run as they are printed there, show what
is printed there."""

import os
import re
import shlex
import subprocess

import pytest

import artefacts
import lab
import policy as policies
import real_clients

GUIDE = lab.ROOT / "docs" / "admin-guide.md"
STEPS = re.compile(r"^## (\d)\. .*?^```sh\n(.*?)^```\n+```text\n(.*?)^```",
                   re.S | re.M)
PASSWORD = "bob's own"


def steps():
    """Each step's command and what it shows."""
    found = STEPS.findall(GUIDE.read_text(encoding="utf-8"))
    return [(command, shown) for _, command, shown in found]


def masked(text):
    """Without what is another one each time."""
    for pattern, word in ((r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
                          (r"\b[0-9a-f]{20}\b", "ID"),
                          (r"\b\d{8}_\d{6}_\d{5}_\w{5}\b", "QUERY"),
                          (r"version \d+ *", "VERSION "),
                          (r" +$", "")):
        text = re.sub(pattern, word, text, flags=re.M)
    return text


@pytest.fixture(scope="module")
def shell(make_site, clusters, tls, tmp_path_factory):
    """run(command): what a shell with the guide's environment says to it."""
    folder = tmp_path_factory.mktemp("guide")
    base = policies.base(clusters)
    base.rules.clear()
    secret = folder / "bob.password"
    secret.write_text(PASSWORD, encoding="utf-8")
    secret.chmod(0o600)
    base.user("bob", password_file=str(secret))
    base.allow("bob uses blue", ["bob"], ["use"], cluster="blue")
    site = make_site("guide", base=base, tls=tls)
    gateway = site.add_gateway(**{"admin.api.conninfo": site.conninfo})
    token = gateway.command("admin", "bootstrap", "-d", site.conninfo,
                            "--subject", "alice").stdout.strip()
    tools = folder / "bin"
    tools.mkdir()
    artefacts.fetch("trino-cli-476")
    for name, command in (
        ("trino", [real_clients.java(), *real_clients.JVM,
                   "-Dorg.jline.terminal.dumb=true", "-jar",
                   artefacts.jar_of("trino-cli-476"),
                   "--truststore-path", tls.ca]),
        ("datagateway", [gateway.program]),
    ):
        tool = tools / name
        words = " ".join(shlex.quote(str(word)) for word in command)
        tool.write_text(f"#!/bin/sh\nexec {words} \"$@\"\n")
        tool.chmod(0o755)
    env = dict(
        os.environ, PATH=f"{tools}:{os.environ['PATH']}",
        GATEWAY=gateway.url, TRINO_PASSWORD=PASSWORD,
        DATAGATEWAY_ADMIN_URL=f"http://127.0.0.1:{gateway.admin_port}",
        DATAGATEWAY_ADMIN_TOKEN=token,
    )

    def run(command):
        done = subprocess.run(
            ["sh", "-c", command], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
            check=False, env=env, cwd=folder, timeout=120,
        )
        return done.returncode, done.stdout

    return run


def test_four_commands(shell):
    """In order, each with the status and the words that the guide promises."""
    walk = steps()
    assert len(walk) == 4
    assert walk[0][0] == walk[2][0] != walk[1][0]
    for (command, shown), status in zip(walk, (1, 0, 0, 0)):
        got, said = shell(command)
        assert masked(said) == masked(shown), command
        assert got == status, (command, said)
