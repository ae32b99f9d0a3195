"""Alembic's entry: runs on the connection and in the transaction that `service.store.database` opened."""

from __future__ import annotations

from alembic import context

from service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=False,  # the transaction around it is ours
)
context.run_migrations()
