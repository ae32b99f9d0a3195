"""The written graphs say what torch says: exactly in float32, closely in int8."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from transformers import BertModel

from training.graph import EncoderGraph, comparer_graph
from training.network import Comparer, Reader

IDS = [2, 17, 44, 120, 9, 250, 3]


def session(model: object) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])  # type: ignore[attr-defined]


@pytest.mark.parametrize(("quantised", "tolerance"), [(False, 1e-5), (True, 0.05)])
def test_reader_graph_equals_torch(encoder: BertModel, quantised: bool, tolerance: float) -> None:
    reader = Reader(encoder, 0.0).eval()
    named = {
        name if name.startswith("encoder.") else f"reader.{name}": value.numpy()
        for name, value in reader.state_dict().items()
    }
    graph = EncoderGraph(named, heads=12, layers=2, epsilon=1e-12, quantised=quantised).build()
    vector, logits, tokens = session(graph).run(None, {"ids": np.array([IDS])})
    with torch.inference_mode():
        expected = reader(torch.tensor([IDS]), torch.ones(1, len(IDS), dtype=torch.long))
    assert vector.shape == (1, 48)
    np.testing.assert_allclose(vector, expected.vector.numpy(), atol=tolerance)
    np.testing.assert_allclose(logits, reader.attributes(expected.notions).numpy(), atol=tolerance)
    np.testing.assert_allclose(tokens, expected.tokens.numpy(), atol=tolerance)


def test_comparer_graph_equals_torch() -> None:
    torch.manual_seed(3)
    comparer = Comparer(48, 0.0).eval()
    article, comment = torch.randn(5, 48), torch.randn(5, 48)
    weights = {f"comparer.{name}": value.numpy() for name, value in comparer.state_dict().items()}
    found = session(comparer_graph(weights)).run(None, {"article": article.numpy(), "comment": comment.numpy()})[0]
    with torch.inference_mode():
        np.testing.assert_allclose(found, comparer(article, comment).numpy(), atol=1e-5)


def test_padding_changes_nothing_in_torch(encoder: BertModel) -> None:
    reader = Reader(encoder, 0.0).eval()
    with torch.inference_mode():
        alone = reader(torch.tensor([IDS]), torch.ones(1, len(IDS), dtype=torch.long))
        padded = reader(torch.tensor([IDS + [0] * 9]), torch.tensor([[1] * len(IDS) + [0] * 9]))
    np.testing.assert_allclose(alone.notions.numpy(), padded.notions.numpy(), atol=1e-5)
