"""Who may open the pages of the desk, to look at."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from azbot.messages import PersonId
from azbot.store.accounts import Account, Session, account, session
from azbot.store.canned import ALL as CANNED
from azbot.store.canned import CannedAnswer, canned_answer
from azbot.store.passkeys import Passkey, passkey
from azbot.store.reader import Reader
from azbot.store.schema import accounts, passkeys, sessions


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session and the account it opens."""

    session: Session
    account: Account


class StaffViews(Reader):
    """The part of ``Views`` about accounts and sessions."""

    async def signed_in(self, session_hash: str) -> SignedIn | None:
        """Return whose session this is, ended ones included; None: never opened."""
        found = await self.session(session_hash)
        opens = None if found is None else await self.account(found.person)
        return SignedIn(found, opens) if found and opens else None

    async def session(self, session_hash: str) -> Session | None:
        """Return a session, ended ones included; None: never opened."""
        row = await self._one(select(sessions).where(sessions.c.hash == session_hash))
        return None if row is None else session(row)

    async def account(self, person: PersonId) -> Account | None:
        """Return somebody's account, None when they have none."""
        query = select(accounts).where(accounts.c.person_id == person)
        row = await self._one(query)
        return None if row is None else account(row)

    async def sessions(self, person: PersonId) -> list[Session]:
        """Return somebody's sessions, last used first, ended ones included."""
        query = (
            select(sessions)
            .where(sessions.c.person_id == person)
            .order_by(sessions.c.seen_at.desc(), sessions.c.hash)
        )
        return [session(row) for row in await self._all(query)]

    async def passkeys(self, person: PersonId) -> list[Passkey]:
        """Return somebody's passkeys, oldest first."""
        query = (
            select(passkeys)
            .where(passkeys.c.person_id == person)
            .order_by(passkeys.c.id)
        )
        return [passkey(row) for row in await self._all(query)]

    async def canned_answers(self) -> list[CannedAnswer]:
        """Return every canned answer, in the order of the list."""
        return [canned_answer(row) for row in await self._all(CANNED)]

    async def accounts(self) -> list[Account]:
        """Return every account, disabled ones included."""
        rows = await self._all(select(accounts).order_by(accounts.c.person_id))
        return [account(row) for row in rows]
