"""Accounts of chats, the numbers that prove somebody, and forgetting all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from azbot.messages import PersonId, RawId, RawMessage
from azbot.screens import ACT
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.chats import ChatAccount, ChatState, Slot
from azbot.store.erasure import forget_chats
from azbot.store.octets import INLINE_LIMIT
from azbot.store.proofs import Proof, ProofKind
from azbot.store.records import Direction, NewDelivery
from azbot.store.request_drafts import RequestDraft, owner_by_account
from tests.stores import NOW, an_assistance

ANNE = NewPerson(PersonKind.CLIENT, ("anne@home.example",), is_verified=True)
PHONES = ("+33601020304", "+33102030405")


def an_account(account: str = "501", person: PersonId | None = None) -> ChatAccount:
    return ChatAccount("telegram", account, account, NOW, NOW, person)


async def test_every_field_of_an_account_is_kept(store: Store) -> None:
    anne = await store.write(lambda uow: uow.people.add(ANNE))
    it = replace(
        an_account(person=anne.id),
        name="Anne",
        language="es",
        state=ChatState.STOPPED,
        linked_at=NOW,
        mails_too=False,
        greeted_at=NOW,
        offered="client.es",
        room="link",
        memory={"step": "name"},
        revision=7,
    )
    await store.write(lambda uow: uow.chats.save(it))
    assert await store.write(lambda uow: uow.chats.get("telegram", "501")) == it
    assert await store.views.chats_of(anne.id) == (it,)
    assert await store.write(lambda uow: uow.chats.in_chat("telegram", "501")) == it
    assert await store.views.chats_of(PersonId(99)) == ()


async def test_a_number_proves_whose_it_was_given_as(store: Store) -> None:
    anne = await store.write(lambda uow: uow.people.add(replace(ANNE, phones=PHONES)))

    async def known(phone: str) -> list[PersonId]:
        found = await store.write(lambda uow: uow.people.by_known_phone(phone))
        return [each.id for each in found]

    assert await known(PHONES[0]) == []
    await store.write(lambda uow: uow.people.trust_phones(anne.id, PHONES))
    await store.write(lambda uow: uow.people.trust_phones(anne.id, PHONES))
    assert [await known(each) for each in PHONES] == [[anne.id], [anne.id]]
    await store.write(lambda uow: uow.people.trust_phones(anne.id, PHONES[1:]))
    assert [await known(each) for each in PHONES] == [[], [anne.id]]
    gone = replace(anne, is_active=False)
    await store.write(lambda uow: uow.people.update(gone))
    assert await known(PHONES[1]) == []


async def test_a_signed_secret_is_used_up_once(store: Store) -> None:
    anne = await store.write(lambda uow: uow.people.add(ANNE))
    proof = Proof("a" * 64, ProofKind.START, anne.id, NOW + timedelta(days=30))
    assert await store.write(lambda uow: uow.proofs.spent_by(proof.hash)) is None
    assert await store.write(lambda uow: uow.proofs.spend(proof, NOW))
    assert not await store.write(lambda uow: uow.proofs.spend(proof, NOW))
    assert await store.write(lambda uow: uow.proofs.spent_by(proof.hash)) == anne.id


async def test_forgetting_a_chat_leaves_nothing_that_was_said_there(
    store: Store,
) -> None:
    """Telegram.md §4, last row: payloads of inbox and outbox are purged too."""
    it = await store.write(an_assistance)
    anne = await store.write(lambda uow: uow.people.add(ANNE))
    other = an_account("777")

    def said(position: int, lane: str, content: bytes) -> RawMessage:
        where = ("telegram", "telegram:bot", position)
        return RawMessage(*where, content, NOW, len(content), lane)

    def work(uow: UnitOfWork) -> None:
        for account in (an_account(person=anne.id), other):
            uow.chats.save(account)
            chat = account.chat
            uow.slots.save(Slot("telegram", chat, "menu", "m", "", NOW))
            uow.threads.remember(f"telegram:{chat}/1", it.id, None, Direction.IN)
            uow.request_drafts.begin(
                RequestDraft(owner_by_account("telegram", chat), "k" * 8, NOW)
            )
            uow.outbox.put([NewDelivery(f"act:{chat}", ACT, chat, "telegram", NOW)])
        large = b"secret" * INLINE_LIMIT
        uow.raw.accept([said(1, "501", b"secret"), said(2, "501", large)])
        uow.raw.accept([said(3, "777", b"other")])

    await store.write(work)
    files = await store.write(
        lambda uow: forget_chats(uow.sql, uow.chats.of_person(anne.id))
    )
    assert len(files) == 1

    def left(uow: UnitOfWork, chat: str) -> tuple[object, ...]:
        return (
            uow.chats.get("telegram", chat),
            uow.slots.get("telegram", chat, "menu"),
            uow.request_drafts.get(owner_by_account("telegram", chat)),
            uow.outbox.by_key(f"act:{chat}"),
            uow.threads.find([f"telegram:{chat}/1"]),
        )

    assert not any(await store.write(lambda uow: left(uow, "501")))
    assert all(await store.write(lambda uow: left(uow, "777")))
    contents = [
        await store.write(lambda uow, n=n: uow.raw.content(RawId(n)))  # type: ignore[misc]
        for n in (1, 2, 3)
    ]
    assert contents == [b"", b"", b"other"]
    # A service that brings it again brings nothing new.
    again = said(1, "501", b"secret")
    assert await store.write(lambda uow: uow.raw.accept([again])) == 0
