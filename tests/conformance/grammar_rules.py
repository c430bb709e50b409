# SPDX-License-Identifier: Apache-2.0
"""sqlparse/parse/grammar.y, gates.def and keywords.def as data, for the generator.

Reads as much of lemon's language as that grammar uses: %ifdef of a dialect,
%token_class, %fallback, rules. Of the actions only the version gates count.
"""

import collections
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

#: since, until: versions as gates.def counts them.
Rule = collections.namedtuple("Rule", "left right since until")
#: of a keyword, per version: whether it is one, and whether it is reserved.
Word = collections.namedtuple("Word", "text token known reserved")

NEVER = 65535

#: what promote.c calls a word once it knows which of its readings it is.
PROMOTED = {
    "WITH_ORDINALITY": ["WITH"],
    "WITH_DATA": ["WITH"],
    "WITH_TIES": ["WITH"],
    "WITH_TIME_ZONE": ["WITH"],
    "WITHOUT_TIME_ZONE": ["WITHOUT"],
    "WITH_SESSION": ["SESSION"],
    "RUN": ["ANALYZE"],
    "FRAME": ["ROWS", "RANGE", "GROUPS"],
    "INTERVAL_TYPE": ["INTERVAL"],
    "ROW_OF": ["ROW"],
    "ARRAY_OF": ["ARRAY"],
    "ARRAY_TYPE": ["ARRAY"],
    "IF_THEN": ["IF"],
    "MATCH_OF": ["MATCH"],
    "DOUBLE_LITERAL": ["DOUBLE"],
    "POSITION_IN": ["IN"],
    "BETWEEN_AND": ["AND"],
}

SIGNS = {
    "LP": "(", "RP": ")", "LB": "[", "RB": "]", "DOT": ".", "COMMA": ",",
    "SEMICOLON": ";", "COLON": ":", "AT_SIGN": "@", "ARROW": "->",
    "DOUBLE_ARROW": "=>", "DOUBLE_COLON": "::", "EQ": "=", "NE": "<>",
    "LT": "<", "LE": "<=", "GT": ">", "GE": ">=", "PLUS": "+", "MINUS": "-",
    "STAR": "*", "SLASH": "/", "PERCENT": "%", "CONCAT": "||", "QM": "?",
    "BAR": "|", "CARET": "^", "DOLLAR": "$", "LC": "{", "RC": "}",
    "LC_MINUS": "{-", "MINUS_RC": "-}", "LP_SORT": "(", "DOT_STAR": ".",
    "DOT_OUTER": ".", "LB_OUTER": "[",
}


def version_number(text):
    """476 is 476, 0.296 is 296."""
    return int(text.split(".")[-1])


def _without_comments(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"//[^\n]*", " ", text)


def _for_dialect(text, dialect):
    kept, wanted = [], True
    for line in text.split("\n"):
        if line.startswith("%ifdef"):
            wanted = line.split()[1] == f"DG_{dialect.upper()}"
        elif line.startswith("%endif"):
            wanted = True
        elif wanted:
            kept.append(line)
    return "\n".join(kept)


def _read_gates(dialect):
    """Of each gate, the first version with it and the first without again."""
    gates = {}
    row = re.compile(r'^DG_SQL_GATE\((\w+), ".*", (.*)\)$', re.M)
    text = (ROOT / "sqlparse/scan/gates.def").read_text(encoding="utf-8")
    for name, numbers in row.findall(text):
        versions = [
            NEVER if n == "NEVER" else int(n) for n in numbers.split(", ")
        ]
        gates[name] = versions[:2] if dialect == "trino" else versions[2:]
    assert len(gates) == text.count("\nDG_SQL_GATE(")
    return gates


def _gates(action, gates):
    named = [gates[name] for name in re.findall(r"\bGATE\((\w+),", action)]
    return (
        max((since for since, _ in named), default=0),
        min((until for _, until in named), default=NEVER),
    )


def _read_rules(text, gates):
    found = []
    pattern = re.compile(
        r"^(\w+)(?:\(\w+\))?\s*::=([^.]*)\.\s*(?:\[\w+\])?\s*"
        r"(\{(?:[^{}]|\{[^{}]*\})*\})?",
        re.M,
    )
    for left, right, action in pattern.findall(text):
        symbols = tuple(re.sub(r"\(\w+\)", "", right).split())
        found.append(Rule(left, symbols, *_gates(action, gates)))
    assert len(found) == text.count("::="), "a rule was not understood"
    return found


def _read_words(text, dialect, version):
    words = []
    row = re.compile(r"^DG_SQL_WORD\((\w+), (\w+), (.*)\)$", re.M)
    for word, token, numbers in row.findall(text):
        gates = [
            NEVER if n == "NEVER" else int(n) for n in numbers.split(", ")
        ]
        since, reserved = gates[:2] if dialect == "trino" else gates[2:]
        words.append(
            Word(word, token, since <= version, reserved <= version)
        )
    assert len(words) > 300
    return words


class Grammar:
    """The rules of one dialect and version, and the words of its tokens.

    rules: what that version has; others are left out.
    words: every Word, of this version or not.
    spellings: token -> the words that it may be.
    """

    start = "statement"

    def __init__(self, dialect, version):
        self.dialect = dialect
        self.version = version_number(version)
        text = (ROOT / "sqlparse/parse/grammar.y").read_text(encoding="utf-8")
        text = _for_dialect(_without_comments(text), dialect)
        table = (ROOT / "sqlparse/scan/keywords.def").read_text(encoding="utf-8")
        self.words = _read_words(table, dialect, self.version)
        self.spellings = collections.defaultdict(list)
        for word in self.words:
            if word.known:
                self.spellings[word.token].append(word.text)
        for token, texts in PROMOTED.items():
            self.spellings[token] = texts
        gates = _read_gates(dialect)
        self.rules = self._reached(self._usable(_read_rules(text, gates)))
        self.by_left = collections.defaultdict(list)
        for number, rule in enumerate(self.rules):
            self.by_left[rule.left].append(number)
        self.tokens_of = self._shortest()

    def is_token(self, symbol):
        return symbol == "id" or symbol.isupper()

    def _has_token(self, token):
        return (
            token in SIGNS
            or token in ("id", "ID", "QUOTED")
            or token.startswith("LIT_")
            or bool(self.spellings[token])
        )

    def _usable(self, rules):
        """Without those of other versions, and what needs them."""
        rules = [
            rule
            for rule in rules
            if rule.since <= self.version
            and self.version < rule.until
            and rule.left != "start"
        ]
        while True:
            made = {rule.left for rule in rules}
            left = [
                rule
                for rule in rules
                if all(
                    self._has_token(s) if self.is_token(s) else s in made
                    for s in rule.right
                )
            ]
            if len(left) == len(rules):
                return rules
            rules = left

    def _reached(self, rules):
        """Without those to which no way leads from the start."""
        reached, todo = {self.start}, [self.start]
        while todo:
            left = todo.pop()
            for rule in rules:
                if rule.left == left:
                    todo += set(rule.right) - reached
                    reached.update(rule.right)
        return [rule for rule in rules if rule.left in reached]

    def _shortest(self):
        """Symbol -> how many tokens its shortest text has."""
        least = {}
        changed = True
        while changed:
            changed = False
            for rule in self.rules:
                try:
                    cost = sum(
                        1 if self.is_token(s) else least[s]
                        for s in rule.right
                    )
                except KeyError:
                    continue
                if cost < least.get(rule.left, NEVER):
                    least[rule.left] = cost
                    changed = True
        return least

    def cost(self, number):
        return sum(
            1 if self.is_token(s) else self.tokens_of[s]
            for s in self.rules[number].right
        )
