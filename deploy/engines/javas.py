# SPDX-License-Identifier: Apache-2.0
"""Finds Java installations by version, without starting any of them."""

import collections
import os
import pathlib
import re
import shutil

Java = collections.namedtuple("Java", "major home")


def installed():
    """Every Java on this machine, lowest version first, each home once."""
    homes = []
    if os.environ.get("JAVA_HOME"):
        homes.append(pathlib.Path(os.environ["JAVA_HOME"]))
    on_path = shutil.which("java")
    if on_path:
        homes.append(pathlib.Path(on_path).resolve().parent.parent)
    homes += sorted(pathlib.Path("/usr/lib/jvm").glob("*"))
    found = {}
    for home in homes:
        major = _major(home)
        if major and (home / "bin" / "java").exists():
            found.setdefault(home.resolve(), major)
    return sorted(Java(major, home) for home, major in found.items())


def find(lowest, highest):
    """The lowest suitable Java, or None."""
    for java in installed():
        if lowest <= java.major <= highest:
            return java
    return None


def _major(home):
    try:
        text = (home / "release").read_text(encoding="utf-8")
    except OSError:
        return None
    match = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', text, re.MULTILINE)
    return int(match.group(1)) if match else None
