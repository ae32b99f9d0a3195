"""What a language model says of comments is held against a crowd's votes on the same ones."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

pytest.importorskip("sklearn", reason="needs the extra `train`")

from data.sources.examples import digest
from training import agreement

VOTES = ("sarcastic", "hostile", "antagonize", "condescending", "dismissive")


def write(file: Path, rows: Sequence[Mapping[str, object]]) -> None:
    file.parent.mkdir(exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_guesses_and_grades_are_ranked_against_the_votes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"comment number {number}" for number in range(12)]
    votes = [dict.fromkeys(VOTES, number % 2) | {"healthy": 1 - number % 2} for number in range(12)]
    write(
        tmp_path / "ucc" / "val.csv",
        [{"_unit_id": at, "comment": text} | voted for at, (text, voted) in enumerate(zip(texts, votes, strict=True))],
    )
    grades = [{"_unit_id": number, "sarcasm": 9 * (number % 2), "toxicity": number % 3} for number in range(6)]
    write(tmp_path / "silver" / "ucc_val_agreement.csv", grades)
    guesses = [
        {"reading": reading, "digest": digest(text), "unhealthy": 9 * (at % 2), "sarcastic": sarcastic}
        for reading, sarcastic in (("agreement", 5), ("first", ""))
        for at, text in enumerate(texts)
    ]
    guesses += [
        {"reading": "c3", "digest": digest(text), "unhealthy": at, "sarcastic": ""} for at, text in enumerate(texts)
    ]
    write(tmp_path / "guesses.csv", guesses)
    levels = [{"comment_text": text, "crowd_toxicity_level": 2.5 if at > 8 else 1} for at, text in enumerate(texts)]
    write(tmp_path / "c3_globe_and_mail" / "train.csv", levels)
    monkeypatch.setattr(agreement, "GUESSES_TEST", tmp_path / "guesses.csv")
    learnt = [{"source": "c3", "digest": digest(text), "crowd": 12 - at} for at, text in enumerate(texts)]
    write(tmp_path / "learnt.csv", learnt)
    monkeypatch.setattr(agreement, "GUESSES", tmp_path / "learnt.csv")
    lines = list(agreement.table(tmp_path))
    assert any("agreement: guessed unhealthy" in line and "unhealthy         12    6  1.000" in line for line in lines)
    assert any("agreement: guessed sarcastic" in line and "0.500" in line for line in lines)
    assert any("c3: guessed toxicity" in line and "   12    3  1.000" in line for line in lines)
    assert any("c3, learnt from: guessed level" in line and "   12    3  0.000" in line for line in lines)
    assert any("agreement: graded sarcasm" in line and "    6    3  1.000" in line for line in lines)
    assert [line for line in lines if "not asked" in line] == [
        "first: guessed sarcastic           sarcastic      not asked"
    ]


def test_guesses_at_pairs_tell_own_headlines_from_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    likely = {"own": (90, 80, 40), "random": (1, 2, 3), "hard": (99, 50, 10)}
    rows = [
        {"source": source, "pairing": kind, "likely": value}
        for source in ("c3", "arc")
        for kind, values in likely.items()
        for value in values
        if source == "c3" or kind == "hard"
    ]
    write(tmp_path / "pairs.csv", rows)
    monkeypatch.setattr(agreement, "PAIR_GUESSES", tmp_path / "pairs.csv")
    hard, chance = agreement.pairs()
    assert "c3: guessed pairs" in hard
    assert "own/hard           6    3  0.556" in hard
    assert "own/random         6    3  1.000" in chance
