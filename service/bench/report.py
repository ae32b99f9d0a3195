"""The results as tables for people and as JSON for the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from service.bench.http import LoadTest
from service.bench.throughput import Throughput

YARDSTICK = "BERT-base"


def throughput_json(found: Sequence[Throughput], peaks: Mapping[str, float], precision: str) -> list[dict[str, Any]]:
    """One row per way to score; the share of the peak is given for a MiniLM in its own precision."""
    yardstick = next((one.processor_milliseconds for one in found if YARDSTICK in one.name), None)
    return [
        {
            "name": one.name,
            "comments": one.comments,
            "comments_per_second": round(one.comments_per_second, 1),
            "tokens_per_second": round(one.tokens_per_second),
            "processor_ms": round(one.processor_milliseconds, 2),
            "times_bert": yardstick and round(yardstick / one.processor_milliseconds, 1),
            "share_of_peak": _share(one, peaks, precision),
        }
        for one in found
    ]


def load_json(test: LoadTest) -> dict[str, Any]:
    """Capacity, start, memory and the rows of the load test."""
    return {
        "capacity": round(test.capacity, 1),
        "seconds_to_ready": round(test.seconds_to_ready, 2),
        "megabytes_before": test.memory[0],
        "megabytes_after": test.memory[1],
        "loads": test.rows(),
    }


def show(results: Mapping[str, Any], console: Console) -> None:
    """Print everything that was measured."""
    machine = results["machine"]
    console.print(f"{machine['processor']}, {machine['cores']} cores, load before: {machine['load_before']}")
    if rates := results.get("peaks"):
        console.print("Peak of a 2048-cubed product on one core, 10^9 operations/s: " + _pairs(rates))
    if rows := results.get("scorer"):
        console.print(_table("Throughput", rows))
    if load := results.get("http"):
        memory = f"{load['megabytes_before']} MB before, {load['megabytes_after']} MB after"
        console.print(f"Capacity {load['capacity']} comments/s; ready in {load['seconds_to_ready']} s; {memory}")
        console.print(_table("Open loop, milliseconds from the moment a request was due", load["loads"]))


def _share(one: Throughput, peaks: Mapping[str, float], precision: str) -> float | None:
    kind = precision if one.name.startswith("belowline") else "fp32"
    if YARDSTICK in one.name or not peaks.get(kind):
        return None
    return round(one.giga_operations / peaks[kind], 3)


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(title=title, title_justify="left", box=None)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="left" if name == "name" else "right")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    return table


def _pairs(rates: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {rate:.0f}" for name, rate in rates.items())
