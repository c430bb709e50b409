# SPDX-License-Identifier: Apache-2.0
"""`migrate` and `admin apply` as people and scripts use them."""

import json
import re
import subprocess

import pytest

import lab
from sites import new_database


class Tool:
    """The program, with one database."""

    def __init__(self, program, server, folder):
        self.program = program
        self.server = server
        self.folder = folder
        self.database = new_database(server)
        self.conninfo = server.conninfo(self.database)

    def run(self, *arguments, **more):
        return subprocess.run(
            [str(self.program), *arguments], capture_output=True, text=True,
            check=False, timeout=60, stdin=subprocess.DEVNULL, **more,
        )

    def migrate(self):
        return self.run("migrate", "-d", self.conninfo)

    def apply(self, policy, *options):
        path = self.folder / "policy.yaml"
        path.write_text(policy, encoding="utf-8")
        return self.run(
            "admin", "apply", "-d", self.conninfo, "-f", str(path), *options
        )

    def sql(self, text):
        return self.server.sql(text, self.database)


@pytest.fixture
def tool(datagateway, postgres, tmp_path):
    return Tool(datagateway, postgres, tmp_path)


@pytest.fixture
def migrated(tool):
    done = tool.migrate()
    assert done.returncode == 0, done.stderr
    return tool


def documented_policy(folder):
    """The example of docs/policy.md, with a password that is there."""
    text = (lab.ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    policy = re.search(r"```yaml\n(.*?)```", text, re.DOTALL).group(1)
    secret = folder / "ann"
    secret.write_text("ann's password\n", encoding="utf-8")
    assert "/run/secrets/ann" in policy
    return policy.replace("/run/secrets/ann", str(secret))


def test_migrate_twice(tool):
    first = tool.migrate()
    assert first.returncode == 0, first.stderr
    assert re.fullmatch(r"schema version \d+: \d+ steps done\n", first.stdout)
    second = tool.migrate()
    assert second.stdout.endswith(": nothing to do\n")


def test_no_server(datagateway, tmp_path):
    done = subprocess.run(
        [str(datagateway), "migrate", "-d",
         f"host={tmp_path} password=hunter2"],
        capture_output=True, text=True, check=False, timeout=60,
    )
    assert done.returncode == 1
    assert "no connection to Postgres" in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize("arguments", [
    ("migrate",),
    ("migrate", "-d", "x", "-c", "y"),
    ("migrate", "-d", "x", "more"),
    ("migrate", "--wrong"),
    ("admin", "apply", "-d", "x"),
    ("admin", "apply", "-f", "x"),
    ("admin", "apply", "-d", "x", "-f", "x", "--json"),
])
def test_usage_errors(tool, arguments):
    done = tool.run(*arguments)
    assert done.returncode == 2
    assert done.stdout == "" and "--help" in done.stderr


def test_documented_example(migrated):
    policy = documented_policy(migrated.folder)
    first = migrated.apply(policy, "--yes")
    assert first.returncode == 0, first.stderr
    assert "argon2id" not in first.stdout
    assert first.stdout.endswith("version 2 is in force\n")
    again = migrated.apply(policy, "--yes")
    assert again.stdout == "nothing to change, version 2 is in force\n"


def test_errors_have_file_and_line(migrated):
    done = migrated.apply("users:\n- nam: ann\nroles: {}\n", "--yes")
    assert done.returncode == 1 and done.stdout == ""
    path = migrated.folder / "policy.yaml"
    assert done.stderr.splitlines() == [
        f'{path}: line 2: unknown key "nam" in a user',
        f'{path}: line 2: a user needs "name"',
        f"{path}: line 3: roles must be a list",
    ]


def test_nobody_to_ask(migrated):
    done = migrated.apply("users: [{name: ann}]\n")
    assert done.returncode == 1
    assert '+ user "ann"' in done.stdout
    assert "use --yes or --dry-run" in done.stderr
    assert "0" in str(migrated.sql("SELECT count(*) FROM datagateway.users"))


def test_dry_run_and_json(migrated):
    done = migrated.apply("users: [{name: ann}]\n", "--dry-run", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "ok": True, "applied": False, "changes": 1, "version": 1,
        "diff": ['+ user "ann"'], "errors": [],
        "effects": {"items": [], "notes": [], "users": 1, "gains": 0, "losses": 0,
                    "is_cut": False},
    }
    done = migrated.apply("users: [{name: ann}]\n", "--yes", "--json")
    assert json.loads(done.stdout)["applied"] is True
    done = migrated.apply("users: [{nam: ann}]\n", "--yes", "--json")
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert told["ok"] is False and len(told["errors"]) == 2


def test_actor_is_in_the_log(migrated):
    migrated.apply("users: [{name: ann}]\n", "--yes")
    actors = str(migrated.sql(
        "SELECT actor FROM datagateway.policy_change WHERE name = 'ann'"
    ))
    assert "@" in actors
