"""The results as a page of the documentation: `belowline bench -o docs/benchmarks.md`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

THROUGHPUT = """## Throughput

{comments} distinct comments in one run; the peers, which are much slower, read the first {fewer} of them, in torch with
random weights, which cost the same, sorted by length in batches of 32. `belowline score` is the whole command, from a
table to JSON Lines, with its start. Comments per second are those of the clock. Processor time is the sum over all
threads; the last two columns compare it, since other work on the machine changes it less. The share of the peak counts
useful, unpadded tokens at 21.3 million operations each, the products of a six-layer MiniLM, against the best product of
two 2048 x 2048 matrices that one core does in the same precision ({peaks}, in 10^9 operations per second).
Groups are comments in the order of coming, on a thread per core: the service scores single ones, larger groups are
what waiting for more requests (micro-batching) would give it. Below a new headline is the worst case for relevance:
each comment has an article of its own, of which only the title is known, and most sites have many below one.

{table}"""
LOAD = """## Under load

`POST /v1/score` with one distinct comment per request on kept-alive connections, nothing remembered, the load
generator on the same machine. Capacity: {capacity} comments per second, by eight callers that ask again as soon
as they are answered. Then requests at random moments at shares of it, answered or not, with times in
milliseconds from the moment a request was due. Ready after {ready} s; resident memory {before} MB before the
loads, {after} MB after.

{table}"""
LOAD_COLUMNS = {
    "share": "load",
    "rate": "requests/s",
    "goodput": "answered/s",
    "of_capacity": "of capacity",
    "p50": "p50",
    "p99": "p99",
    "p999": "p99.9",
    "refused": "refused",
    "refused_p99": "refusal p99",
    "failed": "failed",
}
SCORER_COLUMNS = {
    "name": "",
    "comments_per_second": "comments/s",
    "tokens_per_second": "tokens/s",
    "processor_ms": "processor ms/comment",
    "times_bert": "times BERT-base",
    "share_of_peak": "of the peak",
}


def as_markdown(results: Mapping[str, Any], note: str) -> str:
    """Return the whole page; `note` says what else ran on the machine."""
    parts = [_head(results, note)]
    if rows := results.get("scorer"):
        peaks = ", ".join(f"{name} {rate:.0f}" for name, rate in results["peaks"].items())
        table = _table(SCORER_COLUMNS, rows)
        fewer = f"{min(row['comments'] for row in rows):,}"
        comments = f"{results['comments']:,}"
        parts.append(THROUGHPUT.format(comments=comments, fewer=fewer, peaks=peaks, table=table))
    if load := results.get("http"):
        parts.append(
            LOAD.format(
                capacity=load["capacity"],
                ready=load["seconds_to_ready"],
                before=f"{load['megabytes_before']:.0f}",
                after=f"{load['megabytes_after']:.0f}",
                table=_table(LOAD_COLUMNS, load["loads"]),
            )
        )
    return "\n\n".join(parts) + "\n"


def _head(results: Mapping[str, Any], note: str) -> str:
    machine = results["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    lines = [
        "# Benchmarks",
        "",
        "Measured by `belowline bench`; this page is what its option `-o PAGE.md` writes.",
        "",
        f"- Machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB; {machine['system']}",
        f"- Versions: Python {machine['python']}, {packages}",
        f"- Weights: {results['model']}",
        f"- Measured on {datetime.now(UTC):%Y-%m-%d}; load average before: {machine['load_before']}",
    ]
    return "\n".join([*lines, f"- {note}"] if note else lines)


def _table(columns: Mapping[str, str], rows: Sequence[Mapping[str, Any]]) -> str:
    head = "| " + " | ".join(columns.values()) + " |"
    rule = "|" + "|".join(" --- " if name == "name" else " ---: " for name in columns) + "|"
    body = ["| " + " | ".join(_cell(name, row[name]) for name in columns) + " |" for row in rows]
    return "\n".join([head, rule, *body])


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("share", "of_capacity", "share_of_peak"):
        return f"{value:.0%}"
    return f"{value:,}" if isinstance(value, int) else str(value)
