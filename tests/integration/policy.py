# SPDX-License-Identifier: Apache-2.0
"""The policy of the tests, as Python, and its form as a policy file.

analyst   reads tpch.tiny and sf1, but not customer.acctbal; all three clusters
engineer  reads all of tpch, owns catalog memory; all three clusters
guest     reads tpch.tiny.nation on blue only; default cluster blue
outsider  may log in, and nothing else
keeper, clerk  of test_statements_*.py: the same, until a test allows more
"""

import copy
import math
import time

import yaml

PASSWORDS = {
    "analyst": "analyst's pass:word",
    "engineer": "engineer-Pässwörd",
    "guest": "guest-Pässwörd 😀",
    "outsider": "outsider-password",
    "keeper": "keeper-password",
    "clerk": "clerk-password",
}

#: what the gateway reads columns as.
METADATA_USER = "datagateway"


def moment(seconds):
    """A whole second that far ahead at least: (time.time(), valid_from=)."""
    at = math.ceil(time.time() + seconds)
    return at, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


class Policy:
    """users, roles, rules and clusters; change() gives an altered copy."""

    def __init__(self):
        self.users = {}
        self.roles = {}
        self.rules = {}
        self.clusters = {}
        self.catalogs = {}
        self.tags = {}
        self.groups = {}

    def change(self):
        return copy.deepcopy(self)

    def user(self, name, **more):
        self.users.setdefault(name, {}).update(more)
        return self

    def role(self, name, *members):
        self.roles[name] = list(members)
        return self

    def rule(self, name, effect, to, privileges, **what):
        """what: table="c.s.t", schema=, catalog=, cluster=, columns=[...]..."""
        self.rules[name] = {
            "effect": effect, "to": to, "privileges": privileges, **what,
        }
        return self

    def allow(self, name, to, privileges, **what):
        return self.rule(name, "allow", to, privileges, **what)

    def deny(self, name, to, privileges, **what):
        return self.rule(name, "deny", to, privileges, **what)

    def cluster(self, name, **what):
        self.clusters.setdefault(name, {}).update(what)
        return self

    def catalog(self, name, **what):
        self.catalogs.setdefault(name, {}).update(what)
        return self

    def tag(self, name, *objects):
        self.tags[name] = list(objects)
        return self

    def group(self, name, *roles):
        """Roles of whoever comes with a token that lists the group."""
        self.groups[name] = list(roles)
        return self

    def yaml(self, folder):
        """The policy file; passwords go to files in the folder."""
        users = []
        for name, what in self.users.items():
            if name in PASSWORDS:
                path = folder / f"{name}.password"
                path.write_text(PASSWORDS[name], encoding="utf-8")
                path.chmod(0o600)
                what = {"password_file": str(path), **what}
            users.append({"name": name, **what})
        return yaml.safe_dump(
            {
                "users": users,
                "roles": [
                    {"name": name, "members": members}
                    for name, members in self.roles.items()
                ],
                "rules": [
                    {"name": name, **what}
                    for name, what in self.rules.items()
                ],
                "clusters": [
                    {"name": name, **what}
                    for name, what in self.clusters.items()
                ],
                "catalogs": [
                    {"name": name, **what}
                    for name, what in self.catalogs.items()
                ],
                "tags": [
                    {"name": name, "objects": objects}
                    for name, objects in self.tags.items()
                ],
                "group_mappings": [
                    {"name": name, "roles": roles}
                    for name, roles in self.groups.items()
                ],
            },
            sort_keys=False, allow_unicode=True,
        )


def base(instances):
    """The usual policy. instances: {cluster name: engine instance}."""
    made = Policy()
    for name in PASSWORDS:
        made.user(name)
    made.user("guest", default_cluster="blue")
    made.role("analysts", "analyst")
    made.role("engineers", "engineer")
    made.role("readers", "role:analysts", "role:engineers")
    for name, instance in instances.items():
        record = instance.record()
        made.cluster(
            name, engine=record["family"], url=instance.url(),
            metadata_user=METADATA_USER,
        )
        if record["family"] == "trino":
            made.cluster(name, cross_check="enforce")
    made.cluster("blue", default=True)
    made.allow("readers use clusters", ["role:readers"], ["use"],
               cluster="*")
    made.allow("guest uses blue", ["guest"], ["use"], cluster="blue")
    made.allow("analysts read tiny", ["role:analysts"], ["read"],
               table="tpch.tiny.*")
    made.allow("analysts read sf1", ["role:analysts"], ["read"],
               table="tpch.sf1.*")
    made.deny("no balances", ["role:analysts"], ["select"],
              table="tpch.*.customer", columns=["acctbal"],
              reason="personal data")
    made.allow("engineers read tpch", ["role:engineers"], ["read"],
               table="tpch.*.*")
    made.allow("engineers own memory", ["role:engineers"], ["own"],
               table="memory.*.*")
    made.allow("engineers make schemas", ["role:engineers"], ["own"],
               schema="memory.*")
    made.allow("guest reads nations", ["guest"], ["select"],
               table="tpch.tiny.nation")
    return made
