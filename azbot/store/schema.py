"""The tables, as SQLAlchemy Core sees them; migrations make them (house.md §2).

Instants are aware and UTC everywhere: ``timestamptz`` on PostgreSQL, text of fixed
width on SQLite, which sorts like the instants do. Documents (``state``, ``data``,
``facts``) are JSON in a text column on both databases: ``jsonb`` would turn the
answer ``1e30`` into an integer, and answers must come back as they were.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine
from typing_extensions import override

HEAD = "0015"
"""The migration this code expects; a test compares it with the newest one."""

APPLICATION_ID = 0x617A_626F
"""SQLite's ``application_id`` of our files: "azbo"."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, always UTC in the database and in Python."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = DateTime(timezone=True)
    cache_ok: bool | None = True

    @override
    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text of fixed width on SQLite, which knows no instants."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(32))
        return dialect.type_descriptor(DateTime(timezone=True))

    @override
    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Return the conversion itself: each unit of work makes dozens."""
        return _as_text if dialect.name == "sqlite" else _as_utc

    @override
    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], Any]:
        """Return what reads what ``bind_processor`` wrote."""
        return _from_text if dialect.name == "sqlite" else _as_utc


def _as_utc(at: datetime | None) -> datetime | None:
    """Return an instant in UTC.

    Raises:
        ValueError: it has no time zone.
    """
    if at is None or at.tzinfo is UTC:
        return at
    if at.tzinfo is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC)


def _as_text(at: datetime | None) -> str | None:
    utc = _as_utc(at)
    return None if utc is None else utc.isoformat(timespec="microseconds")


def _from_text(words: str | None) -> datetime | None:
    return None if words is None else datetime.fromisoformat(words)


BigId = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigId, primary_key=True, autoincrement=True)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=text("false"))


def _partial(name: str, where: str, *columns: str, unique: bool = False) -> Index:
    """An index over some rows: the others cost it nothing."""
    rows = text(where)
    return Index(
        name, *columns, unique=unique, sqlite_where=rows, postgresql_where=rows
    )


def _flagged(flag: str) -> Index:
    """An index over the few assistances whose flag is up."""
    return Index(
        f"ix_assistances_{flag}",
        "opened_at",
        "id",
        sqlite_where=text(f"{flag} = 1"),
        postgresql_where=text(flag),
    )


def _lease() -> tuple[Column[Any], ...]:
    """The columns ``azbot.store.leases`` works with."""
    return (
        Column("claims", Integer, nullable=False, server_default=text("0")),
        Column("leased_by", String(100)),
        Column("lease_until", UtcDateTime),
    )


# --- who -----------------------------------------------------------------------

stations = Table(
    "stations",
    metadata,
    _id(),
    Column("company", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False, server_default=""),
    Column("zones", Text, nullable=False, server_default="[]"),
    Column("zone_name", String(64), nullable=False),
    Column("speciality", Text, nullable=False, server_default=""),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    sqlite_autoincrement=True,
)

people = Table(
    "people",
    metadata,
    _id(),
    Column("kind", String(10), nullable=False),
    Column("name", Text, nullable=False, server_default=""),
    Column("company", Text, nullable=False, server_default=""),
    Column("phones", Text, nullable=False, server_default="[]"),
    Column("language", String(5), nullable=False, server_default="fr"),
    Column("station_id", BigId, ForeignKey(stations.c.id), index=True),
    _flag("notices_off"),
    _flag("is_verified"),
    Column("account_type", String(12), nullable=False, server_default=""),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    # Words of name, company and addresses, a space before each.
    Column("folded", Text, nullable=False, server_default=""),
    Index("ix_people_kind", "kind"),
    sqlite_autoincrement=True,
)

addresses = Table(
    "addresses",
    metadata,
    Column("key", Text, primary_key=True),
    Column("person_id", BigId, ForeignKey(people.c.id), nullable=False, index=True),
    Column("email", Text, nullable=False),
    Column("rank", Integer, nullable=False),
)

known_phones = Table(
    "known_phones",
    metadata,
    # Numbers that prove who calls: given by somebody who was known, or by the desk.
    Column("phone", String(20), primary_key=True),
    Column(
        "person_id",
        BigId,
        ForeignKey(people.c.id),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
)

HELD_BY_A_STATION = "status IN ('assigned', 'underway')"
DECLINED = "status = 'refused'"
VISITED_SITE = "site <> '' AND visits > 0"

# --- assistances ----------------------------------------------------------------

reference_counters = Table(
    "reference_counters",
    metadata,
    Column("country", String(2), primary_key=True),
    Column("year", SmallInteger, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
)

assistances = Table(
    "assistances",
    metadata,
    # Given by ``identities`` before the row exists: the reference is told first.
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("ref", String(16), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("status", String(10), nullable=False),
    Column("service", String(20)),
    Column("country", String(2), nullable=False, server_default=""),
    Column("postcode", Text, nullable=False, server_default=""),
    Column("department", String(3), nullable=False, server_default=""),
    Column("town", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False, server_default=""),
    Column("own_number", Text, nullable=False, server_default=""),
    Column("requester_id", BigId, ForeignKey(people.c.id), nullable=False),
    Column("contact_id", BigId, ForeignKey(people.c.id)),
    Column("station_id", BigId, ForeignKey(stations.c.id)),
    Column("station", Text, nullable=False, server_default=""),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("planned_at", UtcDateTime),
    Column("waiting_since", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("documents", Integer, nullable=False, server_default=text("0")),
    Column("messages", Integer, nullable=False, server_default=text("0")),
    _flag("needs_agent"),
    _flag("is_completed"),
    _flag("is_silent"),
    _flag("cancellation_asked"),
    Column("state", Text, nullable=False),
    Column("opened_via", String(20), nullable=False, server_default=""),
    Column("company", Text, nullable=False, server_default=""),
    Column("owner_id", BigId),
    Column("owner", Text, nullable=False, server_default=""),
    Column("attention", String(16)),
    Column("attention_since", UtcDateTime),
    Column("snoozed_until", UtcDateTime),
    Column("inbound", Integer, nullable=False, server_default=text("0")),
    Column("channel", String(20), nullable=False, server_default=""),
    Column("preview", Text, nullable=False, server_default=""),
    Column("preview_by", String(10), nullable=False, server_default=""),
    Column("preview_at", UtcDateTime),
    # Who reads the newest message, and what it is when it has no words.
    Column("preview_to", String(7), nullable=False, server_default="client"),
    Column("preview_what", String(10), nullable=False, server_default=""),
    Column("preview_amount", Integer, nullable=False, server_default=text("0")),
    Column("tags", Text, nullable=False, server_default=""),
    Column("tag_keys", Text, nullable=False, server_default=""),
    _flag("is_to_approve"),
    Column("visits", Integer, nullable=False, server_default=text("0")),
    Column("first_answer_at", UtcDateTime),
    Column("desk_seconds", BigInteger, nullable=False, server_default=text("0")),
    Column("client_seconds", BigInteger, nullable=False, server_default=text("0")),
    Column("station_seconds", BigInteger, nullable=False, server_default=text("0")),
    Column("site", Text, nullable=False, server_default=""),
    # Since when it is in the restricted archive: out of everyday work.
    Column("archived_at", UtcDateTime),
    _partial("ix_assistances_own_number", "own_number <> ''", "own_number"),
    Index("ix_assistances_opened_at_id", "opened_at", "id"),
    Index("ix_assistances_updated_at_id", "updated_at", "id"),
    # The last column for the counts alone: what is archived is not among them.
    Index(
        "ix_assistances_status_opened_at_id",
        "status",
        "opened_at",
        "id",
        "archived_at",
    ),
    _partial(
        "ix_assistances_archived_at_id",
        "archived_at IS NOT NULL",
        "archived_at",
        "id",
    ),
    Index("ix_assistances_requester_id_opened_at", "requester_id", "opened_at"),
    Index("ix_assistances_contact_id", "contact_id"),
    Index("ix_assistances_station_id_opened_at", "station_id", "opened_at"),
    Index("ix_assistances_planned_at_id", "planned_at", "id"),
    Index("ix_assistances_service_opened_at", "service", "opened_at"),
    Index("ix_assistances_department_opened_at", "department", "opened_at"),
    _flagged("needs_agent"),
    _flagged("is_completed"),
    _flagged("is_silent"),
    _flagged("cancellation_asked"),
    _flagged("is_to_approve"),
    Index("ix_assistances_channel_opened_at", "channel", "opened_at"),
    _partial(
        "ix_assistances_attention_since_id",
        "attention_since IS NOT NULL AND snoozed_until IS NULL",
        "attention_since",
        "id",
    ),
    _partial(
        "ix_assistances_snoozed_until_id",
        "snoozed_until IS NOT NULL",
        "snoozed_until",
        "id",
    ),
    _partial(
        "ix_assistances_owner_id_opened_at",
        "owner_id IS NOT NULL",
        "owner_id",
        "opened_at",
    ),
    Index("ix_assistances_status_updated_at_id", "status", "updated_at", "id"),
    _partial(
        "ix_assistances_open_of_owner",
        "owner_id IS NOT NULL AND status NOT IN ('closed', 'cancelled')",
        "owner_id",
        "updated_at",
        "id",
    ),
    _partial("ix_assistances_tagged", "tag_keys <> ''", "opened_at", "id"),
    # All that figures read: the document stands in the row, and is long.
    Index(
        "ix_assistances_opened_figures",
        "opened_at",
        "service",
        "department",
        "first_answer_at",
    ),
    _partial(
        "ix_assistances_closed_figures",
        "closed_at IS NOT NULL",
        "closed_at",
        "status",
        "service",
        "department",
        "desk_seconds",
        "client_seconds",
        "station_seconds",
        "visits",
    ),
    _partial("ix_assistances_held", HELD_BY_A_STATION, "station_id", "status"),
    _partial("ix_assistances_visited_site", VISITED_SITE, "site", "opened_at"),
)

missions = Table(
    "missions",
    metadata,
    # A copy of what the state says, for figures about stations.
    Column(
        "assistance_id",
        BigId,
        ForeignKey(assistances.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("station_id", BigId, ForeignKey(stations.c.id), nullable=False),
    Column("status", String(10), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("refusal", String(20), nullable=False, server_default=""),
    Index("ix_missions_station_id_status", "station_id", "status"),
    Index(
        "ix_missions_figures",
        "proposed_at",
        "station_id",
        "status",
        "refusal",
        "answered_at",
        "assistance_id",
    ),
    _partial("ix_missions_declined", DECLINED, "proposed_at", "station_id"),
)

companions = Table(
    "companions",
    metadata,
    # A copy of ``joined`` in the state, for the lists of these people.
    Column(
        "person_id",
        BigId,
        ForeignKey(people.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "assistance_id",
        BigId,
        ForeignKey(assistances.c.id),
        primary_key=True,
        autoincrement=False,
    ),
)

revocations = Table(
    "revocations",
    metadata,
    # Links of a person that left before an instant open nothing any more.
    Column(
        "person_id",
        BigId,
        ForeignKey(people.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    # 0: of every assistance.
    Column("assistance_id", BigId, primary_key=True, autoincrement=False),
    Column("before", UtcDateTime, nullable=False),
)

identities = Table(
    "identities",
    metadata,
    Column("name", String(20), primary_key=True),
    Column("last", BigId, nullable=False),
)

events = Table(
    "events",
    metadata,
    _id(),
    Column("assistance_id", BigId, ForeignKey(assistances.c.id), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("role", String(10), nullable=False),
    Column("person_id", BigId),
    Column("actor", Text, nullable=False),
    Column("station_id", BigId),
    Column("trust", SmallInteger, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("before", String(10)),
    Column("after", String(10), nullable=False),
    Column("comment", Text, nullable=False, server_default=""),
    _flag("is_internal"),
    Column("data", Text, nullable=False),
    UniqueConstraint("assistance_id", "seq"),
    sqlite_autoincrement=True,
)

erasure_gate = Table(
    "erasure_gate",
    metadata,
    # A row here, never committed, lets one transaction change the history.
    Column("reason", Text, primary_key=True),
)

timers = Table(
    "timers",
    metadata,
    Column(
        "assistance_id",
        BigId,
        ForeignKey(assistances.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column("kind", String(40), primary_key=True),
    Column("subject", Integer, primary_key=True, autoincrement=False),
    Column("due_at", UtcDateTime, nullable=False),
    *_lease(),
    Index("ix_timers_due_at", "due_at"),
)

# --- what came in -----------------------------------------------------------------

raw_messages = Table(
    "raw_messages",
    metadata,
    _id(),
    Column("channel", String(20), nullable=False),
    Column("source", Text, nullable=False),
    Column("position", BigId, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("size", BigId, nullable=False),
    # What is worked on in order: a chat. Empty: each stands for itself.
    Column("lane", Text, nullable=False, server_default=""),
    Column("sha256", String(64), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", String(24)),
    Column("detail", Text, nullable=False, server_default=""),
    Column("assistance_id", BigId),
    Column("fingerprint", String(64)),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("sender", Text, nullable=False, server_default=""),
    Column("subject", Text, nullable=False, server_default=""),
    *_lease(),
    Column("blob", String(64)),
    Column("content", LargeBinary),
    UniqueConstraint("source", "position"),
    _partial("ix_raw_messages_waiting", "state = 'received'", "id"),
    _partial(
        "ix_raw_messages_lane", "state = 'received' AND lane <> ''", "channel", "lane"
    ),
    Index("ix_raw_messages_state_id", "state", "id"),
    _partial(
        "uq_raw_messages_fingerprint",
        "state <> 'received' AND state <> 'duplicate'",
        "fingerprint",
        unique=True,
    ),
    _partial(
        "ix_raw_messages_assistance_id", "assistance_id IS NOT NULL", "assistance_id"
    ),
    _partial("ix_raw_messages_sender", "sender <> ''", "sender"),
    sqlite_autoincrement=True,
)

threads = Table(
    "threads",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("direction", String(3), primary_key=True),
    Column("assistance_id", BigId, ForeignKey(assistances.c.id), nullable=False),
    Column("person_id", BigId),
    Index("ix_threads_assistance_id", "assistance_id"),
)

seen_files = Table(
    "seen_files",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("sha256", String(64), primary_key=True),
)

# --- what leaves --------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("key", Text, nullable=False, unique=True),
    Column("assistance_id", BigId),
    Column("event_id", BigId),
    Column("kind", String(40), nullable=False),
    Column("person_id", BigId),
    Column("address", Text, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("language", String(5), nullable=False),
    Column("group_key", Text, nullable=False, server_default=""),
    _flag("is_optional"),
    Column("facts", Text, nullable=False),
    Column("files", Text, nullable=False, server_default="[]"),
    Column("state", String(10), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    # In a chat: what leaves first, 0 before all; and whether it has to leave
    # before anything that was put after it.
    Column("priority", SmallInteger, nullable=False, server_default=text("2")),
    _flag("stops_lane"),
    *_lease(),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("first_attempt_at", UtcDateTime),
    Column("error", Text, nullable=False, server_default=""),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("sender", Text, nullable=False, server_default=""),
    Column("recipient", Text, nullable=False, server_default=""),
    Column("remote_id", Text, nullable=False, server_default=""),
    Column("sent_at", UtcDateTime),
    Column("text", Text, nullable=False, server_default=""),
    Column("blob", String(64)),
    Column("content", LargeBinary),
    _partial("ix_outbox_due", "state = 'pending'", "due_at", "id"),
    # All that is asked to find the first act of each chat, and who holds it; without
    # the state SQLite would look into each row for it.
    _partial(
        "ix_outbox_lane",
        "state = 'pending'",
        "channel",
        "address",
        "id",
        "priority",
        "due_at",
        "stops_lane",
        "lease_until",
        "state",
    ),
    _partial(
        "ix_outbox_answers", "state = 'pending' AND priority = 0", "channel", "id"
    ),
    Index("ix_outbox_state_id", "state", "id"),
    _partial("ix_outbox_group_key_sent_at", "group_key <> ''", "group_key", "sent_at"),
    Index("ix_outbox_assistance_id_sent_at", "assistance_id", "sent_at"),
    _partial("ix_outbox_message_id", "message_id <> ''", "message_id"),
    sqlite_autoincrement=True,
)

signals = Table(
    "signals",
    metadata,
    # What stirs beside the histories; only the newest are kept.
    _id(),
    Column("topic", String(12), nullable=False),
    Column("assistance_id", BigId),
    sqlite_autoincrement=True,
)

# --- chats ------------------------------------------------------------------------

chats = Table(
    "chats",
    metadata,
    # One account of a chat service, and what is being talked about there.
    Column("channel", String(20), primary_key=True),
    Column("account", String(32), primary_key=True),
    Column("chat", String(40), nullable=False),
    Column("person_id", BigId, ForeignKey(people.c.id)),
    Column("name", Text, nullable=False, server_default=""),
    Column("language", String(5), nullable=False, server_default="fr"),
    Column("state", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("linked_at", UtcDateTime),
    # Whether what is told here is told by mail too.
    Column("mails_too", Boolean, nullable=False, server_default=text("true")),
    # When it was told who runs this; and which commands it was offered last.
    Column("greeted_at", UtcDateTime),
    Column("offered", String(20), nullable=False, server_default=""),
    # Into which assistance free words go, and until when without asking.
    Column("focus_id", BigId, ForeignKey(assistances.c.id)),
    Column("focus_until", UtcDateTime),
    # The room that asks something, and what it has to remember (JSON).
    Column("room", String(20), nullable=False, server_default=""),
    Column("memory", Text, nullable=False, server_default="{}"),
    # Grows with each turn: a button of an older screen is known by it.
    Column("revision", Integer, nullable=False, server_default=text("0")),
    _partial("ix_chats_person_id", "person_id IS NOT NULL", "person_id"),
    Index("ix_chats_channel_chat", "channel", "chat"),
)

chat_slots = Table(
    "chat_slots",
    metadata,
    # Messages of ours that are drawn anew in place.
    Column("channel", String(20), primary_key=True),
    Column("chat", String(40), primary_key=True),
    Column("slot", String(40), primary_key=True),
    Column("message_id", Text, nullable=False),
    # SHA-256 of what it says: the same again is not sent.
    Column("digest", String(64), nullable=False, server_default=""),
    Column("updated_at", UtcDateTime, nullable=False),
)

chat_paces = Table(
    "chat_paces",
    metadata,
    # When a chat may be written to again; the chat without a name is all of them.
    # Instants that are past say nothing: such rows are swept.
    Column("channel", String(20), primary_key=True),
    Column("chat", String(40), primary_key=True),
    Column("free_at", UtcDateTime, nullable=False),
    # Set when the service itself asked for a pause.
    Column("paused_until", UtcDateTime),
    Index("ix_chat_paces_channel_free_at", "channel", "free_at"),
)

# --- doors and drawers ----------------------------------------------------------------

idempotency = Table(
    "idempotency",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("response", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", String(10), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("person_id", BigId, ForeignKey(people.c.id)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

search_texts = Table(
    "search_texts",
    metadata,
    # See azbot.store.search.SHIFT.
    Column("id", BigId, primary_key=True, autoincrement=False),
    Column("assistance_id", BigId, ForeignKey(assistances.c.id), nullable=False),
    Column("event_id", BigId, nullable=False),
    _flag("is_internal"),
    Column("folded", Text, nullable=False),
)

# --- the people of the desk ---------------------------------------------------------

accounts = Table(
    "accounts",
    metadata,
    Column(
        "person_id",
        BigId,
        ForeignKey(people.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column("role", String(10), nullable=False),
    Column("password", Text, nullable=False, server_default=""),
    Column("totp_secret", Text, nullable=False, server_default=""),
    # The newest step used: a code serves once (RFC 6238 §5.2).
    Column("totp_step", BigInteger, nullable=False, server_default=text("0")),
    Column("preferences", Text, nullable=False, server_default="{}"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

passkeys = Table(
    "passkeys",
    metadata,
    _id(),
    Column("person_id", BigId, ForeignKey(people.c.id), nullable=False, index=True),
    Column("credential_id", Text, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
    sqlite_autoincrement=True,
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("person_id", BigId, ForeignKey(people.c.id), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("client", Text, nullable=False, server_default=""),
    Column("address", Text, nullable=False, server_default=""),
    Column("revoked_at", UtcDateTime),
)

proofs = Table(
    "proofs",
    metadata,
    # What serves once, for a short time: an invitation, a lost password, the
    # challenge of a passkey. The secret itself is never stored.
    Column("hash", String(64), primary_key=True),
    Column("purpose", String(12), nullable=False),
    Column("person_id", BigId, ForeignKey(people.c.id), index=True),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("used_at", UtcDateTime),
)

attempts = Table(
    "attempts",
    metadata,
    # Failed sign-ins, by who is tried and by who tries.
    _id(),
    Column("scope", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_attempts_scope_at", "scope", "at"),
    sqlite_autoincrement=True,
)

# --- what agents keep beside the assistances ----------------------------------------

reply_drafts = Table(
    "reply_drafts",
    metadata,
    Column(
        "person_id",
        BigId,
        ForeignKey(people.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "assistance_id",
        BigId,
        ForeignKey(assistances.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column("kind", String(6), primary_key=True),
    Column("text", Text, nullable=False),
    Column("files", Text, nullable=False, server_default="[]"),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("hearers", String(7), nullable=False, server_default="client"),
    Index("ix_reply_drafts_assistance_id", "assistance_id"),
)

request_drafts = Table(
    "request_drafts",
    metadata,
    # What a client has begun to ask for: one each, on every device. The owner is a
    # person, or an account of a chat that is nobody's yet.
    Column("owner", String(60), primary_key=True),
    Column("key", String(32), nullable=False),
    Column("answers", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("files", Text, nullable=False, server_default="[]"),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    Column("memory", Text, nullable=False, server_default="{}"),
)

readings = Table(
    "readings",
    metadata,
    # How many of the messages that came in an agent has seen.
    Column(
        "person_id",
        BigId,
        ForeignKey(people.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column(
        "assistance_id",
        BigId,
        ForeignKey(assistances.c.id),
        primary_key=True,
        autoincrement=False,
    ),
    Column("inbound", Integer, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    # Commands that wait until they can no longer be undone (ux.md A12).
    _id(),
    Column("key", Text, nullable=False, unique=True),
    Column("person_id", BigId, ForeignKey(people.c.id), nullable=False),
    Column(
        "assistance_id",
        BigId,
        ForeignKey(assistances.c.id),
        nullable=False,
        index=True,
    ),
    Column("actor", Text, nullable=False),
    Column("command", String(40), nullable=False),
    Column("data", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    *_lease(),
    _partial("ix_holds_due", "state = 'waiting'", "due_at", "id"),
    sqlite_autoincrement=True,
)

presence = Table(
    "presence",
    metadata,
    # One row for each open browser; it is gone when nobody renews it.
    Column("tab", String(40), primary_key=True),
    Column("person_id", BigId, ForeignKey(people.c.id), nullable=False),
    Column("assistance_id", BigId, ForeignKey(assistances.c.id), index=True),
    Column("level", String(8), nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False, index=True),
)

canned_answers = Table(
    "canned_answers",
    metadata,
    _id(),
    Column("title", Text, nullable=False),
    Column("shortcut", String(40), nullable=False, server_default=""),
    Column("text", Text, nullable=False),
    Column("language", String(5), nullable=False, server_default="fr"),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("updated_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

saved_views = Table(
    "saved_views",
    metadata,
    _id(),
    Column("person_id", BigId, ForeignKey(people.c.id), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    _flag("is_shared"),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    # What an administrator changed; assistances have their own history.
    _id(),
    Column("at", UtcDateTime, nullable=False),
    Column("person_id", BigId),
    Column("actor", Text, nullable=False),
    Column("what", String(40), nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Column("before", Text, nullable=False, server_default="null"),
    Column("after", Text, nullable=False, server_default="null"),
    Index("ix_audit_what_id", "what", "id"),
    sqlite_autoincrement=True,
)

uploads = Table(
    "uploads",
    metadata,
    # Files on their way in; how far each has come is the size of its partial file.
    Column("id", String(32), primary_key=True),
    Column("owner", String(40), nullable=False),
    Column("ref", String(20), nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    # Both, once every octet came and was found good.
    Column("blob", String(64)),
    Column("media_type", String(100)),
    Index("ix_uploads_owner_expires_at", "owner", "expires_at"),
)
