"""`--partitioned` replaces what an earlier run wrote and nothing else, and whatever stops it, --resume completes it."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from model.scores import Scorer
from service.archive import jobs, writing
from service.archive.run import finish_partitioned, score_into
from service.commands import score as command

Score = Callable[..., Result]
ARGUMENTS = ("new.jsonl", "-o", "out", "--partitioned", "--quiet")


@pytest.fixture
def score(scorer: Scorer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Score:
    """Run the command with a scorer without weights, in a folder with two tables."""
    monkeypatch.setattr(command, "open_on_device", lambda name, settings: scorer)
    monkeypatch.chdir(tmp_path)
    for name in ("old", "new"):
        rows = [json.dumps({"text": f"{name} row {number}"}) for number in range(9)]
        Path(f"{name}.jsonl").write_text("\n".join([*rows, f"broken {name}", ""]))
    return lambda *arguments: CliRunner().invoke(command.score, [str(argument) for argument in arguments])


def refused(result: Result) -> bool:
    """Whether a run ended with one sentence and 1."""
    return (result.exit_code, len(result.stderr.splitlines())) == (1, 1)


def told(folder: str = "out") -> tuple[list[str], str, str]:
    """The texts of an output, the input that its manifest names, and its rejected row."""
    manifest = json.loads(Path(f"{folder}.manifest.json").read_text())
    rejected = json.loads(Path(f"{folder}.rejects.jsonl").read_text())
    return pq.read_table(folder)["text"].to_pylist(), manifest["run"]["inputs"][0]["path"], rejected["raw"]


NEW = [f"new row {number}" for number in range(9)], "new.jsonl", "broken new\n"


def test_a_folder_of_other_things_is_left_alone(score: Score) -> None:
    Path("dumps").mkdir()
    shutil.copy("new.jsonl", "dumps/a.jsonl")
    Path("dumps/thesis.txt").write_text("x")
    for name in ("dumps/a.jsonl", "dumps/*.jsonl", "new.jsonl"):
        assert refused(score(name, "-o", "dumps", "--partitioned"))
    assert sorted(path.name for path in Path().iterdir()) == ["dumps", "new.jsonl", "old.jsonl"]
    assert sorted(path.name for path in Path("dumps").iterdir()) == ["a.jsonl", "thesis.txt"]


def test_a_folder_of_parts_or_of_nothing_is_replaced(score: Score) -> None:
    Path("out").mkdir()
    assert score("old.jsonl", *ARGUMENTS[1:]).exit_code == 0
    assert score(*ARGUMENTS).exit_code == 0
    assert told() == NEW


def test_an_input_inside_the_output_is_refused(score: Score) -> None:
    assert score(*ARGUMENTS).exit_code == 0
    for name in ("out/part-00000000.parquet", "out/*.parquet", "out.rejects.jsonl"):
        assert refused(score(name, *ARGUMENTS[1:]))
    assert told() == NEW


@pytest.mark.parametrize("name", ["out.parts", ".out.replaced"])
def test_folders_beside_it_that_no_run_left_are_not_taken_away(score: Score, name: str) -> None:
    assert score(*ARGUMENTS).exit_code == 0
    Path(name).mkdir()
    Path(name, "thesis.txt").write_text("x")
    assert refused(score(*ARGUMENTS))
    assert Path(name, "thesis.txt").exists()


def test_what_was_put_into_the_output_meanwhile_stays(score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    def score_meanwhile(*arguments: Any) -> Any:
        Path("out").mkdir()
        Path("out/thesis.txt").write_text("x")
        return score_into(*arguments)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(jobs, "score_into", score_meanwhile)
        assert refused(score(*ARGUMENTS))
    shutil.move("out/thesis.txt", "thesis.txt")
    assert score(*ARGUMENTS, "--resume").exit_code == 0
    assert told() == NEW


@pytest.mark.parametrize("target", ["real", "nowhere"])
def test_a_link_is_refused_before_anything_is_scored(score: Score, target: str) -> None:
    Path("real").mkdir()
    Path("out").symlink_to(target)
    assert refused(score(*ARGUMENTS))
    assert not Path("out.parts").exists()


@pytest.mark.parametrize("name", [".", "..", ""])
def test_an_output_without_a_name_is_wrong_usage(score: Score, name: str) -> None:
    assert score("new.jsonl", "-o", name, "--partitioned").exit_code == 2


def test_a_disk_that_refuses_the_last_step_is_a_sentence_and_leaves_a_run_to_resume(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rename(path: Path, target: Path) -> Path:
        if path.name == "out.parts":
            raise OSError(errno.EBUSY, "Device or resource busy")
        return renamed(path, target)

    renamed = Path.rename
    assert score("old.jsonl", *ARGUMENTS[1:]).exit_code == 0
    monkeypatch.setattr(Path, "rename", rename)
    assert refused(score(*ARGUMENTS))
    assert pq.read_table("out")["text"].to_pylist()[0] == "old row 0"
    monkeypatch.setattr(Path, "rename", renamed)
    assert refused(score(*ARGUMENTS))
    assert score(*ARGUMENTS, "--resume").exit_code == 0
    assert told() == NEW


class Dying:
    """Ends the run at the given one of the steps that change files, once the output is being finished."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self.left, self.armed = at, False
        monkeypatch.setattr(jobs, "finish_partitioned", self.arming(finish_partitioned))
        for owner, name in ((Path, "rename"), (Path, "unlink"), (shutil, "rmtree"), (writing, "_settle")):
            monkeypatch.setattr(owner, name, self.counting(getattr(owner, name)))

    def arming(self, finish: Callable[..., None]) -> Callable[..., None]:
        def armed(*arguments: Any) -> None:
            self.armed = True
            finish(*arguments)

        return armed

    def counting(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.left -= self.armed
            if self.armed and self.left == 0:
                raise KeyboardInterrupt
            return step(*arguments, **options)

        return counted


STEPS = 9  # rejects, manifest away, earlier output aside (2), parts, manifest, rejects of a part, state, earlier output


@pytest.mark.parametrize("at", range(1, STEPS + 2))
def test_whichever_step_it_dies_at_resume_gives_the_new_output(
    score: Score, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    assert score("old.jsonl", *ARGUMENTS[1:]).exit_code == 0
    with monkeypatch.context() as dying:
        Dying(dying, at)
        assert score(*ARGUMENTS).exit_code == (1 if at <= STEPS else 0)
    assert score(*ARGUMENTS, "--resume").exit_code == 0
    assert told() == NEW
    found = {path.name for path in Path().iterdir()}
    assert found == {"old.jsonl", "new.jsonl", "out", "out.manifest.json", "out.rejects.jsonl"}
    assert [path.name for path in Path("out").iterdir()] == ["part-00000000.parquet"]


def test_an_undone_exchange_gives_the_earlier_output_back(score: Score, monkeypatch: pytest.MonkeyPatch) -> None:
    assert score("old.jsonl", *ARGUMENTS[1:]).exit_code == 0
    with monkeypatch.context() as dying:
        Dying(dying, STEPS - 3)
        assert score(*ARGUMENTS).exit_code == 1
    assert pq.read_table("out/part-00000000.parquet")["text"].to_pylist()[0] == "new row 0"
    assert refused(score(*ARGUMENTS))
    assert pq.read_table("out")["text"].to_pylist()[0] == "old row 0"


def test_a_folder_with_a_run_of_its_own_is_not_taken_for_an_unfinished_one(score: Score) -> None:
    Path("out").mkdir()
    for name in ("run.json", "model.bin"):
        Path("out", name).write_text("{}")
    assert refused(score(*ARGUMENTS, "--resume"))
    assert sorted(path.name for path in Path("out").iterdir()) == ["model.bin", "run.json"]
