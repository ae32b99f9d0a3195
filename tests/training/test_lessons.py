"""What a run learns from earlier ones: their mean opinion, asked once, and beside the labels."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from transformers import BertModel

from data.sources.examples import Example
from model.tokens import Tokeniser
from training import lessons
from training.batches import Batcher, Lessons
from training.lessons import Teacher, lessons_of
from training.losses import Losses
from training.network import Reader
from training.notions import NOTIONS

TEXTS = ["a tram", "a much longer text on rain and trams", "rain"]


@pytest.fixture
def teachers(encoder: BertModel, monkeypatch: pytest.MonkeyPatch) -> dict[str, Teacher]:
    """Two runs, of which the second never learnt the first notion."""
    found = {}
    for name, head in (("one", 1.0), ("two", 3.0)):
        reader = Reader(encoder, 0.0).eval()
        with torch.no_grad():
            reader.outputs.fill_(head)
        learnt = torch.ones(len(NOTIONS), dtype=torch.bool)
        learnt[0] = name == "one"
        found[name] = Teacher(reader, learnt)
    monkeypatch.setattr(lessons, "teacher_of", lambda run, _: found[str(run)])
    return found


def test_what_is_learnt_is_the_mean_of_those_who_know(
    teachers: dict[str, Teacher], tokeniser: Tokeniser, tmp_path: Path
) -> None:
    one, two = (teacher.logits(TEXTS, tokeniser, halved=False) for teacher in teachers.values())
    assert two[:, 0].isnan().all()
    assert not two[:, 1:].isnan().any()
    found = lessons_of(TEXTS, list(teachers), tmp_path, tokeniser, tmp_path / "run", halved=False).of(TEXTS)
    torch.testing.assert_close(found[:, 0], one[:, 0], atol=5e-3, rtol=5e-3)  # kept in half precision
    torch.testing.assert_close(found[:, 1:], (one + two)[:, 1:] / 2, atol=5e-3, rtol=5e-3)


def test_what_is_said_of_a_text_does_not_depend_on_those_beside_it(
    teachers: dict[str, Teacher], tokeniser: Tokeniser
) -> None:
    together = teachers["one"].logits(TEXTS, tokeniser, halved=False)
    torch.testing.assert_close(together[:1], teachers["one"].logits(TEXTS[:1], tokeniser, halved=False))


def test_teachers_are_asked_once_for_a_text(
    teachers: dict[str, Teacher], tokeniser: Tokeniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Teacher, list[str]]] = []
    plain = Teacher.logits

    def logits(teacher: Teacher, texts: list[str], *known: Tokeniser, halved: bool) -> torch.Tensor:
        asked.append((teacher, texts))
        return plain(teacher, texts, *known, halved=halved)

    def known(texts: list[str], runs: list[str]) -> torch.Tensor:
        asked.clear()
        return lessons_of(texts, runs, tmp_path, tokeniser, tmp_path, halved=False).of(texts)

    monkeypatch.setattr(Teacher, "logits", logits)
    first = known(TEXTS[:2], ["one", "two"])
    assert [texts for _, texts in asked] == [sorted(TEXTS[:2])] * 2
    whole = known([*TEXTS, TEXTS[0]], ["one", "two"])
    assert [texts for _, texts in asked] == [TEXTS[2:]] * 2
    assert torch.equal(whole[[0, 1, 3]], torch.cat((first, first[:1])))
    assert torch.equal(known(TEXTS, ["one", "two"]), whole[:3])
    assert not asked
    known(TEXTS[:1], ["one"])
    assert asked == [(teachers["one"], TEXTS[:1])]


def test_a_run_moves_to_where_its_teachers_are_and_no_label_is_needed(encoder: BertModel, tokeniser: Tokeniser) -> None:
    said = torch.full((1, len(NOTIONS)), 2.0)
    said[0, 1] = torch.nan
    batcher = Batcher(tokeniser, ["trial"], batch_size=2, augment=0.0, lessons=Lessons({"you fool": 0}, said))
    rows = [Example("you fool", "trial"), Example("never read", "trial")]
    batch = batcher.batch(rows, tokeniser.comments([row.text for row in rows]), random.Random(1))
    losses = Losses(Reader(encoder, 0.0), [0.0], {"lesson": 1.0})
    with torch.no_grad():
        before = losses.reader(batch.ids, batch.mask).notions[0]
    optimiser = torch.optim.AdamW(losses.parameters(), lr=1e-2)
    for _ in range(60):
        optimiser.zero_grad()
        losses(batch).backward()
        optimiser.step()
    with torch.no_grad():
        after = losses.reader(batch.ids, batch.mask).notions[0]
    assert (after - 2).abs()[[0, 2, 3]].max() < (before - 2).abs()[[0, 2, 3]].min() / 2


def test_without_a_weight_teachers_change_nothing(encoder: BertModel, tokeniser: Tokeniser) -> None:
    rows = [Example("you fool", "trial", {"toxicity": 0.9})]
    costs = []
    for known in (Lessons({}, torch.zeros(0, len(NOTIONS))), Lessons({"you fool": 0}, torch.ones(1, len(NOTIONS)))):
        batcher = Batcher(tokeniser, ["trial"], batch_size=1, augment=0.0, lessons=known)
        batch = batcher.batch(rows, tokeniser.comments(["you fool"]), random.Random(1))
        torch.manual_seed(2)
        reader = Reader(encoder, 0.0)
        costs += [float(Losses(reader, [0.0], weights)(batch).detach()) for weights in ({}, {"lesson": 1.0})]
    assert costs[0] == costs[1] == costs[2] < costs[3]
