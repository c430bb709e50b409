#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/metrics.md from base/include/base/metrics.def."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROW = re.compile(r'^DG_METRIC\((?P<id>\w+), "(?P<name>[^"]*)", '
                 r'(?P<kind>\w+), "(?P<unit>[^"]*)", "(?P<label>[^"]*)", '
                 r'"(?P<values>[^"]*)", "(?P<help>[^"]*)"\)$')
HEAD = """# Metrics

<!-- Written by docs/metrics.py from base/include/base/metrics.def. -->

Prometheus text format 0.0.4, on the metrics page of the admin listener. Label
values are closed sets: no name that a client chose ever becomes a label.
Histograms have buckets from 1 to 10,000,000 in steps of 1, 2, 5.
"""


def render() -> str:
    text = HEAD
    table = ""
    for line in (ROOT / "base/include/base/metrics.def").read_text() \
            .splitlines():
        section = re.fullmatch(r"/\* (.+) \*/", line)
        row = ROW.match(line)
        if section and "SPDX" not in line:
            text += table
            table = (f"\n## {section[1].capitalize()}\n\n"
                     "| metric | kind | unit | labels | what |\n"
                     "|---|---|---|---|---|\n")
        elif row:
            values = ", ".join(f"`{v}`" for v in row["values"].split("|"))
            label = f"`{row['label']}`: {values}" if row["label"] else ""
            table += (f"| `{row['name']}` | {row['kind']} | {row['unit']} "
                      f"| {label} | {row['help']} |\n")
        elif line.startswith("DG_METRIC"):
            sys.exit(f"not understood: {line}")
    return text + table


if __name__ == "__main__":
    (ROOT / "docs/metrics.md").write_text(render())
