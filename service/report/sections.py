"""Which section each article belongs to, from a table of the newsroom's own: scored archives do not know it."""

from __future__ import annotations

from collections.abc import Mapping

from data.tables.columns import Columns
from data.tables.opening import InputError, open_input
from data.tables.rows import TableRow, read_table, table_kind
from service.archive.reading import article_of

MOST_ARTICLES = 500_000  # some 100 MB


def read_sections(path: str, article_column: str, section_column: str) -> Mapping[str, str]:
    """Return the section of each article by its title; the table that was scored will do if it has both columns.

    Raises `InputError` for what is no such table.
    """
    found: dict[str, str] = {}
    columns = Columns(text=section_column, article=article_column)
    with open_input(path) as opened:
        kind = table_kind(opened.path, opened.head)
        if kind is None:
            raise InputError("is no table of articles and sections")
        for row in read_table(opened, kind, columns):
            if isinstance(row, TableRow) and row.text.strip() and row.article and row.article.strip():
                found.setdefault(article_of(row.article.strip()).title or "", row.text.strip())
            if len(found) > MOST_ARTICLES:
                raise InputError(f"names more than {MOST_ARTICLES:,} articles")
    return found
