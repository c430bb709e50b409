# SPDX-License-Identifier: Apache-2.0
"""Random policies and accesses that meet: few names, many collisions, so that
every sentence of the decision is needed to get them right."""

import random

USERS = ["ann", "bob", "eve"]
ROLES = ["r0", "r1", "r2", "r3"]  # a role holds only later ones: no cycles
CLUSTERS = ["one", "two"]
COLUMNS = ["a", "b", "f", "f.g", "f.h", "f.g.i", "d.e"]
TABLE_COLUMNS = ["a", "b", "f", "d.e"]
CATALOGS = ["c", "c", "d", "system"]
SCHEMAS = ["s"] * 4 + ["s2", "s2", "runtime"]
NAMES = ["t", "t", "u", "v", "t$files", "u@1", "t.branch_x", "\u00e9t"]
CATALOG_GLOBS = ["c", "c", "d", "*", "*", "?", "c*"]
SCHEMA_GLOBS = ["s", "s", "s2", "*", "*", "s*", "?2"]
NAME_GLOBS = ["t", "t", "u", "*", "*", "t*", "?", "u*", "**", "t$*", "t$files",
              "?t"]
PROPERTIES = ["join_a", "join_b", "c.x", "d.x"]
PROPERTY_GLOBS = ["join_*", "join_a", "c.*", "*", "?.x"]
KINDS = ["table"] * 12 + ["schema", "schema", "catalog", "catalog", "function",
                          "procedure", "table_function", "cluster", "property",
                          "user", "query"]
PRIVILEGES = {
    "table": ["select", "select", "select", "read", "own", "write", "update",
              "insert", "show", "alter"],
    "schema": ["create", "show", "own", "drop"],
    "catalog": ["create", "show", "own"],
    "function": ["execute", "show", "own", "create"],
    "procedure": ["execute", "own"],
    "table_function": ["execute", "own"],
    "cluster": ["use", "own"],
    "property": ["set", "own"],
    "user": ["impersonate", "own"],
    "query": ["view", "kill", "own"],
}
ASKED = {
    "table": ["select"] * 6 + ["update", "update", "insert", "delete", "show",
                               "alter"],
    "schema": ["create", "show", "show", "drop"],
    "catalog": ["create", "show", "show"],
    "function": ["execute", "show", "create"],
    "procedure": ["execute", "show"],
    "table_function": ["execute", "show"],
    "cluster": ["use", "show"],
    "property": ["set", "show"],
    "user": ["impersonate", "show"],
    "query": ["view", "kill", "show"],
}
MOMENTS = 8
TAGS = ["pii", "hot", "cold"]
NETWORKS = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "0.0.0.0/0", "::/0",
            "2001:db8::/32", "::ffff:10.1.0.0/112", "2001:db8::1/128"]
CLIENTS = ["10.1.2.3", "10.1.9.9:4711", "::ffff:10.1.2.3", "10.200.0.1",
           "[::ffff:192.0.2.1]:99", "2001:db8::1", "[2001:db8:1::]:1",
           "fe80::1", "", "unknown"]


class Chance(random.Random):
    """What the tables below are rolled with."""

    def once_in(self, n):
        return self.randrange(n) == 0

    def some(self, words, most):
        return sorted({self.choice(words)
                       for _ in range(self.randint(1, most))})

    def principal(self):
        if self.once_in(4):
            return f"user:{self.choice(USERS)}"
        if self.once_in(3):
            return "role:public"
        return f"role:{self.choice([*ROLES, 'public'])}"

    def spelling(self, name):
        """Engines fold the case of names, so clients may write any."""
        return name.upper() if self.once_in(12) and name.isascii() else name


def random_object(chance, kind, exact):
    """The parts of an object; patterns too unless exact."""
    thing = {"catalog": "", "schema": "", "name": ""}
    if kind == "cluster":
        thing["name"] = chance.choice(CLUSTERS if exact else CLUSTERS + ["*"])
    elif kind == "property":
        thing["name"] = chance.choice(PROPERTIES if exact else PROPERTY_GLOBS)
    elif kind in ("user", "query"):
        thing["name"] = chance.choice(USERS if exact else USERS + [
            "*", "?o?", "r*", "role:r0", "role:r1", "role:public"])
    else:
        thing["catalog"] = chance.choice(CATALOGS if exact else CATALOG_GLOBS)
        if kind != "catalog":
            thing["schema"] = chance.choice(SCHEMAS if exact else SCHEMA_GLOBS)
        if kind not in ("catalog", "schema"):
            thing["name"] = chance.choice(NAMES if exact else NAME_GLOBS)
    return thing


def random_rule(chance, number):
    kind = chance.choice(KINDS)
    effect = "deny" if chance.once_in(3) else "allow"
    rule = {
        "id": number,
        "effect": effect,
        "to": chance.some([chance.principal() for _ in range(2)], 2),
        "except": [],
        "privileges": chance.some(PRIVILEGES[kind], 2),
        "kind": kind,
        **random_object(chance, kind, False),
        "columns": [],
        "clusters": [],
        "networks": [],
        "tags": [],
        "from": 0,
        "until": 0,
        "break_glass": False,
    }
    if kind == "table" and chance.once_in(3):
        rule["columns"] = chance.some(COLUMNS, 3)
        rule["privileges"] = chance.some(["select", "update"] + (
            ["read"] if effect == "allow" else []), 2)
    if effect == "deny" and chance.once_in(3):
        rule["except"] = [who for who in [chance.principal()]
                          if who != "role:public"]
    if kind != "cluster" and chance.once_in(5):
        rule["clusters"] = chance.some(CLUSTERS, 2)
    if chance.once_in(5):
        rule["from"] = chance.randint(1, MOMENTS - 2)
    if chance.once_in(5):
        rule["until"] = rule["from"] + chance.randint(1, MOMENTS)
        rule["break_glass"] = effect == "allow" and chance.once_in(2)
    if chance.once_in(6):
        rule["networks"] = chance.some(NETWORKS, 2)
    if rule["catalog"] and chance.once_in(4):
        rule["tags"] = chance.some(TAGS, 2)
    return rule


def random_tagging(chance):
    """[tag, catalog, schema, name, column], each empty behind the last."""
    depth = chance.choice([1, 2, 3, 3, 4, 4, 4])
    names = [chance.choice(CATALOGS), chance.choice(SCHEMAS),
             chance.choice(NAMES), chance.choice(COLUMNS)]
    return [chance.choice(TAGS), *names[:depth], *[""] * (4 - depth)]


def random_maps(chance):
    """What each cluster calls catalogs; a name at most once."""
    named = {(chance.choice(CLUSTERS), chance.choice(["c", "d", "e"])):
             chance.choice(CATALOGS) for _ in range(chance.randint(0, 2))}
    return [[cluster, name, catalog]
            for (cluster, name), catalog in named.items()]


def random_policy(chance):
    members = [[role, f"role:{other}"]
               for i, role in enumerate(ROLES) for other in ROLES[i + 1:]
               if chance.once_in(4)]
    members += [[role, f"user:{user}"] for role in ROLES for user in USERS
                if chance.once_in(4)]
    ids = chance.sample(range(1, 100), chance.randint(1, 28))
    return {
        "users": USERS,
        "roles": ROLES,
        "members": members,
        "taggings": [random_tagging(chance)
                     for _ in range(chance.randint(0, 8))],
        "maps": random_maps(chance) if chance.once_in(3) else [],
        "observed_clusters": chance.some(CLUSTERS, 1)
        if chance.once_in(10) else [],
        "observed_catalogs": chance.some(CATALOGS, 1)
        if chance.once_in(10) else [],
        "rules": [random_rule(chance, number) for number in ids],
    }


def aimed_object(chance, policy):
    """Mostly what some rule is about, with its patterns filled in."""
    if chance.once_in(5):
        kind = chance.choice(KINDS)
        return kind, chance.choice(ASKED[kind]), random_object(chance, kind,
                                                               True)
    rule = chance.choice(policy["rules"])
    kind = rule["kind"]
    named = [p for p in rule["privileges"] if p in ASKED[kind]]
    exact = random_object(chance, kind, True)
    return kind, chance.choice(named or ASKED[kind]), {
        part: exact[part] if set(rule[part]) & set("*?:") else rule[part]
        for part in exact}


def random_access(chance, policy):
    kind, privilege, thing = aimed_object(chance, policy)
    access = {
        "user": "nobody" if chance.once_in(60) else chance.choice(USERS),
        "cluster": "" if chance.once_in(6) else chance.choice(CLUSTERS),
        "client": chance.choice(CLIENTS),
        "roles": chance.some([*ROLES, "gone"], 2) if chance.once_in(5) else [],
        "now": chance.randint(0, MOMENTS),
        "privilege": privilege,
        "kind": kind,
        "catalog": chance.spelling(thing["catalog"]),
        "schema": chance.spelling(thing["schema"]),
        "name": thing["name"] if kind in ("user", "query")
        else chance.spelling(thing["name"]),
        "columns": [],
        "all": False,
        "known": None,
        "unless_denied": chance.once_in(12),
    }
    if kind == "table" and privilege in ("select", "update"):
        if not chance.once_in(5):
            access["columns"] = chance.some(COLUMNS, 3)
        access["all"] = chance.once_in(6)
        if not chance.once_in(4):
            access["known"] = chance.some(TABLE_COLUMNS, 5)
    return access


def random_case(seed, accesses):
    """A policy and what is asked of it; the same for the same seed."""
    chance = Chance(seed)
    policy = random_policy(chance)
    return {"policy": policy,
            "accesses": [random_access(chance, policy)
                         for _ in range(accesses)]}
