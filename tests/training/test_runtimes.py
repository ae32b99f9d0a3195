"""Every way of running the encoder gets every comment, alone and together, in every turn."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from transformers import BertModel

from training.graph import ReaderGraph
from training.layers import Size
from training.network import Reader
from training.runtimes import TURNS, Ids, Way, measured, session_way, torch_way

COMMENTS = [[2, 9, 3], [2, 8, 7, 3], [2, 40, 3]]


def test_each_turn_reads_every_comment_once_alone_and_once_in_runs_of_one_length() -> None:
    read: list[list[list[int]]] = []

    def run(ids: Ids) -> object:
        read.append(ids.tolist())
        return sum(number**0.5 for number in range(20_000))  # work that takes processor time

    (way,) = measured([Way("one", run)], COMMENTS)
    turn = [[[2, 9, 3]], [[2, 8, 7, 3]], [[2, 40, 3]], [[2, 9, 3], [2, 40, 3]], [[2, 8, 7, 3]]]
    assert read == [COMMENTS[:1], *turn * TURNS]
    assert len(way.alone) == len(way.together) == TURNS
    assert min(way.alone) > 0
    assert way.line() == f"| one | {min(way.alone):.2f} | {min(way.together):.2f} |"


def test_onnx_and_torch_read_the_same_encoder(encoder: BertModel) -> None:
    reader = Reader(encoder, 0.0).eval()
    weights = {
        name if name.startswith("encoder.") else f"reader.{name}": value.numpy()
        for name, value in reader.state_dict().items()
    }
    ids = np.array(COMMENTS[:1])
    found: Any = session_way(ReaderGraph(weights, Size(heads=12, layers=3)).build())(ids)
    output: Any = torch_way(encoder, torch.float32)(ids)
    with torch.inference_mode():
        expected = reader.attributes(reader.judge(output.last_hidden_state, torch.ones(1, 3, dtype=torch.long)))
    np.testing.assert_allclose(found[0], expected.numpy(), atol=1e-5)
