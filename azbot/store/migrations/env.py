"""How Alembic reaches the database: through the connection it is handed."""

from __future__ import annotations

from alembic import context

from azbot.store.schema import metadata


def include_name(name: str | None, _kind: str, _parents: object) -> bool:
    """Leave out what the metadata cannot say: full-text tables and indexes."""
    return not (name or "").startswith(("search_index", "place_index", "ft_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=include_name,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
