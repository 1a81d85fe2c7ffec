"""Who can be written to in a chat, for pages that show it."""

from __future__ import annotations

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
