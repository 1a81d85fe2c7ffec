"""An administrator's chat is alerted, by the link their page gave (E24)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from azbot.identity.linking import offer
from azbot.screens import words_of
from azbot.store import NewPerson, PersonKind, UnitOfWork
from azbot.store.accounts import Account
from azbot.store.backups import LAST_AT, LastBackup
from azbot.testing.chat import LocalPerson
from azbot.workflow.model import Role
from tests.chatdesk import ChatDesk

OLD = LastBackup(datetime(2000, 1, 1, tzinfo=UTC), "azbot.tar", 1)


async def test_a_link_lets_a_chat_be_alerted_and_stop_ends_it(desk: ChatDesk) -> None:
    now = desk.clock.now()

    def administrator(uow: UnitOfWork) -> str:
        marie = uow.people.add(
            NewPerson(PersonKind.AGENT, ("marie@sav.example",), is_verified=True)
        )
        uow.accounts.put(Account(marie.id, Role.ADMIN, now))
        return offer(uow, marie.id, now)

    token = await desk.store.write(administrator)
    marie, stranger = desk.stranger("700"), desk.stranger("701")
    marie.says(f"/start {token}")
    await desk.settle()
    assert "Les alertes d’azbot arriveront ici" in said(marie)
    assert (await desk.account("700")).person is None

    # Twice: the link was good for one chat, and the alert is told there alone.
    stranger.says(f"/start {token}")
    await desk.store.write(lambda uow: uow.backups.note(OLD))
    await desk.settle()
    assert "La sauvegarde ne se fait plus" in said(marie)
    assert "azbot backup" in said(marie)
    assert "La sauvegarde" not in said(stranger)

    marie.says("/stop")
    await desk.store.write(lambda uow: uow.settings.drop(LAST_AT))
    await desk.clock.advance(timedelta(minutes=6))
    await desk.settle()
    assert "fait de nouveau" not in said(marie)


def said(person: LocalPerson) -> str:
    """Everything that stands in a chat."""
    return "\n".join(words_of(bubble.screen) for bubble in person.sees)
