"""`belowline serve` and `belowline keys` as a user meets them: processes, their output and their exit codes."""

from __future__ import annotations

import os
import pty
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from model.manifest import weights_folder
from model.scores import ModelNotFound
from service.cli import main

ROOT = Path(__file__).resolve().parents[3]
START = "from service.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Done:
    """What a command left behind."""

    code: int
    out: str
    err: str


Belowline = Callable[..., Done]


@pytest.fixture
def belowline(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Belowline:
    """Runs a command line in this process; keyword arguments are settings."""

    def run(*arguments: str, **settings: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["belowline", *arguments])
        code = 0
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            try:
                main()
            except SystemExit as left:
                code = int(left.code or 0)
        captured = capsys.readouterr()
        return Done(code, captured.out, captured.err)

    return run


def _sentence(done: Done) -> str:
    assert (done.code, done.out) == (1, "")
    assert len(done.err.splitlines()) == 1
    return done.err


def test_a_port_in_use_is_said_in_a_sentence(belowline: Belowline) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"Cannot listen on 127.0.0.1:{port}" in _sentence(belowline("serve", "--port", port))


def test_an_unknown_model_address_and_setting_are_said_in_a_sentence(belowline: Belowline) -> None:
    assert "no-such-model" in _sentence(belowline("serve", "--port", "0", "--model", "no-such-model"))
    assert "no.such.host.example" in _sentence(belowline("serve", "--host", "no.such.host.example"))
    assert "There is no address 'paper..example'" in _sentence(belowline("serve", "--host", "paper..example"))
    assert "BELOWLINE_PROT" in _sentence(belowline("serve", BELOWLINE_PROT="1"))
    assert "mysql" in _sentence(belowline("serve", "--port", "0", BELOWLINE_DATABASE_URL="mysql://host/name"))


def test_a_gpu_that_is_not_there_is_said_in_a_sentence(belowline: Belowline) -> None:
    cuda = pytest.importorskip("torch", reason="needs the extra `cuda`").cuda
    if cuda.is_available():
        pytest.skip("there is a GPU")
    sentence = _sentence(belowline("serve", "--port", "0", "--device", "cuda"))
    assert sentence == "There is no GPU that torch can use here; leave --device out to score on the processor.\n"


def test_another_address_needs_a_key_or_an_account(belowline: Belowline) -> None:
    sentence = _sentence(belowline("serve", "--host", "0.0.0.0", "--port", "0"))
    assert "belowline keys create" in sentence


@pytest.mark.parametrize("arguments", [("serve", "--port", "70000"), ("serve", "--prot", "1"), ("keys", "create")])
def test_wrong_usage_is_two(belowline: Belowline, arguments: tuple[str, ...]) -> None:
    assert belowline(*arguments).code == 2


def test_keys_are_made_listed_and_revoked(belowline: Belowline) -> None:
    made = belowline("keys", "create", "the [paper]", "--rate", "5")
    secret = made.out.strip()
    listed = belowline("keys", "list").out
    assert re.fullmatch(r"bl_[\w-]{43}", secret)
    assert "the [paper]" in listed
    assert secret not in listed
    assert belowline("keys", "revoke", "1").code == 0
    assert "no valid key" in _sentence(belowline("keys", "revoke", "1"))
    assert "between 1 and" in _sentence(belowline("keys", "create", "x", "--rate", "0"))


def test_it_says_where_it_answers_and_stops_when_told(tmp_path: Path) -> None:
    try:
        weights_folder()
    except ModelNotFound:
        pytest.skip("needs weights under model/weights")
    log = tmp_path / "log"
    command = [sys.executable, "-c", START, "serve", "--port", "0"]
    with log.open("w") as errors:
        server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    with server:
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline() if server.stdout else "")
            assert found, log.read_text()
            ready, scored, half = _ask(found[0])
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0
        finally:
            server.kill()
    known, german = scored
    assert ready["status"] == "ready"
    assert all(0 <= score <= 1 for name, score in known["scores"].items() if name != "relevance")
    assert (set(german["scores"].values()), german["reasons"][0]["attribute"]) == ({None}, "language")
    assert half.status_code == 200
    assert "particular" not in log.read_text()


def test_on_a_terminal_it_shows_its_address_and_no_log_lines(tmp_path: Path) -> None:
    try:
        weights_folder()
    except ModelNotFound:
        pytest.skip("needs weights under model/weights")
    master, terminal = pty.openpty()
    command = [sys.executable, "-c", START, "serve", "--port", "0"]
    environment = {**os.environ, "BELOWLINE_DATABASE_URL": f"sqlite:///{tmp_path}/s.sqlite3", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=ROOT, stdout=terminal, stderr=terminal, env=environment) as server:
        os.close(terminal)
        try:
            said = ""
            while "Ctrl+C" not in said:
                said += os.read(master, 1000).decode()
            found = re.search(r"Belowline answers at \S*(http://127\.0\.0\.1:\d+)", said)
            assert found, said
            assert httpx.get(f"{found[1]}/health/live").status_code == 200
            server.send_signal(signal.SIGTERM)
            assert server.wait(20) == 0
        finally:
            server.kill()
            os.close(master)
    assert '"level"' not in said


def _ask(address: str) -> tuple[Any, Any, httpx.Response]:
    with httpx.Client(base_url=address) as client:
        ready = client.get("/health/ready").json()
        scored = client.post("/v1/score", json={"comments": [{"text": ENGLISH}, {"text": GERMAN}]}).json()["results"]
        return ready, scored, client.post("/v1/score", content=b'{"comments":[{"text":"half an emoji \\ud83d"}]}')


ENGLISH = "This is a comment about nothing in particular."
GERMAN = "Das ist doch wirklich eine ganz und gar unsinnige Entscheidung der Stadtverwaltung gewesen."
