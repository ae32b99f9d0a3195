"""The written graphs say what torch says: exactly in float32, closely in int8."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from transformers import BertModel

from training.graph import EncoderGraph, comparer_graph
from training.network import Comparer, Reader
from training.quantise import STATES, integers, measured_ranges, steps

IDS = [2, 17, 44, 120, 9, 250, 3]


def session(model: object) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])  # type: ignore[attr-defined]


def graphs(reader: Reader) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """The reader in float32 and in int8, whose ranges are those of the text that the tests read."""
    named = {
        name if name.startswith("encoder.") else f"reader.{name}": value.numpy()
        for name, value in reader.state_dict().items()
    }
    floats = EncoderGraph(named, heads=12, layers=2)
    model = floats.build()
    ranges = measured_ranges(model, floats.inputs, [IDS])
    return model, EncoderGraph(named, heads=12, layers=2, ranges=ranges).build()


@pytest.mark.parametrize(("precision", "tolerance"), [(0, 1e-5), (1, 0.03)])
def test_reader_graph_equals_torch(encoder: BertModel, precision: int, tolerance: float) -> None:
    reader = Reader(encoder, 0.0).eval()
    vector, logits, tokens = session(graphs(reader)[precision]).run(None, {"ids": np.array([IDS, IDS[::-1]])})
    with torch.inference_mode():
        expected = reader(torch.tensor([IDS, IDS[::-1]]), torch.ones(2, len(IDS), dtype=torch.long))
    assert vector.shape == (2, 48)
    np.testing.assert_allclose(vector, expected.vector.numpy(), atol=tolerance)
    np.testing.assert_allclose(logits, reader.attributes(expected.notions).numpy(), atol=tolerance)
    np.testing.assert_allclose(tokens, expected.tokens.numpy(), atol=tolerance)


def test_int8_says_the_same_of_a_text_alone_and_beside_others(encoder: BertModel) -> None:
    run = session(graphs(Reader(encoder, 0.0).eval())[1]).run
    texts = [IDS, IDS[::-1], [2, *[9] * 5, 3]]
    together = run(None, {"ids": np.array(texts)})
    for row, ids in enumerate(texts):
        for one, all_ in zip(run(None, {"ids": np.array([ids])}), together, strict=True):
            np.testing.assert_allclose(one[0], all_[row], atol=1e-6)


def test_steps_fill_the_bytes_and_weights_undo_them() -> None:
    largest, weight = np.array([1.0, 8.0], np.float32), np.array([[0.5, -0.5]], np.float32)
    step = steps(largest, weight, STATES)
    assert (largest / step).max() == pytest.approx(127)
    rounded, scale = integers(weight * step)
    assert rounded.dtype == np.int8
    np.testing.assert_allclose((rounded.T * scale[:, None]) / step, weight, rtol=0.05)


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
