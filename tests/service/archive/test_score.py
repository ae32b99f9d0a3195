"""`belowline score` from outside: inputs right and wrong, outputs, exit codes, the table for people."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from model.scores import ATTRIBUTES, Scorer
from service.archive import jobs
from service.archive.columns import COLUMNS
from service.archive.run import Summary
from service.commands import score as command
from tests.conftest import ROOT

Score = Callable[..., Result]
DEMO = ROOT / "data" / "demo" / "discussions.jsonl"


@pytest.fixture
def score(scorer: Scorer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Score:
    """Run the command with a scorer without weights, in a folder of its own."""
    monkeypatch.setattr(command, "open_on_device", lambda name, settings: scorer)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments, **options: CliRunner().invoke(command.score, [str(a) for a in arguments], **options)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table with an empty text and a broken row."""
    path = tmp_path / "t.csv"
    path.write_text('nr,words,about\n007,"SO, late",Trams\n8,,Trams\nx,y,z,w\n9,fine 🎉,\n', encoding="utf-8")
    return path


def json_rows(path: str) -> list[dict[str, object]]:
    """The rows of a JSON Lines file."""
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def test_a_table_gives_one_row_per_comment(score: Score, table: Path) -> None:
    result = score("t.csv", "-o", "o.jsonl", "--text-column", "words", "--id-column", "nr", "--article-column", "about")
    assert result.exit_code == 0
    rows = json_rows("o.jsonl")
    assert [row["id"] for row in rows] == ["007", "8", "9"]
    assert [row["text"] for row in rows] == ["SO, late", "", "fine 🎉"]
    assert [row["article_title"] for row in rows] == ["Trams", "Trams", None]
    assert all(rows[1][name] is None for name in ATTRIBUTES)
    assert rows[2]["relevance"] is None
    assert rows[0]["relevance"] is not None
    assert rows[0]["source"] == "t.csv"
    assert "1 row could not be read" in result.stderr
    assert json_rows("o.jsonl.rejects.jsonl")[0]["line"] == 4


def test_csv_and_parquet_hold_reasons_as_json_text(score: Score, table: Path) -> None:
    assert score("t.csv", "-o", "o.csv", "--text-column", "words").exit_code == 0
    with Path("o.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert json.loads(rows[0]["reasons"]) == []
    assert rows[1]["toxicity"] == ""


def test_attributes_not_asked_for_are_null_and_judge_nothing(score: Score) -> None:
    Path("t.csv").write_text("text\nALL SHOUTING HERE\n")
    assert score("t.csv", "-o", "o.jsonl", "--attributes", "sarcasm").exit_code == 0
    row = json_rows("o.jsonl")[0]
    assert [name for name in ATTRIBUTES if row[name] is not None] == ["sarcasm"]
    assert [reason["attribute"] for reason in row["reasons"]] == ["sarcasm"]  # type: ignore[attr-defined]


def test_an_unknown_attribute_or_ending_is_wrong_usage(score: Score, table: Path) -> None:
    assert score("t.csv", "--attributes", "irony").exit_code == 2
    assert score("t.csv", "-o", "o.xls").exit_code == 2
    assert score().exit_code == 2


def test_of_several_inputs_the_good_are_done_and_the_bad_named(score: Score, table: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "binary.csv").write_bytes(bytes(range(256)) * 99)
    (tmp_path / "folder").mkdir()
    result = score("none.csv", "empty.csv", "t.csv", "binary.csv", "folder", "-o", "o.jsonl", "--text-column", "words")
    assert result.exit_code == 1
    lines = [line for line in result.stderr.splitlines() if not line.startswith("o.jsonl")]
    assert [line.split(":")[0] for line in lines] == ["none.csv", "empty.csv", "binary.csv", "folder"]
    assert "Traceback" not in result.output
    assert len(json_rows("o.jsonl")) == 3


def test_a_missing_column_is_named_and_nothing_is_written(score: Score, table: Path) -> None:
    result = score("t.csv", "-o", "o.jsonl", "--text-column", "body")
    assert (result.exit_code, Path("o.jsonl").exists()) == (1, False)
    assert result.stderr == 't.csv: has no column "body"; its columns are "nr", "words", "about".\n'


def test_a_table_without_a_readable_row_is_a_bad_input(score: Score) -> None:
    Path("t.jsonl").write_text("one\ntwo\n")
    result = score("t.jsonl", "-o", "o.csv")
    assert result.exit_code == 1
    assert "no row can be read; in line 1 is not JSON" in result.stderr
    assert not Path("o.csv").exists()
    assert [reject["raw"] for reject in json_rows("o.csv.rejects.jsonl")] == ["one\n", "two\n"]


def test_a_table_is_known_by_its_header_where_the_name_does_not_tell(score: Score) -> None:
    Path("export.dat").write_text('nr;Text;ok\n007;"Fine;\nthanks";1\n')
    Path("page.txt").write_text("A title, comment and all\n\nSome words.\n")
    assert score("export.dat", "page.txt", "-o", "o.jsonl").exit_code == 0
    assert [(row["id"], row["text"]) for row in json_rows("o.jsonl")] == [("0", "Fine;\nthanks")]


def test_ids_are_those_of_the_file(score: Score) -> None:
    ids = ["12345678901234567890123", "1.10", '"007"', "true", "null"]
    Path("t.jsonl").write_text("".join(f'{{"id": {told}, "text": "x"}}\n' for told in ids))
    assert score("t.jsonl", "-o", "o.jsonl").exit_code == 0
    assert [row["id"] for row in json_rows("o.jsonl")] == ["12345678901234567890123", "1.10", "007", "true", "4"]


def test_pages_tables_and_parsed_discussions_go_together(score: Score, table: Path, tmp_path: Path) -> None:
    (tmp_path / "d.jsonl").write_text(DEMO.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    result = score("d.jsonl", "t.csv", "-o", "o.jsonl", "--text-column", "words")
    assert result.exit_code == 1
    assert 'd.jsonl: has no column "words"' in result.stderr
    assert score("d.jsonl", "-o", "o.jsonl").exit_code == 0
    row = json_rows("o.jsonl")[0]
    assert (row["id"], row["author"]) == ("c1", "hedgehog_58")
    assert row["article_title"] == "Harrowmere tram extension delayed for a fourth time"


def test_standard_input_is_read(score: Score) -> None:
    packed = gzip.compress(b'{"text": "from a pipe"}\n')
    assert score("-", "-o", "o.jsonl", "--text-column", "text", input=io.BytesIO(packed)).exit_code == 0
    assert [row["source"] for row in json_rows("o.jsonl")] == ["-"]
    refused = score("-", "-o", "o2.jsonl", "--resume", input=b"text\na\n")
    assert (refused.exit_code, "cannot be resumed" in refused.stderr) == (1, True)


def test_an_unfinished_run_is_refused_without_resume(score: Score, table: Path) -> None:
    Path("o.csv.parts").mkdir()
    Path("o.csv.parts/run.json").write_text("{}")
    result = score("t.csv", "-o", "o.csv", "--text-column", "words")
    assert result.exit_code == 1
    assert "--resume" in result.stderr
    assert not Path("o.csv").exists()


def test_resume_starts_when_there_is_nothing_and_does_nothing_when_finished(score: Score, table: Path) -> None:
    arguments = ("t.csv", "-o", "o.csv", "--text-column", "words", "--resume")
    assert score(*arguments).exit_code == 0
    before = Path("o.csv").stat().st_mtime_ns
    assert score(*arguments).exit_code == 0
    assert Path("o.csv").stat().st_mtime_ns == before
    table.write_text("nr,words,about\n1,new,\n")
    changed = score(*arguments)
    assert (changed.exit_code, "input has changed" in changed.stderr) == (1, True)
    assert score(*arguments[:-1]).exit_code == 0


def test_an_edit_between_the_sampled_blocks_of_a_finished_run_is_noticed(score: Score, tmp_path: Path) -> None:
    large, arguments = tmp_path / "large.csv", ("large.csv", "-o", "o.csv", "--resume")
    large.write_text("text\n" + ("a" * 99_999 + "\n") * 80)
    os.utime(large, ns=(1, 1))
    assert score(*arguments).exit_code == 0
    assert score(*arguments).exit_code == 0
    with large.open("r+b") as file:
        file.seek(100_000 - 10)
        file.write(b"b")
    changed = score(*arguments)
    assert (changed.exit_code, "input has changed" in changed.stderr) == (1, True)
    manifest = json.loads(Path("o.csv.manifest.json").read_text())
    del manifest["run"]["modified"]
    Path("o.csv.manifest.json").write_text(json.dumps(manifest))
    assert score(*arguments).exit_code == 0  # as it is with manifests that do not tell


def test_what_a_run_writes_is_no_input_of_the_next(score: Score, table: Path) -> None:
    arguments = ("*.*", "-o", "o.jsonl", "--text-column", "words")
    for more in ((), (), ("--resume",)):
        assert score(*arguments, *more).exit_code == 0
        assert {row["source"] for row in json_rows("o.jsonl")} == {"t.csv"}
    assert len(json_rows("o.jsonl.rejects.jsonl")) == 1
    assert score("o.jsonl.rej*", *arguments[1:]).exit_code == 1


def test_a_stopped_run_over_standard_input_does_not_promise_to_go_on(
    score: Score, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "score_into", lambda *arguments: Summary(rows=5, stopped=True))
    stopped = score("-", "-o", "o.csv", input=b"text\na\n")
    again = score("-", "-o", "o.csv", input=b"text\na\n")
    assert (stopped.exit_code, again.exit_code) == (130, 1)
    assert "--resume" not in stopped.stderr + again.stderr
    assert "delete o.csv.parts" in stopped.stderr


def test_an_output_that_cannot_be_written_is_refused_before_scoring(score: Score, table: Path, scorer: Scorer) -> None:
    for output in ("none/o.csv", "t.csv"):
        result = score("t.csv", "-o", output, "--text-column", "words")
        assert (result.exit_code, len(result.stderr.strip().splitlines())) == (1, 1)


@pytest.mark.parametrize("columns", ["70", "80", "140"])
def test_the_table_for_people_fits_its_terminal(score: Score, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    Path("d.jsonl").write_text("\n".join(DEMO.read_text(encoding="utf-8").splitlines()[:20]), encoding="utf-8")
    result = score("d.jsonl")
    assert result.exit_code == 0
    assert max(cell_len(line) for line in result.stdout.splitlines()) <= int(columns)
    assert "Harrowmere tram extension delayed" in result.stdout
    assert "● review" in result.stdout
    assert "○ publish" in result.stdout


KILLED = """
    import sys, time
    sys.path.insert(0, {root!r})
    from service.commands import score as command
    from service.cli import main
    from tests.conftest import FakeScorer

    class Slow(FakeScorer):
        def score(self, comments, article=None, **options):
            time.sleep(len(comments) / 20_000)
            return super().score(comments, article, **options)

    command.open_on_device = lambda name, settings: Slow()
    main()
"""


def start(folder: Path, *arguments: str, stdout: int | None = None) -> subprocess.Popen[str]:
    """Run the command in a process of its own, slowly enough to be killed in the middle."""
    code = textwrap.dedent(KILLED).format(root=str(ROOT))
    return subprocess.Popen(
        [sys.executable, "-c", code, "score", *arguments], cwd=folder, text=True, stderr=subprocess.PIPE, stdout=stdout
    )


def wait_for_parts(folder: Path, count: int) -> None:
    """Wait until so many parts are stored."""
    until = time.monotonic() + 30
    while len(list(folder.glob("part-*.parquet"))) < count and time.monotonic() < until:
        time.sleep(0.02)


@pytest.fixture
def long_table(tmp_path: Path) -> Path:
    """Thirty thousand different comments, four parts."""
    path = tmp_path / "long.csv"
    path.write_text("text\n" + "".join(f"Comment NUMBER {number}\n" for number in range(30_000)))
    return path


def test_killed_and_resumed_it_gives_the_same_bytes(long_table: Path, tmp_path: Path) -> None:
    whole = start(tmp_path, "long.csv", "-o", "whole.csv")
    whole.communicate()
    killed = start(tmp_path, "long.csv", "-o", "o.csv")
    wait_for_parts(tmp_path / "o.csv.parts", 1)
    killed.kill()
    killed.communicate()
    resumed = start(tmp_path, "long.csv", "-o", "o.csv", "--resume")
    resumed.communicate()
    assert resumed.returncode == 0
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_ctrl_c_finishes_the_part_and_says_how_to_go_on(long_table: Path, tmp_path: Path) -> None:
    process = start(tmp_path, "long.csv", "-o", "o.csv")
    wait_for_parts(tmp_path / "o.csv.parts", 1)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate()
    assert process.returncode == 130
    assert "--resume" in errors
    assert "Traceback" not in errors


def test_a_reader_that_goes_away_ends_the_table_with_a_sentence(long_table: Path, tmp_path: Path) -> None:
    read, write = os.pipe()
    process = start(tmp_path, "long.csv", stdout=write)
    os.close(write)
    os.read(read, 100)
    os.close(read)
    _, errors = process.communicate()
    assert process.returncode == 1
    assert errors.splitlines()[-1] == (
        "Whoever read the table has gone; with -o FILE the scores are kept, and --resume goes on."
    )
    assert "Traceback" not in errors
    assert "Exception" not in errors


def test_an_archive_does_not_need_anybody_who_reads_what_it_says(long_table: Path, tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start(tmp_path, "long.csv", "-o", "o.csv", stdout=write)
    os.close(write)
    process.communicate()
    assert process.returncode == 0
    assert len((tmp_path / "o.csv").read_text().splitlines()) == len(long_table.read_text().splitlines())


def test_a_page_without_comments_is_said_to_have_none(score: Score) -> None:
    Path("a.txt").write_text(
        "A title\n\nOnly an article, in one paragraph that says a few things about nothing at all.\n"
    )
    result = score("a.txt")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "No comments were found.\n")


def test_comments_that_load_by_script_are_named(score: Score) -> None:
    words = "<p>The ferry sails again, and the quay has a new coat of paint that nobody had asked for.</p>" * 4
    embed = '<div id="disqus_thread"></div><script src="https://paper.disqus.com/embed.js"></script>'
    Path("a.html").write_text(f"<html><body><article><h1>Ferry</h1>{words}</article>{embed}</body></html>")
    result = score("a.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "a.html: its comments are loaded by disqus and are not in the file.\n"
