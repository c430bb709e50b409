#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/metrics.md is what docs/metrics.py writes; every metric is counted
somewhere; names follow Prometheus' rules."""

import importlib.util
import re

from lint import MODULES, ROOT, files, finish, read


def main() -> None:
    spec = importlib.util.spec_from_file_location("generator",
                                                  ROOT / "docs/metrics.py")
    generator = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generator)
    findings = []
    doc = ROOT / "docs/metrics.md"
    if not doc.exists() or doc.read_text() != generator.render():
        findings.append("docs/metrics.md: not what docs/metrics.py writes")
    code = "\n".join(read(n) for n in files(".c", under=MODULES))
    rows = [m for m in map(generator.ROW.match,
                           read("base/include/base/metrics.def")
                           .splitlines()) if m]
    for row in rows:
        if not re.search(rf"\bDG_METRIC_{row['id']}\b", code):
            findings.append(f"metrics.def: nothing counts {row['id']}")
        if not re.fullmatch(r"datagateway_[a-z0-9_]+", row["name"]):
            findings.append(f"metrics.def: name {row['name']}")
        if (row["kind"] == "counter") != row["name"].endswith("_total"):
            findings.append(f"metrics.def: {row['name']}: counters, and only "
                            "they, end in _total")
    finish(findings, "Run docs/metrics.py; a metric that nothing counts "
           "goes, or gets counted.", f"{len(rows)} metrics are documented")


main()
