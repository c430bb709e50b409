#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where our parser and an engine's read generated statements differently.

Both are asked for the outline of each statement (ast_outline.c). What differs
is reduced to the smallest statement that differs in the same way, and equal
ones are counted together.

usage: disagreements.py trino|presto [VERSION] [--seed N] [--count N]
"""

import argparse
import collections
import os
import pathlib
import re
import sys

import engine_parsers
import generate

HERE = pathlib.Path(__file__).resolve().parent

#: refused: by us alone; unsupported: so too, but by name; taken: by us alone;
#: reading: both take it for different things.
KINDS = ("reading", "refused", "unsupported", "taken")
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
    if other is None:
        return None if mine is None else "taken"
    if mine is None:
        is_named = ours.split(" ", 3)[3].startswith("unsupported: ")
        return "unsupported" if is_named else "refused"
    differs = other - mine or engine_parsers.added(other, mine)
    return "reading" if differs else None


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
    """What came of many statements: found holds the disagreements."""

    def __init__(self, dialect, version, seed, outline_program):
        self.name = f"{dialect} {version} seed {seed}"
        self.generator = generate.Generator(dialect, version, seed)
        self.parsers = Parsers(dialect, version, outline_program)
        self.asked = self.both = 0
        self.found = []

    def feed(self, count):
        while count > 0:
            made = [
                self.generator.statement() for _ in range(min(count, BATCH))
            ]
            count -= len(made)
            texts = [generate.text_of(one) for one in made]
            for one, answer in zip(made, self.parsers.ask(texts)):
                kind, ours, theirs = answer
                self.asked += 1
                self.both += kind is None and not ours.startswith("error ")
                if kind is not None:
                    self.found.append(
                        Disagreement(
                            kind, _whole(one), ours, theirs, one.tokens
                        )
                    )

    def reduced(self, kind):
        found = [one for one in self.found if one.kind == kind]
        return reduce(self.parsers, found[:REDUCED_MAX])

    def summary(self):
        counts = collections.Counter(one.kind for one in self.found)
        listed = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
        return (
            f"{self.name}: {self.asked} statements, {self.both} read by both, "
            f"{listed}; {generate.coverage(self.generator)}"
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
    args = parser.parse_args()
    version = args.version or engine_parsers.PARSERS[args.dialect][3]
    run = Run(args.dialect, version, args.seed, outline_program())
    run.feed(args.count)
    print(run.summary(), flush=True)
    for kind in KINDS:
        reduced = run.reduced(kind)
        print(f"\n{kind}: {len(reduced)} different")
        for one, count in reduced:
            print(f"{count:5} {' '.join(one.tokens)}\n      {explain(one)}")
    run.parsers.close()
    return 1 if run.found else 0


if __name__ == "__main__":
    sys.exit(main())
