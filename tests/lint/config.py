#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every option of proxy/config.def is in docs/configuration.md and in the
sample deploy/datagateway.yaml, and these have no others. Where the program is
built, the reference is what it prints."""

import re
import subprocess

from lint import build_dir, files, finish, read

DOC = "docs/configuration.md"
SAMPLE = "deploy/datagateway.yaml"


def options() -> list[str]:
    return re.findall(r'^DG_OPT_\w+\(\w+,\s*"([^"]+)"',
                      read("proxy/config.def"), re.M)


def sample_paths(text: str) -> dict[str, int]:
    """Dotted paths of all keys, also of those commented out ("#key: value",
    without a space behind the '#')."""
    paths: dict[str, int] = {}
    stack: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"^(?P<indent> *)#?(?P<more> *)(?P<key>[a-z_]+):"
                         r"(?: |$)", line)
        if not match or re.match(r"^ *# ", line):
            continue
        depth = len(match["indent"]) + len(match["more"])
        while stack and stack[-1][0] >= depth:
            stack.pop()
        stack.append((depth, match["key"]))
        paths[".".join(key for _, key in stack)] = number
    return paths


def check_reference(findings: list[str]) -> None:
    program = build_dir() / "datagateway"
    if not program.exists():
        return
    out = subprocess.run([program, "check-config", "--reference"],
                         capture_output=True, text=True, check=False)
    if out.returncode != 0 or out.stdout != read(DOC):
        findings.append(f"{DOC}: not what `datagateway check-config "
                        "--reference` prints")


def main() -> None:
    names = options()
    findings = []
    doc = read(DOC)
    sample = sample_paths(read(SAMPLE))
    documented = re.findall(r"^\| `([a-z_.0-9]+)`", doc, re.M)
    for name in names:
        if name not in documented:
            findings.append(f"{DOC}: no row for {name}")
        if name not in sample:
            findings.append(f"{SAMPLE}: no line for {name}")
    for name in documented:
        if name not in names:
            findings.append(f"{DOC}: {name} is no option")
    sections = {name.rsplit(".", 1)[0] for name in names if "." in name}
    sections |= {s.split(".")[0] for s in sections}
    for path, number in sample.items():
        if path not in names and path not in sections:
            findings.append(f"{SAMPLE}:{number}: {path} is no option")
    # An option that nothing reads is a promise that is not kept.
    members = re.findall(r"^DG_OPT_\w+\((\w+),", read("proxy/config.def"),
                         re.M)
    code = "\n".join(read(n) for n in files(".c", under=["proxy", "cli",
                                                        "admin", "store"]))
    for member in members:
        if not re.search(rf"(->|\.){member}\b", code):
            findings.append(f"proxy/config.def: nothing reads {member}")
    if not names:
        findings.append("no option found: has the pattern become wrong?")
    finish(findings, f"Write the reference with `datagateway check-config "
           f"--reference > {DOC}`; describe the option in {SAMPLE}, "
           "commented out as `#key: default` where it is a default.",
           f"{len(names)} options are documented")


main()
