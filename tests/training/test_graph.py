"""The written graphs say what torch says: exactly in float32, closely in int8."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from transformers import BertModel

from training.graph import ReaderGraph, TopicsGraph, comparer_graph
from training.layers import Array, Size
from training.network import Reader
from training.quantise import STATES, integers, measured, steps
from training.relevance import FEATURES, Relevance

IDS = [2, 17, 44, 120, 9, 250, 3]
SIZE = Size(heads=12, layers=3)


def session(model: object) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])  # type: ignore[attr-defined]


def named(reader: Reader) -> dict[str, Array]:
    return {
        name if name.startswith("encoder.") else f"reader.{name}": value.numpy()
        for name, value in reader.state_dict().items()
    }


def graphs(
    kind: type[ReaderGraph | TopicsGraph], weights: dict[str, Array], feed: dict[str, Array]
) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    """A graph in float32 and in int8, whose ranges are those of what the tests feed it."""
    floats = kind(weights, SIZE)
    model = floats.build()
    return model, kind(weights, SIZE, measured(model, floats.inputs, [feed])).build()


def reader_graphs(reader: Reader) -> tuple[onnx.ModelProto, onnx.ModelProto]:
    return graphs(ReaderGraph, named(reader), {"ids": np.array([IDS])})


@pytest.mark.parametrize(("precision", "tolerance"), [(0, 1e-5), (1, 0.03)])
def test_reader_graph_equals_torch(encoder: BertModel, precision: int, tolerance: float) -> None:
    reader = Reader(encoder, 0.0).eval()
    found = session(reader_graphs(reader)[precision]).run(["logits", "tokens"], {"ids": np.array([IDS, IDS[::-1]])})
    with torch.inference_mode():
        expected = reader(torch.tensor([IDS, IDS[::-1]]), torch.ones(2, len(IDS), dtype=torch.long))
    np.testing.assert_allclose(found[0], reader.attributes(expected.notions).numpy(), atol=tolerance)
    np.testing.assert_allclose(found[1], expected.tokens.numpy(), atol=tolerance)


@pytest.mark.parametrize(("precision", "tolerance"), [(0, 1e-4), (1, 0.1)])
def test_topics_graph_equals_torch(encoder: BertModel, precision: int, tolerance: float) -> None:
    torch.manual_seed(5)
    relevance = Relevance(encoder, 0.0).eval()
    with torch.inference_mode():
        relevance.weigh.weight.normal_(std=0.1)
        expected = relevance(torch.tensor([IDS]), torch.ones(1, len(IDS), dtype=torch.long))
    reader = session(reader_graphs(Reader(encoder, 0.0).eval())[0])
    names = ["embedded", "lower"]
    feed = dict(zip(names, reader.run(names, {"ids": np.array([IDS])}), strict=True))
    weights = {f"encoder.{name}": value.numpy() for name, value in encoder.state_dict().items()}
    weights |= {f"relevance.{name}": value.numpy() for name, value in relevance.state_dict().items()}
    found = session(graphs(TopicsGraph, weights, feed)[precision]).run(["vector", "words", "weights"], feed)
    for part, name in zip(found, ("vector", "words", "weights"), strict=True):
        np.testing.assert_allclose(part, getattr(expected, name).numpy(), atol=tolerance)


def test_int8_says_the_same_of_a_text_alone_and_beside_others(encoder: BertModel) -> None:
    run = session(reader_graphs(Reader(encoder, 0.0).eval())[1]).run
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


def test_comparer_graph_equals_torch(encoder: BertModel) -> None:
    comparer = Relevance(encoder, 0.0).eval().comparer
    article, comment, likeness = torch.randn(5, 48), torch.randn(5, 48), torch.rand(5, FEATURES)
    weights = {f"relevance.comparer.{name}": value.numpy() for name, value in comparer.state_dict().items()}
    feeds = {"article": article.numpy(), "comment": comment.numpy(), "likeness": likeness.numpy()}
    with torch.inference_mode():
        expected = comparer(article, comment, likeness).numpy()
    np.testing.assert_allclose(session(comparer_graph(weights)).run(None, feeds)[0], expected, atol=1e-5)


def test_padding_changes_nothing_in_torch(encoder: BertModel) -> None:
    reader = Reader(encoder, 0.0).eval()
    with torch.inference_mode():
        alone = reader(torch.tensor([IDS]), torch.ones(1, len(IDS), dtype=torch.long))
        padded = reader(torch.tensor([IDS + [0] * 9]), torch.tensor([[1] * len(IDS) + [0] * 9]))
    np.testing.assert_allclose(alone.notions.numpy(), padded.notions.numpy(), atol=1e-5)


def test_rounding_that_knows_how_inputs_move_together_changes_the_product_less() -> None:
    chance = np.random.default_rng(0)
    inputs = (chance.normal(size=(2_000, 6)) @ chance.normal(size=(6, 48))).astype(np.float32)
    inputs += 0.1 * chance.normal(size=inputs.shape).astype(np.float32)
    weight = chance.normal(size=(32, 48)).astype(np.float32)

    def error(moments: np.ndarray | None) -> float:
        rounded, scale = integers(weight, moments)
        assert np.abs(rounded).max() <= 63
        return float(np.abs(inputs @ (rounded * scale) - inputs @ weight.T).mean())

    assert error(inputs.T @ inputs) < 0.5 * error(None)


def test_channels_that_move_alone_are_rounded_to_the_nearest() -> None:
    weight = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
    np.testing.assert_array_equal(integers(weight, np.eye(7))[0], integers(weight)[0])
