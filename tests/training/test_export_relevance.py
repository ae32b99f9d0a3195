"""Relevance may be exported again beside a graph for tone that stays."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import torch
from onnxruntime import InferenceSession

pytest.importorskip("torch", reason="needs the extra `train`")

from model.manifest import HEADLINES, TOKENIZER, WEIGHTS, read_manifest
from training.checkpoint import save_weights
from training.config import CONFIGS, read_config
from training.encoder import base_folder, load_encoder
from training.export import main, serving_tokeniser
from training.export_relevance import check_tone
from training.graph import ReaderGraph
from training.layers import Size
from training.network import Reader
from training.parity import ExportError
from training.ranges import lower_feeds, range_texts

SHIPPED = WEIGHTS / "full"


def test_a_recipe_for_another_tone_is_refused() -> None:
    config, before = read_config(CONFIGS / "full.toml"), read_manifest(SHIPPED)
    check_tone(before, replace(config, version="99", relevance="artifacts/full-relevance-99"))
    with pytest.raises(ExportError, match="trained with another seed than the recipe has"):
        check_tone(before, replace(config, seed=config.seed + 1))
    with pytest.raises(ExportError, match="trained with another average_of than the recipe has"):
        check_tone(before, replace(config, average_of=["artifacts/full-first-5"]))


def test_an_export_that_cannot_begin_takes_nothing_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bank = tmp_path / HEADLINES
    bank.write_bytes(b"bank")
    given = ["export", str(tmp_path / "full-0"), "--data-dir", str(tmp_path), "--out", str(tmp_path)]
    monkeypatch.setattr("sys.argv", given)
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "full-0 holds no weights.safetensors, which a finished run leaves." in capsys.readouterr().err
    save_weights({"reader.bias": torch.zeros(1)}, tmp_path / "full-0")
    monkeypatch.setattr("training.export.load_weights", lambda _: {})
    monkeypatch.setattr("sys.argv", [*given, "--config", str(CONFIGS / "full.toml")])
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "is missing" in capsys.readouterr().err
    assert bank.read_bytes() == b"bank"


def test_the_recipe_of_a_single_run_is_its_own_and_no_other_runs() -> None:
    config = read_config(CONFIGS / "full-first.toml")
    recipe = json.loads(json.dumps(asdict(config)))  # as a manifest has it
    before = replace(read_manifest(SHIPPED), recipe=recipe)
    check_tone(before, config)
    with pytest.raises(ExportError, match="trained with another start than the recipe has"):
        check_tone(before, replace(config, start="artifacts/full-second-5"))


def test_the_lowest_layers_give_what_the_graph_for_tone_hands_on() -> None:
    encoder = load_encoder(base_folder())
    weights = {
        name if name.startswith("encoder.") else f"reader.{name}": value.numpy()
        for name, value in Reader(encoder, 0.0).state_dict().items()
    }
    session = InferenceSession(ReaderGraph(weights, Size(heads=12, layers=6)).build().SerializeToString())
    tokeniser = serving_tokeniser(SHIPPED / TOKENIZER)
    texts = islice(range_texts(tokeniser), 3)
    for ids, found in zip(texts, islice(lower_feeds(encoder, tokeniser), 3), strict=True):
        assert found.keys() == {"embedded", "lower"}
        for name, states in zip(found, session.run(list(found), {"ids": np.array([ids])}), strict=True):
            np.testing.assert_allclose(found[name], states, atol=1e-4)
