"""Who waits for the desk, who looks after it, and whose turn it was how long.

What is new is told once from the history of each assistance, as the workflow would
have told it; the document and the columns then say the same.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from azbot.store.schema import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
_BATCH = 500
_PREVIEW = 200
_STAFF = ("agent", "admin")

_COLUMNS: Mapping[str, tuple[Any, str | None]] = {
    "opened_via": (sa.String(20), ""),
    "company": (sa.Text(), ""),
    "owner_id": (_ID, None),
    "owner": (sa.Text(), ""),
    "attention": (sa.String(16), None),
    "attention_since": (_INSTANT, None),
    "snoozed_until": (_INSTANT, None),
    "inbound": (sa.Integer(), "0"),
    "channel": (sa.String(20), ""),
    "preview": (sa.Text(), ""),
    "preview_by": (sa.String(10), ""),
    "preview_at": (_INSTANT, None),
    "tags": (sa.Text(), ""),
    "tag_keys": (sa.Text(), ""),
    "is_to_approve": (sa.Boolean(), "false"),
    "visits": (sa.Integer(), "0"),
    "first_answer_at": (_INSTANT, None),
    "desk_seconds": (sa.BigInteger(), "0"),
    "client_seconds": (sa.BigInteger(), "0"),
    "station_seconds": (sa.BigInteger(), "0"),
}
"""Type and default; those without one may be null."""

_INDEXES: Mapping[str, tuple[list[str], str | None]] = {
    "ix_assistances_is_to_approve": (["opened_at", "id"], "is_to_approve"),
    "ix_assistances_channel_opened_at": (["channel", "opened_at"], None),
    "ix_assistances_attention_since_id": (
        ["attention_since", "id"],
        "attention_since IS NOT NULL AND snoozed_until IS NULL",
    ),
    "ix_assistances_snoozed_until_id": (
        ["snoozed_until", "id"],
        "snoozed_until IS NOT NULL",
    ),
    "ix_assistances_owner_id_opened_at": (
        ["owner_id", "opened_at"],
        "owner_id IS NOT NULL",
    ),
    "ix_assistances_tagged": (["opened_at", "id"], "tag_keys <> ''"),
}

_assistances = sa.table(
    "assistances",
    sa.column("id", _ID),
    sa.column("state", sa.Text()),
    sa.column("opened_at", UtcDateTime),
    *(
        sa.column(name, UtcDateTime if kind is _INSTANT else kind)
        for name, (kind, _) in _COLUMNS.items()
    ),
)
_events = sa.table(
    "events",
    sa.column("id", _ID),
    sa.column("assistance_id", _ID),
    sa.column("kind", sa.String()),
    sa.column("at", UtcDateTime),
    sa.column("role", sa.String()),
    sa.column("channel", sa.String()),
    sa.column("after", sa.String()),
    sa.column("comment", sa.Text()),
    sa.column("data", sa.Text()),
)
_missions = sa.table(
    "missions",
    sa.column("assistance_id", _ID),
    sa.column("number", sa.Integer()),
    sa.column("station_id", _ID),
    sa.column("status", sa.String()),
    sa.column("proposed_at", UtcDateTime),
    sa.column("answered_at", UtcDateTime),
    sa.column("refusal", sa.String()),
)

_RAISES = {
    "AssistanceOpened": "new",
    "ComplementReceived": "completed",
    "MissionRefused": "refused",
    "ClosingRefused": "not_solved",
    "OtherDateAsked": "other_date",
    "CancellationAsked": "cancellation",
    "AgentNeeded": "unanswered",
}
_RELEASES = frozenset(
    {
        "MessageAdded",
        "ComplementAsked",
        "ClientReminded",
        "StationAssigned",
        "MissionWithdrawn",
        "InterventionPlanned",
        "InterventionMoved",
        "InterventionApproved",
        "InterventionDeclined",
        "ClosingReminded",
        "AssistanceReopened",
    }
)
_ENDS = frozenset({"AssistanceClosed", "AssistanceCancelled"})
_ANSWERS = frozenset({"MessageAdded", "ComplementAsked", "StationAssigned"})
_PROPOSED = {
    "InterventionProposed": True,
    "InterventionApproved": False,
    "InterventionDeclined": False,
    "InterventionPlanned": False,
    "InterventionCancelled": False,
}
_TURNS = {
    "submitted": "desk",
    "waiting": "client",
    "assigned": "station",
    "underway": "station",
    "done": "client",
}


def upgrade() -> None:
    """Add the columns and the missions, and fill them."""
    for name, (kind, default) in _COLUMNS.items():
        given = sa.text(default) if default in ("0", "false") else default
        op.add_column(
            "assistances",
            sa.Column(name, kind, nullable=default is None, server_default=given),
        )
    op.create_table(
        "missions",
        sa.Column("assistance_id", _ID, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("station_id", _ID, nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("proposed_at", _INSTANT, nullable=False),
        sa.Column("answered_at", _INSTANT, nullable=True),
        sa.Column("refusal", sa.String(length=20), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["assistance_id"], ["assistances.id"], name="fk_missions_assistance_id"
        ),
        sa.ForeignKeyConstraint(
            ["station_id"], ["stations.id"], name="fk_missions_station_id"
        ),
        sa.PrimaryKeyConstraint("assistance_id", "number", name="pk_missions"),
    )
    _fill()
    for name, (columns, where) in _INDEXES.items():
        rows = sa.text(where) if where else None
        on_sqlite = sa.text("is_to_approve = 1") if where == "is_to_approve" else rows
        op.create_index(
            name,
            "assistances",
            columns,
            unique=False,
            sqlite_where=on_sqlite,
            postgresql_where=rows,
        )
    for columns in (["station_id", "status"], ["proposed_at"]):
        name = "_".join(["ix_missions", *columns])
        op.create_index(name, "missions", columns, unique=False)


def _fill() -> None:
    connection = op.get_bind()
    last = 0
    query = sa.select(
        _assistances.c.id, _assistances.c.state, _assistances.c.opened_at
    ).order_by(_assistances.c.id)
    while rows := connection.execute(
        query.where(_assistances.c.id > last).limit(_BATCH)
    ).all():
        last = rows[-1].id
        lines = (
            sa.select(_events)
            .where(_events.c.assistance_id.between(rows[0].id, last))
            .order_by(_events.c.assistance_id, _events.c.id)
        )
        told = {
            key: list(each)
            for key, each in groupby(
                connection.execute(lines), key=lambda line: line.assistance_id
            )
        }
        changes: list[dict[str, Any]] = []
        missions: list[dict[str, Any]] = []
        for row in rows:
            state = json.loads(row.state)
            columns = _columns(state, _Past(row.opened_at, told.get(row.id, ())))
            changes.append({"key": row.id, "state": _written(state), **columns})
            missions += _mission_rows(row.id, state)
        _write(connection, changes, missions)


def _write(
    connection: sa.Connection,
    changes: Sequence[Mapping[str, Any]],
    missions: Sequence[Mapping[str, Any]],
) -> None:
    values: dict[str, Any] = {
        name: sa.bindparam(name) for name in changes[0] if name != "key"
    }
    update = sa.update(_assistances).values(values)
    connection.execute(
        update.where(_assistances.c.id == sa.bindparam("key")), list(changes)
    )
    if missions:
        connection.execute(sa.insert(_missions), list(missions))


class _Past:
    """One history, read once."""

    def __init__(self, opened_at: datetime, lines: Sequence[Any]) -> None:
        self.inbound = 1
        self.reason: str | None = None
        self.since: datetime | None = None
        self.first_answer_at: datetime | None = None
        self.latest: dict[str, Any] | None = None
        self.spent = {
            "desk": timedelta(),
            "client": timedelta(),
            "station": timedelta(),
        }
        self._at, self._turn, self._is_proposed = opened_at, "desk", False
        following = [*[line.kind for line in lines[1:]], ""]
        for line, then in zip(lines, following, strict=True):
            self._read(line, then)

    def _read(self, line: Any, then: str) -> None:
        if self._turn:
            self.spent[self._turn] += max(line.at - self._at, timedelta())
        self._is_proposed = _PROPOSED.get(line.kind, self._is_proposed)
        is_desks = line.after == "underway" and self._is_proposed
        self._at = line.at
        self._turn = "desk" if is_desks else _TURNS.get(line.after, "")
        data = json.loads(line.data)
        if line.kind in ("AssistanceOpened", "MessageAdded"):
            self._say(line, data)
        by_desk = line.role in _STAFF
        if reason := _reason(line, data, then):
            self.reason, self.since = reason, self.since or line.at
        elif line.kind in _ENDS or (by_desk and line.kind in _RELEASES):
            self.reason = self.since = None
        if by_desk and line.kind in _ANSWERS and self.first_answer_at is None:
            self.first_answer_at = line.at

    def _say(self, line: Any, data: Mapping[str, Any]) -> None:
        if data.get("is_automatic"):
            return
        is_message = line.kind == "MessageAdded"
        self.inbound += is_message and line.role in ("client", "station")
        self.latest = {
            "text": _one_line(line.comment),
            "at": line.at,
            "author": line.role if is_message else "client",
            "channel": line.channel,
        }


def _reason(line: Any, data: Mapping[str, Any], then: str) -> str | None:
    match line.kind:
        case "MessageAdded":
            is_inbound = line.role in ("client", "station")
            return "message" if is_inbound and not data.get("is_automatic") else None
        case "RequestAmended":
            is_whole = line.role == "client" and not data.get("missing")
            return "completed" if is_whole else None
        case "DeliveryFailed":
            return "undelivered" if data.get("is_permanent") else None
        case "InterventionAdded":
            is_open = line.role == "station" and data.get("is_follow_up")
            return "to_plan" if is_open and then != "InterventionProposed" else None
        case kind:
            return _RAISES.get(kind)


def _one_line(text: str) -> str:
    line = " ".join(text[: 10 * _PREVIEW].split())
    return line if len(line) <= _PREVIEW else f"{line[: _PREVIEW - 1].rstrip()}…"


def _columns(state: dict[str, Any], past: _Past) -> dict[str, Any]:
    """Return the columns, and say the same in the state."""
    latest = past.latest or {}
    visits = [i["status"] for i in state.get("interventions", ())]
    answers = state.get("answers", {})
    state |= {
        "attention": past.reason,
        "attention_since": _iso(past.since),
        "inbound": past.inbound,
        "latest": {**latest, "at": _iso(latest["at"])} if latest else None,
        "first_answer_at": _iso(past.first_answer_at),
        **{f"{who}_time": _lasting(spent) for who, spent in past.spent.items()},
    }
    return {
        "opened_via": state.get("opened_via", ""),
        "company": _line(answers.get("installer") or answers.get("distributor")),
        "attention": past.reason,
        "attention_since": past.since,
        "inbound": past.inbound,
        "channel": latest.get("channel", state.get("opened_via", "")),
        "preview": latest.get("text", ""),
        "preview_by": latest.get("author", ""),
        "preview_at": latest.get("at"),
        "is_to_approve": "to_approve" in visits,
        "visits": sum(status != "cancelled" for status in visits),
        "first_answer_at": past.first_answer_at,
        **{
            f"{who}_seconds": int(spent.total_seconds())
            for who, spent in past.spent.items()
        },
    }


def _mission_rows(key: int, state: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    missions: Iterable[Mapping[str, Any]] = state.get("missions", ())
    for mission in missions:
        is_refused = mission["status"] == "refused"
        yield {
            "assistance_id": key,
            "number": mission["number"],
            "station_id": mission["station"]["id"],
            "status": mission["status"],
            "proposed_at": _instant(mission["proposed_at"]),
            "answered_at": _instant(mission.get("answered_at")),
            "refusal": mission.get("reason", "") if is_refused else "",
        }


def _written(state: Mapping[str, Any]) -> str:
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def _line(value: object) -> str:
    return "" if value is None else str(value).replace("\x00", "")


def _lasting(spent: timedelta) -> str:
    return f"PT{spent.total_seconds():.6f}S"


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
