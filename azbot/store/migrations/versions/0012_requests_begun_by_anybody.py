"""What somebody has begun to ask for in a chat, known to us or not (ux.md 10.4)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_KEPT = ("key", "answers", "step", "files", "updated_at")


def upgrade() -> None:
    """Let a draft belong to an account that is nobody's yet.

    Neither database changes what a primary key is made of without copying: the few
    rows there are travel by hand.
    """
    connection = op.get_bind()
    found = connection.execute(sa.text("SELECT * FROM request_drafts")).all()
    op.drop_table("request_drafts")
    made = op.create_table(
        "request_drafts",
        sa.Column("owner", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("files", sa.Text(), server_default="[]", nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column(
            "revision", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("memory", sa.Text(), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("owner", name="pk_request_drafts"),
    )
    rows = [
        {"owner": f"person:{row.person_id}"}
        | {name: getattr(row, name) for name in _KEPT}
        for row in found
    ]
    if rows:
        op.bulk_insert(made, rows)
