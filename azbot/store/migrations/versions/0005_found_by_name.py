"""People and stations found by name; lists by status and by owner from an index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from azbot.store.search import searchable

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 500

_people = sa.table(
    "people",
    sa.column("id", _ID),
    sa.column("name", sa.Text()),
    sa.column("company", sa.Text()),
    sa.column("folded", sa.Text()),
)
_addresses = sa.table(
    "addresses",
    sa.column("person_id", _ID),
    sa.column("email", sa.Text()),
    sa.column("rank", sa.Integer()),
)
_assistances = sa.table(
    "assistances",
    sa.column("id", _ID),
    sa.column("requester_id", _ID),
    sa.column("station", sa.Text()),
)
_texts = sa.table("search_texts", sa.column("id", _ID), sa.column("folded", sa.Text()))
_SHIFT = 20


def upgrade() -> None:
    """Add the words of people, put them into the search, add the indexes."""
    op.add_column(
        "people", sa.Column("folded", sa.Text(), nullable=False, server_default="")
    )
    op.create_index(
        "ix_assistances_status_updated_at_id",
        "assistances",
        ["status", "updated_at", "id"],
        unique=False,
    )
    open_ones = sa.text(
        "owner_id IS NOT NULL AND status NOT IN ('closed', 'cancelled')"
    )
    op.create_index(
        "ix_assistances_open_of_owner",
        "assistances",
        ["owner_id", "updated_at", "id"],
        unique=False,
        sqlite_where=open_ones,
        postgresql_where=open_ones,
    )
    folded = _name_people(op.get_bind())
    _name_requesters(op.get_bind(), folded)


def _name_people(connection: sa.Connection) -> Mapping[int, str]:
    emails: dict[int, list[str]] = {}
    query = sa.select(_addresses).order_by(_addresses.c.person_id, _addresses.c.rank)
    for row in connection.execute(query):
        emails.setdefault(row.person_id, []).append(row.email)
    folded = {
        row.id: " "
        + searchable(" ".join((row.name, row.company, *emails.get(row.id, ()))))
        for row in connection.execute(sa.select(_people)).all()
    }
    _change(connection, _people, [{"key": k, "words": w} for k, w in folded.items()])
    return folded


def _name_requesters(connection: sa.Connection, folded: Mapping[int, str]) -> None:
    last = 0
    query = (
        sa.select(_assistances, _texts.c.id.label("text"), _texts.c.folded)
        .join(_texts, _texts.c.id == _assistances.c.id * 2**_SHIFT)
        .order_by(_assistances.c.id)
        .limit(_BATCH)
    )
    while rows := connection.execute(query.where(_assistances.c.id > last)).all():
        last = rows[-1].id
        changes = [
            {
                "key": row.text,
                "words": searchable(
                    f"{row.folded} {row.station} {folded.get(row.requester_id, '')}"
                ),
            }
            for row in rows
        ]
        _change(connection, _texts, changes)


def _change(
    connection: sa.Connection, table: sa.TableClause, rows: list[dict[str, Any]]
) -> None:
    change = (
        sa.update(table)
        .where(table.c.id == sa.bindparam("key"))
        .values(folded=sa.bindparam("words"))
    )
    if rows:
        connection.execute(change, rows)
