"""The commands that work on the store: users, export, privacy, backup; one sentence for each mistake."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from data.records import Article, Comment, Discussion
from service.cli import belowline
from service.settings import read_settings
from service.store import Resolution, Store, open_store
from service.store.accounts import log_in
from service.store.decisions import Judgement, Target, decide
from service.store.filters import Filter
from service.store.intake import take_in
from service.store.queue import list_comments
from service.store.viewers import Viewer

FULL = Path("/dev/full")
PASSWORD = "a long enough phrase\n"


def run(*arguments: str, typed: str | bytes | None = None) -> Result:
    return CliRunner().invoke(belowline, arguments, input=typed)


def opened() -> Store:
    return open_store(read_settings().database_url)


@pytest.fixture
def decided(scorer: Any) -> None:
    """Two comments, one of them rejected."""
    with opened() as store:
        comments = (Comment("1", "BAD =1+1", author="Eve"), Comment("2", "VERY BAD", author="Dan"))
        take_in(store, scorer, "daily", Discussion(Article(title="A"), comments))
        ada = Viewer("ada")
        one = next(one for one in list_comments(store.database, Filter(), ada).comments if one.external_id == "2")
        decide(store.database, ada, Judgement(Resolution.REJECT, "insult", "=2+2"), [Target(one.id, one.version)])


def test_the_first_admin_is_made_by_command_and_may_log_in() -> None:
    made = run("users", "add", "ada", "--role", "admin", "--password-stdin", typed=PASSWORD)
    assert (made.exit_code, made.output) == (0, "The admin ada may log in.\n")
    with opened() as store:
        assert log_in(store.database, "ada", PASSWORD.strip())
    assert "ada" in run("users", "list").output


def test_a_password_is_asked_for_twice_and_not_shown() -> None:
    made = run("users", "add", "bob", typed=PASSWORD * 2)
    assert made.exit_code == 0
    assert PASSWORD.strip() not in made.output


def test_accounts_are_changed_by_command() -> None:
    run("users", "add", "ada", "--role", "admin", "--password-stdin", typed=PASSWORD)
    run("users", "add", "cleo", "--section", "sport", "--password-stdin", typed=PASSWORD)
    assert run("users", "change", "cleo", "--section", "politics", "--disable").exit_code == 0
    listed = run("users", "list").output
    assert "politics" in listed
    assert "disabled" in listed
    assert run("users", "password", "cleo", "--password-stdin", typed="another long phrase\n").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (("users", "add", "ada", "--password-stdin"), "short\n", "A password has 12 to 200 characters."),
        (("users", "add", "ada", "--password-stdin"), b"p\xe4sswords of old\n", "is not text in UTF-8."),
        (("users", "add", "a b", "--password-stdin"), PASSWORD, "The name of an account"),
        (("users", "change", "nobody"), None, "There is no account 'nobody'."),
        (("privacy", "erase", "Nobody", "--site", "daily", "--yes"), None, "No comment of this author"),
        (("privacy", "forget"), None, "Give --days, or set BELOWLINE_RETENTION_DAYS."),
        (("export", "log", "-o", "x.parquet"), None, "ends neither in .csv nor in .jsonl"),
    ],
)
def test_a_mistake_gets_one_sentence_and_exit_code_1(
    arguments: tuple[str, ...], typed: str | bytes | None, sentence: str
) -> None:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("number", ["0", "9" * 20])
def test_a_number_that_no_key_has_is_wrong_usage(number: str) -> None:
    assert run("keys", "revoke", number).exit_code == 2


@pytest.mark.usefixtures("decided")
def test_decisions_are_exported_as_labelled_data(tmp_path: Path) -> None:
    assert run("export", "decisions", "-o", str(tmp_path / "out.jsonl")).exit_code == 0
    (row,) = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert (row["text"], row["rejected"], row["reason"]) == ("VERY BAD", True, "insult")


@pytest.mark.usefixtures("decided")
def test_the_log_and_the_statements_are_exported_as_tables(tmp_path: Path) -> None:
    for name in ("log", "statements"):
        assert run("export", name, "-o", str(tmp_path / f"{name}.csv")).exit_code == 0
    (entry,) = csv.DictReader((tmp_path / "log.csv").read_text().splitlines())
    assert (entry["action"], entry["explanation"]) == ("reject", "'=2+2")
    (statement,) = csv.DictReader((tmp_path / "statements.csv").read_text().splitlines())
    assert statement["decision_ground"] == "DECISION_GROUND_INCOMPATIBLE_CONTENT"
    assert json.loads(run("export", "log").output)["action"] == "reject"


@pytest.mark.usefixtures("decided")
@pytest.mark.skipif(not FULL.exists(), reason="/dev/full is of Linux")
@pytest.mark.parametrize("words", [("export", "log"), ("privacy", "export", "Eve", "--site", "daily")])
def test_a_full_disk_is_one_sentence(words: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", "from service.cli import main; main()", *words]
    with FULL.open("wb") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (1, "The output cannot be written: No space left on device.\n")


@pytest.mark.usefixtures("decided")
def test_an_author_is_given_out_and_erased() -> None:
    given = json.loads(run("privacy", "export", "Eve", "--site", "daily").output)
    assert [one["text"] for one in given["comments"]] == ["BAD =1+1"]
    assert given["opening_posts"] == []
    assert run("privacy", "erase", "Eve", "--site", "daily", "--yes").output == "Erased 1 comment.\n"
    assert json.loads(run("privacy", "export", "Eve", "--site", "daily").output)["comments"] == []
    assert run("privacy", "forget", "--days", "1").output == "Forgot 0 comments.\n"
    assert run("privacy", "forget", "--days", "999999999").exit_code == 2


@pytest.mark.usefixtures("decided")
def test_a_backup_is_restored_into_an_empty_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = str(tmp_path / "backup.gz")
    assert run("backup", file).exit_code == 0
    assert "The store is not empty" in run("restore", file).output
    monkeypatch.setenv("BELOWLINE_DATABASE_URL", f"sqlite:///{tmp_path}/other.sqlite3")
    assert run("restore", file).exit_code == 0
    assert json.loads(run("export", "decisions").output)["text"] == "VERY BAD"
