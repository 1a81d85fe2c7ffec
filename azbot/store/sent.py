"""What people were told so far: the outbox, looked back at."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, func, literal_column, select

from azbot.messages import PersonId
from azbot.store.outbox import LETTERS, Outbox
from azbot.store.records import Delivery, DeliveryId
from azbot.store.schema import outbox as table
from azbot.store.sql import Sql
from azbot.workflow.model import AssistanceId

_SENT_TEXTS = (
    select(table.c.text)
    .where(
        table.c.assistance_id == bindparam("assistance"),
        table.c.address == bindparam("to"),
        table.c.sent_at.is_not(None),
        table.c.text != "",
    )
    .order_by(table.c.sent_at.desc(), table.c.id.desc())
    .limit(bindparam("limit"))
)
_GROUPED = table.c.group_key != literal_column("''")
_LAST_SENT = select(func.max(table.c.sent_at)).where(
    table.c.group_key == bindparam("group"), _GROUPED
)
_SENT_TO = (
    select(table.c.id, table.c.kind)
    .where(
        table.c.assistance_id == bindparam("assistance"),
        table.c.sent_at.is_not(None),
        table.c.person_id == bindparam("person"),
        table.c.channel == literal_column(f"'{LETTERS}'"),
    )
    .order_by(table.c.sent_at.desc(), table.c.id.desc())
    .limit(bindparam("limit"))
)
_MAILED = select(table.c.kind).where(
    table.c.assistance_id == bindparam("assistance"),
    table.c.event_id == bindparam("event"),
    table.c.person_id == bindparam("person"),
    table.c.channel == literal_column(f"'{LETTERS}'"),
)
_TOLD = (
    select(table.c.id, table.c.kind, table.c.remote_id)
    .where(
        table.c.assistance_id == bindparam("assistance"),
        table.c.sent_at.is_not(None),
        table.c.channel == bindparam("of_channel"),
        table.c.address == bindparam("of_chat"),
    )
    .order_by(table.c.sent_at.desc(), table.c.id.desc())
    .limit(bindparam("limit"))
)
_LOOKED_AT = 20
"""Mails to one person about one assistance among which the newest is looked for."""


class Sent:
    """What left, and for whom, inside one unit of work."""

    def __init__(self, sql: Sql, outbox: Outbox) -> None:
        self._sql = sql
        self._outbox = outbox

    def texts(
        self, assistance: AssistanceId, address: str, limit: int = 5
    ) -> list[str]:
        """Return the plain words of what one recipient was sent, newest first."""
        values = {"assistance": assistance, "to": address, "limit": limit}
        return [row.text for row in self._sql.all(_SENT_TEXTS, values)]

    def last_to(
        self, assistance: AssistanceId, person: PersonId, but: Collection[str]
    ) -> Delivery | None:
        """Return the newest mail one person got about one assistance.

        Args:
            assistance: about which.
            person: to whom.
            but: kinds that do not count.
        """
        values = {"assistance": assistance, "person": person, "limit": _LOOKED_AT}
        rows = self._sql.all(_SENT_TO, values)
        key = next((row.id for row in rows if row.kind not in but), None)
        return None if key is None else self._outbox.get(DeliveryId(key))

    def mailed(
        self, assistance: AssistanceId, event: int, person: PersonId
    ) -> frozenset[str]:
        """Return the kinds of mail one person is, or was, sent about an event."""
        values = {"assistance": assistance, "event": event, "person": person}
        return frozenset(row.kind for row in self._sql.all(_MAILED, values))

    def told_in(
        self,
        assistance: AssistanceId,
        channel: str,
        chat: str,
        kinds: Collection[str],
        name: str = "",
    ) -> Delivery | None:
        """Return the newest of these notices a chat was told about one assistance.

        Args:
            assistance: about which.
            channel: service of the chat.
            chat: where.
            kinds: that count.
            name: of a message there: the notice it brought; empty: any.
        """
        values = {"assistance": assistance, "limit": 5 * _LOOKED_AT}
        chats = {"of_channel": channel, "of_chat": chat}
        rows = self._sql.all(_TOLD, {**values, **chats})
        found = (
            row.id
            for row in rows
            if row.kind in kinds and (not name or name in row.remote_id.split())
        )
        key = next(found, None)
        return None if key is None else self._outbox.get(DeliveryId(key))

    def last_at(self, group_key: str) -> datetime | None:
        """Return when something of this group last left, None when never."""
        at: datetime | None = self._sql.value(_LAST_SENT, {"group": group_key})
        return at
