"""How large the report of 100,000 comments is, and how long Chromium takes to open it, on a desk's and a phone's width.

    python tests/service/report/opening.py [--rows N]

The scores are drawn at random, so that every chart is full; a line of JSON says what was measured.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from data.records import Comment  # noqa: E402
from model.scores import ATTRIBUTES, CommentScores  # noqa: E402
from service.archive.columns import scored_row  # noqa: E402
from service.archive.reading import Row, article_of  # noqa: E402
from service.policy import Policy  # noqa: E402
from service.report.page import render_report  # noqa: E402
from service.report.totals import totals_of  # noqa: E402
from tests.service.archive.recombined import recombined  # noqa: E402

CHROMIUM = "/usr/bin/chromium"
TIMES = 5
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"


def rows(count: int) -> Iterator[list[dict[str, Any]]]:
    """Yield scored rows in batches; most comments are harmless, as on a site."""
    numbers = random.Random(1)
    for found in recombined(count):
        level = numbers.betavariate(0.6, 4)
        scores: dict[str, float | None] = {name: min(1.0, level * numbers.uniform(0.2, 1.3)) for name in ATTRIBUTES}
        scores |= {"sarcasm": numbers.betavariate(1, 3), "relevance": numbers.betavariate(5, 1.5)}
        comment = Comment(found["id"], found["text"], None, found["published"])
        row = Row(f"{found['published'][:4]}.csv", comment, article_of(found["article_title"]))
        yield [scored_row(row, CommentScores(scores, "en"), Policy(), "drawn at random")]


def measure(count: int, folder: Path) -> dict[str, Any]:
    """Draw the report and open it."""
    from playwright.sync_api import sync_playwright

    started = time.perf_counter()
    page_file = folder / "report.html"
    page_file.write_text(render_report(totals_of(rows(count)), "A large archive", datetime.now(UTC)), encoding="utf-8")
    drawn = time.perf_counter() - started
    opened: dict[str, list[float]] = {}
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        for name, width in (("desk", 1280), ("phone", 390)):
            for _ in range(TIMES):
                page = browser.new_page(viewport={"width": width, "height": 900})
                page.goto(page_file.as_uri())
                opened.setdefault(name, []).append(round(page.evaluate(LOADED) / 1000, 3))
                page.close()
        browser.close()
    return {
        "comments": count,
        "megabytes": round(page_file.stat().st_size / 1e6, 2),
        "seconds_to_draw": round(drawn, 1),
        "seconds_to_open": opened,
    }


def main() -> None:
    """Measure in a folder of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        sys.stdout.write(json.dumps(measure(options.rows, Path(name))) + "\n")


if __name__ == "__main__":
    main()
