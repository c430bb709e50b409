# SPDX-License-Identifier: Apache-2.0
"""`datagateway admin` as people and scripts use it."""

import json
import pty
import os
import subprocess

import pytest

from admin_site import Admin


class Tool:
    """The subcommands, with the first token in a file."""

    def __init__(self, admin, folder):
        self.gateway = admin.gateway
        self.token_file = folder / "token"
        self.token_file.write_text(admin.token + "\n")
        self.url = f"http://127.0.0.1:{admin.gateway.admin_port}"

    def options(self):
        return ["--server", self.url, "--token-file", str(self.token_file)]

    def run(self, *arguments):
        return self.gateway.command("admin", *arguments, *self.options(),
                                    stdin=subprocess.DEVNULL)

    def good(self, *arguments):
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def json(self, *arguments):
        return json.loads(self.good(*arguments, "--json"))

    def asked(self, answer, *arguments):
        """On a terminal: what was shown, and the status."""
        main, other = pty.openpty()
        process = subprocess.Popen(
            [str(self.gateway.program), "admin", *arguments, *self.options()],
            stdin=other, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        os.write(main, answer.encode() + b"\n")
        shown, _ = process.communicate(timeout=60)
        os.close(main)
        os.close(other)
        return process.returncode, shown.decode()


@pytest.fixture(scope="module")
def tool(datagateway, postgres, tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli")
    admin = Admin(datagateway, postgres, folder)
    yield Tool(admin, folder)
    admin.gateway.stop()


def test_items(tool, tmp_path):
    tool.good("create", "users", "ann", "default_catalog=hive")
    tool.good("create", "users", "bob b/c", "disabled=true")
    table = tool.good("list", "users").splitlines()
    assert table[0].split() == ["name", "disabled", "default_catalog"]
    assert table[1].split() == ["ann", "no", "hive"]
    assert tool.json("show", "users", "bob b/c") == {
        "name": "bob b/c", "disabled": True}
    secret = tmp_path / "secret"
    secret.write_text("hunter2\n")
    tool.good("set", "users", "ann", f"password@{secret}", "--yes")
    tool.good("set", "users", "ann", "default_catalog=", "--yes")
    assert tool.json("show", "users", "ann") == {
        "name": "ann", "disabled": False}
    tool.good("create", "roles", "readers", "members=ann")
    tool.good("add-member", "readers", "user:bob b/c")
    assert tool.json("show", "roles", "readers")["members"] == [
        "user:ann", "user:bob b/c"]
    tool.good("create", "rules", "r1", "effect=allow", "to=role:readers",
              "privileges=select,show", "table=hive.sales.*", "columns=a,b")
    rows = tool.json("list", "rules", "to=role:readers")["items"]
    assert [r["columns"] for r in rows] == [["a", "b"]]
    changes = tool.good("list", "changes", "object=rules", "limit=1")
    assert "r1" in changes and "admin (token 1)" in changes


def test_asks_before_taking_rights_away(tool):
    tool.good("create", "users", "asked")
    nobody = tool.run("delete", "users", "asked")
    assert nobody.returncode == 1 and "--yes" in nobody.stderr
    assert '- user "asked"' in nobody.stdout
    status, shown = tool.asked("n", "delete", "users", "asked")
    assert status == 1 and "rights away" in shown
    tool.good("show", "users", "asked")
    deny = tool.run("create", "rules", "no", "effect=deny", "to=public",
                    "privileges=select", "table=a.b.c")
    assert deny.returncode == 1
    status, shown = tool.asked("y", "delete", "users", "asked")
    assert status == 0, shown
    assert tool.run("show", "users", "asked").returncode == 1


def test_dry_run(tool):
    shown = tool.good("create", "users", "maybe", "--dry-run")
    assert shown.splitlines()[0] == '+ user "maybe"'
    assert tool.json("create", "users", "maybe", "--dry-run")["dry_run"]
    assert tool.run("show", "users", "maybe").returncode == 1


def test_export_is_what_apply_takes(tool, tmp_path):
    tool.good("create", "roles", 'odd "name": [x]', "description=#: - {}")
    for options in ((), ("--json",)):
        path = tmp_path / "policy.yaml"
        path.write_text(tool.good("export", *options))
        done = tool.gateway.command(
            "admin", "apply", "-d", tool.gateway.conninfo, "-f", path,
            "--dry-run")
        assert done.returncode == 0, done.stderr
        assert "nothing to change" in done.stdout
        # By the API, which is what export asks; without anybody to ask.
        assert "nothing to change" in tool.good("apply", "-f", path)


def test_apply_by_the_api(tool, tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text("tags:\n  - name: shiny\n")
    before = tool.good("export")
    done = tool.run("apply", "-f", path)
    assert done.returncode == 1 and "nobody to ask" in done.stderr
    assert '+ tag "shiny"' in done.stdout
    assert '+ tag "shiny"' in tool.good("apply", "-f", path, "--dry-run")
    assert tool.good("export") == before
    told = tool.json("apply", "-f", path, "--dry-run")
    assert told["dry_run"] and told["effects"]["notes"] == []
    status, shown = tool.asked("y", "apply", "-f", str(path), "--wait")
    assert status == 0 and "applied, version" in shown, shown
    assert tool.run("show", "tags", "shiny").returncode == 0
    path.write_text("users: [{name: x, pass: y}]\nrulez: []\n")
    done = tool.run("apply", "-f", path, "--yes")
    assert done.returncode == 1
    assert "  line 1: " in done.stderr and "  line 2: " in done.stderr
    path.write_text(before)
    tool.good("apply", "-f", path, "--yes")
    assert tool.good("export") == before
    done = tool.gateway.command("admin", "apply", "-s", tool.url, "-d", "x",
                                "-f", path)
    assert done.returncode == 2


def test_tokens(tool, tmp_path):
    text = tool.good("create-token", "ci", "subject=robot", "role=auditor",
                     "days=2", "rules:read").strip()
    rows = tool.json("list", "tokens", "subject=robot")["items"]
    assert rows[0]["scopes"] == ["rules:read"]
    path = tmp_path / "other"
    path.write_text(text)
    other = Tool.__new__(Tool)
    other.gateway, other.url, other.token_file = tool.gateway, tool.url, path
    other.good("list", "rules")
    assert other.run("list", "users").returncode == 1
    tool.good("revoke-token", rows[0]["id"])
    assert other.run("list", "rules").returncode == 1


@pytest.mark.parametrize("arguments, status", [
    (("list",), 2), (("list", "nothing"), 2), (("list", "users", "x"), 2),
    (("show", "users"), 2), (("show", "audit", "x"), 2),
    (("create", "users", "x", "novalue"), 2), (("list", "--wrong"), 2),
    (("list", "users", "naem=x"), 1), (("set", "users", "no", "a=b"), 1),
    (("create", "users", "x", "disabled=perhaps"), 1),
])
def test_mistakes(tool, arguments, status):
    done = tool.run(*arguments)
    assert done.returncode == status and done.stderr and not done.stdout


def test_places_of_mistakes(tool):
    done = tool.run("create", "rules", "x", "effect=allow", "to=public",
                    "privileges=selekt", "table=a.b.c")
    assert "/privileges: unknown privilege" in done.stderr


def test_no_token_no_server(tool):
    done = tool.gateway.command("admin", "list", "users")
    assert done.returncode == 1 and "a token is needed" in done.stderr
    done = tool.gateway.command(
        "admin", "list", "users", "--token-file", tool.token_file,
        "--server", "http://127.0.0.1:1")
    assert done.returncode == 1 and "127.0.0.1:1" in done.stderr
    done = tool.gateway.command(
        "admin", "list", "users", "--token-file", tool.token_file,
        "--server", "http://gateway.example.com:9180")
    assert done.returncode != 0 and "in the clear" in done.stderr


def test_nothing_to_take_away(tool):
    tool.good("create", "roles", "hollow", "members=", "description=x")
    assert tool.json("show", "roles", "hollow") == {
        "name": "hollow", "description": "x"}


def test_booleans_are_as_they_are_shown(tool):
    tool.good("create", "users", "flag", "disabled=yes")
    assert tool.json("show", "users", "flag")["disabled"] is True
    tool.good("set", "users", "flag", "disabled=no", "--yes")
    assert tool.json("show", "users", "flag")["disabled"] is False
    done = tool.run("set", "users", "flag", "disabled=maybe", "--yes")
    assert done.returncode == 1 and "/disabled" in done.stderr


def test_help(tool):
    for words, status in (((), 2), (("--help",), 0), (("lists",), 2),
                          (("audit", "--help"), 0)):
        done = tool.gateway.command("admin", *words)
        assert done.returncode == status
    done = tool.gateway.command("admin", "--help")
    assert "  admin who-can " in done.stdout and "serve" not in done.stdout
    for command in ("list", "show", "create", "set", "delete", "export",
                    "add-member", "remove-member", "create-token",
                    "revoke-token", "bootstrap"):
        done = tool.gateway.command("admin", command, "--help")
        assert done.returncode == 0 and "Usage:" in done.stdout


def test_tls(datagateway, postgres, tmp_path_factory, tls):
    admin = Admin(datagateway, postgres, tmp_path_factory.mktemp("tls"), tls)
    try:
        tool = Tool(admin, tmp_path_factory.mktemp("cli"))
        tool.url = tool.url.replace("http:", "https:")
        assert tool.run("list", "users").returncode == 1  # not trusted
        tool.good("list", "users", "--ca", tls.ca)
    finally:
        admin.gateway.stop()


def complete(script, words):
    """What bash would offer behind the words."""
    line = " ".join(f"'{w}'" for w in words)
    return subprocess.run(
        ["bash", "-c", f"{script}\nCOMP_WORDS=({line})\n"
         f"COMP_CWORD={len(words) - 1}\n_datagateway\n"
         'echo "${COMPREPLY[@]}"'],
        capture_output=True, text=True, check=True,
    ).stdout.split()


def test_completion(tool):
    script = tool.gateway.command("completion", "bash").stdout
    assert "admin" in complete(script, ["datagateway", "a"])
    assert complete(script, ["datagateway", "admin", "ex"]) == ["export"]
    assert complete(script, ["datagateway", "admin", "list", "au"]) == [
        "audit"]
    assert complete(script, ["datagateway", "admin", "show", "au"]) == []
    assert "principal=" in complete(
        script, ["datagateway", "admin", "list", "audit", "p"])
    assert complete(script, ["datagateway", "admin", "au"]) == ["audit"]
    assert complete(script, ["datagateway", "admin", "audit", "ob"]) == [
        "object="]
    assert tool.gateway.command("completion", "zsh").returncode == 0
    assert tool.gateway.command("completion", "fish").returncode == 2
