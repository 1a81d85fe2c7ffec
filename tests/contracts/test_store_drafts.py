"""Drafts: one for each agent, case and kind; the newest text counts (ux.md A9)."""

from __future__ import annotations

from dataclasses import replace

from azbot.messages import BlobId
from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.store.drafts import Draft, DraftFile, DraftKind
from tests.stores import MINUTE, NOW, an_assistance

FILE = DraftFile(BlobId("a" * 64), "bon.pdf", "application/pdf", 214_000)


def a_draft(uow: UnitOfWork, email: str = "camille@sav.example") -> Draft:
    """What an agent has begun to write."""
    agent = uow.people.add(NewPerson(PersonKind.AGENT, (email,)))
    it = an_assistance(uow)
    text = "Bonjour Sophie, nous\u202f…"
    return Draft(agent.id, it.id, DraftKind.REPLY, text, NOW, (FILE,))


async def kept(store: Store, it: Draft) -> Draft:
    await store.write(lambda uow: uow.drafts.put(it))
    return it


async def test_a_draft_comes_back_on_another_device(store: Store) -> None:
    draft = await kept(store, await store.write(a_draft))
    assert await store.views.drafts_of(draft.assistance) == [draft]
    found = await store.write(
        lambda uow: uow.drafts.get(draft.person, draft.assistance, draft.kind)
    )
    assert found == draft


async def test_the_newest_text_takes_the_place_of_the_one_before(store: Store) -> None:
    draft = await kept(store, await store.write(a_draft))
    newer = replace(draft, text="Bonjour,", files=(), updated_at=NOW + MINUTE)
    await kept(store, newer)
    assert await store.views.drafts_of(draft.assistance) == [newer]


async def test_a_note_and_a_colleagues_reply_stand_beside_it(store: Store) -> None:
    draft = await kept(store, await store.write(a_draft))
    note = await kept(store, replace(draft, kind=DraftKind.NOTE, text="Interne"))
    other = await store.write(lambda uow: a_draft(uow, "jules@sav.example"))
    other = replace(other, assistance=draft.assistance, updated_at=NOW + MINUTE)
    await kept(store, other)
    found = await store.views.drafts_of(draft.assistance)
    assert found[0] == other
    assert {each.text for each in found} == {draft.text, note.text, other.text}


async def test_an_empty_draft_is_none(store: Store) -> None:
    draft = await kept(store, await store.write(a_draft))
    await kept(store, replace(draft, text=" \n", files=(FILE,)))
    assert len(await store.views.drafts_of(draft.assistance)) == 1
    await kept(store, replace(draft, text=" \n", files=()))
    assert await store.views.drafts_of(draft.assistance) == []
    gone = await store.write(
        lambda uow: uow.drafts.drop(draft.person, draft.assistance, draft.kind)
    )
    assert not gone
