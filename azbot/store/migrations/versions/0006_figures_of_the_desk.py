"""Indexes that hold all the statistics read, so that no document is read past."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add one for what was opened, one for what was closed."""
    op.create_index(
        "ix_assistances_opened_figures",
        "assistances",
        ["opened_at", "service", "department", "first_answer_at"],
        unique=False,
    )
    closed = sa.text("closed_at IS NOT NULL")
    op.create_index(
        "ix_assistances_closed_figures",
        "assistances",
        [
            "closed_at",
            "status",
            "service",
            "department",
            "desk_seconds",
            "client_seconds",
            "station_seconds",
            "visits",
        ],
        unique=False,
        sqlite_where=closed,
        postgresql_where=closed,
    )
