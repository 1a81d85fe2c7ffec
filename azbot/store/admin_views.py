"""What administrators chose and changed, to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from azbot.messages import PersonId
from azbot.store.audit import AuditLine, audit_line, audit_page
from azbot.store.drawers import settings_below
from azbot.store.reader import Reader
from azbot.store.schema import audit, settings


class AdminViews(Reader):
    """The part of ``Views`` about settings and the log of changes."""

    async def setting(self, name: str) -> str | None:
        """Return a value kept by name, None when it was never set."""
        row = await self._one(select(settings.c.value).where(settings.c.name == name))
        return None if row is None else row.value

    async def settings_below(self, prefix: str) -> Mapping[str, str]:
        """Return every value whose name begins so, by the rest of the name."""
        rows = await self._all(settings_below(prefix))
        return {row.name.removeprefix(prefix): row.value for row in rows}

    async def audit(
        self,
        *,
        whats: Sequence[str] = (),
        person: PersonId | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[AuditLine]:
        """Return changes, newest first.

        Args:
            whats: kinds of changes; empty: every kind.
            person: only theirs.
            before: only those older than this line: the next page.
            limit: at most so many.
        """
        query = audit_page(whats, person, before, limit)
        return [audit_line(row) for row in await self._all(query)]

    async def auditors(self) -> list[PersonId]:
        """Return who ever changed something, in the order of their numbers."""
        query = select(audit.c.person_id).distinct().order_by(audit.c.person_id)
        rows = await self._all(query)
        return [PersonId(row.person_id) for row in rows if row.person_id is not None]
