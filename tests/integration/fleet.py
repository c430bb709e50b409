# SPDX-License-Identifier: Apache-2.0
"""Replicas over one database that must come to the same decisions.

No engine is needed: a fake coordinator runs whatever is allowed. The policy is
written by plain SQL, as people with psql would, so a storm of changes is one
stream of transactions; what should be decided is worked out from the tables.
"""

import os
import random
import shutil
import signal
import subprocess
import time

import gateway as gateways
import private_postgres
from client import Client
from gateway import wait_until
from private_postgres import PostgresError
from sites import new_database

USERS = ("ann", "bob", "eve")
TABLES = tuple(f"t{number}" for number in range(6))

FIRST_POLICY = """
INSERT INTO datagateway.clusters (name, engine, tls, host, port, is_default,
    cross_check, metadata_user) VALUES ('fake', 'trino', false, '127.0.0.1',
    {port}, true, 'off', 'datagateway');
INSERT INTO datagateway.users (name) SELECT unnest('{{{users}}}'::text[]);
INSERT INTO datagateway.rules (name, effect, privileges, kind, object_name,
    principals) VALUES ('use', 'allow', '{{use}}', 'cluster', 'fake',
    '{{role:public}}');
"""


def rule_change(dice):
    """One transaction of those that people do to rules, or to users."""
    user, table = dice.choice(USERS), dice.choice(TABLES)
    name = f"{user} {table}"
    kind = dice.randrange(10)
    if kind == 0:  # no change of rules: everything is read anew
        return ("UPDATE datagateway.users SET default_schema = "
                f"'s{dice.randrange(100)}' WHERE name = '{user}';")
    if kind < 4:
        return f"DELETE FROM datagateway.rules WHERE name = '{name}';"
    effect = "deny" if kind == 4 else "allow"
    return (
        "INSERT INTO datagateway.rules AS r (name, effect, privileges, kind, "
        "catalog, schema_name, object_name, principals) VALUES "
        f"('{name}', '{effect}', '{{select}}', 'table', 'c', 's', '{table}', "
        f"'{{user:{user}}}') ON CONFLICT (name) DO UPDATE SET "
        "effect = excluded.effect, enabled = NOT r.enabled;"
    )


class Fleet:
    """Use make_fleet to get one."""

    def __init__(self, program, server, folder, fake, size=3, api=False,
                 **options):
        self.program = program
        self.server = server
        self.folder = folder
        self.database = new_database(server)
        self.conninfo = server.conninfo(self.database)
        self.options = {
            "auth.trusted_header.enabled": True,
            "auth.password.enabled": False,
            "postgres.poll": "200ms", "log.level": "info",
            **({"admin.api.conninfo": self.conninfo} if api else {}),
            **options,
        }
        self.key_ring = gateways.new_key_ring(folder / "keys")
        self.dice = random.Random(20261122)
        self.replicas = []
        done = self.new_replica("replica1").command("migrate", "-d", self.conninfo)
        assert done.returncode == 0, done.stderr
        self.sql(FIRST_POLICY.format(
            port=fake.url.rsplit(":", 1)[1], users=",".join(USERS)))
        for number in range(1, size + 1):
            self.add(self.new_replica(f"replica{number}"))

    def new_replica(self, name, conninfo=None, environment=None, **options):
        """One that is not started yet."""
        return gateways.Gateway(
            self.program, self.folder / name, conninfo or self.conninfo,
            {**self.options, **options}, key_ring=self.key_ring,
            environment=environment,
        )

    def add(self, replica):
        self.replicas.append(replica.start())
        return replica

    def stop(self):
        for replica in self.replicas:
            replica.stop()
        self.replicas.clear()

    def sql(self, text):
        return self.server.sql(text, self.database)

    # -- changes ---------------------------------------------------------------

    def change(self, count=1):
        """That many transactions; False: Postgres went away meanwhile."""
        try:
            self.sql("\n".join(rule_change(self.dice) for _ in range(count)))
        except PostgresError:
            return False
        return True

    def version(self):
        return int(self.sql("SELECT version FROM datagateway.policy_version")[0][0])

    # -- decisions -------------------------------------------------------------

    def expected(self):
        """What the tables say, by the one sentence of the model."""
        rules = {
            (name, effect) for name, effect in self.sql(
                "SELECT name, effect FROM datagateway.rules WHERE enabled")
        }
        return {
            (user, table): (f"{user} {table}", "allow") in rules
            for user in USERS for table in TABLES
        }

    @staticmethod
    def decisions(replica):
        """What a replica says to statements that need one table each."""
        found = {}
        for user in USERS:
            client = Client(replica.url, user)
            for table in TABLES:
                result = client.run(f"SELECT count(*) FROM c.s.{table}")
                assert not result.error or (
                    result.error["errorName"] == "PERMISSION_DENIED"), result
                found[user, table] = not result.error
            client.close()
        return found

    def converge(self, deadline_s=gateways.EVENT_DEADLINE_S):
        """All replicas have the newest version and decide as it says."""
        version, expected = self.version(), self.expected()
        for replica in self.replicas:
            wait_until(
                lambda r=replica: r.metric("datagateway_policy_version")
                == version,
                f"{replica.folder.name} to have version {version}", deadline_s,
            )
        for replica in self.replicas:
            assert self.decisions(replica) == expected, replica.folder.name
            assert replica.metric("datagateway_policy_lag_versions") == 0
            assert replica.metric("datagateway_policy_lag_seconds") == 0
        return version

    def states(self):
        """{name of the replica: its state}, as the database sees them."""
        return dict(self.sql(
            "SELECT name, state FROM datagateway.replica_states"))

    def errors(self):
        return [event for replica in self.replicas
                for event in replica.events() if event["level"] == "error"]

    # -- harm ------------------------------------------------------------------

    def cut_connections(self):
        """Ends every session of the replicas, as an administrator can."""
        self.server.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{self.database}' AND "
            "application_name = 'datagateway'", "postgres")


def kill_server(server):
    """kill -9 of all of Postgres, as the kernel does when memory is short."""
    main = int((server.data / "postmaster.pid").read_text().split()[0])
    children = subprocess.run(
        ["pgrep", "-P", str(main)], capture_output=True, text=True, check=False,
    ).stdout.split()
    for pid in [main, *map(int, children)]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass  # it has ended with the others
    wait_until(lambda: not any(_runs(int(pid)) for pid in [main, *children]),
               "Postgres to be dead")


class Standby:
    """A copy of a server that follows it, until it is promoted."""

    def __init__(self, server, folder):
        self.server = private_postgres.Server(folder)
        self.server.folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(server.folder / "password", self.server.folder)
        self.server.data.mkdir()
        private_postgres.give_to_owner(self.server.data, 0o700)
        server.run(
            "pg_basebackup", "-D", str(self.server.data), "-R",
            "--checkpoint=fast", "--no-sync", "-d", server.conninfo("postgres"))
        port = gateways.free_port()
        with open(self.server.data / "postgresql.conf", "a",
                  encoding="ascii") as out:
            out.write(f"port = {port}\n")
        self.server.start()

    def cut(self):
        """From now on it is behind."""
        self.server.sql("ALTER SYSTEM SET primary_conninfo = ''")
        self.server.sql("SELECT pg_reload_conf()")
        wait_until(lambda: self.server.sql(
            "SELECT count(*) FROM pg_stat_wal_receiver") == [["0"]],
            "the standby to be cut off")

    def promote(self):
        self.server.sql("SELECT pg_promote()")


def _runs(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def start_server(server, deadline_s=30):
    """What was shared with the dead may take a moment to go."""
    end = time.monotonic() + deadline_s
    while True:
        try:
            server.start()
            return
        except PostgresError:
            if time.monotonic() > end:
                raise
