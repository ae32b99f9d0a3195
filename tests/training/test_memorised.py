"""What was learnt by heart shows as a gap between comments learnt from and held-out ones."""

from __future__ import annotations

import zlib
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from data.sources.examples import Example
from model.onnx import CLASSES, OnnxScorer
from training.memorised import correlation, table
from training.mix import Mix

KNOWN = {f"learnt {at}": at / 40 for at in range(40)}


class ByHeart:
    """Knows the labels of what it learnt, and says one and the same order of everything else."""

    def read_texts(self, texts: list[str]) -> list[Any]:
        values = [KNOWN.get(text, float(zlib.crc32(text.encode()) % 1000)) for text in texts]
        return [SimpleNamespace(logits=np.full(len(CLASSES), value, np.float32)) for value in values]


@pytest.fixture
def mix() -> Mix:
    learnt = [Example(text, "c3", {"toxicity": value}) for text, value in KNOWN.items()]
    held = [Example(f"held out {at}", "c3", {"toxicity": at % 7 / 7}) for at in range(200)]
    return Mix(tuple(learnt), {"c3": tuple(held)})


def test_the_gap_between_learnt_and_held_out_is_shown(mix: Mix) -> None:
    (line,) = table(mix, cast(OnnxScorer, ByHeart()))
    assert line.startswith("c3 toxicity")
    learnt, held = map(float, line.split()[-2:])
    assert learnt == 1.0
    assert abs(held) < 0.3


def test_a_label_that_no_comment_has_is_left_out(mix: Mix) -> None:
    assert correlation(mix.train, "sarcasm", cast(OnnxScorer, ByHeart())) is None
