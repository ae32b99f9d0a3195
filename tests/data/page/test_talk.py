"""Talk pages: what nobody signed, and what the page does not state."""

from __future__ import annotations

from data.parse import parse
from data.records import Discussion

ANN = '<a href="/wiki/User:Ann">Ann</a> 10:00, 8 March 2021 (UTC)'
BO = '<a href="/wiki/User:Bo">Bo</a> 11:00, 8 March 2021 (UTC)'


def section(body: str) -> Discussion:
    page = (
        '<html><body class="mediawiki ns-1"><div class="mw-parser-output">'
        f'<h2><span class="mw-headline">Weir</span></h2>{body}</div></body></html>'
    )
    return parse(page)[-1]


def test_an_unsigned_last_reply_is_a_comment_of_nobody() -> None:
    found = section(f"<p>Is it right? {ANN}</p><dl><dd>No. {BO}<dl><dd>Yes it is.</dd></dl></dd></dl>")
    first, second, last = found.comments
    assert (last.text, last.author, last.published) == ("Yes it is.", None, None)
    assert (last.parent_id, last.depth) == (second.id, 2)
    assert second.parent_id == first.id


def test_unsigned_replies_part_where_the_indentation_shrinks() -> None:
    found = section(
        f"<p>Right? {ANN}</p><dl><dd>No. {BO}<dl><dd>Yes.</dd><dd>I mean it.</dd></dl></dd><dd>Stop.</dd></dl>"
    )
    assert [(item.text, item.author, item.depth) for item in found.comments[2:]] == [
        ("Yes.\n\nI mean it.", None, 2),
        ("Stop.", None, 1),
    ]


def test_a_template_that_closes_a_section_is_no_comment() -> None:
    found = section(f"<p>Right? {ANN}</p><p><i>The discussion above is closed. Please do not modify it.</i></p>")
    assert [item.author for item in found.comments] == ["Ann"]


def test_no_count_is_stated_and_unsigned_words_alone_are_the_sections() -> None:
    found = section("<p>I forgot to sign.</p>")
    assert (found.article.paragraphs, found.comments) == (("I forgot to sign.",), ())
    assert (found.coverage.stated_count, found.coverage.complete) == (None, True)
    assert section(f"<p>Right? {ANN}</p>").coverage.stated_count is None
