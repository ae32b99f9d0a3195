"""Pages with their gold as `index.tsv` lists them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class GoldPage:
    """A saved page, what it holds, and how far its gold can be trusted (A, B, human; C is not scored)."""

    path: Path
    set: str
    kind: str
    platform: str
    quality: str
    gold: dict[str, Any]

    @property
    def html(self) -> bytes:
        return self.path.read_bytes()

    @property
    def comments(self) -> list[dict[str, Any]]:
        """The gold comments that hold any text; on threads the first post is among them."""
        return [comment for comment in self.gold.get("comments") or () if (comment.get("text") or "").strip()]

    @property
    def article(self) -> str | None:
        return (self.gold.get("article") or {}).get("text")


def read_pages(folder: Path) -> Iterator[GoldPage]:
    """Yield every page with gold, in the order of their names."""
    for gold_path in sorted(folder.glob("*/*.gold.json")):
        page = gold_path.with_name(gold_path.name.removesuffix(".gold.json") + ".html")
        gold = json.loads(gold_path.read_text("utf-8"))
        if page.exists() and gold.get("quality") != "C":
            yield GoldPage(page, gold_path.parent.name, gold["kind"], gold["platform"], gold["quality"], gold)
