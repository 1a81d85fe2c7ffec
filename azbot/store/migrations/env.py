"""How Alembic reaches the database: through the connection it is handed."""

from __future__ import annotations

from alembic import context

from azbot.store.migrations.scope import include_name
from azbot.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
