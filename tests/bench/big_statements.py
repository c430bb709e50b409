# SPDX-License-Identifier: Apache-2.0
"""Statements of a given size, each of one kind of much: for `run sql`.

What a program writes (lists, chains, generated columns), and what somebody
writes who wants us to be busy. All are read and allowed; they stay within the
default limits of tokens and depth.
"""

DEPTH = 900  # of parentheses; the limit of 2,000 counts other levels as well


def fill(head, part, tail, size, between=", "):
    """head, as many parts as the size has room for, tail."""
    room = size - len(head) - len(tail)
    parts = []
    while True:
        text = part(len(parts))
        room -= len(text) + len(between)
        if room < 0:
            break
        parts.append(text)
    return head + between.join(parts) + tail


def statements(size):
    """Name to text."""
    sales = "select count(*) from store_sales"
    nested = "(  " * DEPTH + "ss_item_sk" + "  )" * DEPTH
    return {
        "in_list": fill(
            f"{sales} where ss_item_sk in (", lambda i: f"{i:04}", ")", size
        ),
        "or_chain": fill(
            f"{sales} where ", lambda i: f"ss_item_sk = {i}", "", size, " or "
        ),
        "values": fill(
            "select * from (values ",
            lambda i: f"({i}, 'name of {i}', 1.5)",
            ") t (a, b, c)",
            size,
        ),
        "columns": fill(
            "select ", lambda i: f"ss_item_sk c{i}", " from store_sales", size
        ),
        "nesting": fill(
            f"{sales} where ", lambda i: f"{nested} > {i}", "", size, " and "
        ),
        "literal": fill("select '", lambda i: "text" * 16, "'", size, ""),
        "quotes": fill("select '", lambda i: "''" * 32, "'", size, ""),
        "comment": fill("select 1 /*", lambda i: "text" * 16, "*/", size, ""),
        "unions": fill(
            "",
            lambda i: f"select ss_item_sk from store_sales where {i} = 1",
            "",
            size,
            " union all ",
        ),
        "ctes": fill(
            "with c as (select 1 x), ",
            lambda i: f"c{i} as (select x from c)",
            " select x from c0",
            size,
        ),
        "calls": fill(
            "select ",
            lambda i: f"max(case when ss_item_sk = {i} then 1 else 0 end)",
            " from store_sales",
            size,
        ),
        "names": fill(
            "select ", lambda i: f'"SS_Item_SK" + {i}', " from store_sales", size
        ),
    }
