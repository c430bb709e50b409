# SPDX-License-Identifier: Apache-2.0
"""Brings the real engines and clients to this machine, once.

Everything comes from Maven Central through `mvn`. What was brought is checked
against the lock files beside this module (SHA-256 and size of each file that
Maven hands over), laid out in a temporary folder and renamed into place as the
last step, so the cache holds whole, verified sets or nothing.

This module knows what a set consists of; it starts nothing (see servers.py).
"""

import collections
import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
LOCKS = HERE / "lock"

#: coordinates: Maven coordinates group:artefact:version[:type[:classifier]].
#: transitive: bring what they need as well (a class path).
#: unpack: archive -> folder it is unpacked to; the others are kept as files.
Set = collections.namedtuple("Set", "coordinates transitive unpack")


def _files(*coordinates):
    return Set(coordinates, False, {})


#: versions whose parsers tests/conformance asks: the newest, the oldest that we
#: claim, and between them those around changes of the grammar.
TRINO_PARSERS = (
    "351", "355", "359", "365", "370", "381", "391", "406", "418", "422",
    "435", "443", "464", "469", "474", "476", "478", "479", "481",
    "482", "483",
)
PRESTO_PARSERS = (
    "0.196", "0.203", "0.208", "0.217", "0.228", "0.236", "0.244", "0.255",
    "0.258", "0.268", "0.277", "0.284", "0.287", "0.296",
)


def _parser(group, artefact, version):
    return Set((f"{group}:{artefact}:{version}",), True, {})


SETS = {
    "trino-476": Set(
        (
            "io.trino:trino-server-core:476:tar.gz",
            "io.trino:trino-tpch:476:zip",
            "io.trino:trino-memory:476:zip",
        ),
        False,
        {
            "trino-server-core-476.tar.gz": ".",
            "trino-tpch-476.zip": "plugin/tpch",
            "trino-memory-476.zip": "plugin/memory",
        },
    ),
    "trino-435": Set(
        (
            "io.trino:trino-main:435",
            "io.trino:trino-memory:435",
            "io.trino:trino-tpch:435",
        ),
        True,
        {},
    ),
    "presto-0.287": Set(
        (
            "com.facebook.presto:presto-main:0.287",
            "com.facebook.presto:presto-memory:0.287",
            "com.facebook.presto:presto-tpch:0.287",
            # The one it was released with does not read Java 17's classes.
            "org.ow2.asm:asm:9.7.1",
            "org.ow2.asm:asm-analysis:9.7.1",
            "org.ow2.asm:asm-tree:9.7.1",
            "org.ow2.asm:asm-util:9.7.1",
        ),
        True,
        {},
    ),
    # For its analyzer, which runs in the tests' own program.
    "presto-0.296": Set(
        (
            "com.facebook.presto:presto-main:0.296",
            "com.facebook.presto:presto-main-base:0.296",
        ),
        True,
        {},
    ),
    # Connectors that can change rows; large, for those who ask for them.
    "trino-iceberg-476": Set(
        ("io.trino:trino-iceberg:476:zip",),
        False,
        {"trino-iceberg-476.zip": "."},
    ),
    "presto-iceberg-0.287": Set(
        ("com.facebook.presto:presto-iceberg:0.287:zip",),
        False,
        {"presto-iceberg-0.287.zip": "."},
    ),
    "trino-cli-476": _files("io.trino:trino-cli:476:jar:executable"),
    "presto-cli-0.287": _files(
        "com.facebook.presto:presto-cli:0.287:jar:executable"
    ),
    "trino-jdbc-476": _files("io.trino:trino-jdbc:476"),
    "presto-jdbc-0.296": _files("com.facebook.presto:presto-jdbc:0.296"),
    "presto-jdbc-0.287": _files("com.facebook.presto:presto-jdbc:0.287"),
    **{
        f"trino-parser-{version}": _parser("io.trino", "trino-parser", version)
        for version in TRINO_PARSERS
    },
    **{
        f"presto-parser-{version}": _parser(
            "com.facebook.presto", "presto-parser", version
        )
        for version in PRESTO_PARSERS
    },
}

MAVEN_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1"

POM = """<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>datagateway.cache</groupId><artifactId>set</artifactId>
<version>1</version><packaging>pom</packaging>
<dependencies>
{dependencies}
</dependencies>
</project>
"""


class FetchError(Exception):
    """A set could not be brought; the text says what a person can do."""


def cache_dir():
    """The folder that outlives runs: DG_CACHE, or the user's cache folder."""
    given = os.environ.get("DG_CACHE")
    if given:
        return pathlib.Path(given)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(home) / "datagateway"


def say(text):
    """Progress goes to stderr: stdout carries answers only."""
    print(time.strftime("%H:%M:%S ") + text, file=sys.stderr, flush=True)


def path_of(name):
    """Where the set lies once it is fetched."""
    if name not in SETS:
        raise FetchError(f"unknown set {name!r}; known: {', '.join(SETS)}")
    return cache_dir() / "sets" / name


def jar_of(name):
    """The one file of a set that has but one (the CLIs, the JDBC drivers)."""
    (jar,) = sorted(path_of(name).glob("*.jar"))
    return jar


def fetch(name, update_lock=False):
    """Makes sure that the set is in the cache; returns its folder."""
    target = path_of(name)
    if _is_whole(name, target) and not update_lock:
        return target
    cache_dir().mkdir(parents=True, exist_ok=True)
    with locked(cache_dir() / "fetch.lock"):
        if _is_whole(name, target) and not update_lock:
            return target
        started = time.monotonic()
        say(f"fetching {name}")
        _bring(name, target, update_lock)
        say(f"fetched {name} in {time.monotonic() - started:.0f} s")
    return target


def is_fetched(name):
    return _is_whole(name, path_of(name))


@contextlib.contextmanager
def locked(path):
    with open(path, "w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _bring(name, target, update_lock):
    files = _download(name)
    if update_lock:
        _write_lock(name, files)
    bad = _mismatches(name, files)
    if bad:
        # A damaged file in Maven's own cache is taken for good by Maven.
        for path, why in bad:
            say(f"{path.name}: {why}; bringing it again")
            path.unlink(missing_ok=True)
        files = _download(name)
        bad = _mismatches(name, files)
    if bad:
        raise FetchError(
            f"{name} is not what was recorded in {_lock_path(name).name}: "
            + "; ".join(f"{path.name}: {why}" for path, why in bad)
        )
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        _lay_out(SETS[name], files, partial)
        count, total = _measure(partial)
        mark = f"{_lock_digest(name)} {count} {total}\n"
        (partial / ".complete").write_text(mark, encoding="ascii")
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _download(name):
    """Lets Maven resolve the set; returns the files in its local cache."""
    wanted = SETS[name]
    work = cache_dir() / "resolve" / name
    work.mkdir(parents=True, exist_ok=True)
    pom = POM.format(
        dependencies="\n".join(
            _dependency(coordinate, wanted.transitive)
            for coordinate in wanted.coordinates
        )
    )
    (work / "pom.xml").write_text(pom, encoding="utf-8")
    listing = work / "classpath"
    listing.unlink(missing_ok=True)
    command = [
        "mvn", "-q", "-B", "-U", "--strict-checksums",
        f"-Dmaven.repo.local={cache_dir() / 'maven'}",
        "-f", str(work / "pom.xml"),
        f"{MAVEN_PLUGIN}:build-classpath",
        f"-Dmdep.outputFile={listing}",
    ]
    for attempt in (1, 2, 3):
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            )
        except FileNotFoundError as missing:
            raise FetchError(
                "mvn is not installed (Debian package maven)"
            ) from missing
        if done.returncode == 0 and listing.exists():
            break
        say(f"Maven failed for {name}, attempt {attempt} of 3")
    else:
        raise FetchError(f"Maven could not bring {name}:\n{done.stdout[-2000:]}")
    text = listing.read_text(encoding="utf-8").strip()
    return sorted({pathlib.Path(part) for part in text.split(":")})


def _dependency(coordinate, transitive):
    group, artefact, version, *rest = coordinate.split(":")
    lines = [
        f"<groupId>{group}</groupId>",
        f"<artifactId>{artefact}</artifactId>",
        f"<version>{version}</version>",
    ]
    if rest:
        lines.append(f"<type>{rest[0]}</type>")
    if len(rest) > 1:
        lines.append(f"<classifier>{rest[1]}</classifier>")
    if not transitive:
        lines.append(
            "<exclusions><exclusion><groupId>*</groupId>"
            "<artifactId>*</artifactId></exclusion></exclusions>"
        )
    return f"<dependency>{''.join(lines)}</dependency>"


def _lock_path(name):
    return LOCKS / f"{name}.lock"


def _lock_digest(name):
    return hashlib.sha256(_lock_path(name).read_bytes()).hexdigest()


def _digest(path):
    with open(path, "rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write_lock(name, files):
    LOCKS.mkdir(exist_ok=True)
    rows = [f"{_digest(p)} {p.stat().st_size} {p.name}\n" for p in files]
    _lock_path(name).write_text("".join(rows), encoding="ascii")


def _mismatches(name, files):
    """[(path, why)]: what Maven brought, against the lock, both ways."""
    recorded = {}
    for row in _lock_path(name).read_text(encoding="ascii").splitlines():
        digest, size, file_name = row.split(" ")
        recorded[file_name] = (digest, int(size))
    bad = []
    for path in files:
        if path.name not in recorded:
            bad.append((path, "is not in the lock file"))
            continue
        digest, size = recorded.pop(path.name)
        if path.stat().st_size != size:
            bad.append((path, f"has {path.stat().st_size} bytes, not {size}"))
        elif _digest(path) != digest:
            bad.append((path, "has another SHA-256"))
    bad += [(pathlib.Path(n), "was not brought") for n in recorded]
    return bad


def _lay_out(wanted, files, folder):
    by_name = {path.name: path for path in files}
    for name, place in wanted.unpack.items():
        _unpack(by_name.pop(name), folder, place)
    for name, path in by_name.items():
        _link(path, folder / name)


def _link(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _unpack(archive, folder, place):
    """Unpacks without the single top folder that these archives have."""
    loose = folder / f".{archive.name}.unpack"
    if archive.name.endswith(".zip"):
        with zipfile.ZipFile(archive) as handle:
            handle.extractall(loose)
    else:
        with tarfile.open(archive) as handle:
            handle.extractall(loose)
    (top,) = loose.iterdir()
    target = folder / place
    target.mkdir(parents=True, exist_ok=True)
    for entry in top.iterdir():
        entry.rename(target / entry.name)
    top.rmdir()
    loose.rmdir()


def _measure(folder):
    count = total = 0
    for base, _, names in os.walk(folder):
        for name in names:
            if name != ".complete":
                count += 1
                total += os.lstat(os.path.join(base, name)).st_size
    return count, total


def _is_whole(name, folder):
    try:
        mark = (folder / ".complete").read_text(encoding="ascii").split()
        digest = _lock_digest(name)
    except OSError:
        return False
    return mark == [digest, *map(str, _measure(folder))]
