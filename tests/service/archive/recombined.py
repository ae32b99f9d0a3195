"""A million comments out of the project's own discussions: sentences drawn anew, always the same ones for a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

DISCUSSIONS = Path(__file__).resolve().parents[3] / "data" / "demo" / "discussions.jsonl"
TOGETHER = 50  # comments under one article before the next one comes


def recombined(rows: int, seed: int = 7) -> Iterator[dict[str, Any]]:
    """Yield comments made of sentences of the project's own discussions, fifty under each article in turn."""
    numbers = random.Random(seed)
    discussions = [json.loads(line) for line in DISCUSSIONS.read_text(encoding="utf-8").splitlines()]
    sentences = [
        piece for found in discussions for comment in found["comments"] for piece in comment["text"].split(". ")
    ]
    for number in range(rows):
        about = discussions[number // TOGETHER % len(discussions)]
        year, month, day = 2020 + 5 * number // rows, numbers.randint(1, 12), numbers.randint(1, 28)
        yield {
            "id": f"g{number}",
            "published": f"{year}-{month:02d}-{day:02d}T12:00:00Z",
            "text": ". ".join(numbers.choices(sentences, k=numbers.randint(1, 3))),
            "article_title": "\n".join([about["title"], *about["paragraphs"]]),
        }


def write_table(path: Path, rows: int) -> None:
    """Write recombined comments as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        for row in recombined(rows):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
