#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Calls that C code here does not make, and what to write instead."""

import re

from lint import files, finish, line_of, read, strip_c

BANNED = {
    "strcpy": "memcpy with a known length, or dg_buf_append",
    "strncpy": "memcpy; it does not terminate",
    "strcat": "dg_buf_append", "strncat": "dg_buf_append",
    "sprintf": "snprintf or dg_buf_appendf",
    "vsprintf": "vsnprintf",
    "strtok": "dg_str_split", "strtok_r": "dg_str_split",
    "atoi": "dg_str_to_i64", "atol": "dg_str_to_i64",
    "atoll": "dg_str_to_i64", "atof": "a checked conversion",
    "gets": "a bounded read", "scanf": "dg_str_*", "sscanf": "dg_str_*",
    "alloca": "the arena", "getaddrinfo": "proxy/net/resolver",
    "gethostbyname": "proxy/net/resolver",
    "rand": "getrandom", "srand": "getrandom", "random": "getrandom",
    "usleep": "wait for a condition", "sleep": "wait for a condition",
    "localtime": "dg_clock_format_utc", "gmtime": "gmtime_r",
    "ctime": "dg_clock_format_utc",
    "tmpnam": "mkstemp", "mktemp": "mkstemp",
}
# In the program itself; tests may. Heap memory goes through base/mem.h.
PRODUCT = {"strtol": "dg_str_to_i64", "strtoul": "dg_str_to_u64",
        "strtoll": "dg_str_to_i64", "strtoull": "dg_str_to_u64",
        "malloc": "dg_calloc", "calloc": "dg_calloc",
        "realloc": "dg_realloc", "free": "dg_free", "strdup": "dg_strdup",
        "strndup": "dg_str_to_cstr", "asprintf": "dg_buf_appendf"}
# (file, call): why it is right there.
ALLOWED = {
    ("base/mem.c", "calloc"): "the wrapper itself",
    ("base/mem.c", "free"): "the wrapper itself",
    # A build tool, which links with nothing of ours.
    ("sqlparse/scan/mkkeywords.c", "malloc"): "build tool",
    ("sqlparse/scan/mkkeywords.c", "calloc"): "build tool",
    ("sqlparse/scan/mkkeywords.c", "free"): "build tool",
    # Its own thread, which may block.
    ("proxy/net/resolver.c", "getaddrinfo"): "runs on the offload pool",
}


def main() -> None:
    findings = []
    names = files(".c", ".h", ".y")
    for name in names:
        text = strip_c(read(name))
        table = dict(BANNED)
        if name.parts[0] != "tests":
            table.update(PRODUCT)
        for match in re.finditer(r"(?<![\w.>])([a-z_]+)\s*\(", text):
            call = match.group(1)
            if call in table and (str(name), call) not in ALLOWED:
                findings.append(f"{name}:{line_of(text, match.start())}: "
                                f"{call}(): use {table[call]}")
    finish(findings,
           "A call that is right all the same goes into ALLOWED of "
           "tests/lint/banned.py with its reason.",
           f"{len(names)} files without banned calls")


main()
