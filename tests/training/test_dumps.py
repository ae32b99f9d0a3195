"""Training on dumps: the gold finds its lines, sites stay together, and the network learns what stands in them."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from data.evaluate.gold import GoldPage
from data.plain.lines import read_lines
from data.plain.tagger import Label, by_context, tag, worded_lines
from data.plain.words import word_places
from training.dumps import ALONE, Example, example, fold_of, label_lines, moves, read_examples, train
from training.dumps_judged import judge
from training.dumps_network import ContextModel, Stretch
from training.dumps_teasers import teasers

TEXT = """Tram late again
The tram to Harrowmere was late for the fourth time this week, the council said on Monday.

Comments (2)

Ottilie Reed
4 May 2024
The fourth time is the charm, as my grandmother would have said.
And she took the bus.

Gerd Plumley
5 May 2024
Eleven percent of the hardship fund paid out already, my word.

Read more
"""
COMMENTS: list[dict[str, object]] = [
    {
        "author": "Ottilie Reed",
        "text": "The fourth time is the charm, as my grandmother would have said.\nAnd she took the bus.",
    },
    {"author": "Gerd Plumley", "text": "Eleven percent of the hardship fund paid out already, my word."},
]


def page(url: str, comments: list[dict[str, object]] | None = None) -> GoldPage:
    return GoldPage(Path("page.html"), "set", "article", "other", "A", {"url": url, "comments": comments or []})


def trial(number: int) -> Example:
    return example(page(f"https://site{number}.test/a", COMMENTS), "lines", TEXT)


def test_lines_are_labelled_by_the_comment_that_they_hold_and_by_its_author() -> None:
    lines, _ = worded_lines(read_lines(TEXT))
    found = {line.text: Label(label).name for line, label in zip(lines, label_lines(lines, COMMENTS), strict=True)}
    assert found["The fourth time is the charm, as my grandmother would have said."] == "BEGIN"
    assert found["And she took the bus."] == "INSIDE"
    assert found["Eleven percent of the hardship fund paid out already, my word."] == "BEGIN"
    assert (found["Ottilie Reed"], found["Gerd Plumley"]) == ("NAME", "NAME")
    others = {text for text, label in found.items() if label == "OTHER"}
    assert {"Tram late again", "Comments (2)", "Read more"} <= others


def test_a_comment_that_the_rendering_left_out_labels_nothing() -> None:
    lines, _ = worded_lines(read_lines(TEXT))
    missing: list[dict[str, object]] = [
        {"author": "", "text": "Nobody wrote this sentence anywhere on the page above."}
    ]
    assert not label_lines(lines, missing).any()


def test_pages_of_one_site_are_never_apart() -> None:
    urls = ("https://www.a.test/1", "http://a.test/2?page=3", "a.test/4")
    assert len({fold_of(page(url), 7) for url in urls}) == 1
    assert len({fold_of(page(f"https://{number}.test/"), 4) for number in range(40)}) == 4


def test_no_comment_goes_on_before_it_began() -> None:
    costs = moves([trial(1)])
    assert costs[Label.OTHER, Label.INSIDE] == costs[Label.NAME, Label.INSIDE] == pytest.approx(-1e4)
    assert costs[Label.BEGIN, Label.INSIDE] > -1
    assert (costs <= 0).all()


def test_the_network_learns_its_examples() -> None:
    examples = [trial(number) for number in range(60)]
    tagged = tag(read_lines(TEXT), train(examples))
    assert (tagged.labels == examples[0].labels).mean() > 0.9


def test_torch_and_numpy_run_the_same_network() -> None:
    one = trial(1)
    stretch = Stretch(one.rows, word_places(worded_lines(read_lines(TEXT))[0]), one.labels)
    model = ContextModel(one.rows.mean(axis=0), one.rows.std(axis=0) + 1e-3).eval()
    short = Stretch(one.rows[:3], word_places(worded_lines(read_lines(TEXT))[0][:3]), one.labels[:3])
    with torch.no_grad():
        expected = model([stretch, short]).softmax(1).numpy()[: len(one.rows)]
    assert by_context(one.rows, stretch.places, model.context()) == pytest.approx(expected, abs=1e-5)


def test_lists_of_teasers_are_dated_and_worded_by_the_articles_and_every_draw_is_the_same() -> None:
    told = page("https://a.test/1")
    late = [f"The tram to Harrowmere was late for the {number}th time again." for number in range(9)]
    told.gold["article"] = {"text": "\n".join(late)}
    drawn = teasers([told], 20, seed=3)
    assert drawn == teasers([told], 20, seed=3) != teasers([told], 20, seed=4)
    assert all(re.search(r"\d", text) and "Harrowmere" in text for text in drawn)
    assert teasers([page("https://a.test/2")], 20, seed=3) == []


def test_articles_are_learnt_without_their_comments_too_but_only_where_none_is_left(tmp_path: Path) -> None:
    late = (f"The tram to Harrowmere was late for the {n}th time this week, the council said." for n in range(9))
    prose = "".join(f"<p>{sentence}</p>" for sentence in late)
    listed = "".join(f"<div class='comment'><b>{c['author']}</b><p>{c['text']}</p></div>" for c in COMMENTS)
    html = f"<html><body><article><h1>Late</h1>{prose}</article>{listed}</body></html>"
    (tmp_path / "page.html").write_text(html)
    article = replace(page("https://a.test/1", COMMENTS), path=tmp_path / "page.html")
    alone = [one for one in read_examples([article]) if one.rendering == ALONE]
    assert len(alone) == 1
    assert not alone[0].labels.any()
    assert not alone[0].page.comments
    assert "fourth time is the charm" not in alone[0].text
    assert not [one for one in read_examples([replace(article, kind="forum")]) if one.rendering == ALONE]
    told = {"author": "", "text": "The tram to Harrowmere was late for the 3th time this week, the council said."}
    left = replace(article, gold={**article.gold, "comments": [told]})
    assert not [one for one in read_examples([left]) if one.rendering == ALONE]


def test_held_out_sites_are_judged_for_every_way(capsys: pytest.CaptureFixture[str]) -> None:
    judge([trial(number) for number in range(8)], folds=2)
    told = capsys.readouterr().out.splitlines()
    ways = ("rules", "network", "labels")
    assert [line.split()[:3] for line in told[1:]] == [["lines", "others", way] for way in ways]
    assert float(told[-1].split()[3]) == 1.0  # where nothing is lost, the labels give every comment back
    assert all([int(count) for count in line.split()[7:9]] == [8 * len(COMMENTS)] * 2 for line in told[1:])
    assert float(told[-1].split()[-1]) == 1.0
