"""What a finder reports: the parts of each comment that it found in a page, before ids and parents are settled."""

from __future__ import annotations

from dataclasses import dataclass, field

from data.page.tree import Element


@dataclass(slots=True)
class Found:
    """One comment or post in the tree. `parent` is the index of another one in the same list; quotes are marked."""

    element: Element
    text: str
    author: str | None = None
    author_url: str | None = None
    date_raw: str | None = None
    published: str | None = None
    engine_id: str | None = None
    parent: int | None = None
    depth: int | None = None  # where the page says it and the parent is not on the page
    status: str | None = None
    extra: dict[str, object] = field(default_factory=dict)
    others: list[Element] = field(default_factory=list)  # siblings that belong to the comment too


@dataclass(slots=True)
class Section:
    """The comments of a page as one method found them."""

    found: list[Found]
    method: str
    confidence: float
    kind: str = "article"  # a `Kind`: in threads and on question pages the first post is the article
    first_is_article: bool = False
    leftovers: list[Element] = field(default_factory=list)  # forms and headings that belong to the section
