#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Relaying against nginx: the same pages through both, in alternating runs.

nginx relays only (one worker, kept-alive connections). The gateway, with one
worker as well, checks the password, unseals the URI, asks the policy, rewrites
the page and seals its URIs again. Both talk to one coordinator that answers
from memory. Prints `figure value unit` lines; ratios above 1 mean better than
nginx.
"""

import argparse
import base64
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/integration"), str(ROOT / "deploy/engines")]

import gateway as gateways  # noqa: E402
import private_postgres  # noqa: E402

USER = "bench"
PASSWORD = "bench-password"
CONNECTIONS = 32
TICK = os.sysconf("SC_CLK_TCK")

POLICY = """
users: [{{name: bench, password_file: "{folder}/password"}}]
roles: []
rules:
  - {{name: bench uses it, effect: allow, to: [bench], privileges: [use], cluster: fake}}
clusters:
  - {{name: fake, engine: trino, url: "http://127.0.0.1:{port}", default: true,
     metadata_user: bench, cross_check: off}}
"""

NGINX = """
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  keepalive_requests 100000000;
  upstream coordinator {{
    server 127.0.0.1:{upstream};
    keepalive 64;
    keepalive_requests 100000000;
  }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://coordinator;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"""


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1]
    user, system = fields.split()[11:13]
    return (int(user) + int(system)) / TICK


def peak_rss_mb(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) / 1024


def on_cpu(number, *command):
    """Proxies have one processor, what loads and feeds them the other."""
    if os.cpu_count() < 2:
        return list(command)
    return ["taskset", "-c", str(number), *map(str, command)]


class Relay:
    """One of the two: its process, and where its pages are."""

    def __init__(self, name, pid, small, large, headers):
        self.name = name
        self.pid = pid
        self.small = small
        self.large = large
        self.headers = headers

    def run_small(self, seconds):
        """(CPU microseconds a request, requests a second)"""
        command = on_cpu(1, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s")
        for name, value in self.headers.items():
            command += ["-H", f"{name}: {value}"]
        before = cpu_seconds(self.pid)
        done = subprocess.run([*command, self.small], capture_output=True,
                              text=True, check=True)
        spent = cpu_seconds(self.pid) - before
        if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
            raise SystemExit(f"{self.name}: {done.stdout}")
        requests = int(re.search(r"(\d+) requests in", done.stdout).group(1))
        rate = float(re.search(r"Requests/sec:\s+(\S+)", done.stdout).group(1))
        return spent / requests * 1e6, rate

    def run_large(self):
        """Bytes a second."""
        command = ["curl", "-sS", "-f", "-o", "/dev/null", "-w",
                   "%{size_download} %{time_total}"]
        for name, value in self.headers.items():
            command += ["-H", f"{name}: {value}"]
        done = subprocess.run(on_cpu(1, *command, self.large),
                              capture_output=True, text=True, check=True)
        size, seconds = map(float, done.stdout.split())
        return size / seconds


class Bench:
    """Everything that runs, in one temporary folder."""

    def __init__(self, program, folder, large_bytes):
        self.program = program
        self.folder = pathlib.Path(folder)
        self.large_bytes = large_bytes
        self.processes = []
        self.postgres = None
        self.gateway = None

    def start(self):
        port = self.start_coordinator()
        self.start_gateway(port)
        return [self.start_nginx(port), self.make_gateway_relay()]

    def stop(self):
        if self.gateway is not None:
            self.gateway.stop()
        for process in self.processes:
            process.terminate()
            process.wait()
        if self.postgres is not None:
            self.postgres.stop()

    def start_coordinator(self):
        program = self.folder / "fake_coordinator"
        subprocess.run(
            ["cc", "-O2", "-std=c11", "-D_GNU_SOURCE", "-o", program,
             ROOT / "tests/bench/fake_coordinator.c"], check=True)
        port = gateways.free_port()
        process = subprocess.Popen(
            on_cpu(1, program, port, self.large_bytes),
            stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        if process.stdout.readline() != "listening\n":
            raise SystemExit("the fake coordinator did not start")
        return port

    def start_nginx(self, upstream):
        port = gateways.free_port()
        config = self.folder / "nginx.conf"
        config.write_text(NGINX.format(
            folder=self.folder, upstream=upstream, port=port))
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        master = subprocess.Popen(on_cpu(
            0, nginx, "-e", self.folder / "nginx.log", "-c", config))
        self.processes.append(master)
        worker = gateways.wait_until(
            lambda: subprocess.run(
                ["pgrep", "-P", str(master.pid)], capture_output=True,
                text=True, check=False).stdout.split(), "nginx's worker")
        page = f"http://127.0.0.1:{port}/v1/statement/executing/" \
               "20260101_000000_00001_%s/y02/1"
        return Relay("nginx", int(worker[0]), page % "small",
                     page % "large", {})

    def start_gateway(self, coordinator):
        self.postgres = private_postgres.Server(self.folder / "postgres")
        self.postgres.create(volatile=True)
        self.postgres.start()
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "policy.yaml").write_text(
            POLICY.format(folder=self.folder, port=coordinator))
        conninfo = self.postgres.conninfo()
        self.gateway = gateways.Gateway(
            self.program, self.folder / "gateway", conninfo,
            {"workers": 1, "log.level": "info", "health.interval": "5s"})
        for command in (["migrate", "-d", conninfo],
                        ["admin", "apply", "-d", conninfo, "--yes", "-f",
                         self.folder / "policy.yaml"]):
            done = self.gateway.command(*command)
            if done.returncode != 0:
                raise SystemExit(done.stderr)
        self.gateway.start()
        if os.cpu_count() > 1:
            subprocess.run(["taskset", "-a", "-p", "-c", "0",
                            str(self.gateway.process.pid)],
                           stdout=subprocess.DEVNULL, check=True)

    def make_gateway_relay(self):
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "X-Trino-User": USER}
        pages = {name: self.running_page(name, headers)
                 for name in ("small", "large")}
        return Relay("gateway", self.gateway.process.pid, pages["small"],
                     pages["large"], headers)

    def running_page(self, name, headers):
        """The sealed URI of a page of a query that runs."""
        import client  # the protocol client of the integration tests

        connection = client.Client(self.gateway.url, USER, PASSWORD)
        _, queued = connection.start(f"select '{name}'")
        _, started = connection.get(queued["nextUri"])
        connection.close()
        return started["nextUri"]


def median_ratio(pairs):
    return statistics.median(a / b for a, b in pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", default=ROOT / "build/release/datagateway",
                        type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--large", type=int, default=1 << 30,
                        help="bytes of the large result")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dg-relay-") as folder:
        os.chmod(folder, 0o755)
        bench = Bench(options.program.resolve(), folder, options.large)
        try:
            run(bench, options)
        finally:
            bench.stop()


def run(bench, options):
    nginx, ours = bench.start()
    small = []
    for number in range(options.rounds + 1):
        started = time.monotonic()
        pair = nginx.run_small(options.seconds), ours.run_small(options.seconds)
        if number > 0:  # the first warms both up
            small.append(pair)
        print(f"# small round {number}: nginx {pair[0][0]:.2f} us/request "
              f"{pair[0][1]:.0f}/s, gateway {pair[1][0]:.2f} us/request "
              f"{pair[1][1]:.0f}/s ({time.monotonic() - started:.0f} s)",
              file=sys.stderr)
    large = []
    for number in range(options.rounds):
        pair = nginx.run_large(), ours.run_large()
        large.append(pair)
        print(f"# large round {number}: nginx {pair[0] / 1e6:.0f} MB/s, "
              f"gateway {pair[1] / 1e6:.0f} MB/s", file=sys.stderr)
    figures = [
        ("relay.small.nginx_cpu_us",
         statistics.median(n[0] for n, _ in small), "us"),
        ("relay.small.cpu_us", statistics.median(g[0] for _, g in small),
         "us"),
        ("relay.small.cpu_ratio_to_nginx",
         median_ratio((n[0], g[0]) for n, g in small), "ratio"),
        ("relay.small.requests_ratio_to_nginx",
         median_ratio((g[1], n[1]) for n, g in small), "ratio"),
        ("relay.large.ratio_to_nginx",
         median_ratio((g, n) for n, g in large), "ratio"),
        ("relay.large.peak_rss_mb", peak_rss_mb(ours.pid), "MB"),
    ]
    for name, value, unit in figures:
        print(f"{name} {value:.2f} {unit}")


if __name__ == "__main__":
    main()
