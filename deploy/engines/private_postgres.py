#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A Postgres server of one's own, in a folder, for a laptop and for tests.

  private_postgres.py start DIR [--port N] [--volatile]   prints its conninfo
  private_postgres.py stop|status|conninfo DIR

It listens on 127.0.0.1 with a generated password; its superuser, role and
database are called datagateway. Postgres refuses to run as root: then its
files and processes belong to the user postgres of the Debian package, who has
to be able to reach DIR.
"""

import argparse
import os
import pathlib
import pwd
import secrets
import shutil
import socket
import subprocess
import sys

NAME = "datagateway"
PROGRAMS = pathlib.Path("/usr/lib/postgresql")

SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = 32MB
log_line_prefix = '%m [%p] %q%u@%d '
"""

# A crash of the machine may lose everything, which no test minds.
VOLATILE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


class PostgresError(Exception):
    """The server could not be made, started or stopped."""


class Server:
    """One server, known by its folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.data = self.folder / "data"

    def create(self, port=0, volatile=False):
        """Makes the folder's database unless it is there."""
        if (self.folder / "password").exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self.data, ignore_errors=True)
        self.data.mkdir()
        give_to_owner(self.data, 0o700)
        password = secrets.token_urlsafe(24)
        password_file = self.folder / "initdb-password"
        password_file.touch()
        give_to_owner(password_file, 0o600)
        password_file.write_text(password + "\n", encoding="ascii")
        try:
            self.run(
                "initdb", "-D", str(self.data), "-U", NAME, "-E", "UTF8",
                "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync",
                f"--pwfile={password_file}",
            )
        finally:
            password_file.unlink()
        with open(self.data / "postgresql.conf", "a", encoding="ascii") as out:
            out.write(SETTINGS.format(port=port or _free_port()))
            out.write(VOLATILE if volatile else "")
        # The last step: a folder with a password is a whole one.
        partial = self.folder / "password.partial"
        partial.touch(mode=0o600)
        partial.write_text(password, encoding="ascii")
        partial.rename(self.folder / "password")

    def start(self):
        """Starts it unless it runs; returns when it takes connections."""
        if not self.is_running():
            log = self.folder / "data" / "log"
            self.run("pg_ctl", "-D", str(self.data), "-l", str(log), "-w",
                      "-t", "60", "start", to_devnull=True)
        if not self._has_database():
            self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port()),
                      "-U", NAME, NAME)

    def stop(self, mode="fast"):
        if self.is_running():
            self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w",
                      "-t", "60", "stop", to_devnull=True)

    def is_running(self):
        if not (self.data / "PG_VERSION").exists():
            return False
        return self._status("pg_ctl", "-D", str(self.data), "status") == 0

    def port(self):
        port = None
        text = (self.data / "postgresql.conf").read_text(encoding="utf-8")
        for line in text.splitlines():
            if line.startswith("port = "):
                port = int(line.removeprefix("port = "))
        return port

    def conninfo(self, database=NAME):
        password = (self.folder / "password").read_text(encoding="ascii")
        return (
            f"host=127.0.0.1 port={self.port()} user={NAME} "
            f"password={password} dbname={database}"
        )

    def sql(self, text, database=NAME):
        """Runs statements with psql; returns its rows as lists of strings."""
        out = self.run(
            "psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-R", "\x1e",
            "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
            "-p", str(self.port()), "-U", NAME, "-d", database, "-f", "-",
            text=text,
        )
        out = out.removesuffix("\n")
        return [row.split("\x1f") for row in out.split("\x1e")] if out else []

    def _has_database(self):
        return bool(self.sql(
            f"SELECT 1 FROM pg_database WHERE datname = '{NAME}'", "postgres"
        ))

    def _command(self, program, *arguments):
        command = [str(_programs() / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        return command

    def _environment(self):
        env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        env["LC_ALL"] = "C.UTF-8"
        try:
            path = self.folder / "password"
            env["PGPASSWORD"] = path.read_text(encoding="ascii")
        except FileNotFoundError:
            pass
        return env

    def _status(self, program, *arguments):
        return subprocess.run(
            self._command(program, *arguments), cwd="/", check=False,
            env=self._environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        ).returncode

    def run(self, program, *arguments, text="", to_devnull=False):
        # The server inherits pg_ctl's output: a pipe would never end.
        done = subprocess.run(
            self._command(program, *arguments), cwd="/", input=text,
            text=True, check=False, env=self._environment(),
            stdout=subprocess.DEVNULL if to_devnull else subprocess.PIPE,
            stderr=subprocess.DEVNULL if to_devnull else subprocess.PIPE,
        )
        if done.returncode != 0:
            detail = done.stderr or self._log_tail()
            raise PostgresError(f"{self.folder}: {program} failed: {detail}")
        return done.stdout or ""

    def _log_tail(self):
        try:
            text = (self.data / "log").read_text("utf-8", "replace")
        except OSError:
            return f"see {self.data / 'log'}"
        return text[-2000:]


def _programs():
    """The programs of the newest installed version."""
    found = sorted(
        (p.parent for p in PROGRAMS.glob("*/bin/initdb")),
        key=lambda p: int(p.parent.name),
    )
    if not found:
        raise PostgresError(
            "no Postgres under /usr/lib/postgresql (Debian package postgresql)"
        )
    return found[-1]


def give_to_owner(path, mode):
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(path, owner.pw_uid, owner.pw_gid)
    path.chmod(mode)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    parser.add_argument(
        "command", choices=("start", "stop", "status", "conninfo")
    )
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--volatile", action="store_true",
                        help="faster; a crash may lose everything")
    args = parser.parse_args()
    server = Server(args.folder)
    try:
        if args.command == "start":
            server.create(args.port, args.volatile)
            server.start()
            print(server.conninfo())
        elif args.command == "stop":
            server.stop()
        elif args.command == "conninfo":
            print(server.conninfo())
        else:
            running = server.is_running()
            print("running" if running else "stopped")
            return 0 if running else 1
    except (PostgresError, OSError) as error:
        print(f"private_postgres: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
