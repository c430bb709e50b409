# SPDX-License-Identifier: Apache-2.0
"""Random statements out of an engine's own grammar (java/GrammarWalk.java).

What generate.py makes comes from our grammar, and cannot have what that lacks;
here the engine's parser says what there is. Spelling, gaps and changes are those
of generate.py. Some of the statements the engine refuses for other reasons.
"""

import engine_parsers
import generate

#: statements that are asked for at a time
BATCH = 1000
#: of the names that stand for BACKQUOTED_IDENTIFIER and the like, how many are
STRANGE = 0.02

LITERALS = {
    "STRING": "LIT_STRING", "UNICODE_STRING": "LIT_UNICODE",
    "BINARY_LITERAL": "LIT_BINARY", "INTEGER_VALUE": "LIT_INTEGER",
    "DECIMAL_VALUE": "LIT_DECIMAL", "DOUBLE_VALUE": "LIT_DECIMAL",
    "DOLLAR_STRING": "LIT_DOLLAR", "NEQ": "NE",
}
NAMES = ("IDENTIFIER", "QUOTED_IDENTIFIER")


class Walker:
    """statement() makes the next one.

    changing: of all statements, how many get one token changed.
    """

    def __init__(self, dialect, version, seed, changing=0.5):
        self.changing = changing
        self.speller = generate.Generator(dialect, version, f"walk {seed}")
        self.random = self.speller.random
        self.walk = engine_parsers.Walk(
            dialect, version, self.random.randrange(1 << 32)
        )
        self.waiting = []

    def _spell(self, token, before):
        if not token.startswith("@") or token == "@":
            return [self.speller.spell_word(token)]
        kind = token[1:]
        if kind == "STRING" and before and before.upper() == "UESCAPE":
            return [self.random.choice(generate.ESCAPES)]
        if kind in LITERALS:
            return [self.speller.spell(LITERALS[kind], None)]
        if kind.endswith("_IDENTIFIER") and kind not in NAMES:
            if self.random.random() < STRANGE:
                return [self.random.choice(generate.STRANGE_NAMES)]
            return [self.speller.spell("id", None)]
        if kind == "QUOTED_IDENTIFIER" and self.random.random() < 0.5:
            return [self.random.choice(generate.QUOTED)]
        if kind in NAMES or not kind.isupper():
            return [self.speller.spell("id", None)]
        # TIME_WITH_TIME_ZONE, DOUBLE_PRECISION, UNBOUNDED, ..
        return [self.speller.spell_word(word) for word in kind.split("_")]

    def statement(self):
        if not self.waiting:
            self.waiting = self.walk.statements(BATCH)
        tokens = []
        for token in self.waiting.pop().split():
            tokens += self._spell(token, tokens[-1] if tokens else None)
        if not tokens:
            return self.statement()
        changed = self.random.random() < self.changing
        if changed:
            self.speller.change(tokens)
        gaps = self.speller.gaps(tokens)
        return generate.Statement(tokens, gaps, None, changed)

    def coverage(self):
        return "out of the engine's grammar"
