"""Plain-text dumps: the article once, the comments whole, and none where there are none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from data.parse import parse
from data.plain.dump import Found, _joined, _outdoes, parse_dump, split_by_nbsp
from data.plain.lines import read_lines
from data.plain.posts import Post
from data.records import Kind

BODY = (
    "The harbour company of Wexmouth will run only four ferries a day to Saltmarsh Island from Monday, half as many as "
    "the timetable promises, because one of its two boats needs a new engine."
)
MORE = (
    "Islanders who work on the mainland learned of it from a notice on the pier, and the council of the island asked "
    "for buses to the northern bridge, which is forty kilometres away by road."
)
THREAD = (
    f"Ferry to Saltmarsh Island cut to four sailings a day\n\n{BODY}\n\n{MORE}\n\u00a0 \n"
    "⛴ late again ⛴\n\nforty minutes in the rain, and nobody at the pier could say why\n\u00a0 \n"
    "I take the bus now.\n\nIt costs more.\n\nBut it comes.\n\u00a0 \nBack\nTop"
)


def test_posts_set_apart_by_no_break_spaces_are_comments() -> None:
    discussion = parse_dump(THREAD)
    assert discussion.kind is Kind.THREAD
    assert discussion.article.title == "Ferry to Saltmarsh Island cut to four sailings a day"
    assert discussion.article.paragraphs == (BODY, MORE)
    assert [comment.text for comment in discussion.comments] == [
        "⛴ late again ⛴\n\nforty minutes in the rain, and nobody at the pier could say why",
        "I take the bus now.\n\nIt costs more.\n\nBut it comes.",
    ]


def test_offsets_point_to_the_words_in_the_source() -> None:
    for comment in parse_dump(THREAD).comments:
        assert THREAD[comment.extra["start"] : comment.extra["end"]] == comment.text


def test_repeated_body_and_template_headings_are_folded() -> None:
    text = (
        "Ferry cut to four sailings a day\nPublished 4 March 2024\nHighlights\n"
        "- One boat needs an engine.\n- Buses asked for.\n"
        f"-\nRewritten Article\nFerry cut to four sailings a day\n{BODY}\nOn the Island\n{MORE}\n-\nScenario Analysis\n"
        f"If the part does not arrive by May, the company may lose its licence for the summer season altogether.\n"
        f"{BODY}\nOn the Island\n{MORE.replace('a notice', 'one notice')}\n\n\n"
    )
    discussion = parse_dump(text)
    assert discussion.article.published == "2024-03-04"
    assert discussion.article.paragraphs == (
        "One boat needs an engine.",
        "Buses asked for.",
        BODY,
        "On the Island",
        MORE,
        "If the part does not arrive by May, the company may lose its licence for the summer season altogether.",
    )
    assert [block.text for block in discussion.blocks if block.role == "highlight"] == [
        "One boat needs an engine.",
        "Buses asked for.",
    ]
    assert discussion.comments == ()


def test_byline_below_a_repeated_title_is_read_once() -> None:
    article = parse_dump(
        f"Ferry cut to four sailings\n/ By Ada Wren\nFerry cut to four sailings\n/ By Ada Wren\n{BODY}\n"
    ).article
    assert (article.title, article.byline, article.paragraphs) == ("Ferry cut to four sailings", "Ada Wren", (BODY,))


def test_no_title_is_made_up() -> None:
    assert parse_dump(f"{BODY}\nOn the Island\n{MORE}").article.title is None


def test_times_between_comments_with_buttons_mark_comments() -> None:
    text = f"{BODY}\n\n{BODY} {MORE}\n\n3 Comments\n\n" + "\n\n".join(
        f"{name} says:\nMarch {day}, 2024 at 8:15 am\n\nThe ferry was late on day {name} counted, again.\n\nReply"
        for day, name in enumerate(("Nora", "Oskar", "Iris"), 5)
    )
    comments = parse_dump(text).comments
    assert [comment.text for comment in comments] == [
        f"The ferry was late on day {name} counted, again." for name in ("Nora", "Oskar", "Iris")
    ]
    assert [comment.author for comment in comments] == ["Nora", "Oskar", "Iris"]


def test_dated_teasers_are_no_comments() -> None:
    text = f"{BODY}\n\n" + "\n".join(f"Harbour news {day}\nMarch {day}, 2024\n{MORE}" for day in range(1, 9))
    assert parse_dump(text).comments == ()


def test_hard_wrapped_lines_are_joined_to_paragraphs() -> None:
    words = f"{BODY} {MORE}".split()
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 70:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    text = "\n".join([*lines, line])
    assert parse_dump(f"{text}\n\n{text[:0]}And that was all of it.").article.paragraphs[0] == f"{BODY} {MORE}"


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "title", "byline", "published", "comments"),
    [
        ("000", "Chinese Whistleblower Granted Asylum in US After Exposing Xinjiang Abuses", None, "2026-01-29", 0),
        ("001", None, None, None, 0),
        ("002", None, None, None, 0),
        ("003", "Chinese man who filmed evidence of Xinjiang rights abuses is granted asylum in US", None, None, 5),
        ("004", "Man who exposed human rights abuses in China receives U.S. asylum", "Rachel Allen", None, 0),
    ],
)
def test_sample_documents_come_out_right(
    shared: Path, name: str, title: str | None, byline: str | None, published: str | None, comments: int
) -> None:
    [path] = (shared / "samples").glob(f"{name}_*.txt")
    [discussion] = parse(path.read_bytes())
    article = discussion.article
    assert (article.title, article.byline, article.published) == (title, byline, published)
    assert len(discussion.comments) == comments
    assert len(set(article.paragraphs)) == len(article.paragraphs)
    if name == "003":
        assert article.paragraphs[-1].endswith("the consequences of his bravery.")
        assert discussion.comments[3].text.count("\n\n") == 3


def test_pieces_between_two_no_break_lines_are_one_post() -> None:
    text = "First part.\nSecond part.\n\u00a0\nAnother.\n\u00a0\nLast.\n\u00a0\n"
    lines = read_lines(text)
    segments = split_by_nbsp(lines)
    assert len(segments) == 3
    pieces = [Post(line.start, line.end, None, None, None, line.start) for line in lines if line.text]
    joined = [text[post.start : post.end] for post in _joined(pieces, segments)]
    assert joined == ["First part.\nSecond part.", "Another.", "Last."]
    named = [pieces[0], replace(pieces[1], top=pieces[1].start - 1), *pieces[2:]]  # a header stands above the second
    assert _joined(named, segments) == named
    assert _joined(pieces, segments[:2]) == pieces


@pytest.mark.parametrize(
    ("found", "method", "confidence", "ruled", "taken"),
    [
        (3, "tagger", 0.77, 0, False),  # no name or time agrees, so the no-break lines end the posts
        (19, "tagger", 0.92, 19, True),  # two such lines per post
        (19, "tagger", 0.7, 19, False),
        (19, "anchors", 0.92, 19, False),
        (39, "tagger", 0.5, 0, True),
    ],
)
def test_fewer_comments_than_no_break_lines_need_names_or_times(
    found: int, method: str, confidence: float, ruled: int, taken: bool
) -> None:
    posts = [Post(place, place, None, None, None, place) for place in range(found)]
    assert _outdoes(Found(posts, method, confidence), ruled, segments=41) is taken
