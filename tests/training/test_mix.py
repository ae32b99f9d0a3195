"""The mix: copies merged, tests left out, splits by group, draws that repeat."""

from __future__ import annotations

import csv
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from data.sources.examples import Example, Pairing, digest, fingerprint, held_out
from data.sources.grades import GUESSES, HEADLINES, PAIR_GUESSES
from data.sources.news import TOXICITY_GRADES
from data.sources.registry import (
    SOURCES,
    STORY_GRADES,
    authored_examples,
    commercial_use,
    discussion_examples,
    feeling_examples,
    story_examples,
    twin_examples,
)
from data.sources.tables import SourceError
from training.augment import IDENTITIES, identity_templates, misspelt, swapped
from training.mix import TESTS, draw, merged
from training.notions import with_notions


def test_copies_are_merged_and_keep_every_label() -> None:
    copies = [
        Example("You FOOL!", "a", {"toxicity": 0.9}, pairings=(Pairing("t", "", 1.0),)),
        Example("you fool", "b", {"toxicity": 0.1, "sarcasm": 0.2}, spans=((0, 3),)),
    ]
    (only,) = merged(copies)
    assert (only.source, only.labels) == ("a", {"toxicity": 0.9, "sarcasm": 0.2})
    assert (only.pairings, only.spans) == (copies[0].pairings, ((0, 3),))


def test_a_crowds_level_and_a_guess_at_it_count_alike() -> None:
    crowd = Example("You fool", "c3", {"toxicity": 0.2, "crowd": 0.2})
    guess = Example("you fool", "guessed_c3", {"crowd": 0.6, "unhealthy": 0.7})
    (only,) = merged([crowd, guess])
    assert only.labels == {"toxicity": 0.2, "crowd": pytest.approx(0.4), "unhealthy": 0.7}
    (alone,) = merged([guess])
    assert alone.labels["crowd"] == 0.6


def test_what_a_reader_says_of_an_article_takes_the_place_of_what_was_supposed() -> None:
    supposed = Example("So true", "c3", pairings=(Pairing("Trams", "They are late.", 0.9),))
    read = Example("so true", "guessed_pairs_c3", pairings=(Pairing("Trams", "", 0.6), Pairing("Rain", "", 0.1)))
    (only,) = merged([supposed, read])
    assert only.pairings == (Pairing("Trams", "They are late.", 0.6), Pairing("Rain", "", 0.1))


def test_texts_without_headlines_are_never_the_same_article() -> None:
    rows = [Example("hm", "a", pairings=(Pairing("", text, 0.5),)) for text in ("first", "second")]
    (only,) = merged(rows)
    assert [pairing.text for pairing in only.pairings] == ["first", "second"]


def test_a_fingerprint_sees_words_only() -> None:
    assert fingerprint("Well,  SAID!") == fingerprint("well said") != fingerprint("well sad")


def test_held_out_is_about_its_share_and_always_the_same() -> None:
    groups = [f"group {number}" for number in range(2000)]
    chosen = [group for group in groups if held_out(group, 0.2)]
    assert 340 < len(chosen) < 460
    assert chosen == [group for group in groups if held_out(group, 0.2)]


def test_a_draw_repeats_only_when_a_source_is_used_up(examples: list[Example]) -> None:
    drawn = draw(examples, {"authored": 250}, seed=1)
    assert len(drawn) == 250
    assert len({id(example) for example in drawn}) == 200
    assert drawn == draw(examples, {"authored": 250}, seed=1)


def test_a_recipe_goes_on_drawing_from_a_source_that_has_grades_since(examples: list[Example]) -> None:
    rows = [replace(example, source="graded_arc") for example in examples[:30]]
    assert len({row.text for row in draw(rows, {"arc": 20}, seed=3)}) == 20
    rows[0] = replace(rows[0], source="arc")
    assert len({row.text for row in draw(rows, {"arc": 30}, seed=3)}) == 30


def test_a_source_that_is_not_there_is_named(examples: list[Example]) -> None:
    with pytest.raises(ValueError, match="takes from nonesuch"):
        draw(examples, {"nonesuch": 5}, seed=1)


def test_only_licences_for_commercial_use_train_the_permissive_variant() -> None:
    assert commercial_use("jigsaw")
    assert commercial_use("authored")
    assert commercial_use("silver_civil_comments_toxic_spans")
    assert not commercial_use("silver_ucc_train_unlabelled")
    assert not commercial_use("silver_c3_globe_and_mail")
    assert not commercial_use("sarcasm_v2")


def test_every_source_states_where_it_comes_from() -> None:
    for source in SOURCES:
        assert source.licence
        assert source.citation
        assert source.files
        assert source.rows > 0
        assert not (source.commercial and ("NC" in source.licence or source.licence == "none stated"))


def test_our_own_discussions_have_every_label() -> None:
    for example in authored_examples():
        assert {"sarcasm", "toxicity", "insult"} <= set(example.labels)
        assert len(example.pairings) == 1


def test_discussions_written_for_training_are_graded_in_full_and_their_test_is_apart() -> None:
    found = [example for example in discussion_examples() if example.source.startswith("discussions")]
    learnt, kept = ([e for e in found if e.source == name] for name in ("discussions", "discussions_test"))
    assert len(learnt) + len(kept) == len(found)
    assert len({example.group for example in learnt}) == 200
    assert len({example.group for example in kept}) == 40
    assert not {example.group for example in learnt} & {example.group for example in kept}
    assert not {e.pairings[0].title for e in learnt} & {e.pairings[0].title for e in kept}
    assert all({"sarcasm", "toxicity", "unhealthy"} <= set(example.labels) for example in found)
    assert "discussions_test" in TESTS
    assert commercial_use("discussions")


def test_comments_in_the_voices_of_phones_are_graded_like_our_other_discussions() -> None:
    found = [example for example in discussion_examples() if example.source.startswith("chatter")]
    learnt, kept = ([e for e in found if e.source == name] for name in ("chatter", "chatter_test"))
    assert (len(learnt), len(kept)) == (1440, 160)
    assert not {example.group for example in learnt} & {example.group for example in kept}
    assert all({"sarcasm", "toxicity", "unhealthy", "rudeness", "irony"} <= set(with_notions(e).labels) for e in found)
    assert "chatter_test" in TESTS
    assert commercial_use("chatter")


def test_twins_that_are_measured_on_are_other_texts_than_those_learnt_from() -> None:
    found = list(twin_examples())
    learnt, kept = ({fingerprint(e.text) for e in found if e.source == name} for name in ("twins", "twins_test"))
    assert len(found) == 4840
    assert not learnt & kept
    assert "twins_test" in TESTS


def test_comments_that_feel_something_stand_beside_those_that_make_as_if() -> None:
    found = list(feeling_examples())
    learnt, kept = ([e for e in found if e.source == name] for name in ("feelings", "feelings_test"))
    assert (len(learnt), len(kept)) == (1985, 240)
    assert not {fingerprint(e.text) for e in learnt} & {fingerprint(e.text) for e in kept}
    for part in (learnt, kept):
        assert (
            sum(e.labels["sarcasm"] <= 0.1 for e in part)
            > sum(e.labels["sarcasm"] >= 0.6 for e in part)
            > 0.25 * len(part)
        )
    assert all({"sarcasm", "tagged", "irony", "mockery"} <= set(with_notions(e).labels) for e in found)
    assert "feelings_test" in TESTS
    assert commercial_use("feelings")


def test_headlines_written_for_comments_are_one_each_and_say_something() -> None:
    with HEADLINES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["source"], row["digest"]) for row in rows}) == len({row["headline"] for row in rows}) == len(rows)
    assert {row["source"] for row in rows} == {"civil_spans", "ucc_unlabelled"}
    assert all(2 <= len(row["headline"].split()) <= 20 and len(row["standfirst"].split()) <= 45 for row in rows)
    assert sum(len(row["standfirst"].split()) < 6 for row in rows) < 0.05 * len(rows)
    assert commercial_use("headlined_civil_spans")
    assert not commercial_use("headlined_ucc_unlabelled")


def test_guesses_at_pairs_are_one_each_and_follow_their_texts_licences() -> None:
    with PAIR_GUESSES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["source"], row["headline"], row["comment"]) for row in rows}) == len(rows)
    assert {row["pairing"] for row in rows} == {"own", "hard", "random"}
    assert all(0 <= int(row["likely"]) <= 99 for row in rows)
    means = {kind: _mean_guess(rows, kind) for kind in ("own", "hard", "random")}
    assert means["own"] > 80 > 50 > means["hard"] > 25 > means["random"]
    assert commercial_use("guessed_pairs_civil_spans")
    assert not commercial_use("guessed_pairs_c3")


def _mean_guess(rows: list[dict[str, str]], kind: str) -> float:
    found = [int(row["likely"]) for row in rows if row["pairing"] == kind]
    return sum(found) / len(found)


def test_stories_are_our_own_and_their_comments_seldom_repeat_the_headline() -> None:
    found = list(story_examples())
    titles = {example.group for example in found}
    assert len({fingerprint(example.text) for example in found}) > 0.98 * len(found)
    assert len(found) > 5 * len(titles)
    assert all(example.pairings[0].title == example.group for example in found)
    repeating = sum(bool(_long_words(example.text) & _long_words(example.group)) for example in found)
    assert repeating < 0.25 * len(found)
    assert commercial_use("stories")


def test_stories_comments_have_grades_and_guesses_or_no_label_at_all() -> None:
    with STORY_GRADES.open(encoding="utf-8", newline="") as file:
        rows = {row["digest"]: row for row in csv.DictReader(file)}
    found = {digest(example.text): example.labels for example in story_examples()}
    assert rows.keys() == {key for key, labels in found.items() if labels}
    assert all(set(labels) == {"sarcasm", "toxicity", "unhealthy", "mockery"} for labels in found.values() if labels)
    sarcastic = [found[key]["mockery"] for key, row in rows.items() if int(row["sarcasm"]) >= 6]
    sincere = [found[key]["mockery"] for key, row in rows.items() if int(row["sarcasm"]) <= 2]
    assert sum(sarcastic) / len(sarcastic) > 0.5 > 0.1 > sum(sincere) / len(sincere)


def _long_words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.casefold()) if len(word) > 4}


def test_guesses_are_one_each_and_follow_their_texts_licences() -> None:
    with GUESSES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["source"], row["digest"]) for row in rows}) == len(rows)
    posts = {"cad", "ruddit", "edos"}
    assert {row["source"] for row in rows} == {"civil_spans", "arc", "ucc_unlabelled", "c3", *posts}
    assert all(0 <= int(row[name]) <= 99 for row in rows for name in ("unhealthy", "sarcastic"))
    assert {row["source"] for row in rows if row["crowd"]} == {"c3", "ucc_unlabelled"}
    assert {row["source"] for row in rows if row["tagged"]} == posts
    assert all(0 <= int(row[name]) <= 99 for row in rows for name in ("crowd", "tagged") if row[name])
    assert not commercial_use("guessed_c3")
    assert commercial_use("guessed_civil_spans")
    assert all(commercial_use(f"guessed_{name}") for name in ("arc", *posts))
    assert not commercial_use("guessed_ucc_unlabelled")


def test_what_may_be_an_unflagged_attack_is_not_taught_as_none() -> None:
    for example in discussion_examples():
        sharp = example.labels["toxicity"] > TOXICITY_GRADES[3]
        assert sharp != ("identity_attack" in example.labels)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(
        SourceError, match=r"train\.csv is missing; the data folder must hold jigsaw_wikipedia/train\.csv"
    ):
        next(SOURCES[0].examples(tmp_path))


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "jigsaw_wikipedia").mkdir()
    (tmp_path / "jigsaw_wikipedia" / "train.csv").write_text("id,comment_text\n")
    with pytest.raises(SourceError, match="is not the published file: sha256"):
        next(SOURCES[0].examples(tmp_path))


def test_swapping_changes_identity_terms_and_nothing_else() -> None:
    text = "My Muslim neighbours, and every other Muslim I know, vote."
    changed = swapped(text, random.Random(4))
    assert changed.startswith("My ")
    assert changed.endswith(" I know, vote.")
    words = [word for word in changed.replace(",", "").lower().split() if word in IDENTITIES["religion"]]
    assert len(words) == 2
    assert len(set(words)) == 1


def test_misspelling_touches_telling_words_only() -> None:
    chance = random.Random(2)
    assert misspelt("a sunny day in the park", chance) == "a sunny day in the park"
    assert misspelt("you idiot", chance) != "you idiot"


def test_templates_are_half_hostile_for_every_group() -> None:
    made = [example for example in identity_templates(2000, 1) if "identity_attack" in example.labels]
    hostile = [example.labels["toxicity"] > 0.5 for example in made]
    assert sum(hostile) == len(made) / 2
