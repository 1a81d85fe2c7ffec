"""Who was let in, found by person; and links that open nothing any more."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from azbot.store.schema import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 500

_assistances = sa.table(
    "assistances", sa.column("id", _ID), sa.column("state", sa.Text())
)
_companions = sa.table(
    "companions", sa.column("person_id", _ID), sa.column("assistance_id", _ID)
)


def upgrade() -> None:
    """Add both tables, and copy whom the states already name."""
    op.create_table(
        "companions",
        sa.Column("person_id", _ID, autoincrement=False, nullable=False),
        sa.Column("assistance_id", _ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_companions_person_id"
        ),
        sa.ForeignKeyConstraint(
            ["assistance_id"], ["assistances.id"], name="fk_companions_assistance_id"
        ),
        sa.PrimaryKeyConstraint("person_id", "assistance_id", name="pk_companions"),
    )
    op.create_table(
        "revocations",
        sa.Column("person_id", _ID, autoincrement=False, nullable=False),
        sa.Column("assistance_id", _ID, autoincrement=False, nullable=False),
        sa.Column("before", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_revocations_person_id"
        ),
        sa.PrimaryKeyConstraint("person_id", "assistance_id", name="pk_revocations"),
    )
    _copy(op.get_bind())


def _copy(bind: sa.Connection) -> None:
    it, last = _assistances.c, 0
    while True:
        query = sa.select(it.id, it.state).where(it.id > last).order_by(it.id)
        rows = bind.execute(query.limit(_BATCH)).all()
        if not rows:
            return
        last = rows[-1].id
        found = [
            {"person_id": person, "assistance_id": row.id}
            for row in rows
            for person in sorted(set(json.loads(row.state).get("joined", ())))
        ]
        if found:
            bind.execute(sa.insert(_companions), found)
