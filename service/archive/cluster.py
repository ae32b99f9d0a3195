"""The same run on a cluster: a Ray Data pipeline of readers and scorers instead of threads.

One task reads each input with the reader that the local engine uses, a pool of actors scores, and the rows come back in
input order. With `partitioned` the actors' results are written where they are made, to a folder or object storage, and
nothing passes through this process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.compute as pc

from data.tables.columns import Columns
from model.scores import Scorer
from service.archive.columns import SCHEMA, scored_row
from service.archive.reading import Item, read_items
from service.archive.scoring import RowScorer
from service.archive.wire import INPUT, OTHER, WIRE, Place, answered, other, received, sent
from service.archive.writing import OutputError
from service.policy import Policy

BATCH = 1_024  # rows that are scored together
BLOCK_BYTES = 4 * 2**20  # rows that travel together, some ten thousand: what an interruption costs at most
KEPT = "_other-"  # files of a partitioned output, until its end
DONE = "_SUCCESS"  # the file that says that a partitioned output is whole, as Hadoop and Spark name it

Load = Callable[[], Scorer]
START = Place()


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
        except Exception as error:  # Ray raises a bare one where its processes do not start in time
            where = cluster.address or "on this machine"
            raise OutputError(f"The cluster {where} cannot be reached ({str(error).splitlines()[0]}).") from None
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray


@contextmanager
def explained_by_ray() -> Iterator[None]:
    """Turn what Ray raises when work on the cluster fails into one sentence."""
    ray = ray_module()
    try:
        yield
    except ray.exceptions.RayError as error:
        cause = str(error).strip().splitlines()[-1].strip()
        raise OutputError(f"The cluster could not do its work ({cause}).") from None


def version_there(load: Load, cluster: Cluster) -> str:
    """Return the version of the weights; a worker with a GPU is asked where it takes one to load them."""
    if not cluster.gpus:
        return load().version
    ray = connected(cluster)
    if ray.cluster_resources().get("GPU", 0) < cluster.gpus:
        raise OutputError("There is no GPU in the cluster; leave --device out to score on processors.")
    return str(ray.get(ray.remote(num_gpus=cluster.gpus)(lambda: load().version).remote()))


def scored_items(
    inputs: Sequence[str],
    columns: Columns,
    load: Load,
    attributes: Sequence[str],
    cluster: Cluster,
    begin: Place = START,
) -> Iterator[tuple[list[Item], list[dict[str, Any]], Place]]:
    """Yield in input order what is no row, output rows, and the place after them, all scored on the cluster."""
    dataset = _pipeline(inputs, columns, load, attributes, cluster, ordered=True, begin=begin)
    place = begin
    for batch in dataset.iter_batches(batch_size=None, batch_format="pyarrow", prefetch_batches=2):
        if not batch.num_rows:
            continue
        place = place.after(batch[INPUT].to_pylist())
        rows = batch.filter(pc.is_null(batch[OTHER])).select(SCHEMA.names).to_pylist()
        yield [other(told) for told in batch[OTHER].to_pylist() if told is not None], rows, place


def write_partitioned(
    inputs: Sequence[str], columns: Columns, load: Load, attributes: Sequence[str], cluster: Cluster, target: str
) -> list[Item]:
    """Let the workers write Parquet files into `target`, a folder that all can reach or a URL of object storage.

    A finished output is replaced. Return what is no row: rejects and inputs that cannot be read.
    """
    _make_room(target)
    dataset = _pipeline(inputs, columns, load, attributes, cluster, ordered=False)
    rows = dataset.map_batches(_rows_only, fn_args=(target,), batch_format="pyarrow")
    rows.write_parquet(target)
    found = _collected(target)
    filesystem, folder = _store(target)
    filesystem.touch(f"{folder}/{DONE}")
    return found


def _make_room(target: str) -> None:
    """Take a finished output away; refuse where an unfinished run left files, which would be there twice."""
    filesystem, folder = _store(target)
    files = filesystem.glob(f"{folder}/*.parquet") + filesystem.glob(f"{folder}/{KEPT}*")
    if not files:
        return
    if not filesystem.exists(f"{folder}/{DONE}"):
        raise OutputError(f"An unfinished run left files in {target}; delete them to start anew.")
    filesystem.rm(f"{folder}/{DONE}")
    filesystem.rm(files)


def _rows_only(batch: pa.Table, target: str) -> pa.Table:
    """Pass the rows on; what is none is kept beside them until the end."""
    others = [told for told in batch[OTHER].to_pylist() if told is not None]
    if others:
        filesystem, folder = _store(target)
        filesystem.makedirs(folder, exist_ok=True)
        with filesystem.open(f"{folder}/{KEPT}{uuid4().hex}.jsonl", "w") as file:
            file.write("".join(f"{told}\n" for told in others))
    return batch.filter(pc.is_null(batch[OTHER])).select(SCHEMA.names)


def _collected(target: str) -> list[Item]:
    filesystem, folder = _store(target)
    found: set[str] = set()  # a batch that was repeated after a worker died told its own twice
    for path in filesystem.glob(f"{folder}/{KEPT}*.jsonl"):
        with filesystem.open(path, "r") as file:
            found.update(file.read().splitlines())
        filesystem.rm(path)
    return [other(told) for told in sorted(found)]


def _store(target: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs

    filesystem, folder = url_to_fs(target)
    return filesystem, str(folder).rstrip("/")


def _pipeline(
    inputs: Sequence[str],
    columns: Columns,
    load: Load,
    attributes: Sequence[str],
    cluster: Cluster,
    *,
    ordered: bool,
    begin: Place = START,
) -> Any:
    ray = connected(cluster)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = ordered
    context.target_max_block_size = BLOCK_BYTES
    named = [
        {"path": _absolute(name), "source": name, "number": number, "skip": begin.items * (number == begin.input)}
        for number, name in enumerate(inputs)
        if number >= begin.input
    ]
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
        [path], [source], [number], [skip] = (batch[name] for name in ("path", "source", "number", "skip"))
        items = islice(read_items([str(path)], columns), int(skip), None)
        while held := list(islice(items, BATCH)):
            told = [sent(item, int(number), str(path), str(source)) for item in held]
            yield pa.Table.from_pylist(told, schema=WIRE)

    return read


class _Scoring:
    """The actor: loads the weights once and scores batch after batch."""

    def __init__(self, load: Load, attributes: Sequence[str]) -> None:
        self.scorer = RowScorer(load(), attributes)

    def __call__(self, batch: pa.Table) -> pa.Table:
        wires = batch.to_pylist()
        rows = {index: received(wire) for index, wire in enumerate(wires) if wire[OTHER] is None}
        found = zip(rows.items(), self.scorer.score(list(rows.values())), strict=True)
        version = self.scorer.version
        return answered(wires, {index: scored_row(row, scores, Policy(), version) for (index, row), scores in found})
