# SPDX-License-Identifier: Apache-2.0
"""A gateway process under test: configuration, start, log, metrics, end."""

import base64
import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import time
import urllib.request

import pytest
import yaml

START_DEADLINE_S = 30
EVENT_DEADLINE_S = 20
STOP_DEADLINE_S = 30

#: running gateways, so that a failing test can show their logs.
RUNNING = []

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


FAKETIME = pathlib.Path(
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


def another_clock(stamp):
    """Environment of a replica whose wall clock is off by what stamp says."""
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed (Debian package faketime)")
    return {
        "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(stamp),
        "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "ASAN_OPTIONS":
            "verify_asan_link_order=0:detect_leaks=1:exitcode=99",
    }


def new_key_ring(path, ids=(1,)):
    """A file of keys as keys.ring takes it."""
    lines = [
        f"{key} {base64.b64encode(secrets.token_bytes(32)).decode()}\n"
        for key in ids
    ]
    path.write_text("".join(lines), encoding="ascii")
    path.chmod(0o600)
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway:
    """One replica. options: dotted names of the configuration file."""

    def __init__(self, program, folder, conninfo, options=None, tls=None,
                 key_ring=None, environment=None):
        self.program = program
        self.environment = environment or {}
        self.folder = pathlib.Path(folder)
        self.conninfo = conninfo
        self.tls = tls
        self.process = None
        self.port = free_port()
        self.admin_port = free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log_path = self.folder / "gateway.log"
        self.config_path = self.folder / "gateway.yaml"
        self.options = {
            "listen": [f"127.0.0.1:{self.port}"],
            "admin.listen": f"127.0.0.1:{self.admin_port}",
            "postgres.conninfo": conninfo,
            "replica": self.folder.name,
            "workers": 2,
            "log.level": "debug",
            "health.interval": "500ms",
            "shutdown.grace": "5s",
            # A busy machine is no reason to refuse here.
            "cross_check.deadline": "30s",
            "metadata.deadline": "30s",
            "keys.ring": "file:" + str(
                key_ring or new_key_ring(self.folder / "keys")
            ),
        }
        if tls:
            self.options["tls.certificate"] = str(tls.certificate)
            self.options["tls.key"] = str(tls.key)
        else:
            self.options["auth.password.require_tls"] = False
        self.options.update(options or {})

    @property
    def url(self):
        scheme = "https" if self.tls else "http"
        return f"{scheme}://127.0.0.1:{self.port}"

    # -- life --------------------------------------------------------------------

    def write_config(self):
        tree = {}
        for name, value in self.options.items():
            *path, last = name.split(".")
            place = tree
            for part in path:
                place = place.setdefault(part, {})
            place[last] = value
        self.config_path.write_text(yaml.safe_dump(tree), encoding="utf-8")

    def start(self, until="gateway.ready"):
        """Until that event is logged."""
        self.write_config()
        offset = self.log_size()
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [str(self.program), "serve", "-c", str(self.config_path)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env={**_environment(), **self.environment},
            )
        RUNNING.append(self)
        try:
            self.wait_for_event(until, since=offset,
                                deadline_s=START_DEADLINE_S)
        except AssertionError:
            self.kill()
            raise
        return self

    def stop(self, number=signal.SIGTERM):
        """Ends it and checks that it went well: status 0, nothing leaked."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            status = self.process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            status = "killed: it did not end"
        self.process = None
        RUNNING.remove(self)
        if number != signal.SIGKILL:
            assert status == 0, f"gateway ended with {status}\n{self.tail()}"
        text = self.log_path.read_text("utf-8", "replace")
        assert "Sanitizer" not in text, self.tail(8000)
        assert "runtime error" not in text, self.tail(8000)

    def kill(self):
        self.stop(signal.SIGKILL)

    def reload(self):
        self.write_config()
        self.process.send_signal(signal.SIGHUP)

    def command(self, *arguments, **more):
        """A subcommand of the program; returns the finished process."""
        return subprocess.run(
            [str(self.program), *map(str, arguments)], capture_output=True,
            text=True, check=False, timeout=60, env=_environment(), **more,
        )

    # -- what it says ------------------------------------------------------------

    def log_size(self):
        return self.log_path.stat().st_size if self.log_path.exists() else 0

    def events(self, name=None, since=0):
        """The log's lines as dictionaries, from a byte offset on."""
        with open(self.log_path, "rb") as log:
            log.seek(since)
            text = log.read()
        found = []
        for line in text.splitlines(keepends=True):
            if not (line.startswith(b"{") and line.endswith(b"\n")):
                continue
            event = json.loads(line)
            if name is None or event.get("event") == name:
                found.append(event)
        return found

    def wait_for_event(self, name, since=0, deadline_s=EVENT_DEADLINE_S,
                       **fields):
        """The first such event; fields have to be equal."""
        def find():
            for event in self.events(name, since):
                if all(event.get(k) == v for k, v in fields.items()):
                    return event
            if self.process.poll() is not None:
                raise AssertionError(
                    f"the gateway ended with {self.process.returncode}\n"
                    + self.tail()
                )
            return None

        return wait_until(find, f"event {name} {fields}", deadline_s)

    def tail(self, size=6000):
        with open(self.log_path, "rb") as log:
            log.seek(max(0, self.log_size() - size))
            return log.read().decode("utf-8", "replace")

    def admin(self, path):
        """(status, text) of a page of the admin listener."""
        url = f"http://127.0.0.1:{self.admin_port}{path}"
        try:
            with _OPENER.open(url, timeout=10) as reply:
                return reply.status, reply.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8")

    def metric(self, name, **labels):
        """The value of one series; 0 when it does not exist."""
        _, text = self.admin("/metrics")
        for line in text.splitlines():
            match = re.fullmatch(r"([a-z_:0-9]+)(?:\{(.*)\})? (\S+)", line)
            if not match or match.group(1) != name:
                continue
            found = dict(re.findall(r'(\w+)="([^"]*)"', match.group(2) or ""))
            if found == labels:
                return float(match.group(3))
        return 0.0

    def wait_for_metric(self, name, value, **labels):
        return wait_until(
            lambda: self.metric(name, **labels) == value,
            f"{name}{labels} = {value}",
        )

    def wait_for_policy(self, version):
        """The replica decides by this version, or a later one."""
        return wait_until(
            lambda: self.metric("datagateway_policy_version") >= version,
            f"policy version {version}",
        )


def wait_until(condition, what, deadline_s=EVENT_DEADLINE_S):
    """Asks again until the answer is true; returns the answer."""
    end = time.monotonic() + deadline_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"waited {deadline_s} s for {what}")
        time.sleep(0.02)


def _environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    env["ASAN_OPTIONS"] = "detect_leaks=1:exitcode=99"
    env["UBSAN_OPTIONS"] = "print_stacktrace=1:halt_on_error=1"
    return env
