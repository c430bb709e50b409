# SPDX-License-Identifier: Apache-2.0
"""Random queries that are hard on name resolution.

A handful of names serves for tables, aliases, columns, WITH queries and lambda
parameters alike, so that scopes shadow each other at every turn. About a third
of the queries is valid; all columns are bigint, so types are no reason.
"""

import random

TABLES = {
    "r": ["a", "b", "c"],
    "s": ["a", "d"],
    "t": ["b", "e", "r"],
    "u": ["a", "t", "x"],
    "n": ["n", "m"],
    "w": ["a"],
}
#: read by paths that are bigints; the other tables have bigints only.
NESTED = {"p": {"a": "bigint", "x": "row(a bigint, s row(b bigint))",
                "l": "array(bigint)"}}
PATHS = {"p": ["a", "x.a", "x.s.b", "l[1]"]}
NAMES = ["a", "b", "c", "d", "e", "r", "s", "t", "u", "x", "n", "m", "k"]


def typed_tables():
    """{table: {column: type}} of all of them."""
    plain = {
        table: dict.fromkeys(columns, "bigint")
        for table, columns in TABLES.items()
    }
    return {**plain, **NESTED}


class Queries:
    """Scopes are lists of levels, a level a list of (alias, columns)."""

    def __init__(self, seed, catalog, schema):
        self.random = random.Random(seed)
        self.prefixes = ["", "", "", f"{schema}.", f"{catalog}.{schema}."]
        self.ctes = []

    def chance(self, share):
        return self.random.random() < share

    def choose(self, *weighted):
        """One of (weight, function); calls it."""
        weights = [weight for weight, _ in weighted]
        return self.random.choices(weighted, weights)[0][1]()

    def names(self, count):
        return self.random.sample(NAMES, count)

    def fresh(self, level):
        used = {alias for alias, _ in level}
        free = [name for name in NAMES if name not in used]
        return self.random.choice(free if free and self.chance(0.95)
                                  else NAMES)

    # ---- expressions

    def column(self, scope):
        level = scope[-1] if self.chance(0.93) else self.random.choice(scope)
        if not level or self.chance(0.05):
            return self.random.choice(["1", *NAMES])
        alias, columns = self.random.choice(level)
        name = self.random.choice(columns)
        twice = sum(c.count(name) for _, c in level) > 1
        if alias and (twice or self.chance(0.45)):
            name = f"{alias}.{name}"
        return name.upper() if self.chance(0.05) else name

    def lambda_call(self, scope):
        name = self.random.choice(NAMES)
        body = self.column([*scope, [(None, [name])]])
        return f"element_at(transform(array[1], {name} -> {body}), 1)"

    def expression(self, scope, depth):
        if depth <= 0:
            return self.column(scope)

        def inner():
            return self.expression(scope, depth - 1)

        return self.choose(
            (50, lambda: self.column(scope)),
            (10, lambda: f"({inner()} + {inner()})"),
            (8, lambda: f"coalesce({inner()}, {inner()})"),
            (8, lambda: f"if({self.predicate(scope, depth)}, {inner()}, 0)"),
            (8, lambda: "(select max(z) from "
                        f"({self.query(scope, depth - 1, ['z'])}) q)"),
            (8, lambda: self.lambda_call(scope)),
            (4, lambda: f"max({self.column(scope)}) over (partition by "
                        f"{self.column(scope)} order by {inner()})"),
        )

    def predicate(self, scope, depth):
        def inner():
            return self.expression(scope, depth - 1)

        return self.choose(
            (60, lambda: f"{inner()} = {inner()}"),
            (10, lambda: f"exists ({self.query(scope, depth - 1)})"),
            (10, lambda: f"{inner()} in "
                         f"({self.query(scope, depth - 1, ['z'])})"),
            (10, lambda: f"({inner()} is null or {inner()} in (1, {inner()}))"),
        )

    # ---- relations: (text, level)

    def table(self, level):
        if self.ctes and self.chance(0.45):
            text, columns = self.random.choice(self.ctes)
            plain = text
        else:
            plain = self.random.choice(list(TABLES))
            columns = TABLES[plain]
            text = self.random.choice(self.prefixes) + plain
        if self.chance(0.4) and plain not in [alias for alias, _ in level]:
            return text, [(plain, columns)]
        alias = self.fresh(level)
        if self.chance(0.2):
            columns = self.names(len(columns))
            return f"{text} as {alias}({', '.join(columns)})", [
                (alias, columns)]
        return f"{text} {alias}", [(alias, columns)]

    def derived(self, scope, depth, level, head=""):
        alias, columns = self.fresh(level), self.names(2)
        query = self.query(scope, depth - 1, columns)
        return f"{head}({query}) {alias}", [(alias, columns)]

    def unnest(self, scope, level):
        alias, columns = self.fresh(level), self.names(1)
        array = self.expression([*scope, level], 1)
        return f"unnest(array[{array}]) as {alias}({columns[0]})", [
            (alias, columns)]

    def nested_join(self, scope, depth, level):
        text, inner = self.join(scope, depth - 1)
        if self.chance(0.5):
            return f"({text})", inner
        alias = self.fresh(level)
        return f"({text}) {alias}", [(alias, sum((c for _, c in inner), []))]

    def relation(self, scope, depth, level):
        if depth <= 0:
            return self.table(level)
        return self.choose(
            (55, lambda: self.table(level)),
            (20, lambda: self.derived(scope, depth, level)),
            (7, lambda: self.derived([*scope, level], depth, level,
                                     "lateral ")),
            (7, lambda: self.unnest(scope, level)),
            (8, lambda: self.nested_join(scope, depth, level)),
        )

    def using(self, text, left, other, right):
        both = left + right
        mine = sum((columns for _, columns in left), [])
        theirs = sum((columns for _, columns in right), [])
        shared = sorted({name for name in mine if mine.count(name) == 1
                         and theirs.count(name) == 1})
        if not shared:
            return f"{text} cross join {other}", both
        key = self.random.choice(shared)
        rest = [(alias, [c for c in columns if c != key])
                for alias, columns in both]
        return f"{text} join {other} using ({key})", [
            (None, [key]), *[entry for entry in rest if entry[1]]]

    def join(self, scope, depth):
        text, left = self.relation(scope, depth, [])
        for _ in range(self.random.choice([1, 1, 2])):
            other, right = self.relation(scope, depth, left)
            if self.chance(0.4):
                text, left = self.using(text, left, other, right)
                continue
            left = left + right
            kind = self.random.choice(["join", "left join", "full join"])
            text += f" {kind} {other} on {self.predicate([*scope, left], 1)}"
        return text, left

    # ---- queries

    def select(self, scope, depth, out):
        text, level = self.choose(
            (5, lambda: self.relation(scope, depth, [])),
            (4, lambda: self.join(scope, depth)),
        )
        if self.chance(0.15):
            other, right = self.relation(scope, depth, level)
            text, level = f"{text}, {other}", level + right
        inner = [*scope, level]
        if out is None and self.chance(0.3):
            items = "*"
        else:
            items = ", ".join(f"{self.expression(inner, depth)} as {name}"
                              for name in out or self.names(2))
        query = f"select {items} from {text}"
        if self.chance(0.4):
            query += f" where {self.predicate(inner, depth)}"
        return query, inner

    def with_clause(self, scope, depth):
        parts = []
        for name in self.names(self.random.randint(1, 2)):
            columns = self.names(2)
            body = self.query(scope, depth - 1, columns)
            parts.append(f"{name} as ({body})")
            self.ctes.append((name, columns))
        return f"with {', '.join(parts)} "

    def query(self, scope=(), depth=3, out=None):
        scope, mark, head = list(scope), len(self.ctes), ""
        if depth > 0 and self.chance(0.18):
            head = self.with_clause(scope, depth)
        text, inner = self.select(scope, depth, out)
        if out and depth > 0 and self.chance(0.12):
            other, _ = self.select(scope, depth - 1, out)
            verb = self.random.choice(["union", "except", "intersect"])
            text = f"{text} {verb} {other} order by {out[0]}"
        elif self.chance(0.3):
            text += f" order by {self.expression(inner, 1)}"
        del self.ctes[mark:]
        return head + text
