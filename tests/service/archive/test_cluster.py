"""The engine ray: the rows of the local engine, also when a worker dies on the way."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from data.records import Article, Comment, Status
from data.tables.columns import Columns
from data.tables.lines import Reject
from model.scores import ATTRIBUTES, CommentScores, ScorerError
from service.archive import cluster as clusters
from service.archive.cluster import START, Cluster, explained_by_ray, scored_items, write_partitioned
from service.archive.columns import scored_row
from service.archive.models import open_scorer
from service.archive.parts import Parts
from service.archive.reading import BadInput, Item, Note, RejectedRow, Row, read_items
from service.archive.scoring import RowScorer
from service.archive.wire import Place, other, received, sent
from service.archive.writing import OutputError
from service.commands import score as command
from service.policy import Policy
from service.settings import read_settings
from tests.conftest import FakeScorer
from tests.service.archive.recombined import recombined

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, which change with every release


class DyingOnce(FakeScorer):
    """Kills its own process in the middle of its work; the file says that it has."""

    def __init__(self, done: Path) -> None:
        self.done, self.calls = done, 0

    def score(self, comments: Sequence[Comment], article: Article | None = None, **options: Any) -> list[CommentScores]:
        self.calls += 1
        if self.calls > 4 and not self.done.exists():
            self.done.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().score(comments, article)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two workers on this machine."""
    pytest.importorskip("ray.data", reason="needs the extra `ray`")
    two = Cluster(workers=2)
    ray = clusters.connected(two)
    yield two
    ray.shutdown()


@pytest.fixture
def inputs(tmp_path: Path) -> list[str]:
    """Two tables of 5,000 rows, one of them with a broken line, and one that is missing."""
    names = []
    for number in range(2):
        path = tmp_path / f"t{number}.jsonl"
        lines = [
            json.dumps({"text": f"Row {n} OF {number}", "article_title": f"Article {n // 500}"}) for n in range(5000)
        ]
        path.write_text("\n".join([*lines[:7], *(["broken"] if number else []), *lines[7:]]) + "\n")
        names.append(str(path))
    return [names[0], str(tmp_path / "none.csv"), names[1]]


def local_rows(inputs: list[str]) -> list[dict[str, Any]]:
    """What the local engine gives."""
    rows = [item for item in read_items(inputs) if isinstance(item, Row)]
    scores = RowScorer(FakeScorer()).score(rows)
    return [scored_row(row, found, Policy(), "fake-1") for row, found in zip(rows, scores, strict=True)]


def ray_rows(
    inputs: list[str], load: Any, cluster: Cluster, begin: Place = START
) -> tuple[list[dict[str, Any]], list[Item]]:
    """What the engine ray gives."""
    rows: list[dict[str, Any]] = []
    others: list[Item] = []
    for items, scored, _ in scored_items(inputs, Columns(), load, ATTRIBUTES, cluster, begin):
        rows += [{**row, "reasons": json.loads(row["reasons"])} for row in scored]
        others += items
    return rows, others


def test_two_workers_give_the_rows_of_the_local_engine_in_order(cluster: Cluster, inputs: list[str]) -> None:
    rows, others = ray_rows(inputs, FakeScorer, cluster)
    assert rows == local_rows(inputs)
    assert [type(item) for item in others] == [BadInput, RejectedRow]


def test_with_the_shipped_weights_too_to_four_decimals(cluster: Cluster, tmp_path: Path) -> None:
    table = tmp_path / "t.jsonl"
    table.write_text("".join(json.dumps(row) + "\n" for row in recombined(120)))
    rows, _ = ray_rows(
        [str(table)], partial(open_scorer, None, read_settings().model_copy(update={"threads": 1})), cluster
    )
    local = RowScorer(open_scorer(None, read_settings()))
    items = [item for item in read_items([str(table)]) if isinstance(item, Row)]
    assert rows == [
        scored_row(row, found, Policy(), local.version) for row, found in zip(items, local.score(items), strict=True)
    ]


def test_a_worker_that_is_killed_costs_no_row(cluster: Cluster, inputs: list[str], tmp_path: Path) -> None:
    died = tmp_path / "died"
    rows, others = ray_rows(inputs, lambda: DyingOnce(died), cluster)
    assert died.exists()
    assert rows == local_rows(inputs)
    assert [type(item) for item in others] == [BadInput, RejectedRow]


def test_a_run_goes_on_from_any_place(cluster: Cluster, inputs: list[str]) -> None:
    rows, others = ray_rows(inputs, FakeScorer, cluster, Place(input=2, items=4_000))
    assert rows == local_rows(inputs)[-1_001:]  # 5,001 lines, one of them broken and before
    assert others == []


def test_the_command_is_interrupted_and_resumed(
    cluster: Cluster, inputs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "open_on_device", lambda name, settings: FakeScorer())
    monkeypatch.setattr(clusters, "BLOCK_BYTES", 2**17)
    out = tmp_path / "out.jsonl"
    arguments = [*inputs, "-o", str(out), "--engine", "ray", "--workers", "2", "--quiet"]
    write, written = Parts.write, list[int]()

    def write_and_die(parts: Parts, number: int, *rest: Any) -> None:
        write(parts, number, *rest)
        written.append(number)
        if len(written) == 4:
            parts.close()
            raise KeyboardInterrupt

    monkeypatch.setattr(Parts, "write", write_and_die)
    assert CliRunner().invoke(command.score, arguments).exit_code == 1
    assert "--resume" in CliRunner().invoke(command.score, arguments).stderr
    assert CliRunner().invoke(command.score, [*arguments, "--resume"]).exit_code == 1  # one input is missing
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert rows == local_rows(inputs)
    assert written[:4] == [0, 1, 2, 3]
    assert sorted(set(written)) == sorted(written)
    assert len((tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()) == 1
    before = len(written)
    assert CliRunner().invoke(command.score, [*arguments, "--resume"]).exit_code == 0  # done already
    assert len(written) == before


def test_what_travels_arrives_whole() -> None:
    quoted = Comment(
        "1", "you \ud83d said", "Ann", None, "0", status=Status.SPAM, extra={"quotes": [{"start": 0, "end": 3}]}
    )
    row = Row("a.csv", quoted, Article("A title", ("One.", "Two."), url="https://x.example/"))
    assert received(sent(row, 0, "a.csv", "a.csv")) == row
    for item in (RejectedRow("a", Reject(3, "is bad", b"\xff\x00")), Note("a", "Look."), BadInput("a", "a: no.")):
        assert other(sent(item, 1, "a", "a")["other"]) == item


def test_a_place_counts_the_items_of_its_last_input() -> None:
    assert Place(0, 5).after([0, 0]) == Place(0, 7)
    assert Place(0, 5).after([0, 1, 1]) == Place(1, 2)
    assert Place(0, 5).after([2]) == Place(2, 1)


def test_what_fails_on_the_cluster_is_told_in_one_sentence(cluster: Cluster, inputs: list[str]) -> None:
    def missing() -> FakeScorer:
        raise ScorerError("No weights are installed.")

    with pytest.raises(OutputError, match="No weights are installed"), explained_by_ray():
        ray_rows(inputs[:1], missing, cluster)


def test_workers_write_parts_to_storage_themselves(cluster: Cluster, inputs: list[str], tmp_path: Path) -> None:
    others = write_partitioned(inputs, Columns(), FakeScorer, ATTRIBUTES, cluster, f"file://{tmp_path}/out")
    found = pq.read_table(tmp_path / "out").to_pylist()
    assert sorted(row["text"] for row in found) == sorted(row["text"] for row in local_rows(inputs))
    assert sorted(type(item).__name__ for item in others) == ["BadInput", "RejectedRow"]
    assert [path.name for path in (tmp_path / "out").glob("_*")] == ["_SUCCESS"]


def test_a_finished_folder_is_replaced_and_an_unfinished_one_is_refused(
    cluster: Cluster, inputs: list[str], tmp_path: Path
) -> None:
    for _ in range(2):
        write_partitioned(inputs[:1], Columns(), FakeScorer, ATTRIBUTES, cluster, f"file://{tmp_path}/out")
        assert pq.read_table(tmp_path / "out").num_rows == 5_000
    (tmp_path / "out" / "_SUCCESS").unlink()
    with pytest.raises(OutputError, match="unfinished"):
        write_partitioned(inputs[:1], Columns(), FakeScorer, ATTRIBUTES, cluster, f"file://{tmp_path}/out")
