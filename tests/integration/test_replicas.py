# SPDX-License-Identifier: Apache-2.0
"""Who the replicas are, how far each is, and writes that wait for all."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

from admin_api import Api
from fake_coordinator import FakeCoordinator
from fleet import Fleet, kill_server, start_server
from gateway import wait_until
from sites import private_server


@pytest.fixture(scope="module")
def server():
    with private_server() as made:
        yield made


@pytest.fixture(scope="module")
def fleet(datagateway, server, tmp_path_factory):
    with FakeCoordinator() as coordinator:
        coordinator.script({})
        made = Fleet(datagateway, server, tmp_path_factory.mktemp("replicas"),
                     coordinator, api=True)
        yield made
        made.stop()


@pytest.fixture(scope="module")
def api(fleet):
    done = fleet.replicas[0].command("admin", "bootstrap", "-d", fleet.conninfo)
    assert done.returncode == 0, done.stderr
    return Api(fleet.replicas[0], done.stdout.strip())


@pytest.fixture(autouse=True)
def all_are_well(fleet):
    """Every test finds the three current, and nobody else."""
    wait_until(lambda: fleet.states() == {
        f"replica{number}": "current" for number in (1, 2, 3)
    }, "all replicas to be current")


class Stopped:
    """A replica that does nothing at all for a while."""

    def __init__(self, replica):
        self.process = replica.process

    def __enter__(self):
        self.process.send_signal(signal.SIGSTOP)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGCONT)


def test_listed(fleet, api):
    items, _ = api.pages("/replicas", limit=2)
    assert [i["name"] for i in items] == ["replica1", "replica2", "replica3"]
    version = fleet.version()
    for item, replica in zip(items, fleet.replicas):
        assert item["state"] == "current"
        assert item["policy_version"] == item["policy_seen"] == version
        assert item["versions_behind"] == item["seconds_behind"] == 0
        assert item["address"] == f"127.0.0.1:{replica.port}"
        assert item["program"] == replica.command("version").stdout.split()[1]
        assert item["started_at"] <= item["polled_at"] <= item["reported_at"]
    assert [i["name"] for i in api.pages("/replicas", q="CA2")[0]] == [
        "replica2"]
    assert api.pages("/replicas", state="silent")[0] == []
    assert api.get("/replicas", state="x", y="z").status == 400
    assert api.call("POST", "/replicas", {}).status == 405


def test_applied_on_all(fleet, api):
    """When the answer is there, nobody decides by the version before."""
    for turn in range(10):
        made = api.put("/users/wait", {"default_schema": f"s{turn}"},
                       wait="applied")
        assert made.status == (200 if turn else 201), made
        assert made.headers["Policy-Applied"] == "true"
        version = int(made.headers["Policy-Version"])
        for replica in fleet.replicas:
            assert replica.metric("datagateway_policy_version") >= version
    gone = api.delete("/users/wait", wait="applied")
    assert gone.status == 204 and gone.headers["Policy-Applied"] == "true"
    plain = api.put("/users/wait", {})
    assert plain.status == 201 and "Policy-Applied" not in plain.headers
    applied = api.post("/apply", {"users": [
        {"name": n} for n in ("ann", "bob", "eve")]}, wait="applied")
    assert applied.status == 200 and applied.json["changes"] == 1, applied
    assert applied.headers["Policy-Applied"] == "true"


def test_one_is_behind(fleet, api):
    with Stopped(fleet.replicas[1]):
        start = time.monotonic()
        made = api.put("/users/late", {}, wait="applied", wait_timeout=1)
        assert 1 <= time.monotonic() - start < 5
    assert made.status == 202, made
    assert made.headers["Policy-Applied"] == "false"
    assert made.headers["ETag"]
    version = fleet.version()
    assert made.json["version"] == version and made.json["applied"] is False
    (behind,) = made.json["behind"]
    assert behind["name"] == "replica2" and behind["state"] == "behind"
    assert behind["policy_version"] < version
    # It was done, and asking again waits again.
    again = api.put("/users/late", {}, wait="applied")
    assert again.status == 200 and again.headers["Policy-Applied"] == "true"
    assert fleet.version() == version
    api.delete("/users/late")


def test_comes_back_while_somebody_waits(fleet, api):
    answers = []
    with Stopped(fleet.replicas[2]):
        waiter = threading.Thread(target=lambda: answers.append(
            api.put("/users/patient", {}, wait="applied", wait_timeout=60)))
        waiter.start()
        # Others are served meanwhile, in any number.
        wait_until(lambda: api.get("/users/patient").status == 200,
                   "the write to be done")
        for _ in range(20):
            assert api.get("/self").status == 200
        assert not answers
    waiter.join(30)
    assert answers[0].status == 201, answers
    assert answers[0].headers["Policy-Applied"] == "true"
    api.delete("/users/patient")


def test_silent_ones_are_not_waited_for(fleet, api):
    """One that died, for all that is known: told at once, in force or not."""
    with Stopped(fleet.replicas[1]):
        wait_until(lambda: fleet.states()["replica2"] == "silent", "silence")
        start = time.monotonic()
        made = api.put("/users/told", {}, wait="applied", wait_timeout=60)
        assert time.monotonic() - start < 30
        assert made.status == 202
        assert [(b["name"], b["state"]) for b in made.json["behind"]] == [
            ("replica2", "silent")]
        (item,) = api.pages("/replicas", state="silent")[0]
        assert item["name"] == "replica2" and item["versions_behind"] == 1
    api.delete("/users/told")


def test_places_to_wait_in_are_few(fleet, api):
    answers = []

    def put(number):
        answers.append(api.put(f"/users/many{number}", {}, wait="applied",
                               wait_timeout=3))

    with Stopped(fleet.replicas[1]):
        threads = [threading.Thread(target=put, args=(n,)) for n in range(24)]
        for thread in threads:
            thread.start()
        # Whoever does not wait is not held up.
        assert api.put("/users/many-plain", {}).status in (200, 201, 503)
        for thread in threads:
            thread.join()
    statuses = sorted(answer.status for answer in answers)
    assert set(statuses) == {202, 503}, statuses
    # Refused before it was done: what is refused is not there.
    for number, answer in enumerate(answers):
        del number
        if answer.status == 503:
            assert answer.headers["Retry-After"]
    done = {item["name"] for item in api.pages("/users", q="many")[0]}
    assert len(done - {"many-plain"}) == statuses.count(202) <= 16
    for name in done:
        assert api.delete(f"/users/{name}").status == 204


@pytest.mark.parametrize("query", [
    {"wait": "true"}, {"wait": ""}, {"wait": "applied", "wait_timeout": "0"},
    {"wait": "applied", "wait_timeout": "61"}, {"wait_timeout": "5"},
    {"wait": "applied", "wait_timeout": "x"},
    {"wait": "applied", "dry_run": "true"},
])
def test_wrong_waits(api, query):
    answer = api.put("/users/wrong", {}, **query)
    assert answer.status == 400, answer
    assert answer.json["errors"][0]["parameter"].startswith("wait")
    assert api.get("/users/wrong").status == 404


def test_killed_and_started_again(fleet, api):
    victim = fleet.replicas[2]
    before = {i["name"]: i["id"] for i in api.pages("/replicas")[0]}
    victim.kill()
    wait_until(lambda: fleet.states()["replica3"] == "silent", "silence")
    victim.start()
    # The new process has taken the place of the dead one.
    wait_until(lambda: fleet.states().get("replica3") == "current", "it")
    items = api.pages("/replicas")[0]
    assert len(items) == 3
    assert before["replica3"] not in {item["id"] for item in items}
    assert api.put("/users/x", {}, wait="applied").headers[
        "Policy-Applied"] == "true"
    api.delete("/users/x")


def test_one_that_ends_takes_its_row(fleet):
    leaving = fleet.new_replica("leaving").start()
    wait_until(lambda: "leaving" in fleet.states(), "the fourth")
    leaving.stop()
    assert "leaving" not in fleet.states()


def test_postgres_dies_while_somebody_waits(fleet, api, server):
    answers = []
    with Stopped(fleet.replicas[1]):
        waiter = threading.Thread(target=lambda: answers.append(
            api.put("/users/pg", {}, wait="applied", wait_timeout=6)))
        waiter.start()
        wait_until(lambda: api.get("/users/pg").status == 200, "the write")
        kill_server(server)
    start_server(server)
    waiter.join(40)
    assert answers[0].status in (201, 202), answers
    # Whatever it was told: it is in force, or the answer was 202.
    if answers[0].status == 201:
        version = int(answers[0].headers["Policy-Version"])
        for replica in fleet.replicas:
            assert replica.metric("datagateway_policy_version") >= version
    wait_until(lambda: api.delete("/users/pg").status in (204, 404),
               "the API to have its connections again")


# ---- from the command line ---------------------------------------------------

class Tool:
    def __init__(self, fleet, api):
        self.fleet = fleet
        self.environment = {
            **os.environ, "DATAGATEWAY_ADMIN_TOKEN": api.token,
            "DATAGATEWAY_ADMIN_URL":
                f"http://127.0.0.1:{fleet.replicas[0].admin_port}",
        }

    def run(self, *arguments):
        return subprocess.run(
            [str(self.fleet.program), "admin", *arguments],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=90, env=self.environment)


@pytest.fixture
def tool(fleet, api):
    return Tool(fleet, api)


def test_list_replicas(tool):
    done = tool.run("list", "replicas")
    assert done.returncode == 0, done.stderr
    head, *rows = done.stdout.splitlines()
    assert head.split()[:3] == ["name", "state", "policy_version"], head
    assert [row.split()[:2] for row in rows] == [
        [f"replica{number}", "current"] for number in (1, 2, 3)]


def test_wait_from_the_command_line(fleet, tool, tmp_path):
    done = tool.run("create", "users", "cli", "--wait")
    assert done.returncode == 0, done.stderr
    policy = tmp_path / "policy.yaml"
    policy.write_text("roles: [{name: cli}]\n")
    apply = ["apply", "-d", fleet.conninfo, "-f", str(policy), "--yes"]
    done = tool.run(*apply, "--wait")
    assert done.returncode == 0, done.stderr
    with Stopped(fleet.replicas[1]):
        done = tool.run("set", "users", "cli", "disabled=true", "--yes",
                        "--wait=1")
        assert done.returncode == 3, done.stdout
        assert "replica2" in done.stderr and "behind" in done.stderr
        policy.write_text("roles: []\n")
        done = tool.run(*apply, "--wait=1", "--json")
        assert done.returncode == 3, done.stderr
        told = json.loads(done.stdout)
        assert told["applied"] is True
        assert [line.split()[0] for line in told["behind"]] == ["replica2"]
    for wrong in ("0", "61", "x"):
        assert tool.run(*apply, f"--wait={wrong}").returncode == 2
    assert tool.run("delete", "users", "cli", "--yes").returncode == 0
