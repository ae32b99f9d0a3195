"""Whose words an article holds and whether they were erased; when an earlier text was received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("article", sa.Column("kind", sa.String()))
    op.add_column("article", sa.Column("erased_at", Instant()))
    op.add_column("revision", sa.Column("received_at", Instant()))
