#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The operations of admin/openapi.yaml are those of admin/routes.def: id,
method, path, summary; and every reference in it leads somewhere."""

import re

import yaml

from lint import finish, read

ROUTES, DESCRIPTION = "admin/routes.def", "admin/openapi.yaml"
ROW = re.compile(r'^DG_ROUTE\((\w+), "(\w+)", "([^"]+)", API_(\w+), \w+, '
                 r'"([^"]+)"\)', re.M)
METHODS = ("get", "post", "put", "patch", "delete")


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def leads_somewhere(document, reference) -> bool:
    for part in reference.removeprefix("#/").split("/"):
        if not isinstance(document, dict) or part not in document:
            return False
        document = document[part]
    return reference.startswith("#/")


def main() -> None:
    rows = {m[1]: (m[2], m[3], m[5], m[4] == "OPEN")
            for m in ROW.finditer(read(ROUTES))}
    document = yaml.safe_load(read(DESCRIPTION))
    described = {}
    findings = []
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                described[operation["operationId"]] = (
                    method.upper(), path, operation["summary"],
                    operation.get("security") == [])
    for name in sorted(rows.keys() | described.keys()):
        if rows.get(name) != described.get(name):
            findings.append(f"{name}: {ROUTES} has {rows.get(name)}, "
                            f"{DESCRIPTION} {described.get(name)}")
    for reference in sorted(set(references(document))):
        if not leads_somewhere(document, reference):
            findings.append(f"{DESCRIPTION}: {reference} leads nowhere")
    if len(rows) != read(ROUTES).count("\nDG_ROUTE("):
        findings.append(f"{ROUTES}: a row is not of the form of the others")
    finish(findings, "Change both.", f"{len(rows)} operations")


main()
