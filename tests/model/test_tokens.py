"""Tokenising: cut lengths, offsets into the published text, articles by title, text or both."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from model.tokens import PASSAGES, Tokeniser

VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "you", "idiot", "tram", "is", "late", "the", ".", "mo", "##ron"]


@pytest.fixture
def tokeniser() -> Tokeniser:
    tokenizer = Tokenizer(models.WordPiece({word: index for index, word in enumerate(VOCABULARY)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return Tokeniser(tokenizer, max_tokens=8, article_tokens=6)


def test_a_text_is_read_passage_by_passage_and_the_last_reaches_back(tokeniser: Tokeniser) -> None:
    assert [(words(ids), share) for ids, share in tokeniser.passages("the tram is late you idiot")] == [
        (["[CLS]", "the", "tram", "is", "late", "[SEP]"], 1.0),
        (["[CLS]", "is", "late", "you", "idiot", "[SEP]"], 0.5),
    ]
    assert [(words(ids), share) for ids, share in tokeniser.passages("is late")] == [
        (["[CLS]", "is", "late", "[SEP]"], 1.0)
    ]
    assert tokeniser.passages(" ") == []


def test_of_a_long_text_no_more_than_so_many_passages_are_read(tokeniser: Tokeniser) -> None:
    found = [words(ids)[1:-1] for ids, _ in tokeniser.passages("the tram is late you " * 40)]
    read = ["the", "tram", "is", "late", "you"] * 40
    assert [word for passage in found for word in passage] == read[: 4 * PASSAGES]


def words(ids: list[int]) -> list[str]:
    return [VOCABULARY[number] for number in ids]


def test_a_comment_keeps_its_order_and_markers(tokeniser: Tokeniser) -> None:
    read = tokeniser.comments(["you idiot", "the tram is late"])
    assert [words(item.ids) for item in read] == [
        ["[CLS]", "you", "idiot", "[SEP]"],
        ["[CLS]", "the", "tram", "is", "late", "[SEP]"],
    ]


def test_a_long_comment_keeps_its_beginning_and_its_end(tokeniser: Tokeniser) -> None:
    read = tokeniser.comments(["the tram is late " * 5 + "you idiot"])[0]
    assert words(read.ids) == ["[CLS]", "the", "tram", "is", "late", "the", "idiot", "[SEP]"]


def test_a_token_knows_its_characters_in_the_published_text(tokeniser: Tokeniser) -> None:
    text = "you 🙂 1d10t"
    read = tokeniser.comments([text])[0]
    place = words(read.ids).index("idiot")
    first, last = read.original_span(place)
    assert text[first:last] == "1d10t"


def test_an_empty_comment_is_its_markers(tokeniser: Tokeniser) -> None:
    assert words(tokeniser.comments([""])[0].ids) == ["[CLS]", "[SEP]"]


def test_no_comments_are_no_tokens(tokeniser: Tokeniser) -> None:
    assert tokeniser.comments([]) == []


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("the tram", "", ["[CLS]", "the", "tram", "[SEP]"]),
        ("", "is late", ["[CLS]", "is", "late", "[SEP]"]),
        ("the tram", "is late", ["[CLS]", "the", "tram", ".", "is", "[SEP]"]),
    ],
)
def test_an_article_is_read_by_title_text_or_both(
    tokeniser: Tokeniser, title: str, text: str, expected: list[str]
) -> None:
    assert words(tokeniser.article(title, text)) == expected
