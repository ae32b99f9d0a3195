"""Measures ways of running the encoder. `python -m training.runtimes comments.csv --text-column comment`

Every way gets the same comments on one thread, alone and in runs of one length (`model.runs`), in turns, so that other
work on the machine hits all of them; what counts is the processor time of a comment in the best turn. OpenVINO is
measured where it is installed. docs/runtimes.md says what was concluded.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from transformers import BertModel

from data.sources.tables import SourceError, own_rows
from model.manifest import READER, TOKENIZER, weights_folder
from model.onnx import open_session
from model.runs import runs_of_one_kind
from model.tokens import Tokeniser
from training.commands import in_a_sentence
from training.encoder import base_folder, load_encoder
from training.export import MAX_TOKENS, SIZE
from training.graph import ReaderGraph
from training.network import Reader

Ids = NDArray[np.int64]
TURNS = 3


@dataclass(slots=True)
class Way:
    """One way to read ids (B, T) of one length; times in processor milliseconds a comment, one per turn."""

    name: str
    run: Callable[[Ids], object]
    alone: list[float] = field(default_factory=list)
    together: list[float] = field(default_factory=list)

    def line(self) -> str:
        """The row of the table."""
        return f"| {self.name} | {min(self.alone):.2f} | {min(self.together):.2f} |"


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path, help="a CSV table of comments")
    parser.add_argument("--text-column", default="text")
    parser.add_argument("--comments", type=int, default=512, help="how many distinct ones are read")
    parser.add_argument("--model", default="", help="name or folder of the weights for int8")
    arguments = parser.parse_args()
    with in_a_sentence(parser):
        folder = weights_folder(arguments.model)
        texts = distinct(arguments.table, arguments.text_column, arguments.comments)
    tokeniser = Tokeniser.load(folder / TOKENIZER, max_tokens=MAX_TOKENS, article_tokens=MAX_TOKENS)
    ids = [tokens.ids for tokens in tokeniser.comments(texts)]
    torch.set_num_threads(1)
    print(f"{len(ids)} comments, {sum(map(len, ids)) / len(ids):.0f} tokens each on average\n")
    print("| way | alone, ms | together, ms |\n| --- | ---: | ---: |")
    for way in measured(list(ways(folder)), ids):
        print(way.line())


def distinct(table: Path, column: str, count: int) -> list[str]:
    """The first so many different texts of a table; `SourceError` when there are none."""
    texts = list(islice(dict.fromkeys(row.get(column, "") for row in own_rows(table)), count))
    if not any(texts):
        raise SourceError(f"{table} has no column {column!r}, or no rows.")
    return [text for text in texts if text.strip()]


def ways(folder: Path) -> Iterator[Way]:
    """Yield what there is to compare; the encoders are the base encoder, int8 is that of a folder of weights."""
    yield Way("ONNX Runtime, int8, as shipped", session_way(onnx.load(folder / READER)))
    encoder = load_encoder(base_folder()).eval()
    weights = {
        name if name.startswith("encoder.") else f"reader.{name}": value.numpy()
        for name, value in Reader(encoder, 0.0).state_dict().items()
    }
    yield Way("ONNX Runtime, fp32", session_way(ReaderGraph(weights, SIZE).build()))
    yield Way("torch, bf16", torch_way(encoder, torch.bfloat16))
    yield Way("torch, fp32", torch_way(encoder, torch.float32))
    if importlib.util.find_spec("openvino"):
        yield Way("OpenVINO, bf16", openvino_way(encoder, "bf16"))
        yield Way("OpenVINO, fp32", openvino_way(encoder, "f32"))


def measured(compared: Sequence[Way], ids: Sequence[list[int]]) -> Sequence[Way]:
    """Give every way all comments, alone and together, turn by turn; return the ways with their times."""
    alone = [np.array([one], np.int64) for one in ids]
    together = [np.array([ids[at] for at in run]) for run in runs_of_one_kind([(len(one), False) for one in ids])]
    for way in compared:
        way.run(alone[0])
    for _ in range(TURNS):
        for way in compared:
            way.alone.append(_milliseconds(way.run, alone) / len(ids))
            way.together.append(_milliseconds(way.run, together) / len(ids))
    return compared


def session_way(model: onnx.ModelProto) -> Callable[[Ids], object]:
    """ONNX Runtime on one thread, as the scorer runs it."""
    session = open_session(model.SerializeToString())
    return lambda ids: session.run(["logits", "tokens"], {"ids": ids})


def torch_way(encoder: BertModel, dtype: torch.dtype) -> Callable[[Ids], object]:
    """Plain torch; below float32 by autocast."""

    def run(ids: Ids) -> object:
        with torch.inference_mode(), torch.autocast("cpu", dtype=dtype, enabled=dtype != torch.float32):
            return encoder(input_ids=torch.from_numpy(ids))

    return run


def openvino_way(encoder: BertModel, precision: str) -> Callable[[Ids], object]:
    """OpenVINO, which converts the encoder from torch."""
    openvino: Any = importlib.import_module("openvino")
    example = {"input_ids": torch.ones(2, 8, dtype=torch.int64)}
    model = openvino.convert_model(encoder, example_input=example)
    hints = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": 1}
    compiled = openvino.compile_model(model, "CPU", hints)
    return lambda ids: compiled({"input_ids": ids})


def _milliseconds(run: Callable[[Ids], object], runs: Sequence[Ids]) -> float:
    began = time.process_time()
    for ids in runs:
        run(ids)
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
