from __future__ import annotations

from typing import Any

from service.bench.http import LoadTest
from service.bench.load import Load
from service.bench.markdown import as_markdown
from service.bench.report import load_json, throughput_json
from service.bench.throughput import Throughput

MACHINE: dict[str, Any] = {
    "processor": "Abacus",
    "cores": 2,
    "memory_gb": 8.0,
    "system": "Linux",
    "python": "3.13",
    "packages": {"numpy": "2.0"},
    "load_before": 0.1,
}


def test_a_page_has_machine_throughput_and_loads() -> None:
    found = [
        Throughput("belowline, the network alone", 100, 10_000, 2.0, 2.0),
        Throughput("BERT-base in torch, fp32", 100, 10_000, 50.0, 100.0),
    ]
    peaks = {"fp32": 100.0, "int8": 213.0}
    load = Load(20.0, 10.0, answered=[5.0] * 150, refused=[1.0] * 50)
    test = LoadTest(10.0, 1.5, (200.0, 201.0), ((2.0, load),))
    results = {
        "machine": MACHINE,
        "model": "full",
        "comments": 1_000,
        "peaks": peaks,
        "scorer": throughput_json(found, peaks, "int8"),
        "http": load_json(test),
    }
    page = as_markdown(results, "A training was running.")
    assert "Abacus, 2 cores" in page
    assert "A training was running." in page
    assert "| belowline, the network alone | 50.0 | 5,000 | 20.0 | 50.0 | 50% |" in page
    assert "| BERT-base in torch, fp32 | 2.0 | 200 | 1000.0 | 1.0 |  |" in page
    assert "| 200% | 20.0 | 15.0 | 150% | 5.0 | 5.0 | 5.0 | 50 | 1.0 | 0 |" in page


def test_what_was_not_measured_is_left_out() -> None:
    page = as_markdown({"machine": MACHINE, "model": "full", "comments": 10}, "")
    assert "Throughput" not in page
    assert "Under load" not in page
