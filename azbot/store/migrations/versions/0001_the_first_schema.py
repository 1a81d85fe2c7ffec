"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_FULL_TEXT = (
    ("search_index", "search_texts", "folded"),
    ("place_index", "assistances", "place"),
)
_REFUSE_CHANGE = (
    "CREATE TRIGGER events_no_{verb} BEFORE {verb} ON events"
    " WHEN NOT EXISTS (SELECT 1 FROM erasure_gate)"
    " BEGIN SELECT RAISE(ABORT, 'the history is append only'); END"
)
# FTS5 keeps an index over another table's text; triggers tell it of changes.
_ADD_WORDS = "INSERT INTO {name}(rowid, {column}) VALUES (new.id, new.{column});"
_DROP_WORDS = (
    "INSERT INTO {name}({name}, rowid, {column})"
    " VALUES ('delete', old.id, old.{column});"
)


def upgrade() -> None:
    """The first schema."""
    op.create_table(
        "erasure_gate",
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reason", name="pk_erasure_gate"),
    )
    op.create_table(
        "idempotency",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("response", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"], unique=False)

    op.create_table(
        "identities",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last", _ID, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_identities"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("assistance_id", _ID, nullable=True),
        sa.Column("event_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("group_key", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "is_optional", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), server_default="[]", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("claims", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("leased_by", sa.String(length=100), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column(
            "attempts", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column("first_attempt_at", _INSTANT, nullable=True),
        sa.Column("error", sa.Text(), server_default="", nullable=False),
        sa.Column("message_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("remote_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_outbox_assistance_id_sent_at",
        "outbox",
        ["assistance_id", "sent_at"],
        unique=False,
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["due_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_outbox_group_key_sent_at",
        "outbox",
        ["group_key", "sent_at"],
        unique=False,
        sqlite_where=sa.text("group_key <> ''"),
        postgresql_where=sa.text("group_key <> ''"),
    )
    op.create_index(
        "ix_outbox_lane",
        "outbox",
        ["channel", "address"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_index(
        "ix_outbox_message_id",
        "outbox",
        ["message_id"],
        unique=False,
        sqlite_where=sa.text("message_id <> ''"),
        postgresql_where=sa.text("message_id <> ''"),
    )
    op.create_index("ix_outbox_state_id", "outbox", ["state", "id"], unique=False)

    op.create_table(
        "raw_messages",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("position", _ID, nullable=False),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("size", _ID, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("assistance_id", _ID, nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=True),
        sa.Column("message_id", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("claims", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("leased_by", sa.String(length=100), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("blob", sa.String(length=64), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_raw_messages"),
        sa.UniqueConstraint(
            "source", "position", name="uq_raw_messages_source_position"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_raw_messages_assistance_id",
        "raw_messages",
        ["assistance_id"],
        unique=False,
        sqlite_where=sa.text("assistance_id IS NOT NULL"),
        postgresql_where=sa.text("assistance_id IS NOT NULL"),
    )
    op.create_index(
        "ix_raw_messages_sender",
        "raw_messages",
        ["sender"],
        unique=False,
        sqlite_where=sa.text("sender <> ''"),
        postgresql_where=sa.text("sender <> ''"),
    )
    op.create_index(
        "ix_raw_messages_state_id", "raw_messages", ["state", "id"], unique=False
    )
    op.create_index(
        "ix_raw_messages_waiting",
        "raw_messages",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'received'"),
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_index(
        "uq_raw_messages_fingerprint",
        "raw_messages",
        ["fingerprint"],
        unique=True,
        sqlite_where=sa.text("state <> 'received' AND state <> 'duplicate'"),
        postgresql_where=sa.text("state <> 'received' AND state <> 'duplicate'"),
    )

    op.create_table(
        "reference_counters",
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("year", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("country", "year", name="pk_reference_counters"),
    )
    op.create_table(
        "seen_files",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("scope", "sha256", name="pk_seen_files"),
    )
    op.create_table(
        "settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_settings"),
    )
    op.create_table(
        "stations",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("zones", sa.Text(), server_default="[]", nullable=False),
        sa.Column("zone_name", sa.String(length=64), nullable=False),
        sa.Column("speciality", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name="pk_stations"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "people",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("company", sa.Text(), server_default="", nullable=False),
        sa.Column("phones", sa.Text(), server_default="[]", nullable=False),
        sa.Column("language", sa.String(length=5), server_default="fr", nullable=False),
        sa.Column("station_id", _ID, nullable=True),
        sa.Column(
            "notices_off", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "is_verified", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "account_type", sa.String(length=12), server_default="", nullable=False
        ),
        sa.Column(
            "is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name="fk_people_station_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_people_kind", "people", ["kind"], unique=False)
    op.create_index("ix_people_station_id", "people", ["station_id"], unique=False)

    op.create_table(
        "addresses",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("person_id", _ID, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_addresses_person_id"
        ),
        sa.PrimaryKeyConstraint("key", name="pk_addresses"),
    )
    op.create_index("ix_addresses_person_id", "addresses", ["person_id"], unique=False)

    op.create_table(
        "api_tokens",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_api_tokens_person_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_api_tokens"),
        sa.UniqueConstraint("hash", name="uq_api_tokens_hash"),
        sa.UniqueConstraint("name", name="uq_api_tokens_name"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "assistances",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), server_default="", nullable=False),
        sa.Column("postcode", sa.Text(), server_default="", nullable=False),
        sa.Column("department", sa.String(length=3), server_default="", nullable=False),
        sa.Column("town", sa.Text(), server_default="", nullable=False),
        sa.Column("address", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("own_number", sa.Text(), server_default="", nullable=False),
        sa.Column("requester_id", _ID, nullable=False),
        sa.Column("contact_id", _ID, nullable=True),
        sa.Column("station_id", _ID, nullable=True),
        sa.Column("station", sa.Text(), server_default="", nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("updated_at", _INSTANT, nullable=False),
        sa.Column("planned_at", _INSTANT, nullable=True),
        sa.Column("waiting_since", _INSTANT, nullable=True),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column(
            "documents", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "messages", sa.Integer(), server_default=sa.text("0"), nullable=False
        ),
        sa.Column(
            "needs_agent", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "is_completed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
        ),
        sa.Column(
            "is_silent", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column(
            "cancellation_asked",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["people.id"], name="fk_assistances_contact_id"
        ),
        sa.ForeignKeyConstraint(
            ["requester_id"], ["people.id"], name="fk_assistances_requester_id"
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name="fk_assistances_station_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assistances"),
        sa.UniqueConstraint("ref", name="uq_assistances_ref"),
    )
    op.create_index(
        "ix_assistances_cancellation_asked",
        "assistances",
        ["opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("cancellation_asked = 1"),
        postgresql_where=sa.text("cancellation_asked"),
    )
    op.create_index(
        "ix_assistances_contact_id", "assistances", ["contact_id"], unique=False
    )
    op.create_index(
        "ix_assistances_department_opened_at",
        "assistances",
        ["department", "opened_at"],
        unique=False,
    )
    op.create_index(
        "ix_assistances_is_completed",
        "assistances",
        ["opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("is_completed = 1"),
        postgresql_where=sa.text("is_completed"),
    )
    op.create_index(
        "ix_assistances_is_silent",
        "assistances",
        ["opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("is_silent = 1"),
        postgresql_where=sa.text("is_silent"),
    )
    op.create_index(
        "ix_assistances_needs_agent",
        "assistances",
        ["opened_at", "id"],
        unique=False,
        sqlite_where=sa.text("needs_agent = 1"),
        postgresql_where=sa.text("needs_agent"),
    )
    op.create_index(
        "ix_assistances_opened_at_id", "assistances", ["opened_at", "id"], unique=False
    )
    op.create_index(
        "ix_assistances_own_number",
        "assistances",
        ["own_number"],
        unique=False,
        sqlite_where=sa.text("own_number <> ''"),
        postgresql_where=sa.text("own_number <> ''"),
    )
    op.create_index(
        "ix_assistances_planned_at_id",
        "assistances",
        ["planned_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_assistances_requester_id_opened_at",
        "assistances",
        ["requester_id", "opened_at"],
        unique=False,
    )
    op.create_index(
        "ix_assistances_service_opened_at",
        "assistances",
        ["service", "opened_at"],
        unique=False,
    )
    op.create_index(
        "ix_assistances_station_id_opened_at",
        "assistances",
        ["station_id", "opened_at"],
        unique=False,
    )
    op.create_index(
        "ix_assistances_status_opened_at_id",
        "assistances",
        ["status", "opened_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_assistances_updated_at_id",
        "assistances",
        ["updated_at", "id"],
        unique=False,
    )

    op.create_table(
        "events",
        sa.Column("id", _ID, autoincrement=True, nullable=False),
        sa.Column("assistance_id", _ID, nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("station_id", _ID, nullable=True),
        sa.Column("trust", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("before", sa.String(length=10), nullable=True),
        sa.Column("after", sa.String(length=10), nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "is_internal", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("data", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assistance_id"], ["assistances.id"], name="fk_events_assistance_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("assistance_id", "seq", name="uq_events_assistance_id_seq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_texts",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("assistance_id", _ID, nullable=False),
        sa.Column("event_id", _ID, nullable=False),
        sa.Column(
            "is_internal", sa.Boolean(), server_default=sa.text("false"), nullable=False
        ),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assistance_id"], ["assistances.id"], name="fk_search_texts_assistance_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_search_texts"),
    )
    op.create_table(
        "threads",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("assistance_id", _ID, nullable=False),
        sa.Column("person_id", _ID, nullable=True),
        sa.ForeignKeyConstraint(
            ["assistance_id"], ["assistances.id"], name="fk_threads_assistance_id"
        ),
        sa.PrimaryKeyConstraint("message_id", "direction", name="pk_threads"),
    )
    op.create_index(
        "ix_threads_assistance_id", "threads", ["assistance_id"], unique=False
    )

    op.create_table(
        "timers",
        sa.Column("assistance_id", _ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("claims", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("leased_by", sa.String(length=100), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["assistance_id"], ["assistances.id"], name="fk_timers_assistance_id"
        ),
        sa.PrimaryKeyConstraint("assistance_id", "kind", "subject", name="pk_timers"),
    )
    op.create_index("ix_timers_due_at", "timers", ["due_at"], unique=False)
    _append_only()
    _full_text()


def _append_only() -> None:
    """The history refuses changes unless the same transaction opened the gate."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION azbot_append_only() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN IF EXISTS (SELECT 1 FROM erasure_gate) THEN"
            " RETURN coalesce(NEW, OLD); END IF;"
            " RAISE EXCEPTION 'the history is append only'"
            " USING ERRCODE = 'restrict_violation'; END $$"
        )
        op.execute(
            "CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events"
            " FOR EACH ROW EXECUTE FUNCTION azbot_append_only()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(_REFUSE_CHANGE.format(verb=verb))


def _full_text() -> None:
    """What words find; the text itself is folded before it is stored."""
    if op.get_bind().dialect.name == "postgresql":
        for name, table, column in _FULL_TEXT:
            op.execute(
                f"CREATE INDEX {name} ON {table}"
                f" USING gin (to_tsvector('simple', {column}))"
            )
        return
    for name, table, column in _FULL_TEXT:
        op.execute(
            f"CREATE VIRTUAL TABLE {name} USING fts5({column}, content='{table}',"
            " content_rowid='id', prefix='2 3',"
            " tokenize='unicode61 remove_diacritics 2')"
        )
        drop = _DROP_WORDS.format(name=name, column=column)
        add = _ADD_WORDS.format(name=name, column=column)
        op.execute(f"CREATE TRIGGER {name}_add AFTER INSERT ON {table} BEGIN {add} END")
        op.execute(
            f"CREATE TRIGGER {name}_drop AFTER DELETE ON {table} BEGIN {drop} END"
        )
        op.execute(
            f"CREATE TRIGGER {name}_change AFTER UPDATE OF {column} ON {table}"
            f" WHEN old.{column} IS NOT new.{column} BEGIN {drop} {add} END"
        )
