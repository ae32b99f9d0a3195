"""A run over an archive: the right rows in order, resumable at any moment, refused where it cannot be right."""

from __future__ import annotations

import errno
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pyarrow.parquet as pq
import pytest

from data.records import Article, Comment, Discussion, Status
from model.scores import ATTRIBUTES, CommentScores, Scorer
from service.archive import writing
from service.archive.columns import COLUMNS
from service.archive.identity import run_identity
from service.archive.parts import Output, Parts, finished, unfinished
from service.archive.pipeline import ahead, cut
from service.archive.reading import Item, Note, RejectedRow, Row, article_of, expanded, read_items
from service.archive.remembered import Remembered
from service.archive.run import Hooks, Summary, finish, finish_partitioned, score_into
from service.archive.scoring import RowScorer, words_of
from service.archive.terminal import first_lines
from service.archive.writing import OutputError
from service.policy import Policy

WORDS = "TRAM bus Ferry LATE again harbour mayor toll idiots splendid 🎉 naïve".split()


class CountingScorer:
    """Passes on to another scorer and counts the comments; may stop after so many calls."""

    def __init__(self, inner: Scorer, stop: Event | None = None, fail_at: int = 0) -> None:
        self.inner, self.stop, self.fail_at = inner, stop, fail_at
        self.comments = self.calls = 0

    @property
    def version(self) -> str:
        return self.inner.version

    def score(self, comments: Sequence[Comment], article: Article | None = None, **options: Any) -> list[CommentScores]:
        self.calls += 1
        self.comments += len(comments)
        if self.stop is not None:
            self.stop.set()
        if self.fail_at == self.calls:
            raise KeyboardInterrupt
        return self.inner.score(comments, article, **options)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A thousand comments under seven articles, some of them twice, one row in a hundred broken."""
    numbers = random.Random(3)
    lines = []
    for number in range(1000):
        text = " ".join(numbers.choices(WORDS, k=numbers.randint(0, 6)))
        row = {"id": number, "text": text, "article_title": f"Article {number // 143}\nBody"}
        lines.append("broken" if number % 100 == 99 else json.dumps(row))
    path = tmp_path / "comments.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(
    table: Path,
    out: Path,
    scorer: Scorer,
    *,
    resume: bool = False,
    hooks: Hooks | None = None,
    partitioned: bool = False,
) -> Summary:
    """What the command does, with small parts."""
    output = Output(out)
    identity = run_identity([str(table)], {}, scorer.version)
    parts = (Parts.resume if resume else Parts.start)(output.parts, identity)
    try:
        items = read_items([str(table)])
        summary = score_into(parts, items, RowScorer(scorer), Policy(), hooks or Hooks(), size=64)
    finally:
        parts.close()
    if not summary.stopped:
        (finish_partitioned if partitioned else finish)(output, parts, summary, identity)
    return summary


def test_rows_come_out_in_order_with_every_column(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    summary = run(table, tmp_path / "o.jsonl", scorer)
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert (summary.rows, summary.rejected, len(rows)) == (990, 10, 990)
    assert all(tuple(row) == COLUMNS for row in rows)
    assert [int(row["id"]) for row in rows] == [number for number in range(1000) if number % 100 != 99]
    assert {row["article_title"] for row in rows} == {f"Article {number}" for number in range(7)}
    assert not Output(tmp_path / "o.jsonl").parts.exists()


def test_rejects_name_line_reason_and_bytes(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    run(table, tmp_path / "o.jsonl", scorer)
    rejects = [json.loads(line) for line in (tmp_path / "o.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [reject["line"] for reject in rejects] == list(range(100, 1001, 100))
    assert rejects[0]["raw"] == "broken\n"
    assert "not JSON" in rejects[0]["reason"]


@pytest.mark.parametrize("name", ["o.csv", "o.parquet", "o.csv.gz", "o.jsonl.zst"])
def test_every_format_holds_the_same_rows(table: Path, tmp_path: Path, scorer: Scorer, name: str) -> None:
    run(table, tmp_path / name, scorer)
    run(table, tmp_path / "plain.jsonl", scorer)
    expected = [json.loads(line) for line in (tmp_path / "plain.jsonl").read_text().splitlines()]
    again = [item for item in read_items([str(tmp_path / name)]) if isinstance(item, Row)]
    assert [row.comment.text for row in again] == [row["text"] for row in expected]
    if name.endswith("parquet"):
        rows = pq.read_table(tmp_path / name).to_pylist()
        assert [row["toxicity"] for row in rows] == [row["toxicity"] for row in expected]
        assert [json.loads(row["reasons"]) for row in rows] == [row["reasons"] for row in expected]


def test_identical_texts_under_one_article_are_scored_once(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    counting = CountingScorer(scorer)
    run(table, tmp_path / "o.jsonl", counting)
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text().splitlines()]
    assert counting.comments == len({(row["article_title"], row["text"]) for row in rows}) < len(rows)


def test_a_stopped_run_goes_on_where_it_was(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    run(table, tmp_path / "whole.csv", scorer)
    stop = Event()
    first = run(table, tmp_path / "o.csv", CountingScorer(scorer, stop), hooks=Hooks(stop=stop))
    assert first.stopped
    assert unfinished(Output(tmp_path / "o.csv"))
    assert not (tmp_path / "o.csv").exists()
    counting = CountingScorer(scorer)
    run(table, tmp_path / "o.csv", counting, resume=True)
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()
    assert counting.comments < 990


def test_a_run_that_died_in_the_middle_of_a_part_loses_and_doubles_nothing(
    table: Path, tmp_path: Path, scorer: Scorer
) -> None:
    run(table, tmp_path / "whole.csv", scorer)
    for fail_at in (3, 5, 4):
        with pytest.raises(KeyboardInterrupt):
            run(table, tmp_path / "o.csv", CountingScorer(scorer, fail_at=fail_at), resume=fail_at > 3)
    run(table, tmp_path / "o.csv", scorer, resume=True)
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_changed_input_or_model_is_not_resumed(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    stop = Event()
    run(table, tmp_path / "o.csv", CountingScorer(scorer, stop), hooks=Hooks(stop=stop))
    original = table.read_text()
    table.write_text(original + json.dumps({"id": 1, "text": "more"}) + "\n")
    with pytest.raises(OutputError, match="input has changed"):
        run(table, tmp_path / "o.csv", scorer, resume=True)
    table.write_text(original)
    other = type("Other", (CountingScorer,), {"version": "fake-2"})(scorer)
    with pytest.raises(OutputError, match="model has changed"):
        run(table, tmp_path / "o.csv", other, resume=True)
    assert run(table, tmp_path / "o.csv", scorer, resume=True).rows == 990


def test_rows_that_changed_under_the_same_fingerprint_are_noticed(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    stop = Event()
    run(table, tmp_path / "o.csv", CountingScorer(scorer, stop), hooks=Hooks(stop=stop))
    output = Output(tmp_path / "o.csv")
    identity = json.loads((output.parts / "run.json").read_text())
    parts = Parts.resume(output.parts, identity)
    items: list[Item] = [Row("x", Comment(str(number), "other")) for number in range(100)]
    with pytest.raises(OutputError, match="input has changed"):
        score_into(parts, items, RowScorer(scorer), Policy(), Hooks(), size=64)
    parts.close()


def test_two_runs_into_one_output_at_once_are_refused(tmp_path: Path) -> None:
    parts = Parts.start(tmp_path / "o.parts", {"inputs": [], "options": {}, "model_version": "1"})
    with pytest.raises(OutputError, match="Another run"):
        Parts.resume(tmp_path / "o.parts", {"inputs": [], "options": {}, "model_version": "1"})
    parts.close()


def test_a_full_disk_is_a_sentence_and_leaves_a_run_to_resume(
    table: Path, tmp_path: Path, scorer: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = writing._settle
    written: list[Path] = []

    def settle_until_full(temporary: Path, target: Path) -> None:
        if len(written) == 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        written.append(target)
        settle(temporary, target)

    monkeypatch.setattr(writing, "_settle", settle_until_full)
    with pytest.raises(OutputError, match=r"disk is full.*--resume"):
        run(table, tmp_path / "o.csv", scorer)
    monkeypatch.setattr(writing, "_settle", settle)
    assert not list((tmp_path / "o.csv.parts").glob(".*"))
    run(table, tmp_path / "o.csv", scorer, resume=True)
    run(table, tmp_path / "whole.csv", scorer)
    assert (tmp_path / "o.csv").read_bytes() == (tmp_path / "whole.csv").read_bytes()


def test_a_finished_run_is_known_by_its_manifest(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    run(table, tmp_path / "o.csv", scorer)
    assert finished(Output(tmp_path / "o.csv")) == run_identity([str(table)], {}, scorer.version)
    (tmp_path / "o.csv").unlink()
    assert finished(Output(tmp_path / "o.csv")) is None


def test_a_partitioned_output_is_a_folder_of_parquet_files(table: Path, tmp_path: Path, scorer: Scorer) -> None:
    run(table, tmp_path / "o", scorer, partitioned=True)
    files = sorted((tmp_path / "o").iterdir())
    assert len(files) == 16
    assert pq.read_table(tmp_path / "o").num_rows == 990
    run(table, tmp_path / "o", scorer, partitioned=True)
    assert pq.read_table(tmp_path / "o").num_rows == 990


def test_parts_are_cut_at_the_same_places_whatever_the_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.archive.pipeline.PART_CHARS", 100)
    items: list[Item] = [Row("x", Comment(str(number), "x" * (90 if number == 5 else 1))) for number in range(20)]
    assert [len(part.items) for part in cut(items, size=8)] == [8, 8, 4]
    assert [len(part.items) for part in cut(items[:1] * 3 + items[5:7] * 2, size=8)] == [6, 1]


def test_reading_ahead_is_bounded_and_hands_errors_on() -> None:
    taken: list[int] = []

    def numbers() -> Iterator[int]:
        for number in range(100):
            taken.append(number)
            yield number
        raise ValueError("the end")

    stream = ahead(numbers(), waiting=2)
    assert next(stream) == 0
    assert len(taken) <= 5
    with pytest.raises(ValueError, match="the end"):
        list(stream)


def test_an_article_cell_is_a_title_a_text_or_both() -> None:
    assert article_of("A title") == Article("A title")
    assert article_of("A title\n\nOne.\nTwo.") == Article("A title", ("One.", "Two."))
    long = "word " * 100
    assert article_of(long) == Article(None, (long.strip(),))


def test_patterns_are_resolved_and_plain_names_are_not(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "x[1].csv"):
        (tmp_path / name).write_text("text\n")
    assert expanded([f"{tmp_path}/[ab].csv"]) == [f"{tmp_path}/a.csv", f"{tmp_path}/b.csv"]
    assert expanded([f"{tmp_path}/x[1].csv", "none*"]) == [f"{tmp_path}/x[1].csv", "none*"]


def test_marks_of_removed_comments_are_not_scored_as_their_words(scorer: Scorer) -> None:
    rows = [
        Row("x", Comment("1", "[removed]", status=Status.REJECTED)),
        Row("x", Comment("2", "[deleted]", status=Status.DELETED)),
        Row("x", Comment("3", "[removed]")),
        Row("x", Comment("4", "rude", status=Status.REJECTED)),
    ]
    assert [found.reason for found in RowScorer(scorer).score(rows)] == ["empty", "empty", None, None]


def test_a_very_long_text_is_scored_as_everywhere(scorer: Scorer) -> None:
    long = Comment("1", "A" * 20_000 + "b" * 1_000_000)
    (found,) = RowScorer(scorer).score([Row("x", long)])
    assert found == scorer.score([long])[0]
    assert found.scores["toxicity"] != scorer.score([replace(long, text=long.text[:20_000])])[0].scores["toxicity"]


def test_what_an_export_could_not_give_is_told(tmp_path: Path) -> None:
    head = "id,story_id,author_id,parent_id,body,created_at,status"
    rows = "1,s,a,,First,2021-01-01T10:00:00Z,APPROVED\n2,s,a,,Second, unquoted comma here,2021-01-01T10:00:00Z,NONE"
    (tmp_path / "coral.csv").write_text(f"{head}\n{rows}\n")
    items = list(read_items([str(tmp_path / "coral.csv")]))
    assert [item.comment.text for item in items if isinstance(item, Row)] == ["First"]
    (told,) = (item.sentence for item in items if isinstance(item, Note))
    assert told.endswith("Line 3 has 8 fields where the header has 7.")


def test_half_a_surrogate_pair_becomes_the_replacement_character(tmp_path: Path, scorer: Scorer) -> None:
    (tmp_path / "t.jsonl").write_text('{"text": "bad \\ud83d half", "article_title": "x \\udc00"}\n')
    for name in ("o.jsonl", "o.csv", "o.parquet"):
        run(tmp_path / "t.jsonl", tmp_path / name, scorer)
        items = [item for item in read_items([str(tmp_path / name)]) if isinstance(item, Row)]
        assert [item.comment.text for item in items] == ["bad \ufffd half"]


def test_what_would_steer_a_terminal_is_not_printed() -> None:
    assert first_lines("red \x1b[31mtext\x07 \u202eback 👩\u200d🚀", 60, 2) == ["red [31mtext back 👩\u200d🚀"]


def test_a_text_that_two_parts_in_work_share_is_scored_once(scorer: Scorer) -> None:
    rows = [Row("x", Comment(str(number), f"text {number % 3}")) for number in range(9)]
    counting = CountingScorer(scorer)
    scoring = RowScorer(counting)
    first, second = scoring.begin(rows[:5]), scoring.begin(rows[5:])
    assert [*first.scores(), *second.scores()] == RowScorer(scorer).score(rows)
    assert scoring.score(rows) == RowScorer(scorer).score(rows)
    assert counting.comments == 3


def test_what_is_remembered_is_exact_and_bounded() -> None:
    scores = CommentScores({**dict.fromkeys(ATTRIBUTES, 1 / 3), "relevance": None}, "en")
    unread = CommentScores(dict.fromkeys(ATTRIBUTES), None, "empty")
    remembered = Remembered(most=10)
    for number in range(100):
        remembered.store(b"%d" % number, scores if number % 2 else unread)
        assert remembered.get(b"1") == (scores if number else None)
        assert len(remembered) <= 11
    assert remembered.get(b"98") == unread
    assert remembered.get(b"50") is None


def test_quotes_of_others_are_marked_in_what_parse_wrote_too(tmp_path: Path) -> None:
    quotes = {"quotes": [{"start": 0, "end": 5, "text": "idiot"}]}
    comments = (Comment("1", "idiot, he said", extra=quotes), Comment("2", "[removed]", status=Status.REJECTED))
    told = Discussion(Article("A title"), comments).to_json()
    broken = {**told, "comments": [{**told["comments"][0], "quotes": [{"start": 3, "end": 99}]}]}
    (tmp_path / "parsed.jsonl").write_text(json.dumps(told) + "\n" + json.dumps(broken) + "\n")
    first, second, third = read_items([str(tmp_path / "parsed.jsonl")])
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert isinstance(third, RejectedRow)
    assert first.comment.extra == {"quotes": [{"start": 0, "end": 5}]}
    assert words_of(second.comment) == ""


def test_long_articles_fill_a_part_as_long_comments_do() -> None:
    articles = [Article(None, ("y" * 2**20,)) for _ in range(4)]
    items: list[Item] = [Row("x", Comment(str(number), "x"), articles[number // 2]) for number in range(8)]
    assert [len(part.items) for part in cut(items)] == [7, 1]
