# SPDX-License-Identifier: Apache-2.0
"""Random rule files for Trino's file-based access control, and worlds to ask
about: few names and many rules, so that first matches hide each other."""

import random

#: who is known to the import, with their groups.
USERS = {
    "adm": [], "ann": ["dev"], "bob": ["dev", "ops"], "eve": ["hr"],
    "svc_bob": [], "svc_eve": ["ops"], "zoe": [],
}
#: who comes later.
LATER = {"dan": ["dev"], "svc_new": [], "hal": ["hr", "ops"]}
GROUPS = ["dev", "ops", "hr"]

#: catalog: schema: tables; what the import is told, and what comes later.
TABLES = {
    "hive": {"s1": ["t", "tmp_a", "u"], "s2": ["t", "v"]},
    "pg": {"s1": ["t"], "pub": ["v_pii", "u"]},
    "tpch": {"tiny": ["t"]},
}
LATER_TABLES = [
    ("hive", "s1", "tmp_b"), ("hive", "s3", "t"), ("pgx", "s1", "t"),
    ("hive", "s2", "new"), ("lake", "pub", "v_pii"),
]
COLUMNS = ["a", "b", "c"]
SYSTEM_PROPERTIES = ["join_distribution_type", "query_max_run_time",
                     "join_reordering_strategy", "time_zone_id"]
CATALOG_PROPERTIES = ["insert_x", "join_x"]
ROUTINES = [("hive", "s1", "f"), ("hive", "s1", "g"), ("system", "builtin", "f"),
            ("lake", "s1", "f")]

class Chance(random.Random):
    """Rolls rules; where their words come from can be overridden."""

    USER = ["ann", "bob", "adm", "ann|eve", "svc_.*", ".*", "[a-e].*", "(?!svc).*",
            "(?i)ANN", "nobody"]
    GROUP = ["dev", "ops", "dev|hr", ".*", "o.*", "[dh].*"]
    CATALOG = ["hive", "hive", "pg", "pg.*", ".*", "hive|tpch", "(?!hive).*",
               "tpch", "Hive", "lake", "system"]
    SCHEMA = ["s1", "s1", "s2", "s.*", ".*", "s[12]", "pub|tiny", ".+1", "[^s].*"]
    TABLE = ["t", "t", "u", "tmp_.*", ".*_pii", ".*", "t|v", "(?!tmp).*", "t.?"]
    ROUTINE = ["f", "g", ".*", "f|h", "[f-g]"]
    PROPERTY = ["join_.*", "query_max_run_time", ".*", ".*_x", "(?!query).*"]
    PRIVILEGES = ["SELECT", "SELECT", "INSERT", "DELETE", "UPDATE", "OWNERSHIP",
                  "GRANT_SELECT"]
    COLUMNS = COLUMNS
    FILTERS = True

    def maybe(self, rule, key, values, percent):
        if self.randrange(100) < percent:
            rule[key] = self.choice(values)

    def some(self, values, most):
        return sorted({self.choice(values)
                       for _ in range(self.randint(0, most))})

    def people(self, rule):
        self.maybe(rule, "user", self.USER, 45)
        self.maybe(rule, "group", self.GROUP, 25)
        return rule

    def truth(self):
        return self.randrange(3) != 0

    # -- sections ----------------------------------------------------------------

    def catalogs(self):
        rule = self.people({"allow": self.choice(
            ["all", "all", "read-only", "none", "owner", True, False])})
        self.maybe(rule, "catalog", self.CATALOG, 70)
        return rule

    def place(self, rule):
        self.maybe(rule, "catalog", self.CATALOG, 50)
        self.maybe(rule, "schema", self.SCHEMA, 50)
        return rule

    def schemas(self):
        return self.place(self.people({"owner": self.truth()}))

    def tables(self):
        rule = self.place(self.people(
            {"privileges": self.some(self.PRIVILEGES, 4)}))
        self.maybe(rule, "table", self.TABLE, 55)
        if self.randrange(4) == 0:
            rule["columns"] = [
                {"name": name, "allow": self.truth()}
                for name in self.some(self.COLUMNS, 3)
            ]
        if self.FILTERS and self.randrange(40) == 0:
            rule["filter"] = "a = 1"
        return rule

    def functions(self):
        rule = self.place(self.people({"privileges": self.some(
            ["EXECUTE", "GRANT_EXECUTE", "OWNERSHIP"], 3)}))
        self.maybe(rule, "function", self.ROUTINE, 50)
        return rule

    def procedures(self):
        rule = self.place(self.people({"privileges": self.some(
            ["EXECUTE", "GRANT_EXECUTE"], 2)}))
        self.maybe(rule, "procedure", self.ROUTINE, 50)
        return rule

    def system_session_properties(self):
        rule = self.people({"allow": self.truth()})
        self.maybe(rule, "property", self.PROPERTY, 60)
        return rule

    def catalog_session_properties(self):
        rule = self.people({"allow": self.truth()})
        self.maybe(rule, "property", self.PROPERTY, 60)
        self.maybe(rule, "catalog", self.CATALOG, 60)
        return rule

    def impersonation(self):
        rule = {"new_user": self.choice(
            ["ann", ".*", "svc_.*", "ann|bob", "(?!adm).*"])}
        self.maybe(rule, "original_user", self.USER, 60)
        if self.randrange(4) == 0:
            rule.update(original_user="(svc)_(.*)",
                        new_user=self.choice(["$2", "$1_.*", "$2|zoe"]))
        if self.randrange(3) == 0:
            rule["allow"] = self.truth()
        return rule

    def queries(self):
        rule = self.people({"allow": self.some(
            ["execute", "view", "kill"], 3)})
        if "execute" not in rule["allow"]:
            self.maybe(rule, "queryOwner", self.USER, 60)
        return rule


SECTIONS = ["catalogs", "schemas", "tables", "functions", "procedures",
            "system_session_properties", "catalog_session_properties",
            "impersonation", "queries"]


def random_rules(seed):
    chance = Chance(seed)
    return {
        section: [getattr(chance, section)()
                  for _ in range(chance.randint(0, 6))]
        for section in SECTIONS if chance.randrange(100) < 75
    }


def people():
    return {**USERS, **LATER}


def tables():
    """[(catalog, schema, table)], those to come behind."""
    known = [(c, s, t) for c, schemas in TABLES.items()
             for s, names in schemas.items() for t in names]
    inside = [(c, "information_schema", "tables") for c in [*TABLES, "lake"]]
    return known + LATER_TABLES + inside


def is_known(user, catalog, schema, table):
    return user in USERS and table in TABLES.get(catalog, {}).get(schema, ())
