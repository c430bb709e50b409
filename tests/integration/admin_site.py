# SPDX-License-Identifier: Apache-2.0
"""A gateway with an admin API, without clusters."""

import gateway as gateways
from admin_api import Api
from sites import new_database


class Admin:
    """A gateway without clusters, its database, and the first token."""

    def __init__(self, program, server, folder, tls=None, **options):
        self.server = server
        self.database = new_database(server)
        conninfo = server.conninfo(self.database)
        self.tls = tls
        options["admin.api.conninfo"] = conninfo
        if tls:
            options["admin.tls.certificate"] = str(tls.certificate)
            options["admin.tls.key"] = str(tls.key)
        self.gateway = gateways.Gateway(
            program, folder / "replica1", conninfo, options
        )
        done = self.gateway.command("migrate", "-d", conninfo)
        assert done.returncode == 0, done.stderr
        self.token = self.bootstrap().stdout.strip()
        self.gateway.start()

    def bootstrap(self, *options):
        done = self.gateway.command(
            "admin", "bootstrap", "-d", self.gateway.conninfo, *options
        )
        return done

    def api(self, token=None):
        return Api(self.gateway, token or self.token,
                   self.tls and self.tls.ca)

    def sql(self, text):
        return self.server.sql(text, self.database)

    def usable_token(self):
        """The first one, or another when that was revoked."""
        if self.api().get("/self").status == 401:
            made = self.bootstrap("--again")
            assert made.returncode == 0, made.stderr
            self.token = made.stdout.strip()
        return self.token
