#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dg_acl_decide and the reference give the same answers to random questions
about random policies.

A failure is made as small as it gets and printed with its seed; the same seed
repeats it: agree.py ANSWERS --seed N --pairs 1
"""

import argparse
import collections
import copy
import json
import subprocess
import sys
import time

import reference
from random_policies import random_case

PAIRS = 50_000
LONG_PAIRS = 1_000_000
ACCESSES = 25  # to each policy
BATCH = 40  # policies in one run of the program
CONTAINERS = ("catalog", "schema")


def ask_program(program, cases):
    """One line of answers for each case."""
    lines = "\n".join(json.dumps(case) for case in cases)
    done = subprocess.run([program], input=lines + "\n", capture_output=True,
                          text=True, timeout=300, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{program}: {done.stderr.strip()}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def may_break_glass(policy, wanted):
    """Only where no other rule would do. With columns each has its own."""
    by = [rule for rule in policy["rules"] if rule["id"] in wanted.rules]
    return any(rule["break_glass"] for rule in by) and (
        any(rule["columns"] or rule["tags"] for rule in by) or
        all(rule["break_glass"] for rule in by))


def difference(policy, access, wanted, got):
    """What is wrong with the program's answer; None when nothing is."""
    if access["privilege"] == "show" and access["kind"] in CONTAINERS and \
            wanted.reason == "not_granted" and got["reason"] == "allowed":
        return None  # names that the reference does not think of
    if got["reason"] != wanted.reason:
        return f"{got['reason']}, not {wanted.reason}"
    if got["allowed"] != wanted.allowed:
        return f"allowed is {got['allowed']}"
    if got["observed"] != wanted.observed:
        return f"observed is {got['observed']}"
    if got["break_glass"] and access["privilege"] != "show" and \
            not may_break_glass(policy, wanted):
        return "breaks the glass needlessly"
    if sorted(got["missing"]) != sorted(wanted.missing):
        return f"missing {got['missing']}, not {wanted.missing}"
    # Of containers the reference knows only some of the rules beneath.
    if access["kind"] not in CONTAINERS and wanted.rules and \
            got["rule"] not in wanted.rules:
        return f"names rule {got['rule']}, not one of {sorted(wanted.rules)}"
    return None


def holders_differ(policy, access, got):
    """Of every fifth access: who may, users and whoever comes with the roles
    only, is exactly whom the reference lets."""
    if (access["now"] + len(access["name"])) % 5:
        return None
    wanted = [user for user in sorted(policy["users"])
              if reference.decide(policy, {**access, "user": user}).allowed]
    if access["privilege"] == "show":
        return None
    if got["holders"] != wanted:
        return f"holders are {got['holders']}, not {wanted}"
    anyone = reference.decide(policy, {**access, "user": reference.ANYONE})
    if got["anyone"] != anyone.allowed:
        return f"anyone with {access['roles']} may: {got['anyone']}"
    return None


def first_difference(program, case):
    answers = ask_program(program, [case])[0]
    for access, got in zip(case["accesses"], answers):
        wrong = difference(case["policy"], access,
                           reference.decide(case["policy"], access), got) or \
            holders_differ(case["policy"], access, got)
        if wrong:
            return access, wrong
    return None, None


def smaller_rules(policy):
    """The policy with one thing less."""
    for i in range(len(policy["rules"])):
        yield {**policy, "rules": policy["rules"][:i] + policy["rules"][i + 1:]}
    for key in [key for key, value in policy.items()
                if isinstance(value, list) and key not in ("users", "roles",
                                                           "rules")]:
        for i in range(len(policy[key])):
            yield {**policy, key: policy[key][:i] + policy[key][i + 1:]}
    for i, rule in enumerate(policy["rules"]):
        for key, value in rule.items():
            fewer = [value[:j] + value[j + 1:] for j in range(len(value))] \
                if isinstance(value, list) else \
                [False] if value is True else \
                [0] if key in ("from", "until") and value and \
                not rule["break_glass"] else []
            for less in fewer:
                if less == [] and key in ("to", "privileges"):
                    continue
                shorter = copy.deepcopy(policy)
                shorter["rules"][i][key] = less
                yield shorter


def reduce(program, policy, access):
    """The smallest policy about which they still differ."""
    changed = True
    while changed:
        changed = False
        for candidate in smaller_rules(policy):
            case = {"policy": candidate, "accesses": [access]}
            if first_difference(program, case)[1]:
                policy, changed = candidate, True
                break
    return policy


def report(program, seed, case, access, wrong):
    policy = reduce(program, case["policy"], access)
    wrong = first_difference(program, {"policy": policy,
                                       "accesses": [access]})[1]
    print(f"seed {seed}: {wrong}")
    for key in policy:
        if key == "rules":
            for rule in policy["rules"]:
                print("  rule", json.dumps(rule, ensure_ascii=False))
        elif policy[key]:
            print(f"  {key}", json.dumps(policy[key], ensure_ascii=False))
    print("  access", json.dumps(access, ensure_ascii=False))


def compare(program, seeds, accesses, tally):
    """The first seeds that differ, at most one of this batch."""
    cases = [random_case(seed, accesses) for seed in seeds]
    for seed, case, answers in zip(seeds, cases, ask_program(program, cases)):
        if len(answers) != len(case["accesses"]):
            raise SystemExit(f"seed {seed}: {len(answers)} answers")
        for access, got in zip(case["accesses"], answers):
            wanted = reference.decide(case["policy"], access)
            tally.add(case["policy"], access, wanted)
            wrong = difference(case["policy"], access, wanted, got) or \
                holders_differ(case["policy"], access, got)
            if wrong:
                return [(seed, case, access, wrong)]
    return []


class Tally:
    """How often each answer came, and of what kinds the rules behind it were:
    what never comes is not tested."""

    def __init__(self):
        self.answers = collections.Counter()
        self.rules = collections.Counter()

    def add(self, policy, access, wanted):
        self.answers[access["kind"], wanted.reason] += 1
        self.rules["observed"] += wanted.observed
        for rule in policy["rules"]:
            if rule["id"] in wanted.rules:
                for key in ("tags", "networks", "clusters", "except",
                            "columns", "break_glass"):
                    self.rules[key] += bool(rule[key])
                self.rules["time"] += bool(rule["from"] or rule["until"])

    def show(self):
        reasons = sorted({reason for _, reason in self.answers})
        print(f"{'':15}" + "".join(f"{reason:>16}" for reason in reasons))
        for kind in sorted({kind for kind, _ in self.answers}):
            print(f"{kind:15}" + "".join(f"{self.answers[kind, reason]:16}"
                                         for reason in reasons))
        print("by rules with", ", ".join(f"{key} {n}" for key, n in
                                         sorted(self.rules.items())))


def is_one_sided(counts):
    """Each kind must be allowed and refused often, or nothing was tested."""
    for kind in {kind for kind, _ in counts}:
        total = sum(n for (of, _), n in counts.items() if of == kind)
        allowed = counts[kind, "allowed"]
        if total > 500 and not total / 20 < allowed < total * 19 / 20:
            print(f"{kind}: {allowed} of {total} allowed")
            return True
    return False


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("program", help="tests/policy/policy_answers as built")
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--long", action="store_true",
                        help=f"{LONG_PAIRS} pairs")
    parser.add_argument("--seed", type=int, default=20240229)
    options = parser.parse_args()
    pairs = LONG_PAIRS if options.long else options.pairs
    accesses = min(ACCESSES, pairs)
    started = time.monotonic()
    tally = Tally()
    seeds = range(options.seed, options.seed + -(-pairs // accesses))
    differing = []
    for at in range(0, len(seeds), BATCH):
        differing += compare(options.program, seeds[at:at + BATCH], accesses,
                             tally)
        if len(differing) >= 3:
            break
    for seed, case, access, wrong in differing:
        report(options.program, seed, case, access, wrong)
    tally.show()
    print(f"{sum(tally.answers.values())} pairs from seed {options.seed}, "
          f"{time.monotonic() - started:.1f} s, {len(differing)} differ")
    return 1 if differing or is_one_sided(tally.answers) else 0


if __name__ == "__main__":
    sys.exit(main())
