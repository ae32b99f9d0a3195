"""The shipped weights, their card, their results and the pinned floors agree, and no floor was lowered in passing."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("sklearn", reason="needs the extra `train`")
pytest.importorskip("torch", reason="needs the extra `train`")

from model.manifest import READER, TOPICS, WEIGHTS, WIDE, read_manifest
from training.card import CARD, card
from training.evaluate import FLOORS, RESULTS, below_floors, earlier_rounding, known_part, relevance_figures, told
from training.mix import Mix
from training.plots import RANKINGS, RELIABILITY

SHIPPED = sorted(folder.parent for folder in WEIGHTS.glob("*/manifest.json"))


def results(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_the_results_are_those_of_the_shipped_files(folder: Path) -> None:
    manifest = read_manifest(folder)
    assert results(folder)["files"] == dict(manifest.files)
    assert results(folder)["model_version"] == manifest.full_version
    assert manifest.metrics == told(results(folder)["metrics"])
    assert manifest.metrics["jigsaw_test toxicity AUC"] > 0.9


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_the_card_is_generated_from_them(folder: Path) -> None:
    assert (folder / CARD).read_text(encoding="utf-8") == card(folder)
    assert (folder / RELIABILITY).stat().st_size > 1000
    assert (folder / RANKINGS).stat().st_size > 1000


@pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)
def test_no_figure_lies_below_its_floor(folder: Path) -> None:
    floors = json.loads(FLOORS.read_text(encoding="utf-8"))[folder.name]
    assert len(floors) >= 15
    assert below_floors(folder.name, results(folder)["metrics"]) == []


def test_a_figure_that_slides_or_is_missing_is_named() -> None:
    name, floors = next(iter(json.loads(FLOORS.read_text(encoding="utf-8")).items()))
    figure = next(iter(floors))
    assert len(below_floors(name, dict.fromkeys(floors, 1.0))) == 0
    (told,) = below_floors(name, {**dict.fromkeys(floors, 1.0), figure: floors[figure] - 0.01})
    assert told.startswith(figure)
    assert len(below_floors(name, {})) == len(floors)


def test_what_is_known_of_one_part_is_kept_for_the_same_files_only(tmp_path: Path) -> None:
    file, metrics = tmp_path / RESULTS, {"a sarcasm AUC": 0.7, "c3 own/near title AUC": 0.6, "pool relevance ECE": 0}
    files, bins = {READER: "one", WIDE: "two", TOPICS: "three"}, {"sarcasm": [[0.1]], "relevance": [[0.2]]}
    file.write_text(json.dumps({"files": files, "metrics": metrics, "reliability": bins}), encoding="utf-8")
    figures, reliability = known_part(file, files, relevance=False)
    assert figures == {"a sarcasm AUC": 0.7}
    assert reliability.keys() == {"sarcasm"}
    figures, reliability = known_part(file, {**files, WIDE: "another"}, relevance=True)
    assert figures.keys() == {"c3 own/near title AUC", "pool relevance ECE"}
    assert reliability.keys() == {"relevance"}
    for changed, relevance in ((WIDE, False), (READER, False), (READER, True), (TOPICS, True)):
        with pytest.raises(SystemExit, match="was not measured with these"):
            known_part(file, {**files, changed: "another"}, relevance=relevance)


def test_the_cost_of_rounding_stays_with_the_graph_that_it_was_measured_on(tmp_path: Path) -> None:
    file, metrics = tmp_path / RESULTS, {"rounding a AUC": 0.1, "rounding a relevance AUC": 0.2, "a AUC": 0.9}
    assert earlier_rounding(file, "same") == {}
    file.write_text(json.dumps({"files": {READER: "same"}, "metrics": metrics}), encoding="utf-8")
    assert earlier_rounding(file, "same") == {"rounding a AUC": 0.1}
    assert earlier_rounding(file, "another") == {}


def test_rounding_is_measured_where_the_graphs_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    """`training.export --keep-relevance` leaves the rounded graphs for relevance beside a float32 one for tone."""
    figures: Any = {"int8": {"own/random AUC": 0.75}, "fp32": {"own/random AUC": 0.875}}
    monkeypatch.setattr("training.evaluate.relevance_suites", lambda _, scorer: figures[scorer.manifest.files[TOPICS]])
    monkeypatch.setattr("training.evaluate.relevance_pools", lambda *_: ({}, {}))
    int8, same, fp32 = (
        SimpleNamespace(manifest=SimpleNamespace(files={TOPICS: it})) for it in ("int8", "int8", "fp32")
    )

    def measured(unrounded: Any) -> dict[str, float]:
        shipped: Any = int8
        return dict(relevance_figures(Mix((), {}), shipped, unrounded)[0])

    assert measured(None) == measured(same) == figures["int8"]
    assert measured(fp32) == {**figures["int8"], "rounding own/random AUC": 0.125}
