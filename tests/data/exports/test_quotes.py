"""Quotes in exports: the text is whole, and the quotes' offsets in it are given, as on pages."""

from __future__ import annotations

import pytest

from data.exports.texts import read_text
from data.parse import parse


def quoted(markup: str, source: str) -> tuple[str, list[str]]:
    """Return a text and what is marked in it as somebody else's."""
    text, quotes = read_text(source, markup)
    return text, [text[quote["start"] : quote["end"]] for quote in quotes]


@pytest.mark.parametrize(
    ("markup", "source", "text", "quotes"),
    [
        ("html", "<blockquote>They lie</blockquote><p>True.</p>", "They lie\n\nTrue.", ["They lie"]),
        ("html", "<p>So:</p><blockquote><p>a</p><blockquote>b</blockquote></blockquote>", "So:\n\na\n\nb", ["a\n\nb"]),
        ("html", "<blockquote>They lie</blockquote>", "They lie", ["They lie"]),
        ("html", "<p>no quote here</p>", "no quote here", []),
        ("lines", "<blockquote>They lie</blockquote>\n\nTrue.\nSo.", "They lie\n\nTrue.\nSo.", ["They lie"]),
        ("bbcode", '[quote="Al" post_id=3]They lie[/quote] True.', "They lie\n\nTrue.", ["They lie"]),
        ("bbcode", "So: [quote=Al]a [quote]b[/quote] c[/quote]", "So:\n\na\n\nb\n\nc", ["a\n\nb\n\nc"]),
        ("bbcode", "[quote][img]x.png[/img][/quote]True.", "True.", []),
        ("bbcode", "[quote]never closed", "never closed", []),
        ("bbcode", "\x02mine\x03 too", "mine  too", []),
        (
            "bbcode",
            '<r><QUOTE author="Al"><s>[quote=Al]</s>They lie<e>[/quote]</e></QUOTE>\n'
            "<B><s>[b]</s>True<e>[/b]</e></B></r>",
            "They lie\n\nTrue",
            ["They lie"],
        ),
    ],
)
def test_text_is_whole_and_quotes_are_marked(markup: str, source: str, text: str, quotes: list[str]) -> None:
    assert quoted(markup, source) == (text, quotes)


def test_an_export_and_a_page_say_the_same_of_a_quote() -> None:
    body = "<blockquote>They lie</blockquote><p>True, all of it, and more than that.</p>"
    post = f'<post dsq:id="1"><message><![CDATA[{body}]]></message></post>'
    [export] = parse(
        f'<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">{post}</disqus>'
    )
    [page] = parse(
        '<html><body><ul><li class="post" id="post-1"><div class="post-content"><div class="post-message">'
        f"{body}</div></div></li></ul></body></html>"
    )
    [exported], [shown] = export.comments, page.comments
    assert (exported.text, exported.extra["quotes"]) == (shown.text, shown.extra["quotes"])
    assert exported.text.startswith("They lie")
