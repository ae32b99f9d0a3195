"""A question that nobody can answer says so, and a key that interrupts is told apart from it."""

from __future__ import annotations

import io
import sys

import click
import pytest

from service import cli


@pytest.mark.parametrize("words", [["users", "add", "amal"], ["privacy", "erase", "amal", "--site", "daily"]])
def test_a_question_without_a_terminal_is_told_in_one_sentence(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["belowline", *words])
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: input())
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 1
    assert "ended before the question was answered" in capsys.readouterr().err


def test_a_key_that_interrupts_is_no_missing_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(**_: bool) -> None:
        raise click.Abort from KeyboardInterrupt()

    monkeypatch.setattr(cli, "belowline", interrupted)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    assert stopped.value.code == 130
    assert capsys.readouterr().err == "Interrupted.\n"
