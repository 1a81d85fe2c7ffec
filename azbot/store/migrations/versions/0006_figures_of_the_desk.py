"""Indexes that hold all the statistics read, so that no document is read past."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


_INDEXES: tuple[tuple[str, str, list[str], str | None], ...] = (
    (
        "ix_assistances_opened_figures",
        "assistances",
        ["opened_at", "service", "department", "first_answer_at"],
        None,
    ),
    (
        "ix_assistances_closed_figures",
        "assistances",
        [
            *("closed_at", "status", "service", "department"),
            *("desk_seconds", "client_seconds", "station_seconds", "visits"),
        ],
        "closed_at IS NOT NULL",
    ),
    (
        "ix_assistances_held",
        "assistances",
        ["station_id", "status"],
        "status IN ('assigned', 'underway')",
    ),
    (
        "ix_missions_figures",
        "missions",
        [
            *("proposed_at", "station_id", "status"),
            *("refusal", "answered_at", "assistance_id"),
        ],
        None,
    ),
    (
        "ix_missions_declined",
        "missions",
        ["proposed_at", "station_id"],
        "status = 'refused'",
    ),
)
"""Name, table, columns, and which rows."""


def upgrade() -> None:
    """Make them; one that is the beginning of a new one goes."""
    for name, table, columns, rows in _INDEXES:
        where = None if rows is None else sa.text(rows)
        op.create_index(
            name,
            table,
            columns,
            unique=False,
            sqlite_where=where,
            postgresql_where=where,
        )
    op.drop_index("ix_missions_proposed_at", "missions")
