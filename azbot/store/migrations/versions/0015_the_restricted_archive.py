"""What left everyday work: since when, and the lists that are read without it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_TABLE = "assistances"
_COUNTED = "ix_assistances_status_opened_at_id"


def upgrade() -> None:
    """Add the instant; nothing is archived yet: the service does it, a few at once."""
    op.add_column(_TABLE, sa.Column("archived_at", _INSTANT, nullable=True))
    op.drop_index(_COUNTED, _TABLE)
    op.create_index(_COUNTED, _TABLE, ["status", "opened_at", "id", "archived_at"])
    rows = sa.text("archived_at IS NOT NULL")
    op.create_index(
        "ix_assistances_archived_at_id",
        _TABLE,
        ["archived_at", "id"],
        sqlite_where=rows,
        postgresql_where=rows,
    )
