"""Makes a folder of weights from a run. `python -m training.export artifacts/full-6 --data-dir ../shared/datasets`

Writes the int8 graphs, checks them against torch, fits the calibration on held-out rows, and writes the manifest last.
The wide part comes after it: `python -m training.wide`.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from torch import Tensor
from transformers import BertModel

from data.sources.registry import COMMERCIAL_GUESSES, SOURCES, commercial_use
from model.calibration import Calibration
from model.manifest import COMPARER, HEADLINES, READER, TOKENIZER, TOPICS, WEIGHTS, Manifest, read_manifest, sha256
from model.network import shared_layers
from model.onnx import load_scorer
from model.scores import ATTRIBUTES
from model.tokens import Tokeniser
from training.calibrate import fit, pools
from training.checkpoint import load_weights
from training.commands import in_a_sentence, recipe
from training.config import TrainConfig, config_of
from training.encoder import BASE_NAME, BASE_SHA256, base_folder, load_encoder
from training.graph import ReaderGraph, TopicsGraph, comparer_graph
from training.kindred import with_bank, write_bank
from training.layers import Array, Size
from training.mix import ORDER, Mix, read_mix
from training.network import blend_matrix
from training.parity import ExportError, check_relevance, check_tone
from training.quantise import measured
from training.ranges import Feed, lower_feeds, range_texts, tone_texts

MAX_TOKENS = 256  # read of a comment when serving; training cuts earlier, positions beyond generalise
ARTICLE_TOKENS = 256
SIZE = Size(heads=12, layers=6)  # of the base encoder
SPAN_THRESHOLD = 0.4  # set by hand, not tuned


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a finished training run")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--config", type=recipe, help="default: training/configs/NAME.toml of the folder's name")
    parser.add_argument("--precision", choices=("int8", "fp32"), default="int8")
    parser.add_argument("--out", type=Path, help="default: model/weights/NAME")
    parser.add_argument("--keep-relevance", action="store_true", help="leave the folder's graphs for relevance alone")
    arguments = parser.parse_args()
    with in_a_sentence(parser):
        weights, config = load_weights(arguments.run), arguments.config or config_of(arguments.run)
        mix = read_mix(arguments.data_dir, permissive=config.permissive)
        out = arguments.out or WEIGHTS / config.name
        if arguments.keep_relevance:
            export_tone(weights, config, out, arguments.precision)
        else:
            export(weights, config, out, arguments.precision)
        if with_bank(config) and not arguments.keep_relevance:
            write_bank(out, mix.train, config.around)
        calibrate(out, mix)
    print(out)


def export(weights: dict[str, Tensor], config: TrainConfig, out: Path, precision: str) -> None:
    """Write tokenizer, all graphs and the manifest, not yet calibrated, into `out`."""
    out.mkdir(parents=True, exist_ok=True)
    base, weights = base_folder(), weights | load_weights(Path(config.relevance))
    (out / HEADLINES).unlink(missing_ok=True)  # its vectors are those of other graphs
    encoder, quantised = load_encoder(base), precision == "int8"
    shutil.copy(base / TOKENIZER, out / TOKENIZER)
    write_reader(weights, config, encoder, out, quantised=quantised)
    write_topics(weights, list(lower_feeds(encoder, serving_tokeniser(out / TOKENIZER))) if quantised else [], out)
    _manifest(config, precision, out).write(out)
    scorer = load_scorer(out)
    print(f"tone, mean difference of a logit from torch: {check_tone(weights, scorer, base, precision):.5f}")
    print(f"relevance, the same: {check_relevance(weights, scorer, base, precision):.5f}")


def export_tone(weights: dict[str, Tensor], config: TrainConfig, out: Path, precision: str) -> None:
    """Write the graph for tone and the manifest, not yet calibrated, beside the graphs for relevance in `out`."""
    before = read_manifest(out).recipe
    if (before["relevance"], before.get("around", 0.0)) != (config.relevance, config.around):
        raise ExportError(f"The relevance in {out} is not that of {config.relevance}, as the recipe has it.")
    base = base_folder()
    write_reader(weights, config, load_encoder(base), out, quantised=precision == "int8")
    _manifest(config, precision, out).write(out)
    print(f"mean difference of a logit from torch: {check_tone(weights, load_scorer(out), base, precision):.5f}")


def calibrate(out: Path, mix: Mix) -> None:
    """Fit the calibration of every attribute on its pool and write it into the manifest."""
    found = pools(mix, load_scorer(out))
    replace(read_manifest(out), calibration={name: fit(pool) for name, pool in found.items()}).write(out)


def write_reader(
    weights: dict[str, Tensor], config: TrainConfig, base: BertModel, out: Path, *, quantised: bool
) -> None:
    """Write the graph for tone beside the tokenizer; int8 is fitted to our own texts of every kind, the layers
    that relevance is read above to our discussions alone, as relevance is. The config's `blend` becomes part of the
    weights.
    """
    weights["reader.blend"] = blend_matrix(config.blend)
    arrays = {name: value.numpy() for name, value in blended_notions(weights).items()}
    reader = {name.removeprefix("reader.") if ".encoder." in name else name: array for name, array in arrays.items()}
    check_shared(reader, {f"encoder.{name}": value.numpy() for name, value in base.state_dict().items()})
    onnx.save(_rounded_reader(reader, out) if quantised else ReaderGraph(reader, SIZE).build(), out / READER)


def serving_tokeniser(tokenizer: Path) -> Tokeniser:
    """The tokeniser of a file, which reads as much of a text as serving does."""
    return Tokeniser.load(tokenizer, max_tokens=MAX_TOKENS, article_tokens=ARTICLE_TOKENS)


def write_topics(weights: Mapping[str, Tensor], lower: list[Feed], out: Path) -> None:
    """Write the graphs of relevance, in int8 when `lower` has what the lowest layers make of some texts."""
    arrays = {name: value.numpy() for name, value in weights.items()}
    onnx.save(_rounded_topics(topics_weights(arrays), lower), out / TOPICS)
    onnx.save(comparer_graph(arrays), out / COMPARER)


def check_shared(reader: Mapping[str, Array], frozen: Mapping[str, Array]) -> None:
    """Refuse weights whose lowest layers are no longer the base encoder's: the topics are read above them."""
    parts = ("encoder.embeddings.", *(f"encoder.encoder.layer.{n}." for n in range(shared_layers(SIZE.layers))))
    for name, value in frozen.items():
        if name.startswith(parts) and not np.array_equal(value, reader[name]):
            raise ExportError(f"{name} has been trained, but the topics are read above the base encoder's.")


def topics_weights(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The topics' weights, their own upper layers by their place in the encoder."""
    shared, found = shared_layers(SIZE.layers), {}
    for name, array in arrays.items():
        if name.startswith("relevance.upper."):
            number, part = name.removeprefix("relevance.upper.").split(".", 1)
            found[f"encoder.encoder.layer.{int(number) + shared}.{part}"] = array
        elif name.startswith("relevance."):
            found[name] = array
    return found


def _rounded_reader(weights: Mapping[str, Array], folder: Path) -> onnx.ModelProto:
    floats, tokeniser = ReaderGraph(weights, SIZE), serving_tokeniser(folder / TOKENIZER)
    model = floats.build()
    lowest = tuple(f"encoder.encoder.layer.{number}." for number in range(shared_layers(SIZE.layers)))
    shared = {product: source for product, source in floats.inputs.items() if product.startswith(lowest)}
    others = {product: source for product, source in floats.inputs.items() if product not in shared}
    known = measured(model, shared, _feeds(range_texts(tokeniser)))
    return ReaderGraph(weights, SIZE, known | measured(model, others, _feeds(tone_texts(tokeniser)))).build()


def _feeds(texts: list[list[int]]) -> list[Feed]:
    return [{"ids": np.array([ids])} for ids in texts]


def _rounded_topics(weights: Mapping[str, Array], feeds: list[Feed]) -> onnx.ModelProto:
    """Return the graph in float32, or in int8 when there are feeds to measure its inputs on."""
    floats = TopicsGraph(weights, SIZE)
    model = floats.build()
    return TopicsGraph(weights, SIZE, measured(model, floats.inputs, feeds)).build() if feeds else model


def blended_notions(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the weights without the notions that no attribute takes from: they taught the encoder and are done."""
    used = weights["reader.blend"].abs().sum(1) > 0
    heads = ("attention.weight", "attention.bias", "outputs", "bias", "blend")
    return {**weights, **{f"reader.{name}": weights[f"reader.{name}"][used] for name in heads}}


def _manifest(config: TrainConfig, precision: str, out: Path) -> Manifest:
    return Manifest(
        name=config.name,
        version=config.version,
        precision=precision,
        max_tokens=MAX_TOKENS,
        article_tokens=ARTICLE_TOKENS,
        span_threshold=SPAN_THRESHOLD,
        calibration={name: Calibration(1.0, 1.0, 0.0, "not calibrated", 0, 0.0) for name in ATTRIBUTES},
        base={"name": BASE_NAME, "sha256": BASE_SHA256, "licence": "Apache-2.0"},
        sources=sources_of(config),
        recipe=asdict(config),
        metrics={},
        commit=commit(),
        files={
            name: sha256(out / name)
            for name in (READER, TOPICS, COMPARER, TOKENIZER, HEADLINES)
            if (out / name).exists()
        },
    )


def sources_of(config: TrainConfig) -> tuple[dict[str, Any], ...]:
    """The sources that the run and those before it took from; graded texts stand under the set of their grades."""
    taken = names_taken(config)
    own = {
        "name": "authored",
        "licence": "Apache-2.0",
        "commercial": True,
        "citation": "Belowline's own discussions, stories and twin sentences",
    }
    known = {_registered(name) for name in taken}
    used = [source for source in SOURCES if source.name in known]
    return (own, *(_source(source.name, source.licence, source.citation, taken) for source in used))


def names_taken(config: TrainConfig) -> set[str]:
    """Names of what the run learnt from, and the runs that it began with, is the mean of or was taught by."""
    before: set[str] = set()
    for run in filter(None, (config.start, config.relevance, *config.average_of, *config.teachers)):
        before |= _names_of_run(run)
    # labels without rows of their own: they are merged into the comments that they are about
    merged = {name for name in ORDER if name.endswith("_pairs") or name == "guessed"}
    if config.permissive:
        merged = {f"{name}_arc" for name in merged} | {"guessed_pairs_civil_spans"}
        merged |= COMMERCIAL_GUESSES
    return before | merged | {name for name, count in config.take.items() if count}


@cache
def _names_of_run(run: str) -> frozenset[str]:
    """The same of a run's folder, each read once: runs that are means share what went before them."""
    return frozenset(names_taken(config_of(Path(run))))


def _registered(name: str) -> str:
    """The register's name of a part of the mix: the longest one that it begins with, itself if none."""
    known = [source.name for source in SOURCES if name == source.name or name.startswith(f"{source.name}_")]
    return max(known, key=len, default=name)


def _source(name: str, licence: str, citation: str, taken: set[str]) -> dict[str, Any]:
    parts = sorted(part for part in taken if _registered(part) == name)
    commercial = all(commercial_use(part) for part in parts)
    return {"name": name, "licence": licence, "commercial": commercial, "citation": citation, "parts": parts}


def commit() -> str:
    """The commit that the working copy is at, empty outside of one."""
    found = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip()


if __name__ == "__main__":
    main()
