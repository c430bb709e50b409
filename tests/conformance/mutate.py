# SPDX-License-Identifier: Apache-2.0
"""Single-token mutations: of generated statements and of the corpora.

One token of a statement is deleted, doubled, swapped with the next, replaced,
or gets a new one in front: a keyword mostly, reserved or not, else a sign, a
name or a literal. The corpora are third party: they are read, never kept.
"""

import random
import re

import generate
import grammar_rules
import sql_texts

#: Enough of both dialects' lexers to find where a token ends; what they would
#: read differently becomes a stranger mutant, no worse one.
TOKEN = re.compile(
    r"""(?P<gap>(?:\s|--[^\r\n]*|/\*.*?\*/)*)
    (?P<token>
      [xX]'[^']*' | [uU]&'(?:[^']|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*"
      | \$\$.*?\$\$ | \d[\w.]*(?:(?<=[eE])[-+]\d+)? | \.\d+ | \w+
      | -> | => | <> | != | <= | >= | \|\| | :: | \{- | -\} | .
    )""",
    re.X | re.S,
)
#: Longer ones take the engines' parsers too long.
TOKENS_MAX = 400
NAMES = ["a", "t", '"a b"', "x1"]
LITERALS = ["1", "'a'", "1.5", "1e3", "NULL", "U&'a'", "X'0A'", "?"]


def split(text):
    """(tokens, gaps) of a text; what stands behind the last token is lost."""
    tokens, gaps, at = [], [], 0
    while found := TOKEN.match(text, at):
        gaps.append(found["gap"])
        tokens.append(found["token"])
        at = found.end()
    return tokens, gaps


class Mutator:
    """statement() makes the next mutant: of a corpus text, of our own making.

    folder: of the corpora; None: only of our own.
    """

    def __init__(self, dialect, version, seed, folder):
        self.random = random.Random(f"mutants {dialect} {version} {seed}")
        self.generator = generate.Generator(
            dialect, version, f"mutants {seed}", changing=0
        )
        self.words = [word.text for word in self.generator.grammar.words]
        self.signs = sorted(set(grammar_rules.SIGNS.values()))
        texts = [] if folder is None else sql_texts.corpus(folder)
        self.bases = [
            base
            for base in map(split, texts)
            if 0 < len(base[0]) <= TOKENS_MAX
        ]

    def _new(self):
        kind = self.random.random()
        if kind < 0.6:
            word = self.random.choice(self.words)
            return self.random.choice((word, word.lower()))
        if kind < 0.8:
            return self.random.choice(self.signs)
        return self.random.choice(NAMES if kind < 0.88 else LITERALS)

    def _base(self):
        if self.bases and self.random.random() < 0.5:
            return self.random.choice(self.bases)
        made = self.generator.statement()
        return made.tokens, made.gaps

    def _mutate(self, tokens, gaps):
        at = self.random.randrange(len(tokens))
        kind = self.random.randrange(8)
        if kind == 0:
            del tokens[at], gaps[at]
        elif kind == 1:
            tokens.insert(at, tokens[at])
            gaps.insert(at + 1, " ")
        elif kind == 2 and at + 1 < len(tokens):
            tokens[at], tokens[at + 1] = tokens[at + 1], tokens[at]
        elif kind <= 5:
            tokens[at] = self._new()
        else:
            at = self.random.randrange(len(tokens) + 1)
            tokens.insert(at, self._new())
            gaps.insert(at, " ")

    def statement(self):
        tokens, gaps = map(list, self._base())
        self._mutate(tokens, gaps)
        if not tokens:
            return self.statement()
        # What stood apart stays so, and words do not run together.
        for at in range(1, len(tokens)):
            touching = tokens[at - 1][-1] + tokens[at][0]
            if gaps[at] == "" and re.fullmatch(r"[\w'\"]{2}", touching):
                gaps[at] = " "
        return generate.Statement(tokens, gaps, None, True)

    def coverage(self):
        return f"of {len(self.bases)} corpus statements and generated ones"
