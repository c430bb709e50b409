# SPDX-License-Identifier: Apache-2.0
"""Random expressions in which lambdas end in the middle.

A body takes all that it can have, so where it ends depends on what else stands
in the expression (sqlparse/scan/promote_lambdas.c). These have little else than
lambdas, BETWEEN, POSITION, CASE, AT TIME ZONE and predicates, which the
generator out of the whole grammar seldom brings together.
"""

import random
import re

import generate

DEPTH = 4
LENGTH_MAX = 120


class Lambdas:
    """statement() makes the next one."""

    def __init__(self, dialect, version, seed):
        self.random = random.Random(f"lambdas {dialect} {version} {seed}")

    def coverage(self):
        return "lambdas in the middle of an expression"

    def _one(self, *makers):
        """Of (weight, function that makes it)."""
        weights = [weight for weight, _ in makers]
        return self.random.choices(makers, weights)[0][1]()

    def _lambda(self, depth):
        return f"{self.random.choice('abxy')} -> {self._expression(depth - 1)}"

    def _value(self, depth):
        value, expression = self._value, self._expression
        down = depth - 1
        if depth <= 0:
            return self.random.choice("abcdxyz")
        return self._one(
            (35, lambda: self.random.choice("abcdxyz")),
            (23, lambda: self._lambda(depth)),
            (4, lambda: f"{value(down)} + {value(down)}"),
            (4, lambda: f"{value(down)} * {value(down)}"),
            (4, lambda: f"{value(down)} || {value(down)}"),
            (4, lambda: f"( {expression(down)} )"),
            (4, lambda: f"{value(down)} . f"),
            (3, lambda: f"- {value(down)}"),
            (5, lambda: f"POSITION ( {value(down)} IN {value(down)} )"),
            (4, lambda: f"CASE WHEN {expression(down)} THEN "
                        f"{expression(down)} END"),
            (3, lambda: f"f ( {expression(down)} , {expression(depth - 2)} )"),
            (3, lambda: f"{value(down)} [ {value(down)} ]"),
            (2, lambda: f"CASE {expression(down)} WHEN {expression(down)} "
                        f"THEN {expression(down)} ELSE {expression(down)} END"),
            (2, lambda: f"( SELECT {expression(down)} FROM t )"),
            (4, lambda: f"{value(down)} AT TIME ZONE 'x'"),
            (2, lambda: f"SUBSTRING ( {value(down)} FROM {value(down)} )"),
            (1, lambda: f"sum ( a ) OVER ( ORDER BY b ROWS BETWEEN "
                        f"{expression(down)} PRECEDING AND "
                        f"{expression(down)} FOLLOWING )"),
        )

    def _expression(self, depth):
        value, expression = self._value, self._expression
        down = depth - 1
        return self._one(
            (45, lambda: value(depth)),
            (10, lambda: f"{expression(down)} AND {expression(down)}"),
            (5, lambda: f"{expression(down)} OR {expression(down)}"),
            (3, lambda: f"NOT {expression(down)}"),
            (9, lambda: f"{value(down)} BETWEEN {value(down)} AND "
                        f"{value(down)}"),
            (2, lambda: f"{value(down)} IN ( {expression(down)} )"),
            (2, lambda: f"{value(down)} NOT IN ( {expression(down)} )"),
            (5, lambda: f"{value(down)} = {value(down)}"),
            (4, lambda: f"{value(down)} < {value(down)}"),
            (3, lambda: f"{value(down)} IS NULL"),
            (2, lambda: f"{value(down)} = ALL ( SELECT {value(down)} )"),
            (2, lambda: f"{value(down)} IS DISTINCT FROM {value(down)}"),
            (5, lambda: f"{value(down)} LIKE {value(down)}"),
            (5, lambda: f"{value(down)} LIKE {value(down)} ESCAPE "
                        f"{value(down)}"),
        )

    def statement(self):
        text = ""
        while "->" not in text or len(text) > LENGTH_MAX:
            text = self._expression(DEPTH)
        tail = self.random.choice(
            (" . *", " FROM t WHERE a AND b", " FROM t JOIN u ON " + text, "")
        )
        head = "SELECT " + text + tail
        if tail == "" and self.random.random() < 0.2:
            head = f"UPDATE t SET a = {text} , b = {text} WHERE {text}"
        tokens = re.split(r"\s+", head)
        gaps = [""] + [" "] * (len(tokens) - 1)
        return generate.Statement(tokens, gaps, None, False)
