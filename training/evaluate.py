"""Measures a folder of weights. `python -m training.evaluate --data-dir ../shared/datasets`

Runs every public test and the held-out parts, prints the figures, and writes `results.json` beside the weights and the
chief ones into their manifest; below a floor of `training/floors.json` it writes nothing and says which. `--float32
FOLDER` (from `training.export --precision fp32`) measures what rounding costs as well; without it, costs found before
stay while the graph for tone is the same; `--relevance` and `--tone` measure one of the two and keep the figures of the
other where its files are the same.
With `--suite FILE --text-column C --label-column C [--attribute A]` it measures a labelled table of your own instead.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeGuard

from model.manifest import COMPARER, HEADLINES, READER, TOPICS, WIDE, weights_folder
from model.onnx import CLASSES, OnnxScorer, load_scorer
from training.calibrate import relevance_pools, tone_pools
from training.commands import in_a_sentence
from training.mix import Mix, read_mix
from training.own_table import own_suite
from training.relevance_suites import relevance_suites
from training.suites import Bins, Figures, calibration_suite, ranking_suites, robustness_suite, span_suite, voices_suite

RESULTS = "results.json"
Measured = tuple[Figures, dict[str, Bins]]
RELEVANCE = re.compile(r"\brelevance\b|\bown/")  # names of its figures
FLOORS = Path(__file__).with_name("floors.json")


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="", help="name or folder of the weights")
    parser.add_argument("--data-dir", type=Path, help="folder of the sources, one sub-folder each")
    parser.add_argument("--float32", type=Path, help="folder of the same weights exported with --precision fp32")
    alone = parser.add_mutually_exclusive_group()
    alone.add_argument("--relevance", action="store_true", help="measure it alone, keep what is known of tone")
    alone.add_argument("--tone", action="store_true", help="measure it alone, keep what is known of relevance")
    parser.add_argument("--suite", type=Path, help="a labelled CSV table of your own")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--label-column", default="label")
    parser.add_argument("--attribute", default="toxicity", choices=CLASSES)
    arguments = parser.parse_args()
    if not (arguments.suite or arguments.data_dir):
        parser.error("name --data-dir or --suite")
    with in_a_sentence(parser):
        measure(arguments)


def measure(arguments: argparse.Namespace) -> None:
    """Measure a table of the user's own, or everything, and write what was found."""
    folder = weights_folder(arguments.model)
    scorer = load_scorer(folder)
    if arguments.suite:
        show(own_suite(scorer, arguments.suite, arguments.text_column, arguments.label_column, arguments.attribute))
        return
    files = scorer.manifest.files
    tone = known_part(folder / RESULTS, files, relevance=False) if arguments.relevance else None
    relevance = known_part(folder / RESULTS, files, relevance=True) if arguments.tone else None
    unrounded = load_scorer(arguments.float32) if arguments.float32 else None
    results = evaluate(scorer, arguments.data_dir, unrounded, tone, relevance)
    if not arguments.float32:
        results["metrics"] |= earlier_rounding(folder / RESULTS, results["files"][READER])
    if slid := below_floors(scorer.manifest.name, results["metrics"]):
        show(results["metrics"])
        raise SystemExit("Nothing is written: " + "; ".join(slid) + ".")
    (folder / RESULTS).write_text(json.dumps(results, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    replace(scorer.manifest, metrics=told(results["metrics"])).write(folder)
    show(results["metrics"])


def evaluate(
    scorer: OnnxScorer,
    data_dir: Path,
    unrounded: OnnxScorer | None = None,
    tone: Measured | None = None,
    relevance: Measured | None = None,
) -> dict[str, Any]:
    """Return every figure with what it was measured on, but for the part that is known from earlier results."""
    mix = read_mix(data_dir, permissive=scorer.manifest.name == "permissive")
    figures, bins = tone or tone_figures(mix, scorer, unrounded)
    further, further_bins = relevance or relevance_figures(mix, scorer, unrounded)
    return {
        "model_version": scorer.version,
        "commit": scorer.manifest.commit,
        "files": dict(scorer.manifest.files),
        "hardware": f"{platform.machine()}, {platform.system()}",
        "metrics": {**figures, **further},
        "reliability": {**bins, **further_bins},
    }


def told(metrics: Mapping[str, float]) -> dict[str, float]:
    """The figures that travel in the manifest, with four digits; their intervals stay in the results."""
    left_out = ("rounding ", "disguise "), (" low", " high", " positives")
    return {
        name: round(value, 4)
        for name, value in sorted(metrics.items())
        if not name.startswith(left_out[0]) and not name.endswith(left_out[1])
    }


def tone_figures(mix: Mix, scorer: OnnxScorer, unrounded: OnnxScorer | None) -> Measured:
    """Return the figures and the reliability bins of everything but relevance."""
    calibration, bins = calibration_suite(*tone_pools(mix, scorer))
    ranking = ranking_suites(mix, scorer)
    rounding = _rounding(ranking, ranking_suites(mix, unrounded)) if _differs(unrounded, scorer, READER) else {}
    others = span_suite(mix, scorer) | robustness_suite(mix, scorer) | voices_suite(mix, scorer)
    return ranking | others | calibration | rounding, bins


def relevance_figures(mix: Mix, scorer: OnnxScorer, unrounded: OnnxScorer | None) -> Measured:
    """Return the figures and the reliability bins of relevance alone."""
    calibration, bins = calibration_suite(*relevance_pools(mix, scorer))
    ranking = relevance_suites(mix, scorer)
    rounding = _rounding(ranking, relevance_suites(mix, unrounded)) if _differs(unrounded, scorer, TOPICS) else {}
    return ranking | calibration | rounding, bins


def _differs(unrounded: OnnxScorer | None, scorer: OnnxScorer, graph: str) -> TypeGuard[OnnxScorer]:
    """Say whether there is something to compare: a run for tone alone leaves the rounded graphs for relevance."""
    return unrounded is not None and unrounded.manifest.files[graph] != scorer.manifest.files[graph]


def known_part(file: Path, files: Mapping[str, str], *, relevance: bool) -> Measured:
    """Return the earlier results of relevance, or of all else, if they are of these very files."""
    before, names = _measured(file), (READER, TOPICS, COMPARER, HEADLINES) if relevance else (READER, WIDE)
    if any(before["files"].get(name) != files.get(name) for name in names):
        raise SystemExit(f"{file} was not measured with these {' and '.join(names)}; measure everything.")
    figures = {name: value for name, value in before["metrics"].items() if bool(RELEVANCE.search(name)) == relevance}
    bins = {name: value for name, value in before["reliability"].items() if (name == "relevance") == relevance}
    return figures, bins


def _measured(file: Path) -> dict[str, Any]:
    results: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {"files": {}}
    return results


def below_floors(name: str, metrics: Mapping[str, float]) -> list[str]:
    """Say which figures lie below the floor that is pinned for this variant, or are missing."""
    floors: Mapping[str, float] = json.loads(FLOORS.read_text(encoding="utf-8")).get(name, {})
    found = {figure: metrics.get(figure, 0.0) for figure in floors}
    return [
        f"{figure} is {found[figure]:.4f}, its floor {floors[figure]}"
        for figure in floors
        if found[figure] < floors[figure]
    ]


def _rounding(shipped: Mapping[str, float], unrounded: Mapping[str, float]) -> dict[str, float]:
    """What the shipped precision loses of each AUC; negative where it gains."""
    return {
        f"rounding {name}": unrounded[name] - value for name, value in shipped.items() if name.endswith((" AUC", " AP"))
    }


def earlier_rounding(file: Path, reader: str) -> dict[str, float]:
    """What rounding was found to cost tone before, if that was this very graph: `reader` is its checksum."""
    before = _measured(file)
    if before["files"].get(READER) != reader:
        return {}
    found = {name: value for name, value in before["metrics"].items() if name.startswith("rounding ")}
    return {name: value for name, value in found.items() if not RELEVANCE.search(name)}


def show(metrics: dict[str, Any]) -> None:
    """Print one figure a line."""
    for name, value in metrics.items():
        print(f"{name:48} {value:.4f}" if isinstance(value, float) else f"{name:48} {value}")


if __name__ == "__main__":
    main()
