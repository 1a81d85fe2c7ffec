"""Who can be written to in a chat, for pages that show it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from azbot.messages import PersonId
from azbot.store.chats import ChatAccount, chat_account
from azbot.store.reader import Reader
from azbot.store.schema import chats


class ChatViews(Reader):
    """The part of ``Views`` about accounts of chat services."""

    async def chats_of(self, person: PersonId) -> tuple[ChatAccount, ...]:
        """Return the accounts of somebody, the one linked last first."""
        query = (
            select(chats)
            .where(chats.c.person_id == person)
            .order_by(chats.c.linked_at.desc(), chats.c.account)
        )
        return tuple(chat_account(row) for row in await self._all(query))

    async def chats_named(
        self, channel: str, accounts: Iterable[str]
    ) -> Mapping[str, ChatAccount]:
        """Return accounts of one service as it numbers them; unknown ones are left out.

        Args:
            channel: the service.
            accounts: its numbers.
        """
        wanted = sorted(set(accounts))
        if not wanted:
            return {}
        query = select(chats).where(
            chats.c.channel == channel, chats.c.account.in_(wanted)
        )
        return {row.account: chat_account(row) for row in await self._all(query)}
