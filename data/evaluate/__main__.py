"""Print every track of the parser's benchmark: `python -m data.evaluate ../shared/pages [--worst 10] [TRACK...]`."""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable
from pathlib import Path

from data.evaluate import tracks
from data.evaluate.gold import GoldPage, read_pages
from data.evaluate.renderings import RENDERINGS
from data.evaluate.tools import TOOLS, judge
from data.evaluate.tracks import Result
from data.page.page import Finder


def main() -> None:
    """Run the chosen tracks, all by default."""
    parser = argparse.ArgumentParser(prog="python -m data.evaluate", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder with pages and their gold")
    parser.add_argument("tracks", nargs="*", metavar="TRACK", help=f"any of {', '.join(TRACKS)}")
    parser.add_argument("--worst", type=int, default=0, metavar="N", help="list the N worst pages of each track")
    arguments = parser.parse_args()
    pages = list(read_pages(arguments.folder))
    for name in arguments.tracks or TRACKS:
        TRACKS[name](pages, arguments.worst)


def _human(pages: list[GoldPage], worst: int) -> None:
    chosen = [page for page in pages if page.set == tracks.HUMAN]
    _show("WEB-FORUM-52, human gold", tracks.comments_track(chosen, Finder.ALL), worst)
    _show("  generic finder alone", tracks.comments_track(chosen, Finder.GENERIC), worst)


def _articles(pages: list[GoldPage], worst: int) -> None:
    chosen = [page for page in pages if page.kind == "article" and page.comments]
    own = [page for page in chosen if page.set == "wcxb"]
    _show("WCXB articles, generic finder alone", tracks.comments_track(own, Finder.GENERIC), worst)
    other = [page for page in chosen if page.set != "wcxb"]
    _show("other articles, generic finder alone", tracks.comments_track(other, Finder.GENERIC), worst)


def _threads(pages: list[GoldPage], worst: int) -> None:
    chosen = [page for page in pages if page.kind in tracks.THREADS and page.set != tracks.HUMAN and page.comments]
    _show("threads, generic finder alone", tracks.comments_track(chosen, Finder.GENERIC), worst)


def _derived(pages: list[GoldPage], worst: int) -> None:
    chosen = [page for page in pages if page.comments and page.set != tracks.HUMAN]
    _show(
        "derived gold with adapters (circular: a check of ours, no result)",
        tracks.comments_track(chosen, Finder.ALL),
        worst,
    )


def _leak(pages: list[GoldPage], worst: int) -> None:
    recall, leak = tracks.leak_track(page for page in pages if "comments_text" in page.gold)
    print(f"L3S news, human gold: recall {recall:.3f} leak {leak:.3f}")


def _article(pages: list[GoldPage], worst: int) -> None:
    chosen = [page for page in pages if page.set == "wcxb" and page.kind == "article" and page.article]
    scores = tracks.article_track(chosen)
    print(f"article word-F1, WCXB articles: {statistics.mean(score for score, _ in scores):.3f} on {len(scores)} pages")
    for value, name in scores[:worst]:
        print(f"    {value:.3f} {name}")


def _false(pages: list[GoldPage], worst: int) -> None:
    counts = tracks.false_track(page for page in pages if page.set == tracks.NEGATIVE)
    print(f"false comments: {sum(count for count, _ in counts)} on {len(counts)} pages without any")
    for count, name in counts[:worst]:
        if count:
            print(f"    {count} {name}")


def _text(pages: list[GoldPage], worst: int) -> None:
    """Dumps; the shipped network has seen these pages: `python -m training.dumps PAGES --folds 3` holds them out."""
    chosen = [page for page in pages if page.comments and "comments_text" not in page.gold]
    xenforo = [page for page in chosen if page.platform == "xenforo2"]
    rest = [page for page in chosen if page.platform != "xenforo2"]
    none = [page for page in pages if page.set == tracks.NEGATIVE]
    for name, rendering in RENDERINGS.items():
        _show(f"dumps of XenForo 2 threads, {name}", tracks.text_track(xenforo, rendering), worst)
        _show(f"dumps of other pages, {name}", tracks.text_track(rest, rendering), worst)
        found = tracks.text_track(none, rendering).counts.found
        print(f"dumps of pages without comments, {name}: {found} comments on {len(none)} pages")


def _tools(pages: list[GoldPage], worst: int) -> None:
    """Other tools beside ours; `pip install extruct` adds one."""
    having = [page for page in pages if page.comments]
    sets = {
        "WEB-FORUM-52": [page for page in having if page.set == tracks.HUMAN],
        "articles": [page for page in having if page.kind == "article"],
        "threads": [page for page in having if page.kind in tracks.THREADS and page.set != tracks.HUMAN],
    }
    for tool, comments in TOOLS.items():
        for name, chosen in sets.items():
            counts = judge(comments, chosen)
            print(f"{tool} on {name}: F1 {counts.f1:.3f} P {counts.precision:.3f} R {counts.recall:.3f}")


def _speed(pages: list[GoldPage], worst: int) -> None:
    for with_article in (True, False):
        rate = tracks.speed(pages, with_article=with_article)
        print(f"pages/s {'with' if with_article else 'without'} article: {rate:.1f}")


def _show(title: str, result: Result, worst: int) -> None:
    counts = result.counts
    fields = " ".join(
        f"{name} {value:.3f}/{result.fields.asked[name]}"
        for name in ("author", "date", "parent")
        if (value := result.fields.accuracy(name)) is not None
    )
    print(
        f"{title}: F1 {counts.f1:.3f} P {counts.precision:.3f} R {counts.recall:.3f} gold {counts.gold} "
        f"whole pages {counts.whole}/{counts.pages} {fields}"
    )
    if result.held is not None:
        ceiling = 2 * counts.right / (counts.found + result.held)
        print(f"    the rendering holds {result.held} of {counts.gold} comments; F1 of these {ceiling:.3f}")
    for value, name in sorted(result.worst)[:worst]:
        print(f"    {value:.3f} {name}")
    for seconds, name in sorted(result.seconds, reverse=True)[: min(worst, 2)]:
        print(f"    {seconds:.2f} s {name}")


TRACKS: dict[str, Callable[[list[GoldPage], int], None]] = {
    "human": _human,
    "articles": _articles,
    "threads": _threads,
    "derived": _derived,
    "leak": _leak,
    "article": _article,
    "false": _false,
    "text": _text,
    "tools": _tools,
    "speed": _speed,
}

if __name__ == "__main__":
    main()
