"""The bank holds our own headlines alone, and training reads titles as the scorer will."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
pytest.importorskip("sklearn", reason="needs the extra `train`")

import torch
from transformers import BertModel

from data.records import Article, Comment
from data.sources.examples import Example, Pairing
from data.sources.registry import subject_lines
from model.headlines import KINDRED, HeadlineBank
from model.manifest import HEADLINES, read_manifest, weights_folder
from model.onnx import load_scorer
from model.tokens import Tokeniser
from training import kindred
from training.batches import WITH_KINDRED, Batcher
from training.relevance import Relevance

OURS = [f"{what} in {where}" for what in ("Flood", "Strike", "Vote") for where in ("Leeds", "Perth", "York", "Cork")]


@pytest.fixture
def examples() -> list[Example]:
    """Comments below our own headlines, and some below printed ones."""
    own = [Example(f"about {title}", "stories", pairings=(Pairing(title, "", 0.9),)) for title in OURS]
    printed = [Example("so it is", name, pairings=(Pairing(f"{name} headline", "", 0.9),)) for name in kindred.PRINTED]
    both = Example("seen before", "stories", pairings=(Pairing("c3 headline", "", 0.9), Pairing("unlike", "", 0.1)))
    return [*own, *printed, both]


@pytest.fixture
def few_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kindred, "subject_lines", lambda: ["Tram strike: drivers, pay, union"])


@pytest.mark.usefixtures("few_lines")
def test_no_headline_of_others_comes_into_the_bank(examples: list[Example]) -> None:
    assert kindred.bank_headlines(examples) == sorted([*OURS, "Tram strike: drivers, pay, union"])


def test_lines_on_subjects_say_what_and_who_and_none_is_there_twice() -> None:
    lines = subject_lines()
    assert len(set(lines)) == len(lines) > 1000
    assert all(len(line) < 320 and ":" in line and line.isascii() for line in lines)


def test_a_title_is_read_with_others_of_the_bank_never_with_itself(encoder: BertModel, tokeniser: Tokeniser) -> None:
    torch.manual_seed(0)
    relevance = Relevance(encoder, 0.0)
    with torch.no_grad():
        relevance.comparer.outer.bias.fill_(9.0)  # finds all of them relevant
    texts = kindred.kindred_texts([*OURS, "Flood in Hull"], OURS, relevance, tokeniser)
    assert texts.keys() == {*OURS, "Flood in Hull"}
    for title, text in texts.items():
        found = text.split(". ")
        assert len(found) == len(set(found)) == KINDRED
        assert set(found) <= set(OURS) - {title}


def test_titles_alone_are_mostly_read_with_kindred_headlines(tokeniser: Tokeniser) -> None:
    batcher = Batcher(tokeniser, ["one"], batch_size=4, augment=0.0, kindred={"Flood": "Strike", "Vote": "Rain"})
    rows = [Example("wet", "one", pairings=(Pairing("Flood", "", 0.9),))]
    rows += [Example("yes", "one", pairings=(Pairing("Vote", "Votes are counted.", 0.9),))]
    chance, seen = random.Random(1), []
    for _ in range(400):
        batch = batcher.batch(rows, tokeniser.comments([row.text for row in rows]), chance)
        seen += [tuple(ids[mask > 0].tolist()) for ids, mask in zip(batch.article_ids, batch.article_mask, strict=True)]
    forms = {form: tuple(tokeniser.article(*form)) for form in (("Flood", ""), ("Flood", "Strike"))}
    share = seen.count(forms["Flood", "Strike"]) / 400
    assert abs(share - WITH_KINDRED) < 0.08
    assert seen.count(forms["Flood", ""]) == 400 - seen.count(forms["Flood", "Strike"])
    assert tuple(tokeniser.article("Vote", "Votes are counted. Rain")) not in seen


@pytest.mark.usefixtures("few_lines")
def test_a_bank_is_written_beside_the_graphs_and_read_with_them(examples: list[Example], tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(weights_folder(), folder)
    kindred.write_bank(folder, examples, 0.2)
    assert HeadlineBank.load(folder / HEADLINES).weight == 0.2
    assert set(HeadlineBank.load(folder / HEADLINES).headlines) == {*OURS, "Tram strike: drivers, pay, union"}
    assert HEADLINES in read_manifest(folder).files
    scorer = load_scorer(folder)
    (scored,) = scorer.score([Comment("1", "The river came into our kitchen.")], Article("Flood in Hull"))
    scorer.close()
    assert scored.scores["relevance"] is not None
