"""Scored comments as a table for people: who, what, eight scores, and what to do about it; from 60 columns up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from model.scores import ATTRIBUTES
from service.archive.writing import OutputError
from service.policy import BELOW

SHORT = {
    "toxicity": "tox",
    "severe_toxicity": "sev",
    "identity_attack": "ide",
    "insult": "ins",
    "profanity": "pro",
    "threat": "thr",
    "sarcasm": "sar",
    "relevance": "rel",
}
WIDE = 110  # columns of a terminal from which the recommendation has a column of its own
VERDICT = 30  # columns of it
LINES = 2  # of a comment
JOINER = "\u200d"
SHORT_ID = 8  # longer ids are digests, which tell a reader nothing
UNREAD = {"language": "in a language that the model does not read", "empty": "no text"}

Row = Mapping[str, Any]


class Printer(Console):
    """Standard output, whose reader may go away in the middle: that is told, and nothing is printed any more."""

    def on_broken_pipe(self) -> None:
        with suppress(SystemExit):
            super().on_broken_pipe()
        raise OutputError("Whoever read the table has gone; with -o FILE the scores are kept, and --resume goes on.")


@dataclass(frozen=True, slots=True)
class Layout:
    """The widths of one table, in columns of the terminal."""

    who: int
    comment: int
    shown: tuple[str, ...]
    wide: bool


def print_rows(console: Console, rows: Iterable[Row]) -> None:
    """Print the comments of each source in order, under their article's title where they share one."""
    for source, group in groupby(rows, key=lambda row: row["source"]):
        for title, some in _by_title(list(group)):
            console.print(_headed(source, title, some, console.width))


def print_legend(console: Console, rows: int, reviewed: int, version: str) -> None:
    """Say how many there are, what the abbreviations mean and what the model was."""
    plural = "comment" if rows == 1 else "comments"
    console.print(Text.assemble((f"{rows:,} {plural}, {reviewed:,} to review", "bold"), (f" · model {version}", "dim")))
    words = [f"{SHORT[name]} {name.replace('_', ' ')}" for name in ATTRIBUTES]
    console.print(Text(" · ".join(words).replace(" ", "\u00a0").replace("\u00a0·\u00a0", " · "), "dim"))


def _by_title(rows: Sequence[Row]) -> list[tuple[str | None, list[Row]]]:
    """Group by article, unless most articles have a row or two: a table per row helps nobody."""
    groups = [(title, list(some)) for title, some in groupby(rows, key=lambda row: row["article_title"])]
    return groups if len(groups) == 1 or len(rows) >= 3 * len(groups) else [(None, list(rows))]


def _headed(source: str, title: str | None, rows: Sequence[Row], width: int) -> RenderableType:
    heading = Text(clipped(printable(title or source), width), "bold")
    where = [Text(clipped(printable(source), width), "dim")] if title else []
    return Padding(Group(heading, *where, "", _table(rows, width)), (0, 0, 1, 0))


def _table(rows: Sequence[Row], width: int) -> Table:
    layout = _layout(rows, width)
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    if layout.who:
        table.add_column("who", width=layout.who, no_wrap=True, overflow="ellipsis", style="cyan")
    table.add_column("comment", width=layout.comment)
    for name in layout.shown:
        table.add_column(SHORT[name], width=3, justify="right", no_wrap=True)
    if layout.wide:
        table.add_column("recommendation", width=VERDICT)
    for number, row in enumerate(rows):
        table.add_row(*_cells(row, layout), end_section=False)
        if not layout.wide and number + 1 < len(rows):
            table.add_row()
    return table


def _layout(rows: Sequence[Row], width: int) -> Layout:
    wide = width >= WIDE
    longest = max((cell_len(_who(row)) for row in rows), default=0)
    who = min(18 if wide else 12, max(3, longest)) if longest else 0
    shown = tuple(name for name in ATTRIBUTES if any(row[name] is not None for row in rows)) or ATTRIBUTES
    room = width - (who + 2 if who else 0) - 5 * len(shown) - (VERDICT + 2 if wide else 0) - 1
    return Layout(who, max(room, 12), shown, wide)


def _cells(row: Row, layout: Layout) -> list[RenderableType]:
    crossed = {reason["attribute"] for reason in row["reasons"]}
    text = Text("\n".join(first_lines(row["text"], layout.comment, LINES)))
    scores = [_score(name, row[name], name in crossed) for name in layout.shown]
    verdict = _verdict(row)
    who = [Text(_who(row) or "–")] if layout.who else []
    if layout.wide:
        return [*who, text, *scores, verdict]
    return [*who, Group(text, verdict), *scores]


def _who(row: Row) -> str:
    short = f"#{row['id']}" if len(row["id"]) <= SHORT_ID else ""
    return " ".join(printable(row["author"] or short).split())


def _score(name: str, value: float | None, crossed: bool) -> Text:
    """`.87` for 0.87; bold where it crosses its threshold, faint where it is nothing to look at."""
    if value is None:
        return Text("–", "dim")
    shown = "1.0" if value >= 0.995 else f"{value:.2f}"[1:]
    if crossed:
        return Text(shown, "bold yellow" if name in BELOW else "bold red")
    return Text(shown, "" if name in BELOW or value >= 0.2 else "dim")


def _verdict(row: Row) -> Text:
    """The recommendation with its reasons; a shape and a word, never colour alone."""
    unread = [UNREAD[reason["attribute"]] for reason in row["reasons"] if reason["attribute"] in UNREAD]
    if unread:
        return Text(f"– not scored: {unread[0]}", "dim")
    if row["recommendation"] == "publish":
        return Text("○ publish", "green")
    words = ", ".join(_reason(reason["attribute"]) for reason in row["reasons"])
    return Text.assemble(("● review ", "bold red"), (words, "red"))


def _reason(attribute: str) -> str:
    return "off topic" if attribute == "relevance" else attribute.replace("_", " ")


def printable(text: str) -> str:
    """Take out what would steer a terminal or turn the direction of writing; emoji keep their joiners."""
    return "".join(letter if letter.isprintable() or letter == JOINER else " " for letter in text)


def first_lines(text: str, width: int, most: int) -> list[str]:
    """Wrap a text at words and return its first lines; an ellipsis says that there is more."""
    lines, words = [""], printable(text).split()
    for number, word in enumerate(words):
        longer = f"{lines[-1]} {word}".lstrip()
        if cell_len(longer) <= width:
            lines[-1] = longer
        elif len(lines) < most and lines[-1]:
            lines.append(clipped(word, width))
        else:
            rest = " ".join([lines[-1], *words[number:]]).lstrip()
            return [*lines[:-1], clipped(rest, width)]
    return lines


def clipped(text: str, cells: int) -> str:
    """Cut a text to so many columns of the terminal, at a word where one ends near, with an ellipsis."""
    if cell_len(text) <= cells:
        return text
    kept, used = "", 0
    for letter in text:
        used += cell_len(letter)
        if used > cells - 1:
            break
        kept += letter
    at_word = kept.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > 0.7 * len(kept) else kept).rstrip(" ,;:") + "…"
