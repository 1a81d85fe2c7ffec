"""Talks: accounts, messages drawn in place, order and pace of each chat."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what a chat needs."""
    _chats()
    _order()


def _chats() -> None:
    op.create_table(
        "chats",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("account", sa.String(length=32), nullable=False),
        sa.Column("chat", sa.String(length=40), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("language", sa.String(length=5), server_default="fr", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("seen_at", _INSTANT, nullable=False),
        sa.Column("linked_at", _INSTANT, nullable=True),
        sa.Column("focus_id", _ID, nullable=True),
        sa.Column("focus_until", _INSTANT, nullable=True),
        sa.Column("room", sa.String(length=20), server_default="", nullable=False),
        sa.Column("memory", sa.Text(), server_default="{}", nullable=False),
        sa.Column(
            "revision", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_chats_person_id"
        ),
        sa.ForeignKeyConstraint(
            ["focus_id"], ["assistances.id"], name="fk_chats_focus_id"
        ),
        sa.PrimaryKeyConstraint("channel", "account", name="pk_chats"),
    )
    linked = sa.text("person_id IS NOT NULL")
    op.create_index(
        "ix_chats_person_id",
        "chats",
        ["person_id"],
        unique=False,
        sqlite_where=linked,
        postgresql_where=linked,
    )
    op.create_index("ix_chats_channel_chat", "chats", ["channel", "chat"])
    op.create_table(
        "chat_slots",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("chat", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.String(length=40), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), server_default="", nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("channel", "chat", "slot", name="pk_chat_slots"),
    )
    op.create_table(
        "chat_paces",
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("chat", sa.String(length=40), nullable=False),
        sa.Column("free_at", _INSTANT, nullable=False),
        sa.Column("paused_until", _INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("channel", "chat", name="pk_chat_paces"),
    )
    op.create_index(
        "ix_chat_paces_channel_free_at", "chat_paces", ["channel", "free_at"]
    )


def _order() -> None:
    op.add_column(
        "raw_messages",
        sa.Column("lane", sa.Text(), server_default="", nullable=False),
    )
    waiting = sa.text("state = 'received' AND lane <> ''")
    op.create_index(
        "ix_raw_messages_lane",
        "raw_messages",
        ["channel", "lane"],
        unique=False,
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.add_column(
        "outbox",
        sa.Column(
            "priority", sa.SmallInteger(), server_default=sa.text("2"), nullable=False
        ),
    )
    op.add_column(
        "outbox",
        sa.Column(
            "stops_lane", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
    )
    pending = sa.text("state = 'pending'")
    op.drop_index("ix_outbox_lane", table_name="outbox")
    op.create_index(
        "ix_outbox_lane",
        "outbox",
        [
            "channel",
            "address",
            "id",
            "priority",
            "due_at",
            "stops_lane",
            "lease_until",
            "state",
        ],
        unique=False,
        sqlite_where=pending,
        postgresql_where=pending,
    )
    answers = sa.text("state = 'pending' AND priority = 0")
    op.create_index(
        "ix_outbox_answers",
        "outbox",
        ["channel", "id"],
        unique=False,
        sqlite_where=answers,
        postgresql_where=answers,
    )
