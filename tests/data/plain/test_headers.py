"""Headers of pasted comments: the name, and neither the links beside it nor the buttons of the comment before."""

from __future__ import annotations

import pytest

from data.plain.dump import parse_dump
from data.plain.headers import name_on

DOTS = "\n\n{likes}•\nReply\n•\nShare ›\n\n"
PASTED = (
    "2 Comments\n\nInes Marlow\n•\n4 hours ago\nThey said the same of the bridge, and look how long that took them."
    + DOTS.format(likes="5\n•\n")
    + "Otto\n Ines Marlow\n•\n3 hours ago\nWho pays for it, then?"
    + DOTS.format(likes="")
    + "Pia\n•\n2 hours ago\nI walked there on Sunday and the ladder looked too steep."
    + DOTS.format(likes="1\n•\n")
)
STORY = (
    "The weir at Tarnbrook reopened on Monday after a winter of repairs that cost the parish twice what it had put "
    "aside for them, and the first anglers stood on its banks before the mayor did, who came late.\n\nEngineers of the "
    "county will look at the fish ladder in April, and until then nobody may cross the weir on foot, which walkers "
    "called a pity, while the parish said that it had no choice: the law asks for a report first.\n\nThe report will "
    "be read out in the parish hall in May, where there is room for about ninety people, and in the garden.\n\n"
)


@pytest.mark.parametrize(
    ("line", "time", "name"),
    [
        ("otto 3 hours ago | parent | next [–]", "3 hours ago", "otto"),
        ("ines 2 hours ago | root | parent | prev [–]", "2 hours ago", "ines"),
        ("3 hours ago by otto | reply", "3 hours ago", "otto"),
        ("Post by otto » 3 May 2021", "3 May 2021", "otto"),
        ("#12 Otto Reed, 3 May 2021", "3 May 2021", "Otto Reed"),
        ("4. **Otto** (3 May 2021)", "3 May 2021", "Otto"),
        ("17. 3 May 2021 #17", "3 May 2021", None),
        ("3 May 2021 | parent | next [–]", "3 May 2021", None),
        ("Reply", None, None),
    ],
)
def test_the_name_on_a_line_with_a_time(line: str, time: str | None, name: str | None) -> None:
    assert name_on(line, time) == name


def test_buttons_and_the_next_name_are_in_no_comment() -> None:
    comments = parse_dump(STORY + PASTED).comments
    assert [(comment.author, comment.text) for comment in comments] == [
        ("Ines Marlow", "They said the same of the bridge, and look how long that took them."),
        ("Otto", "Who pays for it, then?"),
        ("Pia", "I walked there on Sunday and the ladder looked too steep."),
    ]


def test_a_line_that_says_who_is_answered_names_no_author() -> None:
    text = f"{STORY}3 comments\n\n" + "\n\n".join(
        f"{header}\n4 May 2022 at 10:00\n{words} looked steep to me."
        for header, words in (("Ines", "The ladder"), ("Otto\nReply to Ines", "It"), ("Pia\nReply to Otto", "All"))
    )
    comments = parse_dump(text, rules_alone=True).comments
    assert [comment.author for comment in comments] == ["Ines", "Otto", "Pia"]
    assert all(comment.text.endswith("steep to me.") for comment in comments)
