"""azbot with a mailbox and a chat of this process: who is there, and whose account.

``desk_by_chat`` builds everything; ``linked`` gives a person of the desk a chat program
whose account is theirs already.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from azbot.messages import PersonId
from azbot.store import Store, UnitOfWork
from azbot.store.chats import ChatAccount
from azbot.testing.chat import LocalChat, LocalPerson
from azbot.testing.clock import FakeClock
from tests.maildesk import CLIENT, STATION, MailDesk, People, desk_by_mail


@dataclass
class ChatDesk:
    """Everything, and the people who chat.

    Attributes:
        desk: the same desk by mail.
    """

    desk: MailDesk
    chat: LocalChat

    @property
    def store(self) -> Store:
        """The open store."""
        return self.desk.store

    @property
    def clock(self) -> FakeClock:
        """Time, which stands still."""
        return self.desk.clock

    async def settle(self) -> None:
        """Collect what was said and written, and let every worker come to rest."""
        await self.desk.settle()

    async def press(self, who: LocalPerson, *labels: str) -> None:
        """Press one button after the other, each where the last answer put it."""
        for label in labels:
            who.presses(label)
            await self.settle()

    async def say(self, who: LocalPerson, *texts: str) -> None:
        """Say one thing after the other, each once the last was answered."""
        for text in texts:
            who.says(text)
            await self.settle()

    def stranger(self, account: str = "900", language: str = "fr") -> LocalPerson:
        """Return somebody nobody knows."""
        return self.chat.person(account, "Inconnu", language)

    async def linked(
        self, address: str = CLIENT, account: str = "501", language: str = "fr"
    ) -> LocalPerson:
        """Return a known person whose account is linked."""
        person = await self.desk.person(address)
        assert person is not None
        await self.store.write(lambda uow: self._link(uow, person.id, account))
        return self.chat.person(account, person.name or person.company, language)

    async def station(self, account: str = "601") -> LocalPerson:
        """Return the contact of the station, with a linked account."""
        return await self.linked(STATION, account)

    async def account(self, account: str = "501") -> ChatAccount:
        """Return what is stored of an account."""
        found = await self.store.write(
            lambda uow: uow.chats.get(self.chat.name, account)
        )
        assert found is not None
        return found

    async def turns(self) -> list[str]:
        """What became of each turn, oldest first."""
        return [entry.outcome.state.value for entry in await self.store.views.ledger()]

    def _link(self, uow: UnitOfWork, person: PersonId, account: str) -> None:
        now = self.clock.now()
        uow.chats.save(
            ChatAccount(
                self.chat.name,
                account,
                account,
                now,
                now,
                person=person,
                linked_at=now,
                greeted_at=now,
            )
        )


async def desk_by_chat(
    store: Store,
    clock: FakeClock,
    folder: Path,
    chat: LocalChat | None = None,
    people: People | None = None,
) -> ChatDesk:
    """Build azbot on an open store, with a mailbox and a chat."""
    chat = chat or LocalChat(clock)
    desk = await desk_by_mail(store, clock, folder, chat=chat, people=people)
    return ChatDesk(desk, chat)
