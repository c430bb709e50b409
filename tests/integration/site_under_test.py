# SPDX-License-Identifier: Apache-2.0
"""A site: one database with one policy, and the gateways that follow it."""

import collections
import pathlib
import re

import client
import gateway
import policy as policies
import servers

Tls = collections.namedtuple("Tls", "ca certificate key")


class Site:
    """Use make_site of conftest.py to get one."""

    def __init__(self, program, folder, server, database, policy, clusters,
                 tls=None, options=None):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.server = server
        self.database = database
        self.conninfo = server.conninfo(database)
        self.policy = policy
        self.clusters = clusters
        self.tls = tls
        self.options = options or {}
        self.key_ring = gateway.new_key_ring(self.folder / "keys")
        self.gateways = []

    def start(self):
        first = self.new_gateway()
        done = first.command("migrate", "-d", self.conninfo)
        assert done.returncode == 0, done.stderr
        self.apply()
        first.start()
        self.gateways.append(first)

    def stop(self):
        for running in list(self.gateways):
            running.stop()
        self.gateways.clear()

    def new_gateway(self, environment=None, **options):
        """A replica that is not started yet."""
        return gateway.Gateway(
            self.program, self.folder / f"replica{len(self.gateways) + 1}",
            self.conninfo, {**self.options, **options}, self.tls,
            self.key_ring, environment,
        )

    def add_gateway(self, environment=None, **options):
        """Another replica; stopped with the site."""
        added = self.new_gateway(environment, **options).start()
        self.gateways.append(added)
        return added

    @property
    def gateway(self):
        return self.gateways[0]

    def apply(self, changed=None, wait=True):
        """Writes the policy (or a changed one); waits until it is in force.

        Returns the version.
        """
        if changed is not None:
            self.policy = changed
        path = self.folder / "policy.yaml"
        path.write_text(self.policy.yaml(self.folder), encoding="utf-8")
        runner = self.gateways[0] if self.gateways else self.new_gateway()
        done = runner.command(
            "admin", "apply", "-d", self.conninfo, "-f", path, "--yes"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        version = self.policy_version(done.stdout)
        if wait:
            for running in self.gateways:
                running.wait_for_policy(version)
        return version

    @staticmethod
    def policy_version(output):
        return int(re.search(r"version (\d+) is in force", output).group(1))

    def client(self, user="analyst", family="trino", replica=0, **more):
        """A connection with the user's right password."""
        more.setdefault("password", policies.PASSWORDS.get(user))
        made = client.Client(
            self.gateways[replica].url, user, family=family,
            ca=self.tls and self.tls.ca, **more,
        )
        if family == "presto":
            made.session["datagateway.cluster"] = "violet"
        return made

    def sql(self, text):
        """Rows straight from the site's database, as strings."""
        return self.server.sql(text, self.database)

    def direct(self, cluster, sql, **session):
        """Rows straight from the engine, past the gateway."""
        engine = self.clusters[cluster]
        return servers.run_sql(
            engine.url(), engine.record()["family"], sql, **session
        )
