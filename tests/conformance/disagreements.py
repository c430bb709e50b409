#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where our parser and an engine's read random statements differently.

Both are asked for the outline of each statement (ast_outline.c). What differs
is reduced to the smallest statement that differs in the same way, and equal
ones are counted together. Instead of generated statements (generate.py), --mutants:
changed ones (mutate.py); --walk: such as the engine's own grammar has
(engine_grammar.py); --lambdas: lambdas that end in the middle of an expression
(random_lambdas.py). --figures: only count.

usage: disagreements.py trino|presto [VERSION] [--seed N] [--count N]
                        [--mutants|--walk|--lambdas]
                        [--kinds refused,taken,..] [--figures]
"""

import argparse
import collections
import os
import pathlib
import re
import sys

import engine_grammar
import engine_parsers
import generate
import mutate
import random_lambdas

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "engines"))

import lab  # noqa: E402  (its folder is added above)

#: refused: by us alone; unsupported: so too, but by name; taken: by us alone;
#: reading: both take it for different things; place: neither takes it, for
#: something in another place.
KINDS = ("reading", "refused", "unsupported", "taken", "place")
#: ours, theirs: what the programs printed; apart: the tokens without what
#: stands between them, to try first.
Disagreement = collections.namedtuple(
    "Disagreement", "kind tokens ours theirs apart"
)

BATCH = 5000
#: of one kind, how many are reduced; the others are only counted.
REDUCED_MAX = 400


def compare(ours, theirs):
    """One of KINDS, or None."""
    mine, other = engine_parsers.items(ours), engine_parsers.items(theirs)
    if other is None and mine is None:
        return None if is_same_place(ours, theirs) else "place"
    if other is None:
        return "taken"
    if mine is None:
        is_named = ours.split(" ", 3)[3].startswith("unsupported: ")
        return "unsupported" if is_named else "refused"
    differs = other - mine or engine_parsers.added(other, mine)
    return "reading" if differs else None


def is_same_place(ours, theirs):
    """Of two errors. Some of the engine's have none, and limits are ours."""
    mine, other = ours.split(" ", 4), theirs.split(" ", 3)
    return mine[1:3] == other[1:3] or other[1] == "0" or mine[3] == "limit:"


class Parsers:
    """Ours and the engine's."""

    def __init__(self, dialect, version, outline_program):
        self.ours = engine_parsers.Conversation(
            [str(outline_program), dialect, version]
        )
        self.theirs = engine_parsers.Conversation(
            engine_parsers.command(dialect, "outline", version=version)
        )

    def ask(self, texts):
        """[(kind or None, ours, theirs)]"""
        pairs = zip(self.ours.ask(texts), self.theirs.ask(texts))
        return [(compare(*pair), *pair) for pair in pairs]

    def close(self):
        self.ours.close()
        self.theirs.close()


# ---- the smallest statement


def _is_name(token):
    return re.fullmatch(r"[A-Za-z_]\w*", token) is not None


def _shorter(tokens):
    """All texts with some tokens fewer, the shortest first."""
    size = len(tokens) // 2
    while size > 0:
        for at in range(0, len(tokens) - size + 1, max(1, size // 2)):
            rest = tokens[:at] + tokens[at + size:]
            if rest:
                yield rest
        size //= 2


def _plainer(tokens):
    """All texts with one token replaced by a plainer one: `a`, `1`, or the
    same in capitals. Never back again, so that this comes to an end."""
    for at, token in enumerate(tokens):
        if token in ("a", "1"):
            continue
        plain = []
        if _is_name(token) or token[0] in "\"'`.0123456789":
            plain.append("a")
        if token[0] in ".0123456789'":
            plain.append("1")
        if _is_name(token) and token.upper() != token:
            plain.append(token.upper())
        for one in plain:
            yield tokens[:at] + [one] + tokens[at + 1:]


def _step(parsers, found, candidates_of):
    """Of each disagreement the first candidate that is of its kind."""
    asked, owner = [], []
    for at, one in enumerate(found):
        candidates = list(candidates_of(one))
        asked += candidates
        owner += [at] * len(candidates)
    changed = set()
    answers = parsers.ask([" ".join(tokens) for tokens in asked])
    for at, tokens, (kind, ours, theirs) in zip(owner, asked, answers):
        if at not in changed and kind == found[at].kind:
            found[at] = Disagreement(kind, tokens, ours, theirs, tokens)
            changed.add(at)
    return changed


def reduce(parsers, found):
    """Each made as small as it gets; equal ones become one, with its count."""
    todo, small = list(found), []
    _step(parsers, todo, lambda one: [one.apart])
    while todo:
        changed = _step(parsers, todo, lambda one: _shorter(one.tokens))
        changed |= _step(parsers, todo, lambda one: _plainer(one.tokens))
        small += [one for at, one in enumerate(todo) if at not in changed]
        todo = [one for at, one in enumerate(todo) if at in changed]
    counts = collections.Counter((o.kind, " ".join(o.tokens)) for o in small)
    kept = {(o.kind, " ".join(o.tokens)): o for o in small}
    return [(kept[key], count) for key, count in counts.most_common()]


# ---- a run


class Run:
    """What came of many statements: found holds the disagreements.

    source: has statement() and coverage().
    """

    def __init__(self, name, source, parsers):
        self.name = name
        self.source = source
        self.parsers = parsers
        self.asked = self.both = self.neither = 0
        self.found = []

    def feed(self, count):
        while count > 0:
            made = [
                self.source.statement() for _ in range(min(count, BATCH))
            ]
            count -= len(made)
            texts = [generate.text_of(one) for one in made]
            for one, answer in zip(made, self.parsers.ask(texts)):
                kind, ours, theirs = answer
                self.asked += 1
                refused = theirs.startswith("error ")
                self.both += kind is None and not refused
                self.neither += refused and ours.startswith("error ")
                if kind is not None:
                    self.found.append(
                        Disagreement(
                            kind, _whole(one), ours, theirs, one.tokens
                        )
                    )

    def reduced(self, kind):
        found = [one for one in self.found if one.kind == kind]
        return reduce(self.parsers, found[:REDUCED_MAX])

    def count(self, kind):
        return sum(one.kind == kind for one in self.found)

    def summary(self):
        same = self.asked - sum(self.count(kind) for kind in KINDS[:-1])
        refused = self.neither + self.count("taken")
        listed = ", ".join(f"{self.count(kind)} {kind}" for kind in KINDS)
        return (
            f"{self.name}: {self.asked} statements "
            f"({self.source.coverage()}), {self.both} read by both, "
            f"{listed}\n  same verdict and reading "
            f"{_percent(same, self.asked)}; of what the engine refuses, taken "
            f"{_percent(self.count('taken'), refused)}; of what both refuse, "
            "in the same place "
            f"{_percent(self.neither - self.count('place'), self.neither)}"
        )


def _percent(part, whole):
    return f"{100 * part / whole:.3f} %" if whole else "none"


def source_of(what, dialect, version, seed):
    if what == "mutants":
        return mutate.Mutator(dialect, version, seed, lab.corpora_dir())
    if what == "walk":
        return engine_grammar.Walker(dialect, version, seed)
    if what == "lambdas":
        return random_lambdas.Lambdas(dialect, version, seed)
    return generate.Generator(dialect, version, seed)


def start(dialect, version, seed, program, what="generated"):
    """A Run that has asked nothing yet."""
    source = source_of(what, dialect, version, seed)
    return Run(
        f"{what}, {dialect} {version}, seed {seed}",
        source,
        Parsers(dialect, version, program),
    )


def _whole(statement):
    """Its tokens, with what else stands in the text as part of them."""
    tokens = []
    for gap, token in zip(statement.gaps, statement.tokens):
        if gap == "" and tokens:
            tokens[-1] += token
        elif gap.strip():
            tokens += [gap, token]
        else:
            tokens.append(token)
    return tokens


def explain(one):
    """Why it is listed, in a line."""
    if one.kind == "reading":
        mine = engine_parsers.items(one.ours)
        other = engine_parsers.items(one.theirs)
        return (
            f"ours only {engine_parsers.added(other, mine)}, "
            f"theirs only {sorted((other - mine).elements())}"
        )
    if one.kind == "place":
        return f"{one.ours}\n      {one.theirs}"
    return one.theirs if one.kind == "taken" else one.ours


def outline_program():
    given = os.environ.get("DATAGATEWAY")
    program = pathlib.Path(given or HERE.parent.parent / "build/dev/datagateway")
    return program.resolve().parent / "tests/conformance/ast_outline"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dialect", choices=sorted(engine_parsers.PARSERS))
    parser.add_argument("version", nargs="?")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=5000)
    for what in ("mutants", "walk", "lambdas"):
        parser.add_argument(
            f"--{what}", dest="what", action="store_const", const=what,
            default="generated",
        )
    parser.add_argument("--kinds", default=",".join(KINDS[:-1]))
    parser.add_argument("--figures", action="store_true")
    args = parser.parse_args()
    version = args.version or engine_parsers.PARSERS[args.dialect][3]
    run = start(args.dialect, version, args.seed, outline_program(), args.what)
    run.feed(args.count)
    print(run.summary(), flush=True)
    for kind in [] if args.figures else args.kinds.split(","):
        reduced = run.reduced(kind)
        print(f"\n{kind}: {len(reduced)} different")
        for one, count in reduced:
            print(f"{count:5} {' '.join(one.tokens)}\n      {explain(one)}")
    run.parsers.close()
    return 1 if any(one.kind != "place" for one in run.found) else 0


if __name__ == "__main__":
    sys.exit(main())
