"""Replies are told by what pages do to show them: classes, margins, spacers in tables, or a deeper place."""

from __future__ import annotations

import pytest
from lxml import html

from data.page.nests import parents_by_indent

FLAT = "<div><p>a</p><p>b</p><p>c</p></div>"
CLASSES = "<div><p class='depth-1'>a</p><p class='depth-2'>b</p><p class='depth-1'>c</p></div>"
MARGINS = (
    "<div><p style='margin-left: 0px'>a</p><p style='margin-left: 40px'>b</p><p style='margin-left:0px'>c</p></div>"
)
ROW = '<tr><td><img width="{}"></td><td><p>{}</p></td></tr>'
SPACERS = f"<table>{ROW.format(0, 'a')}{ROW.format(40, 'b')}{ROW.format(0, 'c')}</table>"
CELLS = SPACERS.replace('<td><img width="', '<td indent="').replace('"></td>', '"> </td>')
BLOCKS = "<div><p>a</p><div class='indented'><p>b</p></div><p>c</p></div>"
APART = "<div><p>a</p><ul><li><p>b</p></li><li><p>c</p></li></ul></div>"


@pytest.mark.parametrize(
    ("page", "parents"),
    [
        (FLAT, [None, None, None]),
        (CLASSES, [None, 0, None]),
        (MARGINS, [None, 0, None]),
        (SPACERS, [None, 0, None]),
        (CELLS, [None, 0, None]),
        (BLOCKS, [None, 0, None]),
        (APART, [None, None, None]),
    ],
    ids=["flat", "classes", "margins", "spacers", "cells", "blocks", "first post apart"],
)
def test_parents_of_three_records(page: str, parents: list[int | None]) -> None:
    records = html.fromstring(page).xpath("//p")
    if "<td" in page:
        records = [record.getparent() for record in records]
    assert parents_by_indent(records) == parents


def test_replies_to_replies_find_the_nearest_above() -> None:
    page = "<div><p>a</p><div><p>b</p><div><p>c</p></div><p>d</p></div><p>e</p></div>"
    assert parents_by_indent(html.fromstring(page).xpath("//p")) == [None, 0, 1, 0, None]
