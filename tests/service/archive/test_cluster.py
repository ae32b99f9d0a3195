"""The engine ray: the rows of the local engine, also when a worker dies on the way."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data.records import Article, Comment
from data.tables.rows import Columns
from model.scores import ATTRIBUTES, CommentScores
from service.archive import cluster as clusters
from service.archive.cluster import Cluster, scored_items, write_partitioned
from service.archive.columns import scored_row
from service.archive.reading import BadInput, Item, RejectedRow, Row, read_items
from service.archive.scoring import RowScorer
from service.policy import Policy
from tests.conftest import FakeScorer

pytestmark = pytest.mark.filterwarnings("ignore")  # Ray's own, which change with every release


class DyingOnce(FakeScorer):
    """Kills its own process at the first batch; the file says that it has."""

    def __init__(self, done: Path) -> None:
        self.done = done

    def score(self, comments: Sequence[Comment], article: Article | None = None, **options: Any) -> list[CommentScores]:
        if not self.done.exists():
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


def test_two_workers_give_the_rows_of_the_local_engine_in_order(cluster: Cluster, inputs: list[str]) -> None:
    rows: list[dict[str, Any]] = []
    others: list[Item] = []
    for part, scored in scored_items(inputs, Columns(), FakeScorer, ATTRIBUTES, cluster):
        rows += [{**row, "reasons": json.loads(row["reasons"])} for row in scored]
        others += part.items
    assert rows == local_rows(inputs)
    assert [type(item) for item in others] == [BadInput, RejectedRow]


def test_a_worker_that_is_killed_costs_no_row(cluster: Cluster, inputs: list[str], tmp_path: Path) -> None:
    died = tmp_path / "died"
    rows = []
    for _, scored in scored_items(inputs[:1], Columns(), lambda: DyingOnce(died), ATTRIBUTES, cluster):
        rows += scored
    assert died.exists()
    assert [row["text"] for row in rows] == [row["text"] for row in local_rows(inputs[:1])]


def test_workers_write_parts_to_storage_themselves(cluster: Cluster, inputs: list[str], tmp_path: Path) -> None:
    others = write_partitioned(inputs, Columns(), FakeScorer, ATTRIBUTES, cluster, f"file://{tmp_path}/out")
    found = pq.read_table(tmp_path / "out").to_pylist()
    assert sorted(row["text"] for row in found) == sorted(row["text"] for row in local_rows(inputs))
    assert sorted(type(item).__name__ for item in others) == ["BadInput", "RejectedRow"]
    assert not list((tmp_path / "out").glob("_*"))
