"""What people are about to say, to look at: drafts and held commands."""

from __future__ import annotations

from sqlalchemy import select

from azbot.messages import PersonId
from azbot.store.drafts import Draft, draft
from azbot.store.holds import KEPT, Hold, hold
from azbot.store.reader import Reader
from azbot.store.request_drafts import RequestDraft, request_draft
from azbot.store.schema import holds, reply_drafts, request_drafts
from azbot.workflow.model import AssistanceId


class WritingViews(Reader):
    """The part of ``Views`` about what is not said yet."""

    async def drafts_of(self, key: AssistanceId) -> list[Draft]:
        """Return every agent's drafts of an assistance, the newest first."""
        query = (
            select(reply_drafts)
            .where(reply_drafts.c.assistance_id == key)
            .order_by(reply_drafts.c.updated_at.desc(), reply_drafts.c.person_id)
        )
        return [draft(row) for row in await self._all(query)]

    async def holds_of(self, key: AssistanceId) -> list[Hold]:
        """Return what waits or has failed at an assistance, oldest first."""
        mine = holds.c.assistance_id == key
        query = select(holds).where(KEPT, mine).order_by(holds.c.id)
        return [hold(row) for row in await self._all(query)]

    async def holds_by(self, person: PersonId) -> list[Hold]:
        """Return what an agent sent that waits or has failed, oldest first."""
        mine = holds.c.person_id == person
        query = select(holds).where(KEPT, mine).order_by(holds.c.id)
        return [hold(row) for row in await self._all(query)]

    async def request_draft_of(self, owner: str) -> RequestDraft | None:
        """Return what somebody has begun to ask for, None when nothing."""
        mine = request_drafts.c.owner == owner
        row = await self._one(select(request_drafts).where(mine))
        return None if row is None else request_draft(row)
