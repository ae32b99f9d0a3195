"""Replaces relevance alone in a folder of weights.

    python -m training.export_relevance artifacts/full-relevance-5 --config training/configs/full.toml \\
        --data-dir ../shared/datasets

Relevance has upper layers of its own above the base encoder's lowest ones, so it can be trained and shipped again while
the graph for tone stays the very file that it was: then the recipe for tone must be the one that it was made by.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from model.manifest import COMPARER, HEADLINES, TOKENIZER, TOPICS, WEIGHTS, Manifest, read_manifest, sha256
from model.onnx import load_scorer
from training.calibrate import fit, relevance_pool
from training.checkpoint import load_weights
from training.commands import in_a_sentence, recipe
from training.config import TrainConfig
from training.encoder import base_folder, load_encoder
from training.export import commit, serving_tokeniser, sources_of, write_topics
from training.kindred import with_bank, write_bank
from training.mix import read_mix
from training.parity import ExportError, check_relevance
from training.ranges import lower_feeds

# what a recipe may say otherwise while tone stays what it was
OTHERWISE = ("version", "relevance", "around", "wide")


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a finished training run for relevance")
    parser.add_argument("--config", type=recipe, required=True, help="the recipe that names this run as its relevance")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="default: model/weights/NAME")
    arguments = parser.parse_args()
    config: TrainConfig = arguments.config
    folder = arguments.weights or WEIGHTS / config.name
    with in_a_sentence(parser):
        export_relevance(arguments.run, config, arguments.data_dir, folder)
    print(folder)


def export_relevance(run: Path, config: TrainConfig, data_dir: Path, folder: Path) -> None:
    """Write the graphs of relevance, its calibration, and the manifest with the recipe's version."""
    before = read_manifest(folder)
    check_tone(before, config)
    base, weights = base_folder(), load_weights(run)
    write_topics(weights, list(lower_feeds(load_encoder(base), serving_tokeniser(folder / TOKENIZER))), folder)
    kept = {name: digest for name, digest in before.files.items() if name != HEADLINES}  # vectors of other graphs
    manifest = replace(
        before,
        version=config.version,
        sources=sources_of(config),
        recipe={**before.recipe, "version": config.version, "relevance": config.relevance, "around": config.around},
        metrics={},
        commit=commit(),
        files={**kept, **{name: sha256(folder / name) for name in (TOPICS, COMPARER)}},
    )
    manifest.write(folder)
    gap = check_relevance(weights, load_scorer(folder), base, before.precision)
    print(f"mean difference of a logit from torch: {gap:.5f}")
    mix = read_mix(data_dir, permissive=config.permissive)
    if with_bank(config):
        write_bank(folder, mix.train, config.around)
    pool = relevance_pool(mix, load_scorer(folder))
    fitted = {**before.calibration, "relevance": fit(pool)}
    replace(read_manifest(folder), calibration=fitted).write(folder)


def check_tone(before: Manifest, config: TrainConfig) -> None:
    """Refuse a recipe that would have trained tone in another way than the folder's; `ExportError`."""
    unset = asdict(TrainConfig(name=config.name, version=config.version, permissive=config.permissive))
    known, wanted = _of_tone({**unset, **before.recipe}), _of_tone(asdict(config))  # what came later was unset
    for name in sorted(known.keys() | wanted.keys()):
        if known.get(name) != wanted.get(name):
            raise ExportError(
                f"{before.name} was trained with another {name} than the recipe has: export its run for tone."
            )


def _of_tone(recipe: Mapping[str, Any]) -> dict[str, Any]:
    """What decides on tone, as a manifest has it: tuples are lists there."""
    told: dict[str, Any] = json.loads(json.dumps(recipe))
    return {name: value for name, value in told.items() if name not in OTHERWISE}


if __name__ == "__main__":
    main()
