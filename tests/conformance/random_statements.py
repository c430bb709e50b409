# SPDX-License-Identifier: Apache-2.0
"""Random statements that change rows or define views, and queries of all forms.

What random_queries.py does for scopes of a query, here for INSERT, UPDATE,
DELETE, MERGE with all its arms, CREATE TABLE AS, CREATE VIEW, and for the
clauses with scopes of their own: row patterns, JSON_TABLE, recursive WITH,
grouping sets, windows, fields of rows, views.
"""

import random_queries

#: views over the random tables: {name: (columns, query)}.
VIEWS = {
    "y": (["a", "k"], "select a, b as k from r where c > 1"),
    "z": (["n"], "select count(*) as n from y"),
}


class Statements(random_queries.Queries):
    def __init__(self, seed, catalog, schema, dialect):
        super().__init__(seed, catalog, schema)
        self.is_trino = dialect == "trino"

    # ---- more relations

    def table(self, level):
        if self.chance(0.82):
            return super().table(level)
        names = {view: columns for view, (columns, _) in VIEWS.items()}
        names |= random_queries.PATHS
        name = self.random.choice(sorted(names))
        alias = self.fresh(level)
        text = self.random.choice(self.prefixes) + name
        return f"{text} {alias}", [(alias, names[name])]

    def pattern(self, level):
        """MATCH_RECOGNIZE over a table."""
        text, inner = super().table(level)
        columns = inner[0][1]
        label, measure = self.names(2)
        of = self.random.choice(columns)
        define = self.expression([inner], 0)
        if self.chance(0.5):
            define = f"{label}.{self.random.choice(columns)}"
        rows, out = "", [measure]
        if self.chance(0.4):
            rows, out = "all rows per match ", [measure, *columns]
        else:
            rows = self.random.choice(["", "one row per match "])
        head, keys = "", []
        if self.chance(0.5):
            keys = [self.random.choice(columns)]
            head = f"partition by {keys[0]} "
        if self.chance(0.5):
            head += f"order by {self.random.choice(columns)} "
        if not rows.startswith("all"):
            out = [*keys, measure]
        alias = self.fresh(level)
        value = self.random.choice([of, f"{label}.{of}", f"last({label}.{of})"])
        return (
            f"{text} match_recognize ({head}measures {value} as {measure} "
            f"{rows}pattern ({label}+) define {label} as {define} > 1) {alias}",
            [(alias, out)],
        )

    def json_table(self, scope, level):
        alias, (column,) = self.fresh(level), self.names(1)
        source = self.expression([*scope, level], 0)
        return (
            f"json_table(cast({source} as varchar), 'lax $' "
            f"columns ({column} bigint path 'lax $')) {alias}",
            [(alias, [column])],
        )

    def relation(self, scope, depth, level):
        if depth <= 0 or self.chance(0.85):
            return super().relation(scope, depth, level)
        if self.is_trino:
            return self.choose(
                (5, lambda: self.pattern(level)),
                (4, lambda: self.json_table(scope, level)),
                (2, lambda: self.sampled(level)),
            )
        return self.sampled(level)

    def sampled(self, level):
        text, columns = self.table(level)
        return f"{text} tablesample bernoulli (50)", columns

    # ---- more expressions

    def expression(self, scope, depth):
        if depth <= 0 or self.chance(0.93):
            return super().expression(scope, depth)
        one = self.random.choice(random_queries.NAMES)
        return self.choose(
            (3, lambda: f"reduce(array[{self.column(scope)}], 0, ({one}, e) "
                        f"-> {one} + {self.column(scope)}, {one} -> {one})"),
            (3, lambda: f"sum({self.column(scope)}) over (order by "
                        f"{self.column(scope)} rows between 1 preceding "
                        "and current row)"),
            (2, lambda: f"case when {self.predicate(scope, depth)} "
                        f"then {self.column(scope)} end"),
            (2, lambda: f"cast(row({self.column(scope)}) as row({one} "
                        f"bigint)).{one}"),
        )

    # ---- more queries

    def grouped(self, scope, depth, out):
        text, level = self.relation(scope, depth, [])
        inner = [*scope, level]
        keys = [self.column(inner) for _ in range(2)]
        groups = self.choose(
            (2, lambda: ", ".join(keys)),
            (1, lambda: f"grouping sets (({keys[0]}), ({keys[1]}), ())"),
            (1, lambda: f"rollup ({', '.join(keys)})"),
        )
        items = ", ".join(
            f"{what} as {name}" for what, name in zip(
                [keys[0], f"count({self.column(inner)}) filter (where "
                          f"{self.column(inner)} > 1)"],
                out or self.names(2),
            )
        )
        having = ""
        if self.chance(0.4):
            having = f" having max({self.column(inner)}) > 1"
        return f"select {items} from {text} group by {groups}{having}", inner

    def select(self, scope, depth, out):
        if depth > 0 and self.chance(0.08):
            return self.grouped(list(scope), depth, out)
        return super().select(scope, depth, out)

    def recursive(self):
        name, column = self.names(2)
        base = self.query(depth=1, out=[column])
        self.ctes.append((name, [column]))
        step, _ = self.table([])
        rest = self.query(depth=1)
        self.ctes.pop()
        return (
            f"with recursive {name}({column}) as (({base}) union all "
            f"(select {column} + 1 from {name} where {column} < 5)) "
            f"select * from {name}, {step}"
            if self.chance(0.5) else
            f"with recursive {name}({column}) as ({base}) {rest}"
        )

    # ---- statements

    def target(self):
        name = self.random.choice(sorted(random_queries.TABLES))
        columns = random_queries.TABLES[name]
        return self.random.choice(self.prefixes) + name, name, columns

    def insert(self):
        text, _, columns = self.target()
        chosen = self.random.sample(
            columns, self.random.randint(1, len(columns))
        )
        listed = f" ({', '.join(chosen)})"
        if len(chosen) == len(columns) and self.chance(0.5):
            listed = ""
        return f"insert into {text}{listed} {self.query(out=chosen)}"

    def delete(self):
        text, name, columns = self.target()
        where = self.predicate([[(name, columns)]], 2)
        return f"delete from {text} where {where}"

    def update(self):
        text, name, columns = self.target()
        scope = [[(name, columns)]]
        chosen = self.random.sample(
            columns, self.random.randint(1, len(columns))
        )
        listed = ", ".join(f"{c} = {self.expression(scope, 1)}" for c in chosen)
        where = f" where {self.predicate(scope, 2)}" if self.chance(0.7) else ""
        return f"update {text} set {listed}{where}"

    def arm(self, scope, columns):
        def when(head):
            more = ""
            if self.chance(0.5):
                more = f" and {self.predicate(scope, 1)}"
            return f" when {head}{more} then "

        chosen = self.random.sample(
            columns, self.random.randint(1, len(columns))
        )
        return self.choose(
            (2, lambda: when("matched") + "delete"),
            (3, lambda: when("matched") + "update set " + ", ".join(
                f"{c} = {self.expression(scope, 1)}" for c in chosen)),
            (3, lambda: when("not matched")
                + f"insert ({', '.join(chosen)}) values ("
                + ", ".join(self.expression(scope, 0) for _ in chosen) + ")"),
            (1, lambda: when("not matched") + "insert values ("
                + ", ".join(self.expression(scope, 0) for _ in columns) + ")"),
        )

    def merge(self):
        text, name, columns = self.target()
        if self.chance(0.5):
            name = self.random.choice(random_queries.NAMES)
            text += f" as {name}"
        level = [(name, columns)]
        other, source = self.relation([], 1, level)
        scope = [level + source]
        arms = "".join(
            self.arm(scope, columns) for _ in range(self.random.randint(1, 3))
        )
        on = self.predicate(scope, 1)
        return f"merge into {text} using {other} on {on}{arms}"

    def statement(self):
        forms = [
            (30, self.query),
            (12, self.insert),
            (8, lambda: f"create table new as {self.query(out=['a', 'b'])}"),
            (1, lambda: f"create view new as {self.query(out=['a', 'b'])}"),
            (12, self.delete),
            (12, self.update),
            (2, lambda: f"explain {self.query()}"),
        ]
        if self.is_trino:
            forms += [(20, self.merge), (4, self.recursive)]
        return self.choose(*forms)
