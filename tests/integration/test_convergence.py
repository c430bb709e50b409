# SPDX-License-Identifier: Apache-2.0
"""Whatever is lost, killed, cut or set wrong: three replicas come to the same
version and to the same decisions, and say how far they are until then."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading

import pytest

import gateway as gateways
from fake_coordinator import FakeCoordinator
from fleet import Fleet, Standby, kill_server, start_server
from gateway import wait_until
from sites import private_server


@pytest.fixture(scope="module")
def server():
    """A Postgres that these tests kill."""
    with private_server() as made:
        yield made


@pytest.fixture(scope="module")
def yes_sayer():
    with FakeCoordinator() as coordinator:
        coordinator.script({})
        yield coordinator


@pytest.fixture(scope="module")
def make_fleet(datagateway, server, yes_sayer, tmp_path_factory):
    made = []

    def make(**options):
        fleet = Fleet(datagateway, server, tmp_path_factory.mktemp("fleet"),
                      yes_sayer, **options)
        made.append(fleet)
        return fleet

    yield make
    for fleet in made:
        fleet.stop()


@pytest.fixture(scope="module")
def fleet(make_fleet):
    return make_fleet()


class Storm:
    """Changes without end, in a thread; stops with the context."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.done = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._rage)

    def _rage(self):
        while not self._over.is_set():
            if self.fleet.change(10):
                self.done += 1
            else:
                self._over.wait(0.05)  # Postgres is away

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def wait_for(self, batches):
        target = self.done + batches
        wait_until(lambda: self.done >= target, "changes to be made")


# ---- notifications and connections -------------------------------------------

def test_calm(fleet):
    fleet.change(30)
    assert fleet.converge() > 1
    assert set(fleet.decisions(fleet.replicas[0]).values()) == {True, False}
    assert fleet.states() == {f"replica{n}": "current" for n in (1, 2, 3)}


def test_connections_cut_in_a_storm(fleet):
    with Storm(fleet) as storm:
        for _ in range(4):
            storm.wait_for(2)
            fleet.cut_connections()
    fleet.converge()


def test_nobody_is_notified(fleet):
    """The notification is lost with the session that was to get it."""
    text = fleet.sql("SELECT pg_get_functiondef("
                     "'datagateway.take_version'::regproc)")[0][0]
    assert "pg_notify" in text
    fleet.sql(text.replace("PERFORM pg_notify", "-- PERFORM pg_notify"))
    try:
        fleet.change(10)
        fleet.converge()
    finally:
        fleet.sql(text)


def test_notified_of_nonsense(fleet):
    """Anybody who may connect may NOTIFY; it moves nobody."""
    version = fleet.converge()
    loads = [replica.metric("datagateway_policy_loads_total", result="ok")
             for replica in fleet.replicas]
    fleet.sql("".join(
        f"SELECT pg_notify('datagateway_policy', '{payload}');"
        for payload in ("999999", "-1", "", "x", "9" * 40, str(version))))
    fleet.change(1)
    assert fleet.converge() == version + 1
    assert [replica.metric("datagateway_policy_loads_total", result="ok")
            for replica in fleet.replicas] == [load + 1 for load in loads]


def test_a_session_that_hangs(fleet):
    """The poll's answer does not come: another connection is opened."""
    (pid,), = fleet.sql(
        "SELECT max(pid) FROM pg_stat_activity WHERE application_name = "
        "'datagateway' AND datname = current_database() AND query LIKE "
        "'%policy_stamp(v.version)%'")
    log_sizes = [replica.log_size() for replica in fleet.replicas]
    os.kill(int(pid), signal.SIGSTOP)
    try:
        fleet.change(5)
        fleet.converge()
    finally:
        os.kill(int(pid), signal.SIGCONT)
    assert [event for replica, size in zip(fleet.replicas, log_sizes)
            for event in replica.events("pg.disconnected", since=size)
            if "poll was not answered" in event["msg"]]


# ---- versions ----------------------------------------------------------------

GAPS = {
    "a jump": "UPDATE datagateway.policy_version SET version = version + 7;",
    "no log of it":
        "BEGIN; INSERT INTO datagateway.rules (name, effect, privileges, kind, "
        "catalog, schema_name, object_name, principals) VALUES ('ann gap', "
        "'allow', '{select}', 'table', 'c', 's', 'gap', '{user:ann}'); "
        "DELETE FROM datagateway.policy_change WHERE version = (SELECT version "
        "FROM datagateway.policy_version); COMMIT;",
    "a log with a hole":
        "DELETE FROM datagateway.rules WHERE name = 'ann gap'; "
        "UPDATE datagateway.rules SET reason = 'x' WHERE name = 'use'; "
        "DELETE FROM datagateway.policy_change WHERE version = (SELECT "
        "version - 1 FROM datagateway.policy_version);",
    "out of order":
        "UPDATE datagateway.policy_change SET version = version + 1 WHERE "
        "version = (SELECT version FROM datagateway.policy_version); "
        "UPDATE datagateway.policy_version SET version = version + 1;",
    "a history that was lost":
        "BEGIN; UPDATE datagateway.policy_version SET version = version - 2; "
        "DELETE FROM datagateway.policy_change WHERE version > (SELECT version "
        "FROM datagateway.policy_version); COMMIT; ",
}


@pytest.mark.parametrize("how", GAPS)
def test_version_gaps(fleet, how):
    fleet.change(3)
    fleet.converge()
    fleet.sql(GAPS[how])
    fleet.converge()
    fleet.change(3)
    fleet.converge()


def test_another_history_of_the_same_length(fleet):
    """Two versions of one number: a standby that was behind took over."""
    fleet.change(5)
    fleet.converge()
    fleet.sql(
        "BEGIN; UPDATE datagateway.policy_version SET version = version - 2; "
        "DELETE FROM datagateway.policy_change WHERE version > (SELECT version "
        "FROM datagateway.policy_version); COMMIT;"
        "DELETE FROM datagateway.rules WHERE name LIKE 'ann%';"
        "DELETE FROM datagateway.rules WHERE name LIKE 'bob%';")
    fleet.converge()
    assert not [rule for rule, allowed in
                fleet.decisions(fleet.replicas[0]).items()
                if allowed and rule[0] != "eve"]


# ---- Postgres dies -----------------------------------------------------------

def test_postgres_killed_in_a_storm(fleet, server):
    with Storm(fleet) as storm:
        for _ in range(2):
            storm.wait_for(2)
            kill_server(server)
            start_server(server)
        storm.wait_for(2)
    fleet.converge()
    # Their rows outlived it, and none is silent for long.
    wait_until(lambda: set(fleet.states().values()) == {"current"},
               "all replicas to report again")
    assert len(fleet.states()) == 3


def test_failover_to_a_standby_that_was_behind(
        datagateway, yes_sayer, tmp_path):
    """Versions that replicas had are lost, and their numbers come again."""
    with private_server() as first, tempfile.TemporaryDirectory(
            prefix="dg-standby-") as folder:
        pathlib.Path(folder).chmod(0o711)
        standby = Standby(first, folder)
        fleet = Fleet(datagateway, first, tmp_path, yes_sayer, size=0)
        both = re.sub(
            r"host=\S+ port=\S+",
            f"host=127.0.0.1,127.0.0.1 port={first.port()},"
            f"{standby.server.port()} target_session_attrs=read-write",
            fleet.conninfo)
        try:
            for number in (1, 2, 3):
                fleet.add(fleet.new_replica(f"replica{number}", conninfo=both))
            reader = fleet.new_replica(
                "reader", conninfo=standby.server.conninfo(fleet.database))
            # A server that will not LISTEN is asked, and no more.
            fleet.add(reader)
            assert reader.events("pg.listen_refused")
            fleet.replicas.remove(reader)
            fleet.change(20)
            reader.wait_for_policy(fleet.converge())

            standby.cut()
            fleet.change(10)
            lost = fleet.converge()
            kill_server(first)
            standby.promote()
            fleet.server = standby.server
            assert fleet.version() < lost
            fleet.change(3)
            reader.wait_for_policy(fleet.converge())
            while fleet.version() < lost:
                fleet.change(1)
            fleet.change(4)
            fleet.replicas.append(reader)
            fleet.converge()
        finally:
            fleet.stop()
            standby.server.stop("immediate")


# ---- a pooler ----------------------------------------------------------------

class Pooler:
    """pgbouncer in transaction mode, in front of one server."""

    def __init__(self, folder, server):
        self.port = gateways.free_port()
        self.folder = folder
        parts = dict(part.split("=", 1)
                     for part in server.conninfo().split(" "))
        self.conninfo = (f"host=127.0.0.1 port={self.port} "
                         f"user={parts['user']} password={parts['password']} "
                         "dbname={}")
        users = folder / "users.txt"
        users.write_text(f'"{parts["user"]}" "{parts["password"]}"\n')
        self.config = folder / "pgbouncer.ini"
        self.config.write_text(
            f"[databases]\n* = host=127.0.0.1 port={parts['port']}\n"
            "[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {self.port}\nunix_socket_dir =\n"
            "auth_type = plain\n"
            f"auth_file = {users}\npool_mode = transaction\n"
            "default_pool_size = 4\nserver_login_retry = 1\n"
            f"logfile = {folder}/log\n")
        self.process = None

    def start(self):
        command = [shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"),
                   str(self.config)]
        if os.geteuid() == 0:  # it refuses to be root
            subprocess.run(["chown", "-R", "postgres", str(self.folder)],
                           check=True)
            for parent in (self.folder, *self.folder.parents[:3]):
                parent.chmod(parent.stat().st_mode | 0o011)
            command = ["setpriv", "--reuid=postgres", "--clear-groups",
                       *command]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def pooler(tmp_path_factory, server):
    if not shutil.which("pgbouncer", path="/usr/sbin:/usr/bin"):
        pytest.skip("pgbouncer is not installed (Debian package pgbouncer)")
    made = Pooler(tmp_path_factory.mktemp("pooler"), server)
    made.start()
    yield made
    made.stop()


def test_through_a_transaction_pooler(fleet, pooler):
    """LISTEN is taken and means nothing there: the poll is left."""
    behind = fleet.new_replica(
        "pooled", conninfo=pooler.conninfo.format(fleet.database))
    fleet.add(behind)
    try:
        for _ in range(3):
            fleet.change(10)
            fleet.converge()
        with Storm(fleet) as storm:
            storm.wait_for(2)
            pooler.stop()
            storm.wait_for(1)
            pooler.start()
            storm.wait_for(2)
        fleet.converge()
        wait_until(lambda: fleet.states().get("pooled") == "current",
                   "the replica behind the pooler to be among the others")
        # Decisions were recorded through it as well.
        assert behind.metric("datagateway_audit_records_total",
                             result="written") > 0
        # A load that the pooler's end cut off is told; nothing else went wrong.
        assert {event["event"] for event in behind.events()
                if event["level"] == "error"} <= {"policy.load_failed"}
    finally:
        fleet.replicas.remove(behind)
        behind.stop()


# ---- clocks ------------------------------------------------------------------

def test_a_clock_that_jumps(fleet, tmp_path):
    """Lag and ages are Postgres's to tell; a replica's clock may be anything."""
    stamp = tmp_path / "offset"
    stamp.write_text("+0")
    jumping = fleet.new_replica(
        "jumping", environment=gateways.another_clock(stamp))
    fleet.add(jumping)
    try:
        for offset in ("+86400", "-86400", "+3600", "-1"):
            stamp.write_text(offset)
            fleet.change(5)
            fleet.converge()
            assert jumping.metric("datagateway_policy_age_seconds") < 10
            (behind, age), = fleet.sql(
                "SELECT seconds_behind, extract(epoch FROM now() - polled_at) "
                "FROM datagateway.replica_states WHERE name = 'jumping'")
            assert float(behind) < 10 and -1 < float(age) < 10
        # It did jump: its own log is dated by the clock it was given.
        assert jumping.admin("/readyz")[0] == 200
        stamp.write_text("+86400")
        size = jumping.log_size()
        fleet.change(1)
        fleet.converge()
        there = jumping.wait_for_event("policy.loaded", since=size)
        here = fleet.replicas[0].events("policy.loaded")[-1]
        assert there["ts"] > here["ts"]
    finally:
        fleet.replicas.remove(jumping)
        jumping.stop()


# ---- behind, and saying so ---------------------------------------------------

#: It came a minute ago, by the clock of Postgres.
BAD_RULE = ("BEGIN; INSERT INTO datagateway.rules (name, effect, privileges, kind, "
            "object_name, principals) VALUES ('bad', 'deny', '{select}', "
            "'cluster', 'x', '{role:public}'); "
            "UPDATE datagateway.policy_change SET at = at - interval "
            "'1 minute' WHERE name = 'bad'; COMMIT;")


def test_says_by_how_much_it_is_behind(make_fleet):
    """A version that cannot be loaded: the former one decides, and it shows."""
    fleet = make_fleet(size=1, **{"policy.max_lag": "50s"})
    replica = fleet.replicas[0]
    fleet.change(10)
    version, expected = fleet.converge(), fleet.expected()
    fleet.sql(BAD_RULE)
    fleet.change(2)
    replica.wait_for_metric("datagateway_policy_seen_version", version + 3)
    wait_until(lambda: replica.admin("/readyz")[0] == 503,
               "the replica to be too far behind")
    told = gateways.json.loads(replica.admin("/readyz")[1])
    assert told["why"] == "the policy is behind by more than policy.max_lag"
    assert told["policy_version"] == version
    assert told["policy_seen"] == version + 3
    assert told["policy_lag_versions"] == 3
    assert 60000 < told["policy_lag_ms"] < 90000
    assert told["behind"].startswith("3 versions, ")
    wait_until(
        lambda: replica.metric("datagateway_policy_lag_seconds") >= 60,
        "the metric of its lag")
    assert replica.metric("datagateway_policy_lag_versions") == 3
    assert replica.metric("datagateway_policy_version") == version
    assert fleet.states() == {"replica1": "behind"}
    assert fleet.decisions(replica) == expected  # as before
    fleet.sql("DELETE FROM datagateway.rules WHERE name = 'bad'")
    fleet.converge()
    wait_until(lambda: replica.admin("/readyz")[0] == 200, "readiness")
    assert "behind" not in gateways.json.loads(replica.admin("/readyz")[1])


@pytest.mark.long
def test_a_long_storm(fleet, server):
    """Minutes of it: killed, cut, paused, in any order."""
    dice = fleet.dice
    with Storm(fleet) as storm:
        for _ in range(40):
            storm.wait_for(dice.randrange(1, 6))
            harm = dice.randrange(4)
            if harm == 0:
                kill_server(server)
                start_server(server)
            elif harm == 1:
                server.stop("immediate")
                server.start()
            elif harm == 2:
                replica = dice.choice(fleet.replicas)
                replica.kill()
                replica.start()
            else:
                fleet.cut_connections()
    fleet.converge(deadline_s=60)
