#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills the Postgres of with_postgres.sh with a large policy and measures.

policy.py BENCH_POLICY RULES CHANGES; see tests/bench/run policy.
"""

import os
import pathlib
import subprocess
import sys
import time

SETTINGS = {
    "shared_buffers": "256MB",
    "max_wal_size": "8GB",
    "jit": "off",
}


def say(text):
    print(time.strftime("%H:%M:%S ") + text, file=sys.stderr, flush=True)


def tune(conninfo, ctl):
    """As a server of that size would be set, not as a unit test's."""
    for name, value in SETTINGS.items():
        text = f"ALTER SYSTEM SET {name} = '{value}'"
        alter = ["psql", "-qX", "-d", conninfo, "-c", text]
        subprocess.run(alter, check=True)
    subprocess.run([ctl, "restart"], check=True)


def fill(program, conninfo, rules):
    subprocess.run([program, "migrate"], check=True)
    made = subprocess.Popen([program, "fill", rules], stdout=subprocess.PIPE)
    subprocess.run(
        ["psql", "-qX", "-o", "/dev/null", "-d", conninfo],
        stdin=made.stdout,
        check=True,
    )
    if made.wait() != 0:
        sys.exit("bench: the workload could not be made")


def main():
    program, rules, changes = sys.argv[1:]
    conninfo = os.environ["DG_TEST_PG"]
    tune(conninfo, os.environ["DG_TEST_PG_CTL"])
    say(f"filling Postgres with {rules} rules")
    fill(str(pathlib.Path(program)), conninfo, rules)
    say("measuring")
    sys.exit(subprocess.run([program, "measure", rules, changes], check=False).returncode)


if __name__ == "__main__":
    main()
