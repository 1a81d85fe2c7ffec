"""Who reads what is said: client, station or both; drafts and lists know it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what stations wrote until now is found by the desk alone."""
    for table, name in (("assistances", "preview_to"), ("reply_drafts", "hearers")):
        to = sa.Column(
            name, sa.String(length=7), nullable=False, server_default="client"
        )
        op.add_column(table, to)
    what = sa.Column(
        "preview_what", sa.String(length=10), nullable=False, server_default=""
    )
    op.add_column("assistances", what)
    amount = sa.Column(
        "preview_amount", sa.Integer(), nullable=False, server_default=sa.text("0")
    )
    op.add_column("assistances", amount)
    op.execute(
        "UPDATE assistances SET preview_to = 'station' WHERE preview_by = 'station'"
    )
    _keep_from_clients()


def _keep_from_clients() -> None:
    """Say of the words of stations that no client reads them."""
    # The history is append only, but for whoever opens this gate.
    op.execute("INSERT INTO erasure_gate (reason) VALUES ('0014')")
    op.execute(
        "UPDATE events SET is_internal = true WHERE role = 'station'"
        " AND kind IN ('MessageAdded', 'MessageEdited', 'FilesJoined')"
    )
    op.execute("DELETE FROM erasure_gate")
    op.execute(
        "UPDATE search_texts SET is_internal = true WHERE event_id IN ("
        "SELECT id FROM events WHERE role = 'station'"
        " AND kind IN ('MessageAdded', 'MessageEdited', 'FilesJoined'))"
    )
