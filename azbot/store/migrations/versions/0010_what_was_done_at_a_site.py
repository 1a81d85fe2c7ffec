"""Where an assistance takes place, spelled one way: what was done there before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from azbot.forms.places import site_key

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 500

_assistances = sa.table(
    "assistances",
    sa.column("id", _ID),
    sa.column("address", sa.Text()),
    sa.column("postcode", sa.Text()),
    sa.column("country", sa.Text()),
    sa.column("site", sa.Text()),
)


def upgrade() -> None:
    """Spell every address, then index those that were visited."""
    op.add_column(
        "assistances", sa.Column("site", sa.Text(), nullable=False, server_default="")
    )
    _spell(op.get_bind())
    visited = sa.text("site <> '' AND visits > 0")
    op.create_index(
        "ix_assistances_visited_site",
        "assistances",
        ["site", "opened_at"],
        unique=False,
        sqlite_where=visited,
        postgresql_where=visited,
    )


def _spell(connection: sa.Connection) -> None:
    it, last = _assistances.c, 0
    change = (
        sa.update(_assistances)
        .where(it.id == sa.bindparam("key"))
        .values(site=sa.bindparam("spelled"))
    )
    query = sa.select(_assistances).order_by(it.id).limit(_BATCH)
    while rows := connection.execute(query.where(it.id > last)).all():
        last = rows[-1].id
        connection.execute(
            change,
            [
                {
                    "key": row.id,
                    "spelled": site_key(row.address, row.postcode, row.country or "FR"),
                }
                for row in rows
            ],
        )
