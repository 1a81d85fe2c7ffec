"""Who is who in a chat: numbers that prove somebody, and what an account was told."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

_people = sa.table(
    "people",
    sa.column("id", _ID),
    sa.column("kind", sa.String()),
    sa.column("phones", sa.Text()),
)
_known = sa.table(
    "known_phones", sa.column("phone", sa.String()), sa.column("person_id", _ID)
)


def upgrade() -> None:
    """Add them; of the numbers known so far those of stations prove something."""
    op.create_table(
        "known_phones",
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("person_id", _ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_known_phones_person_id"
        ),
        sa.PrimaryKeyConstraint("phone", "person_id", name="pk_known_phones"),
    )
    op.create_index("ix_known_phones_person_id", "known_phones", ["person_id"])
    _trust_the_desk(op.get_bind())
    for column in (
        sa.Column(
            "mails_too", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.Column("greeted_at", _INSTANT, nullable=True),
        sa.Column("offered", sa.String(length=20), server_default="", nullable=False),
    ):
        op.add_column("chats", column)


def _trust_the_desk(connection: sa.Connection) -> None:
    """Keep the numbers of stations' contacts: the desk wrote them, nobody else."""
    it = _people.c
    query = sa.select(it.id, it.phones).where(it.kind == "station")
    rows = [
        {"phone": phone, "person_id": row.id}
        for row in connection.execute(query)
        for phone in dict.fromkeys(json.loads(row.phones))
        if 0 < len(phone) <= 20
    ]
    if rows:
        connection.execute(sa.insert(_known), rows)
