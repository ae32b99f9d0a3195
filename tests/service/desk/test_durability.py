"""Killing the server, or restarting its database, in a stream of decisions: nothing acknowledged is lost or doubled.

The suite kills and restarts a few times; `DURABILITY_KILLS=20` does so twenty times (`make desk-kills`). What is
restarted is a PostgreSQL of the test's own, in a folder that goes away with it.
"""

from __future__ import annotations

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from data.records import Article, Comment, Discussion
from model.scores import ATTRIBUTES, CommentScores
from service.policy import Policy, recommend
from service.store import Scored, State, Store, audit, open_store
from service.store.tables import comment, decision

KILLS = int(os.environ.get("DURABILITY_KILLS", "2"))
COMMENTS = 60 * KILLS
POSTGRES = "postgresql://postgres@127.0.0.1:5432/test"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty store, once on each database; on PostgreSQL in a schema of its own."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/durable.sqlite3"
        return
    psycopg = pytest.importorskip("psycopg", reason="needs the extra `postgres`")
    try:
        connection = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        pytest.skip("needs a PostgreSQL server at 127.0.0.1:5432")
    schema = f"desk_{uuid4().hex[:12]}"
    with connection:
        connection.execute(f"create schema {schema}")
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
        connection.execute(f"drop schema {schema} cascade")


def fill(store: Store) -> None:
    scores = CommentScores(dict.fromkeys(ATTRIBUTES, 0.9), "en")
    comments = tuple(Comment(str(number), f"comment {number}") for number in range(COMMENTS))
    results = [Scored(one, scores, recommend(scores, Policy()), "none-1") for one in comments]
    store.save_discussion("daily", Discussion(Article(title="A"), comments), results)


def send(port: int, comment_id: int) -> bool:
    """Approve one comment as it was first seen; whether the server acknowledged."""
    body = b"resolution=approve&version=1&back=/"
    request = urllib.request.Request(f"http://127.0.0.1:{port}/comments/{comment_id}/decision", body)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=20) as answer:
            return bool(answer.status == 303)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code == 303
    except OSError:
        return False


class _Stay(urllib.request.HTTPRedirectHandler):
    """The acknowledgement is the redirect itself."""

    def redirect_request(self, *arguments: object, **named: object) -> None:
        return None


def check_whole(store: Store, acknowledged: set[int]) -> None:
    """Every acknowledged decision is there, none is there twice, and the log tells the same in an unbroken chain."""
    with store.database.read() as connection:
        states = {row.id: row.state for row in connection.execute(select(comment.c.id, comment.c.state))}
        made = Counter(connection.execute(select(decision.c.comment_id)).scalars())
    logged = Counter(int(entry.subject.removeprefix("comment ")) for entry in audit.every_entry(store.database))
    assert {number for number in acknowledged if states[number] != State.APPROVED} == set()
    assert set(made.values()) == {1}
    assert {number for number, state in states.items() if state == State.APPROVED} == set(made) == set(logged)
    assert set(logged.values()) == {1}
    assert audit.first_break(store.database) is None


class Victim:
    """The server as a process."""

    def __init__(self, url: str) -> None:
        script = Path(__file__).with_name("victim.py")
        root = Path(__file__).resolve().parents[3]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        command = [sys.executable, str(script), url]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.kill()
            pytest.fail("The server did not start; what it says is above.")
        self.port = int(line)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


def test_no_acknowledged_decision_is_lost_when_the_server_is_killed(url: str) -> None:
    chance = random.Random(3)
    with open_store(url) as store:
        fill(store)
    waiting = list(range(1, COMMENTS + 1))
    acknowledged: set[int] = set()
    for _ in range(KILLS):
        victim = Victim(url)
        assert send(victim.port, waiting[0])
        acknowledged.add(waiting.pop(0))  # on a busy machine the kill may come before the next one
        timer = threading.Timer(chance.uniform(0.05, 0.4), victim.kill)
        timer.start()
        while waiting and send(victim.port, waiting[0]):
            acknowledged.add(waiting.pop(0))
        timer.join()
    with open_store(url) as store:
        check_whole(store, acknowledged)
    assert len(acknowledged) >= KILLS


class Cluster:
    """A PostgreSQL server of our own, to be restarted at will; it refuses to run as root."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder, self.programs = folder, programs
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.run("initdb", "--pgdata", str(folder / "data"), "--auth", "trust", "--username", "postgres", "--no-sync")

    def run(self, program: str, *arguments: str) -> None:
        user = "postgres" if os.geteuid() == 0 else None
        command = [str(self.programs / program), *arguments]
        subprocess.run(command, check=True, user=user, cwd=self.folder, stdout=subprocess.DEVNULL, timeout=60)

    def control(self, *action: str) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=50"
        log = ("--log", str(self.folder / "log")) if action[0] != "stop" else ()
        self.run("pg_ctl", *action, "--pgdata", str(self.folder / "data"), "--wait", "--options", options, *log)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """The server, started; the test is skipped where PostgreSQL's programs, or a user to run them, are missing."""
    pytest.importorskip("psycopg", reason="needs the extra `postgres`")
    programs = max(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), default=None) or shutil.which("pg_ctl")
    if programs is None or not (Path(programs).parent / "initdb").exists():
        pytest.skip("needs the programs of a PostgreSQL server")
    if os.geteuid() == 0 and "postgres" not in {user.pw_name for user in pwd.getpwall()}:
        pytest.skip("needs a user to run PostgreSQL as")
    with tempfile.TemporaryDirectory() as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        made = Cluster(Path(folder), Path(programs).parent)
        made.control("start")
        yield made
        made.control("stop", "--mode", "immediate")


@pytest.mark.postgres
def test_no_acknowledged_decision_is_lost_when_postgresql_restarts_under_it(
    cluster: Cluster, serving_store: Callable[[Store], str]
) -> None:
    """The restarts are of the hardest kind: the server's processes are killed and it recovers from its log."""
    store = open_store(cluster.url)
    port = int(serving_store(store).rpartition(":")[2])
    fill(store)
    stream = _Stream(port)
    decider = threading.Thread(target=stream.run)
    decider.start()
    for _ in range(KILLS):
        time.sleep(0.3)
        cluster.control("restart", "--mode", "immediate")
    decider.join()
    check_whole(store, set(range(1, COMMENTS + 1)))
    assert stream.refused >= KILLS  # every restart hit the stream


class _Stream:
    """Sends every decision until it is acknowledged, as a moderator would, about thirty a second."""

    def __init__(self, port: int) -> None:
        self.port, self.refused = port, 0

    def run(self) -> None:
        for number in range(1, COMMENTS + 1):
            while not send(self.port, number):
                self.refused += 1
                time.sleep(0.01)
            time.sleep(0.02)
