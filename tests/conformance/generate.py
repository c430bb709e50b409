#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Random statements out of our grammar itself, hard on keywords.

Each statement aims at one rule of sqlparse/parse/grammar.y: random rules lead from
the start to it, and all that stands around is kept short. So every rule is
reached equally often, whatever its depth. Where a name may stand there is a
keyword in one of three places. Half of the statements get one token changed.

usage: generate.py trino|presto VERSION [--seed N] [--count N] [--coverage]
"""

import argparse
import collections
import itertools
import random
import sys

import grammar_rules

#: gaps[i] stands before tokens[i]; goal: the number of the rule aimed at.
Statement = collections.namedtuple("Statement", "tokens gaps goal changed")

NAMES = ["a", "b", "t", "x", "A", "c1", "_u", "tBl", "a_b", "sum", "bigint"]
#: calls of these have counts of arguments to keep, and titles of their own
CALLED = ["if", "nullif", "coalesce", "try", "count", "format", "concat", "f"]
QUOTED = ['"a"', '"A b"', '"x""y"', '"select"', '"é"', '"t$files"', '"1"']
STRANGE_NAMES = [
    "1a", "1e5a", "0x1G", "`a`", "``", 'U&"a"', '""', "a:b", "a@b", "é", "ſ",
    "selecſ", "K", "$a", "_", "E1", "0b1", "x", "u", "a#", '"a', "1__0",
]
STRINGS = ["'a'", "''", "'it''s'", "'é'", "'2020-01-01'", "'$.a'", "'1'"]
UNICODE = ["U&'a'", "u&'\\0041'", "U&'\\+01F600'", "U&'!0041'", "U&'\\00'"]
BINARY = ["X'0A'", "x''", "X'0 a'", "X'1'", "X'zz'"]
INTEGERS = ["1", "0", "42", "007", "9223372036854775807"]
STRANGE_INTEGERS = [
    "0x1F", "0o17", "0b11", "1_000", "9223372036854775808", "1__0", "0X_1",
]
DECIMALS = ["1.5", ".5", "1.", "1e3", "1.5E-2", ".5e1", "1.e1", "1_0.5"]
DOLLARS = ["$$a$$", "$$$$", "$$ a\n$ $$"]
ESCAPES = ["'!'", "'\\'", "'ab'", "'+'"]
GAPS = [" ", " ", " ", "\n", "\t", "  ", "/**/", "/* a */", "-- a\n", "--\r"]
#: where no gap is needed, mostly; both parsers see what comes of it elsewhere
CLOSE = set("()[],.;=<>+*/?")

#: deeper than this, the way down from the start takes no detour
DETOUR = 9


class Generator:
    """statement() makes the next one; hits counts the rules used.

    changing: of all statements, how many get one token changed.
    """

    def __init__(self, dialect, version, seed, changing=0.5):
        self.changing = changing
        self.grammar = grammar_rules.Grammar(dialect, version)
        self.random = random.Random(f"{dialect} {version} {seed}")
        self.hits = collections.Counter()
        self.goals = itertools.cycle(self._shuffled_goals())
        self.above = self._above()
        self.height = self._heights()
        words = self.grammar.words
        self.soft = [w.text for w in words if w.known and not w.reserved]
        self.other = [w.text for w in words if not w.known]
        self.reserved = [w.text for w in words if w.reserved]
        self.any = [w.text for w in words]

    def _shuffled_goals(self):
        goals = list(range(len(self.grammar.rules)))
        self.random.shuffle(goals)
        return goals

    def _above(self):
        """Symbol -> [(rule, place)] where it stands."""
        above = collections.defaultdict(list)
        for number, rule in enumerate(self.grammar.rules):
            for place, symbol in enumerate(rule.right):
                above[symbol].append((number, place))
        return above

    def _heights(self):
        """Symbol -> rules between it and the start, at least."""
        height = {self.grammar.start: 0}
        queue = collections.deque(height)
        while queue:
            left = queue.popleft()
            for number in self.grammar.by_left[left]:
                for symbol in self.grammar.rules[number].right:
                    if symbol not in height:
                        height[symbol] = height[left] + 1
                        queue.append(symbol)
        return height

    def chance(self, share):
        return self.random.random() < share

    # ---- derivation

    def _way_down(self, goal):
        """[(rule, place)] from the start to the goal, whose place is None."""
        way = [(goal, None)]
        symbol = self.grammar.rules[goal].left
        while symbol != self.grammar.start or (
            len(way) < DETOUR and self.above[symbol] and self.chance(0.2)
        ):
            found = self.above[symbol]
            lefts = [self.height[self.grammar.rules[n].left] for n, _ in found]
            if len(way) >= DETOUR:
                least = min(lefts)
                found = [f for f, h in zip(found, lefts) if h == least]
                step = self.random.choice(found)
            else:
                weights = [1 / (2 + h) for h in lefts]
                step = self.random.choices(found, weights)[0]
            way.append(step)
            symbol = self.grammar.rules[step[0]].left
        return way[::-1]

    def _expand(self, symbol, depth, out):
        if self.grammar.is_token(symbol):
            out.append(symbol)
            return
        numbers = self.grammar.by_left[symbol]
        costs = [self.grammar.cost(number) for number in numbers]
        least = min(costs)
        # Plain names above all other short things.
        weights = [
            (9 if self.grammar.rules[number].right == ("id",) else 1)
            / (1 + cost - least) ** (2 if depth > 0 else 9)
            for number, cost in zip(numbers, costs)
        ]
        self._apply(self.random.choices(numbers, weights)[0], depth - 1, out)

    def _apply(self, number, depth, out):
        self.hits[number] += 1
        for symbol in self.grammar.rules[number].right:
            self._expand(symbol, depth, out)

    def _derive(self, way, out):
        (number, place), below = way[0], way[1:]
        depth = self.random.choice((-1, -1, 0, 1, 2))
        if place is None:
            self._apply(number, max(depth, 1), out)
            return
        self.hits[number] += 1
        for at, symbol in enumerate(self.grammar.rules[number].right):
            if at == place:
                self._derive(below, out)
            else:
                self._expand(symbol, depth, out)

    # ---- spelling

    def spell_word(self, text):
        spelled = self.random.choice((text, text.lower(), text.lower()))
        if self.chance(0.05):
            spelled = "".join(
                self.random.choice((c.upper(), c.lower())) for c in text
            )
        if self.chance(0.001):
            folded = {"i": "ı", "s": "ſ"}
            spelled = "".join(folded.get(c, c) for c in text.lower())
        return spelled

    def _name(self):
        kinds = (
            (50, lambda: self.random.choice(NAMES)),
            (30, lambda: self.spell_word(self.random.choice(self.soft))),
            (4, lambda: self.spell_word(self.random.choice(self.other))),
            (6, lambda: self.random.choice(CALLED)),
            (8, lambda: self.random.choice(QUOTED)),
            (1, lambda: self.spell_word(self.random.choice(self.reserved))),
            (1, lambda: self.random.choice(STRANGE_NAMES)),
        )
        weights = [weight for weight, _ in kinds]
        return self.random.choices(kinds, weights)[0][1]()

    def _integer(self):
        strange = self.chance(0.1)
        return self.random.choice(STRANGE_INTEGERS if strange else INTEGERS)

    def spell(self, token, before):
        if token == "LIT_STRING" and before and before.upper() == "UESCAPE":
            return self.random.choice(ESCAPES)
        literals = {
            "LIT_STRING": STRINGS, "LIT_UNICODE": UNICODE,
            "LIT_BINARY": BINARY, "LIT_DECIMAL": DECIMALS,
            "LIT_DOLLAR": DOLLARS, "QUOTED": QUOTED,
        }
        if token in literals:
            return self.random.choice(literals[token])
        if token == "LIT_INTEGER":
            return self._integer()
        if token == "NE":
            return self.random.choice(("<>", "!="))
        if token in grammar_rules.SIGNS:
            return grammar_rules.SIGNS[token]
        # A bare ID is one of few words: TEXT, COMMITTED, NFC, ..
        if token == "id" or (token == "ID" and self.chance(0.1)):
            return self._name()
        return self.spell_word(self.random.choice(self.grammar.spellings[token]))

    def _gap(self, before, after):
        if before[-1] in CLOSE or after[0] in CLOSE:
            if self.chance(0.3):
                return ""
        elif self.chance(0.005):
            return ""
        return " " if self.chance(0.8) else self.random.choice(GAPS)

    def gaps(self, tokens):
        return [""] + [
            self._gap(before, after)
            for before, after in zip(tokens, tokens[1:])
        ]

    # ---- changes

    def change(self, tokens):
        at = self.random.randrange(len(tokens))
        kind = self.random.randrange(6)
        if kind == 0:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
        elif kind == 2:
            other = min(at + 1, len(tokens) - 1)
            tokens[at], tokens[other] = tokens[other], tokens[at]
        elif kind == 3:
            tokens[at] = self.spell_word(self.random.choice(self.any))
        elif kind == 4:
            tokens.insert(at, self.spell_word(self.random.choice(self.any)))
        else:
            signs = list(grammar_rules.SIGNS.values())
            tokens[at] = self.random.choice(signs + INTEGERS + STRINGS)

    def statement(self):
        symbols, tokens = [], []
        goal = next(self.goals)
        self._derive(self._way_down(goal), symbols)
        for symbol in symbols:
            tokens.append(self.spell(symbol, tokens[-1] if tokens else None))
        changed = self.chance(self.changing)
        if changed:
            self.change(tokens)
        if not tokens:
            return self.statement()
        return Statement(tokens, self.gaps(tokens), goal, changed)

    def coverage(self):
        rules = self.grammar.rules
        used = sum(1 for number in range(len(rules)) if self.hits[number])
        return f"{used} of {len(rules)} rules"


def text_of(statement):
    return "".join(
        gap + token for gap, token in zip(statement.gaps, statement.tokens)
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialect", choices=("trino", "presto"))
    parser.add_argument("version")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--coverage", action="store_true")
    args = parser.parse_args()
    generator = Generator(args.dialect, args.version, args.seed)
    made = [generator.statement() for _ in range(args.count)]
    if not args.coverage:
        sys.stdout.write("".join(text_of(s) + "\n" for s in made))
    lengths = sorted(len(s.tokens) for s in made)
    print(
        f"seed {args.seed}: {generator.coverage()}, "
        f"median {lengths[len(lengths) // 2]} tokens, most {lengths[-1]}",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
