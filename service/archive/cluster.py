"""The same run on a cluster: a Ray Data pipeline of readers and scorers instead of threads.

One task reads each input with the reader that the local engine uses, a pool of actors scores, and the rows come back in
input order. With `partitioned` the actors' results are written where they are made, to a folder or object storage, and
nothing passes through this process.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc

from data.records import Article, Comment, Status
from data.tables.lines import Reject
from data.tables.rows import Columns
from model.scores import Scorer
from service.archive.columns import SCHEMA, scored_row
from service.archive.pipeline import Part
from service.archive.reading import BadInput, Item, Note, RejectedRow, Row, read_items
from service.archive.scoring import RowScorer
from service.archive.writing import OutputError, flat, table_of
from service.policy import Policy

BATCH = 1_024  # rows that travel together
KEPT = "_other-"  # files of a partitioned output, until its end
OTHER = "other"  # the column of what is no row: rejects and inputs that cannot be read
WIRE = pa.schema([("source", pa.string()), ("comment", pa.string()), ("article", pa.string()), (OTHER, pa.string())])
WIRE_SCORED = SCHEMA.append(pa.field(OTHER, pa.string()))

Load = Callable[[], Scorer]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where and how wide to run: `address` of a Ray cluster, None for this machine alone."""

    address: str | None = None
    workers: int = 0  # actors that score; 0 takes one per core, or one per GPU
    gpus: int = 0  # of each actor


def ray_module() -> Any:
    """Return Ray, or say how to install it."""
    try:
        import ray.data
    except ImportError:
        raise OutputError("The engine ray needs the extra `ray`: pip install 'belowline[ray]'.") from None
    return ray


def connected(cluster: Cluster) -> Any:
    """Connect to the cluster, or start one on this machine; return Ray."""
    ray = ray_module()
    if not ray.is_initialized():
        root = str(Path(__file__).resolve().parents[2])
        options: dict[str, Any] = {"runtime_env": {"env_vars": {"PYTHONPATH": root}}, "log_to_driver": False}
        if cluster.address is None:
            options |= {
                "include_dashboard": False,
                "num_cpus": max(cluster.workers + 1, 2) if cluster.workers else None,
            }
        try:
            ray.init(address=cluster.address, configure_logging=False, **options)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise OutputError(
                f"The cluster {cluster.address} cannot be reached ({str(error).splitlines()[0]})."
            ) from None
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray


def version_there(load: Load, cluster: Cluster) -> str:
    """Return the version of the weights; a worker with a GPU is asked where it takes one to load them."""
    if not cluster.gpus:
        return load().version
    ray = connected(cluster)
    if ray.cluster_resources().get("GPU", 0) < cluster.gpus:
        raise OutputError("There is no GPU in the cluster; leave --device out to score on processors.")
    return str(ray.get(ray.remote(num_gpus=cluster.gpus)(lambda: load().version).remote()))


def scored_items(
    inputs: Sequence[str], columns: Columns, load: Load, attributes: Sequence[str], cluster: Cluster
) -> Iterator[tuple[Part, list[dict[str, Any]]]]:
    """Yield parts with their output rows in input order, scored on the cluster."""
    dataset = _pipeline(inputs, columns, load, attributes, cluster, ordered=True)
    for number, batch in enumerate(dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=2)):
        rows = batch.to_pylist()
        items = [_other(row[OTHER]) for row in rows if row[OTHER] is not None]
        scored = [{name: row[name] for name in SCHEMA.names} for row in rows if row[OTHER] is None]
        yield Part(number, items), scored


def write_partitioned(
    inputs: Sequence[str], columns: Columns, load: Load, attributes: Sequence[str], cluster: Cluster, target: str
) -> list[Item]:
    """Let the workers write Parquet files into `target`, a folder that all can reach or a URL of object storage.

    Return what is no row: rejects and inputs that cannot be read.
    """
    dataset = _pipeline(inputs, columns, load, attributes, cluster, ordered=False)
    rows = dataset.map_batches(_rows_only, fn_args=(target,), batch_format="pyarrow")
    rows.write_parquet(target)
    return _collected(target)


def _rows_only(batch: pa.Table, target: str) -> pa.Table:
    """Pass the rows on; what is none is kept beside them until the end."""
    others = [told for told in batch[OTHER].to_pylist() if told is not None]
    if others:
        filesystem, folder = _store(target)
        filesystem.makedirs(folder, exist_ok=True)
        with filesystem.open(f"{folder}/{KEPT}{uuid4().hex}.jsonl", "w") as file:
            file.write("".join(f"{told}\n" for told in others))
    return batch.filter(pc.is_null(batch[OTHER])).drop_columns([OTHER])


def _collected(target: str) -> list[Item]:
    filesystem, folder = _store(target)
    found: set[str] = set()  # a batch that was repeated after a worker died told its own twice
    for path in filesystem.glob(f"{folder}/{KEPT}*.jsonl"):
        with filesystem.open(path, "r") as file:
            found.update(file.read().splitlines())
        filesystem.rm(path)
    return [_other(told) for told in sorted(found)]


def _store(target: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    filesystem, folder = url_to_fs(target)
    return filesystem, str(folder).rstrip("/")


def _pipeline(
    inputs: Sequence[str], columns: Columns, load: Load, attributes: Sequence[str], cluster: Cluster, *, ordered: bool
) -> Any:
    ray = connected(cluster)
    ray.data.DataContext.get_current().execution_options.preserve_order = ordered
    named = [{"path": _absolute(name), "source": name} for name in inputs]
    sources = ray.data.from_items(named, override_num_blocks=len(named))
    read = sources.map_batches(_reader(columns), batch_size=1, num_cpus=0.5)
    there = ray.cluster_resources()
    workers = cluster.workers or int(there.get("GPU", 0) if cluster.gpus else there.get("CPU", 2) - 1)
    return read.map_batches(
        _Scoring,
        fn_constructor_args=(load, tuple(attributes)),
        batch_size=BATCH,
        batch_format="pyarrow",
        # Ray restarts actors that die and repeats their batches
        compute=ray.data.ActorPoolStrategy(size=max(1, workers)),
        num_cpus=1,
        num_gpus=cluster.gpus or None,
    )


def _absolute(name: str) -> str:
    return name if "://" in name else str(Path(name).resolve())


def _reader(columns: Columns) -> Callable[[dict[str, Any]], Iterator[pa.Table]]:
    """Return the task that reads one input, a few rows at a time."""

    def read(batch: dict[str, Any]) -> Iterator[pa.Table]:
        for path, source in zip(batch["path"], batch["source"], strict=True):
            items = read_items([str(path)], columns)
            while held := list(islice(items, BATCH)):
                yield pa.Table.from_pylist([_wire(item, str(path), str(source)) for item in held], schema=WIRE)

    return read


def _wire(item: Item, path: str, source: str) -> dict[str, Any]:
    """Return an item as a row that travels; the source is again as it was given."""
    if isinstance(item, Row):
        comment = item.comment
        facts = [comment.id, comment.text, comment.author, comment.published, comment.parent_id, comment.status]
        article = None if item.article is None else json.dumps(asdict(item.article))
        return {"source": source, "comment": json.dumps(facts), "article": article, OTHER: None}
    if isinstance(item, RejectedRow):
        told = ["reject", source, item.reject.line, item.reject.reason, item.reject.raw.decode("latin-1")]
    else:
        told = ["note" if isinstance(item, Note) else "bad", source, item.sentence.replace(path, source)]
    return {"source": source, "comment": None, "article": None, OTHER: json.dumps(told)}


def _other(told: str) -> Item:
    kind, source, *facts = json.loads(told)
    if kind in ("bad", "note"):
        return BadInput(source, facts[0]) if kind == "bad" else Note(source, facts[0])
    line, reason, raw = facts
    return RejectedRow(source, Reject(line, reason, raw.encode("latin-1")))


class _Scoring:
    """The actor: loads the weights once and scores batch after batch."""

    def __init__(self, load: Load, attributes: Sequence[str]) -> None:
        self.scorer = RowScorer(load(), attributes)
        self.articles: dict[str, Article] = {}

    def __call__(self, batch: pa.Table) -> pa.Table:
        wires = batch.to_pylist()
        rows = [self._row(wire) for wire in wires if wire[OTHER] is None]
        scores = iter(zip(rows, self.scorer.score(rows), strict=True))
        out: list[dict[str, Any]] = []
        for wire in wires:
            if wire[OTHER] is None:
                row, found = next(scores)
                out.append({**flat(scored_row(row, found, Policy(), self.scorer.version)), OTHER: None})
            else:
                out.append({**dict.fromkeys(SCHEMA.names), OTHER: wire[OTHER]})
        return _table(out)

    def _row(self, wire: dict[str, Any]) -> Row:
        own, text, author, published, parent, status = json.loads(wire["comment"])
        comment = Comment(own, text, author, published, parent, status=Status(status) if status else None)
        return Row(wire["source"], comment, self._article(wire["article"]))

    def _article(self, told: str | None) -> Article | None:
        if told is None:
            return None
        if told not in self.articles:
            if len(self.articles) > 10_000:
                self.articles.clear()
            facts = json.loads(told)
            self.articles[told] = Article(**{**facts, "paragraphs": tuple(facts["paragraphs"])})
        return self.articles[told]


def _table(rows: Iterable[dict[str, Any]]) -> pa.Table:
    held = list(rows)
    told = pa.array([row[OTHER] for row in held], pa.string())
    return table_of([{**row, "reasons": row["reasons"] or "[]"} for row in held]).append_column(OTHER, told)
