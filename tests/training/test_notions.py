"""What a source means by a label keeps a head of its own, and what ships adds heads up as the config says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

import torch
from transformers import BertModel

from data.sources.examples import Example
from data.sources.news import graded
from data.sources.registry import authored_examples, twin_examples
from model.onnx import CLASSES
from training.checkpoint import load_weights, save_weights
from training.export import blended_notions
from training.mix import merged
from training.network import Reader, blend_matrix
from training.notions import NOTIONS, with_notions

IDS = torch.tensor([[2, 17, 44, 120, 9]])


def test_a_source_teaches_its_own_notion_beside_the_shared_head() -> None:
    labels = with_notions(Example("you fool", "ruddit", {"toxicity": 0.8})).labels
    assert labels == {"toxicity": 0.8, "offence": 0.8}
    assert "tagged" not in with_notions(Example("so true", "sarcasm_v2", {"sarcasm": 1.0})).labels


def test_near_twins_teach_two_families_of_notions() -> None:
    labels = with_notions(Example("you guys!!!", "twins", graded(sarcasm=1, toxicity=8, flags="D"))).labels
    assert labels["hate"] == labels["identity_attack"]
    assert labels["tagged"] == labels["sarcasm"]


def test_grades_are_evenly_spaced_in_their_notions() -> None:
    for example in (*authored_examples(), *twin_examples()):
        labels = with_notions(example).labels
        assert labels["rudeness"] * 9 == pytest.approx(round(labels["rudeness"] * 9))
        assert (labels["irony"] > 0.5) == (labels["sarcasm"] > 0.4)


def test_every_notion_is_named_once_and_the_attributes_come_first() -> None:
    assert NOTIONS[: len(CLASSES)] == CLASSES
    assert len(set(NOTIONS)) == len(NOTIONS)


def test_a_blend_adds_notions_up() -> None:
    matrix = blend_matrix({"sarcasm": {"sarcasm": 1.0, "tagged": 0.5}})
    notions = torch.arange(float(len(NOTIONS)))
    mixed = notions @ matrix
    assert float(mixed[CLASSES.index("insult")]) == NOTIONS.index("insult")
    assert float(mixed[CLASSES.index("sarcasm")]) == NOTIONS.index("sarcasm") + 0.5 * NOTIONS.index("tagged")


def test_leaving_unused_notions_out_changes_no_attribute(encoder: BertModel) -> None:
    reader = Reader(encoder, 0.0).eval()
    reader.blend.copy_(blend_matrix({"toxicity": {"toxicity": 1.0, "hate": 0.3}}))
    mask = torch.ones_like(IDS)
    with torch.inference_mode():
        whole = reader.attributes(reader(IDS, mask).notions)
        kept = blended_notions({f"reader.{name}": value for name, value in reader.state_dict().items()})
        for name in ("attention.weight", "attention.bias", "outputs", "bias", "blend"):
            owner, _, leaf = f"reader.{name}".removeprefix("reader.").rpartition(".")
            target = reader.get_submodule(owner)
            if leaf in dict(target.named_parameters(recurse=False)):
                setattr(target, leaf, torch.nn.Parameter(kept[f"reader.{name}"]))
            else:
                setattr(target, leaf, kept[f"reader.{name}"])
        assert kept["reader.outputs"].shape[0] == len(CLASSES) + 1
        torch.testing.assert_close(reader.attributes(reader(IDS, mask).notions), whole)


def test_a_notion_that_an_earlier_run_did_not_have_begins_as_its_parent(encoder: BertModel, tmp_path: Path) -> None:
    old, new = NOTIONS.index("irony"), NOTIONS.index("mockery")
    weights = {f"reader.{name}": value for name, value in Reader(encoder, 0.0).state_dict().items()}
    by_notion = ("reader.attention.weight", "reader.attention.bias", "reader.outputs", "reader.bias", "reader.blend")
    save_weights(weights | {name: weights[name][:new].clone() for name in by_notion}, tmp_path)
    found = load_weights(tmp_path)
    for name in by_notion:
        assert found[name].shape == weights[name].shape
        assert torch.equal(found[name][:new], weights[name][:new])
        assert torch.equal(found[name][new], weights[name][old])


def test_a_graded_comment_has_the_guess_at_a_crowds_votes_beside_its_grades() -> None:
    graded_row = with_notions(Example("sure", "graded_arc", graded(sarcasm=9, toxicity=0, flags="-")))
    assert "mockery" not in graded_row.labels
    assert with_notions(replace(graded_row, source="chatter")).labels["mockery"] == 1.0
    guess = Example("sure", "guessed_arc", {"unhealthy": 0.1, "mockery": 0.6})
    (both,) = merged([graded_row, with_notions(guess)])
    assert (both.source, both.labels["mockery"], both.labels["unhealthy"]) == ("graded_arc", 0.6, 0.1)


def test_a_label_from_a_copy_without_grades_has_no_even_steps() -> None:
    copy = Example("follow the money", "stories", {"sarcasm": 1.0, "toxicity": 0.6})
    labels = with_notions(copy).labels
    assert labels["rudeness"] == 5 / 9
    assert "irony" not in labels


def test_a_crowds_own_level_stays_apart_from_its_mean_with_a_guess() -> None:
    voted = with_notions(Example("You fool", "c3", {"toxicity": 0.2}))
    (only,) = merged([voted, Example("you fool", "guessed_c3", {"crowd": 0.6})])
    assert only.labels["crowd"] == pytest.approx(0.4)
    assert only.labels["voted"] == 0.2
