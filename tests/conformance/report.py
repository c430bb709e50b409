#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well we read what the engines' own parsers read, a row per version.

usage: report.py [trino|presto [VERSION...]] [--set NAME] [--count N] [--seed N]
                 [--sample N] [--show N] [--list]

Each parser is asked in-process (java/ParserOracle.java), ours beside it. The
columns of a row:

  accepted    of what the engine accepts, how much we accept: percent, counts
  taken       of what the engine refuses, how much we accept
  place       of what both refuse, how often with the same line and column
  readings    statements that both accept and that we read differently: other
              names, tables, scopes, joins or kind of statement (ast_outline.c)

Sets of statements: `corpora` (third-party, from DG_SHARED or ../shared),
`words` (every keyword in every place where a name may stand), `faults` (one
fault, in every kind of place), `generated` (out
of our own grammar, --count and --seed; half of them with one token changed).
Versions that need a Java that is not here, and those that cannot be brought,
are named and left out. DATAGATEWAY names the program, beside which
tests/conformance/ast_outline must be built (default: build/dev/datagateway).
"""

import argparse
import collections
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "engines"))

import engine_parsers  # noqa: E402
import artefacts  # noqa: E402  (engine_parsers adds its folder)
import disagreements  # noqa: E402
import fault_texts  # noqa: E402
import generate  # noqa: E402
import lab  # noqa: E402  (its folder is added above)
import sql_texts  # noqa: E402

SETS = ("corpora", "words", "faults", "generated")
HEAD = "engine                statements  accepted              taken" \
       "                place                 readings"


class Figures:
    """Counts of one version; others: [(kind, statement, ours, theirs)]."""

    def __init__(self):
        self.asked = self.theirs = self.both = 0
        self.refused = self.taken = self.unplaced = 0
        self.read = 0
        self.others = []

    def add(self, text, ours, theirs):
        self.asked += 1
        kind = disagreements.compare(ours, theirs)
        if theirs.startswith("error "):
            self.refused += 1
            self.taken += kind == "taken"
            self.unplaced += kind == "place"
        else:
            self.theirs += 1
            self.both += kind not in ("refused", "unsupported")
            self.read += kind == "reading"
        if kind is not None:
            self.others.append((kind, text, ours, theirs))

    def row(self, name):
        placed = self.refused - self.taken
        return (
            f"{name:20} {self.asked:11}  "
            f"{share(self.both, self.theirs):20}  "
            f"{share(self.taken, self.refused):20} "
            f"{share(placed - self.unplaced, placed):20}  {self.read:8}"
        )

    def accepted_share(self):
        return self.both / max(1, self.theirs)

    def placed_share(self):
        placed = self.refused - self.taken
        return 1 - self.unplaced / max(1, placed)


def share(part, whole):
    percent = 100 * part / whole if whole else 100
    return f"{percent:.2f} % ({part} of {whole})"


def sampled(texts, most):
    """At most so many of them, evenly spread."""
    if most is None or len(texts) <= most:
        return texts
    return [texts[i * len(texts) // most] for i in range(most)]


def measure(dialect, version, texts, outline_program):
    """The Figures of one version over these statements."""
    figures = Figures()
    parsers = disagreements.Parsers(dialect, version, outline_program)
    for text, (_, ours, theirs) in zip(texts, parsers.ask(texts)):
        figures.add(text, ours, theirs)
    parsers.close()
    return figures


def texts_of(name, dialect, version, args):
    if name == "words":
        return sql_texts.soft_words()
    if name == "faults":
        return fault_texts.faults()
    if name == "generated":
        generator = generate.Generator(dialect, version, args.seed)
        made = [generator.statement() for _ in range(args.count)]
        return [generate.text_of(one) for one in made]
    folder = lab.corpora_dir()
    if folder is None:
        sys.exit("no corpora: set DG_SHARED to a folder that has them")
    return sql_texts.corpus(folder)


def show(figures, most):
    kinds = collections.Counter(kind for kind, *_ in figures.others)
    print("   ", dict(kinds))
    shown = collections.Counter()
    for kind, text, ours, theirs in figures.others:
        shown[kind] += 1
        if shown[kind] <= most:
            print(f"    {kind}: {text!r}\n        {describe(ours, theirs)}")


def describe(ours, theirs):
    if ours.startswith("error ") or theirs.startswith("error "):
        return f"we: {ours[:100]}\n        it: {theirs[:200]}"
    mine, other = engine_parsers.items(ours), engine_parsers.items(theirs)
    return (
        f"we only: {engine_parsers.added(other, mine)}, "
        f"it only: {sorted((other - mine).elements())}"
    )


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage=argparse.SUPPRESS,
    )
    parser.add_argument("dialect", nargs="?", choices=("trino", "presto"))
    parser.add_argument("version", nargs="*")
    parser.add_argument("--set", choices=SETS, action="append")
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sample", type=int, help="ask so many, evenly spread")
    parser.add_argument("--show", type=int, help="so many differences of each")
    parser.add_argument("--list", action="store_true", help="versions, and end")
    args = parser.parse_args()
    engines = [
        (dialect, version)
        for dialect, version in engine_parsers.versions()
        if args.dialect in (None, dialect)
        and (not args.version or version in args.version)
    ]
    program = disagreements.outline_program()
    for name in args.set or ("corpora", "words"):
        if args.list:
            break
        print(f"{name}\n{HEAD}")
        for dialect, version in engines:
            reason = engine_parsers.why_not(dialect, version)
            if reason:
                print(f"{dialect} {version}: left out: {reason}")
                continue
            texts = texts_of(name, dialect, version, args)
            texts = sampled(texts, args.sample)
            figures = measure(dialect, version, texts, program)
            print(figures.row(f"{dialect} {version}"), flush=True)
            if args.show is not None:
                show(figures, args.show)
    if args.list:
        for dialect, version in engines:
            print(dialect, version, engine_parsers.why_not(dialect, version) or "")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except artefacts.FetchError as error:
        sys.exit(str(error))
