#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each state table in C (struct dg_fsm_state) has a drawing with the same
states and edges: docs/fsm/NAME.dot for NAME.c, or the one that the comment
above the table names: /* docs/fsm/OTHER.dot */"""

import re

from lint import MODULES, ROOT, files, finish, line_of, read

TABLE = re.compile(r"(?P<comment>/\*(?:(?!\*/).)*\*/\s*)?(?:static )?const "
                   r"struct dg_fsm_state\s+(?P<name>\w+)\[[^\]]*\]\s*=\s*\{"
                   r"(?P<body>.*?)^\};", re.S | re.M)
STATE = re.compile(r'\[(?P<id>\w+)\]\s*=\s*\{\s*"(?P<name>[^"]+)"\s*,'
                   r"(?P<next>[^}]*?),\s*(?P<waits>true|false)\s*,?\s*\}",
                   re.S)
EDGE = re.compile(r"^\s*(\w+)\s*->\s*(\{[^}]*\}|\w+)", re.M)
NODE = re.compile(r"^\s*(\w+)\s*(?:\[[^\]]*\])?\s*;", re.M)
KEYWORDS = {"graph", "node", "edge", "rankdir"}


def read_table(body):
    names = {m["id"]: m["name"] for m in STATE.finditer(body)}
    edges = set()
    for match in STATE.finditer(body):
        for target in re.findall(r"\b(?:DG_FSM_)?TO\((\w+)\)", match["next"]):
            edges.add((match["name"], names.get(target, target)))
    return set(names.values()), edges


def read_drawing(text):
    text = re.sub(r"//[^\n]*|/\*.*?\*/|#[^\n]*", "", text, flags=re.S)
    edges = set()
    for source, targets in EDGE.findall(text):
        for target in re.findall(r"\w+", targets):
            edges.add((source, target))
    nodes = {n for n in NODE.findall(text) if n not in KEYWORDS}
    nodes |= {n for edge in edges for n in edge}
    return nodes, edges


def compare(place, drawing, states, edges):
    nodes, drawn = read_drawing(read(drawing))
    for state in sorted(states - nodes):
        yield f"{drawing}: state {state} of {place} is not drawn"
    for state in sorted(nodes - states):
        yield f"{drawing}: {state} is no state of {place}"
    for a, b in sorted(edges - drawn):
        yield f"{drawing}: {a} -> {b} of {place} is not drawn"
    for a, b in sorted(drawn - edges):
        yield f"{drawing}: {a} -> {b} is not in {place}"


def main() -> None:
    findings = []
    used = set()
    for name in files(".c", under=MODULES):
        text = read(name)
        for match in TABLE.finditer(text):
            place = f"{name}:{line_of(text, match.start('name'))}"
            named = re.search(r"docs/fsm/\w+\.dot", match["comment"] or "")
            drawing = (named.group(0) if named
                       else f"docs/fsm/{name.stem}.dot")
            if not (ROOT / drawing).exists():
                findings.append(f"{place}: {match['name']} has no drawing "
                                f"{drawing}")
                continue
            used.add(drawing)
            findings += compare(place, drawing, *read_table(match["body"]))
    for name in files(".dot"):
        if str(name).startswith("docs/fsm/") and str(name) not in used:
            findings.append(f"{name}: no table in C refers to it")
    if not used:
        findings.append("no table found: has the pattern become wrong?")
    finish(findings, "Drawing and table must say the same: change both.",
           f"{len(used)} state machines equal their drawings")


main()
