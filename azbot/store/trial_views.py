"""What a trial keeps inside, to be read: letters that would have left, and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true

from azbot.errors import NotFound
from azbot.store.outbox import LETTERS
from azbot.store.reader import Reader
from azbot.store.schema import outbox, raw_messages, settings
from azbot.store.trial import BEGUN_AT

WRITTEN = "local:"
"""What the sources begin with of what is written in a mailbox of this process."""

_KEYS = ("invitation", "password_lost")
"""Letters that let somebody of the desk in, whoever reads them."""
_LEFT = (outbox.c.channel == LETTERS) & outbox.c.sent_at.is_not(None)
_BEGUN = select(settings.c.value).where(settings.c.name == BEGUN_AT)
_MOST_BOXES, _MOST_LETTERS = 200, 50


@dataclass(frozen=True, slots=True)
class Box:
    """Everything one address was sent."""

    address: str
    letters: int
    newest_at: datetime


@dataclass(frozen=True, slots=True)
class KeptLetter:
    """One letter that stayed inside.

    Attributes:
        number: in the outbox; in the ledger when it was written to the desk.
        address: whose mailbox it is in.
        is_own: whoever has that mailbox wrote it.
    """

    number: int
    address: str
    at: datetime
    octets: bytes
    is_own: bool = False


class TrialViews(Reader):
    """The part of ``Views`` about a trial."""

    async def trial_begun_at(self) -> datetime | None:
        """Return since when nothing leaves; None: it does."""
        row = await self._one(_BEGUN)
        return None if row is None else datetime.fromisoformat(row.value)

    async def trial_boxes(self, *, with_keys: bool) -> list[Box]:
        """Return whoever was written to, the newest letter first.

        Args:
            with_keys: letters that open the accounts of the desk, too.
        """
        newest = func.max(outbox.c.sent_at).label("newest_at")
        query = (
            select(outbox.c.address, func.count().label("letters"), newest)
            .where(_LEFT, _may_see(with_keys=with_keys))
            .group_by(outbox.c.address)
            .order_by(newest.desc())
            .limit(_MOST_BOXES)
        )
        return [Box(*row) for row in await self._all(query)]

    async def trial_letters(self, address: str, *, with_keys: bool) -> list[KeptLetter]:
        """Return what one address was sent and wrote, the newest first."""
        sent = (
            select(outbox.c.id, outbox.c.address, outbox.c.sent_at)
            .where(_LEFT, _may_see(with_keys=with_keys), outbox.c.address == address)
            .order_by(outbox.c.sent_at.desc(), outbox.c.id.desc())
            .limit(_MOST_LETTERS)
        )
        wrote = (
            select(raw_messages.c.id, raw_messages.c.received_at)
            .where(
                raw_messages.c.channel == LETTERS,
                raw_messages.c.source.startswith(WRITTEN, autoescape=True),
                raw_messages.c.sender == address.casefold(),
            )
            .order_by(raw_messages.c.id.desc())
            .limit(_MOST_LETTERS)
        )
        found = [
            KeptLetter(row.id, row.address, row.sent_at, octets)
            for row in await self._all(sent)
            if (octets := await self._octets(outbox, row.id)) is not None
        ]
        found += [
            KeptLetter(row.id, address, row.received_at, octets, is_own=True)
            for row in await self._all(wrote)
            if (octets := await self._octets(raw_messages, row.id)) is not None
        ]
        return sorted(found, key=lambda one: one.at, reverse=True)[:_MOST_LETTERS]

    async def trial_letter(self, number: int, *, with_keys: bool) -> KeptLetter:
        """Return one letter that stayed inside.

        Raises:
            NotFound: there is none, or whoever asks may not see it.
        """
        query = select(outbox.c.id, outbox.c.address, outbox.c.sent_at).where(
            outbox.c.id == number, _LEFT, _may_see(with_keys=with_keys)
        )
        rows: Sequence[KeptLetter] = [
            KeptLetter(row.id, row.address, row.sent_at, octets)
            for row in await self._all(query)
            if (octets := await self._octets(outbox, row.id)) is not None
        ]
        if not rows:
            raise NotFound("letter", number)
        return rows[0]


def _may_see(*, with_keys: bool) -> ColumnElement[bool]:
    return true() if with_keys else outbox.c.kind.not_in(_KEYS)
