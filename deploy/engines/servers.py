# SPDX-License-Identifier: Apache-2.0
"""Starts and stops real coordinators, each in a folder of its own.

An instance is a folder: etc/ (written anew at each start), data/, log and
instance.json with the process id and the address. The folder is all there is:
whoever knows it can ask for the state and stop the instance, from any process.
Every instance listens on the loopback interface only, without TLS and without
authentication: it is for a laptop and for tests.
"""

import collections
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import zipfile

import artefacts
import javas

HERE = pathlib.Path(__file__).resolve().parent
START_DEADLINE_S = 180
STOP_DEADLINE_S = 20

#: family: prefix of the protocol headers. java: lowest and highest version.
Engine = collections.namedtuple("Engine", "name family version java")

ENGINES = {
    engine.name: engine
    for engine in (
        Engine("trino-476", "trino", "476", (24, 99)),
        Engine("trino-435", "trino", "435", (17, 21)),
        Engine("presto-0.287", "presto", "0.287", (17, 17)),
    )
}

CATALOGS = {
    "tpch": "connector.name=tpch\n",
    "memory": "connector.name=memory\nmemory.max-data-per-node=128MB\n",
}

#: a catalog whose tables can be changed in every way, in files of the
#: instance's folder. engine: (set of its plugin, properties).
ICEBERG = {
    "trino-476": (
        "trino-iceberg-476",
        "connector.name=iceberg\n"
        "iceberg.catalog.type=TESTING_FILE_METASTORE\n"
        "hive.metastore.catalog.dir=local:///\n"
        "fs.native-local.enabled=true\n"
        "local.location={folder}\n",
    ),
    "presto-0.287": (
        "presto-iceberg-0.287",
        "connector.name=iceberg\n"
        "iceberg.catalog.type=HADOOP\n"
        "iceberg.catalog.warehouse=file:{folder}\n",
    ),
}

JVM_COMMON = (
    "-server",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Xss4M",
    "-XX:+ExitOnOutOfMemoryError",
    "-Djdk.attach.allowAttachSelf=true",
    "-Dfile.encoding=UTF-8",
    "-Dcom.sun.management.jmxremote.host=127.0.0.1",
)

PRESTO_OPENS = (
    "java.io", "java.lang", "java.lang.ref", "java.lang.reflect", "java.net",
    "java.nio", "java.security", "java.util", "java.util.concurrent",
    "jdk.internal.loader",
)

# A plugin sees the server's own copy of these; a second copy of them in its
# folder would be another class of the same name.
TRINO_435_SHARED = (
    "trino-main-", "trino-spi-", "trino-parser-", "trino-grammar-",
    "jackson-annotations-", "slice-", "opentelemetry-api-",
    "opentelemetry-context-", "jol-core-", "trino-memory-", "trino-tpch-",
)
PRESTO_SHARED = (
    "presto-main-", "presto-main-base-", "presto-spi-", "presto-common-",
    "presto-parser-", "presto-analyzer-", "presto-ui-", "presto-memory-",
    "presto-tpch-",
)

#: (jar, class) of each plugin, for the engines whose jars do not say so.
TRINO_435_PLUGINS = (
    ("tpch", "trino-tpch-435.jar", "io.trino.plugin.tpch.TpchPlugin"),
    ("memory", "trino-memory-435.jar", "io.trino.plugin.memory.MemoryPlugin"),
)
PRESTO_PLUGINS = (
    ("tpch", "presto-tpch-0.287.jar", "com.facebook.presto.tpch.TpchPlugin"),
    (
        "memory",
        "presto-memory-0.287.jar",
        "com.facebook.presto.plugin.memory.MemoryPlugin",
    ),
)


class ServerError(Exception):
    """An instance could not be started or stopped; says where to look."""


def can_run(name):
    """None, or the reason why this machine cannot run the engine."""
    lowest, highest = ENGINES[name].java
    if javas.find(lowest, highest):
        return None
    have = ", ".join(str(java.major) for java in javas.installed()) or "none"
    return f"{name} needs a Java {lowest} to {highest}; installed: {have}"


class Instance:
    """One coordinator, known by its folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()

    # -- what is known -------------------------------------------------------

    def record(self):
        """What start wrote, or None."""
        try:
            text = (self.folder / "instance.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return json.loads(text)

    def url(self):
        record = self.record()
        if record is None:
            raise ServerError(f"{self.folder}: not started")
        return f"http://127.0.0.1:{record['port']}"

    def is_alive(self):
        record = self.record()
        return record is not None and self._is_ours(record["pid"])

    def is_ready(self):
        if not self.is_alive():
            return False
        try:
            info = _get_json(self.url() + "/v1/info")
        except (OSError, ValueError):
            return False
        return info.get("starting") is False

    def log_tail(self, size=4000):
        try:
            with open(self.folder / "log", "rb") as handle:
                handle.seek(0, os.SEEK_END)
                handle.seek(max(0, handle.tell() - size))
                return handle.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def _is_ours(self, pid):
        """Guards against a process id that was given to somebody else."""
        try:
            line = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
            state = pathlib.Path(f"/proc/{pid}/stat").read_text("ascii")
        except OSError:
            return False
        if state.rpartition(")")[2].split()[0] == "Z":
            return False
        return os.fsencode(self.folder) in line

    # -- what is done --------------------------------------------------------

    def start(self, name, port=0, heap="1G", extra=(), iceberg=False):
        """Starts the engine unless it runs already; returns when launched.

        Processes that ask at the same time get the same one.
        extra: further lines for config.properties.
        iceberg: with a catalog of that name, for the engines of ICEBERG.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with artefacts.locked(self.folder / "start.lock"):
            self._start(name, port, heap, extra, iceberg)

    def _start(self, name, port, heap, extra, iceberg):
        record = self.record()
        if record and record["engine"] == name and self.is_alive():
            return
        reason = can_run(name)
        if reason:
            raise ServerError(reason)
        self.stop()
        engine = ENGINES[name]
        home = artefacts.fetch(name)
        port = port or _free_port()
        self._write_etc(engine, home, port, extra)
        if iceberg:
            self._add_iceberg(engine)
        command = _command(engine, home, self.folder, heap)
        if (self.folder / "log").exists():
            (self.folder / "log").replace(self.folder / "log.previous")
        with open(self.folder / "log", "wb") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                env=dict(os.environ, LC_ALL="C.UTF-8", TZ="UTC"),
            )
        # Its command line can be read a moment after it began to run.
        while process.poll() is None and not self._is_ours(process.pid):
            time.sleep(0.01)
        record = {
            "engine": name, "family": engine.family,
            "version": engine.version, "port": port, "pid": process.pid,
        }
        partial = self.folder / "instance.json.partial"
        partial.write_text(json.dumps(record) + "\n", encoding="utf-8")
        partial.rename(self.folder / "instance.json")

    def wait(self, deadline_s=START_DEADLINE_S):
        """Returns when queries are answered."""
        end = time.monotonic() + deadline_s
        while not self.is_ready():
            self._check_start(end)
            time.sleep(0.2)
        while not self._answers():
            self._check_start(end)
            time.sleep(0.2)

    def _check_start(self, end):
        if not self.is_alive():
            raise ServerError(
                f"{self.folder}: ended while starting\n{self.log_tail()}"
            )
        if time.monotonic() > end:
            raise ServerError(
                f"{self.folder}: not ready in time\n{self.log_tail()}"
            )

    def _answers(self):
        """The node manager finds the node a moment after "starting" ends."""
        try:
            rows = run_sql(
                self.url(), self.record()["family"],
                "SELECT count(*) FROM tpch.tiny.region",
            )
        except (OSError, ValueError, ServerError):
            return False
        return rows == [[5]]

    def stop(self):
        """Stops the instance if it runs; its folder stays."""
        record = self.record()
        if record is None:
            return
        pid = record["pid"]
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self._is_ours(pid):
                break
            os.kill(pid, number)
            end = time.monotonic() + STOP_DEADLINE_S
            while self._is_ours(pid) and time.monotonic() < end:
                _reap(pid)
                time.sleep(0.1)
        _reap(pid)
        if self._is_ours(pid):
            raise ServerError(f"{self.folder}: process {pid} does not end")
        (self.folder / "instance.json").unlink(missing_ok=True)

    # -- the folder's content ------------------------------------------------

    def _write_etc(self, engine, home, port, extra):
        etc = self.folder / "etc"
        shutil.rmtree(etc, ignore_errors=True)
        (etc / "catalog").mkdir(parents=True)
        for name, text in CATALOGS.items():
            (etc / "catalog" / f"{name}.properties").write_text(text, "ascii")
        lines = [
            "coordinator=true",
            "node-scheduler.include-coordinator=true",
            f"http-server.http.port={port}",
            f"discovery.uri=http://127.0.0.1:{port}",
            f"plugin.dir={_plugin_dir(engine, home, self.folder)}",
            f"catalog.config-dir={etc / 'catalog'}",
            # What is remembered of finished queries is held in the heap.
            "query.max-history=40",
            "query.min-expire-age=2m",
            "query.client.timeout=2m",
        ]
        if engine.family == "presto":
            lines += [
                "discovery-server.enabled=true",
                "query.max-memory-per-node=256MB",
                "query.max-total-memory-per-node=384MB",
                "query.max-memory=384MB",
            ]
        else:
            lines += [
                "query.max-memory-per-node=320MB",
                "memory.heap-headroom-per-node=200MB",
            ]
        lines += extra
        node = [
            "node.environment=test",
            f"node.id={self.folder.name.replace('.', '-')}",
            "node.bind-ip=127.0.0.1",
            "node.internal-address=127.0.0.1",
        ]
        (etc / "config.properties").write_text(
            "\n".join(lines + node) + "\n", "utf-8"
        )
        if engine.family == "presto":
            # Presto reads what it calls its catalog store from here.
            catalog = f"catalog.config-dir={etc / 'catalog'}\n"
            (etc / "static.properties").write_text(catalog, "utf-8")
        (etc / "log.properties").write_text("io.trino=INFO\n", "ascii")
        (self.folder / "data").mkdir(exist_ok=True)


    def _add_iceberg(self, engine):
        plugin, properties = ICEBERG[engine.name]
        warehouse = self.folder / "warehouse"
        shutil.rmtree(warehouse, ignore_errors=True)
        warehouse.mkdir()
        (self.folder / "plugin" / "iceberg").symlink_to(
            artefacts.fetch(plugin)
        )
        (self.folder / "etc" / "catalog" / "iceberg.properties").write_text(
            properties.format(folder=warehouse), "utf-8"
        )


def _command(engine, home, folder, heap):
    java = javas.find(*engine.java)
    etc = folder / "etc"
    command = [str(java.home / "bin" / "java"), *JVM_COMMON, f"-Xmx{heap}"]
    command += [
        f"-Dconfig={etc / 'config.properties'}",
        f"-Dlog.levels-file={etc / 'log.properties'}",
        f"-Dnode.data-dir={folder / 'data'}",
    ]
    if engine.name == "trino-476":
        command += [
            "--add-modules=jdk.incubator.vector",
            "--sun-misc-unsafe-memory-access=allow",
            "--enable-native-access=ALL-UNNAMED",
            "-cp", f"{home / 'lib'}/*", "io.trino.server.TrinoServer",
        ]
    elif engine.name == "trino-435":
        command += ["-cp", f"{home}/*", str(HERE / "Trino435.java")]
    else:
        command += [f"--add-opens=java.base/{p}=ALL-UNNAMED"
                    for p in PRESTO_OPENS]
        command += ["-cp", f"{home}/*",
                    "com.facebook.presto.server.PrestoServer"]
    return command


def _plugin_dir(engine, home, folder):
    """A folder of links, so that plugins of other sets can stand in it."""
    top = folder / "plugin"
    shutil.rmtree(top, ignore_errors=True)
    if engine.name == "trino-476":
        top.mkdir()
        for plugin in (home / "plugin").iterdir():
            (top / plugin.name).symlink_to(plugin)
        return top
    if engine.name == "trino-435":
        plugins, shared = TRINO_435_PLUGINS, TRINO_435_SHARED
        service = "io.trino.spi.Plugin"
    else:
        plugins, shared = PRESTO_PLUGINS, PRESTO_SHARED
        service = "com.facebook.presto.spi.Plugin"
    for name, own_jar, class_name in plugins:
        place = top / name
        place.mkdir(parents=True)
        for jar in home.glob("*.jar"):
            if jar.name == own_jar or not jar.name.startswith(shared):
                (place / jar.name).symlink_to(jar)
        _write_service(place / f"{name}-service.jar", home / own_jar,
                       service, class_name)
    return top


def _write_service(target, own_jar, service, class_name):
    """Adds the service file that the Maven jar of a plugin may lack."""
    entry = f"META-INF/services/{service}"
    with zipfile.ZipFile(own_jar) as jar:
        if entry in jar.namelist():
            return
    with zipfile.ZipFile(target, "w") as jar:
        jar.writestr(entry, class_name + "\n")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _reap(pid):
    """Collects the process where it is a child of ours."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        pass


# The machine's proxy settings must not come between us and the loopback.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _get_json(url, headers=None):
    request = urllib.request.Request(url, headers=headers or {})
    with _OPENER.open(request, timeout=20) as reply:
        return json.load(reply)


def run_sql(url, family, sql, user="engines", **session):
    """Runs a statement directly on an engine; returns its rows.

    session: catalog and schema, as X-Trino-Catalog and the like.
    """
    return run_query(url, family, sql, user, **session)["data"]


def run_query(url, family, sql, user="engines", **session):
    """As run_sql; returns {"id", "data", "columns"}; raises with the error."""
    prefix = "X-Trino-" if family == "trino" else "X-Presto-"
    headers = {prefix + "User": user, prefix + "Source": "engines",
               "Content-Type": "text/plain; charset=utf-8"}
    for key, value in session.items():
        headers[prefix + key.capitalize()] = value
    request = urllib.request.Request(
        url + "/v1/statement", sql.encode("utf-8"), headers
    )
    with _OPENER.open(request, timeout=20) as reply:
        page = json.load(reply)
    rows, columns = [], None
    while True:
        if "error" in page:
            raise QueryFailed(page["id"], page["error"])
        columns = page.get("columns", columns)
        rows += page.get("data", [])
        if "nextUri" not in page:
            return {"id": page["id"], "data": rows, "columns": columns}
        page = _get_json(page["nextUri"], headers)


def query_info(url, family, query_id, user="engines"):
    """What the engine tells about a query, pruned."""
    prefix = "X-Trino-" if family == "trino" else "X-Presto-"
    return _get_json(
        f"{url}/v1/query/{query_id}?pruned=true", {prefix + "User": user}
    )


class QueryFailed(ServerError):
    """The engine refused or failed the statement."""

    def __init__(self, query_id, error):
        super().__init__(error.get("message", "no message"))
        self.query_id = query_id
        self.error = error
