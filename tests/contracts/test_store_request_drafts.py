"""Requests that were not sent: one for each owner, whoever opens it where (C5)."""

from __future__ import annotations

from dataclasses import replace

from azbot.messages import BlobId, PersonId
from azbot.store import Store
from azbot.store.request_drafts import RequestDraft, RequestFile, owner_of
from azbot.store.sweeper import REQUESTS_KEPT_FOR, Sweeper
from tests.stores import MINUTE, NOW

PHOTO = RequestFile(BlobId("a" * 64), "chaudière.jpg", "image/jpeg", 214_000)
ORDER = RequestFile(
    BlobId("b" * 64), "bon.pdf", "application/pdf", 9_000, is_proof=True
)
STRANGER = "telegram:900"
SOPHIE = owner_of(PersonId(5))


async def begun(store: Store, it: RequestDraft) -> RequestDraft:
    return await store.write(lambda uow: uow.request_drafts.begin(it))


async def kept(store: Store, owner: str) -> RequestDraft | None:
    found = await store.views.request_draft_of(owner)
    assert found == await store.write(lambda uow: uow.request_drafts.get(owner))
    return found


def a_draft(owner: str = STRANGER, **values: object) -> RequestDraft:
    made = RequestDraft(owner, "k" * 22, NOW, {"town": "Villeurbanne"}, files=(PHOTO,))
    return replace(made, **values)  # type: ignore[arg-type]


async def test_who_nobody_knows_begins_a_draft_once(store: Store) -> None:
    it = await begun(store, a_draft(memory={"at": "place", "passed": ["files"]}))
    again = await begun(store, a_draft(key="another one", texts={}))
    assert it == again == await kept(store, STRANGER)
    assert it.memory == {"at": "place", "passed": ["files"]}


async def test_each_change_is_one_revision_on(store: Store) -> None:
    it = await begun(store, a_draft())
    saved = await store.write(
        lambda uow: uow.request_drafts.save(replace(it, texts={"town": "Lyon"}))
    )
    assert saved.revision == it.revision + 1
    assert await kept(store, STRANGER) == saved


async def test_the_draft_of_an_account_becomes_that_of_its_person(store: Store) -> None:
    it = await begun(store, a_draft())
    moved = await store.write(lambda uow: uow.request_drafts.move(STRANGER, SOPHIE))
    assert moved == replace(it, owner=SOPHIE) == await kept(store, SOPHIE)
    assert await kept(store, STRANGER) is None
    again = await store.write(lambda uow: uow.request_drafts.move(STRANGER, SOPHIE))
    assert again == moved


async def test_of_two_drafts_that_meet_nothing_said_is_lost(store: Store) -> None:
    older = a_draft(SOPHIE, texts={"town": "Lyon", "maker": "daikin"}, files=(ORDER,))
    await begun(store, older)
    await begun(store, a_draft(updated_at=NOW + MINUTE, key="newer key"))
    both = await store.write(lambda uow: uow.request_drafts.move(STRANGER, SOPHIE))
    assert both is not None
    assert both.texts == {"town": "Villeurbanne", "maker": "daikin"}
    assert both.files == (ORDER, PHOTO)
    assert (both.key, both.owner) == ("newer key", SOPHIE)
    assert await kept(store, STRANGER) is None
    assert await kept(store, SOPHIE) == both


async def test_there_is_nothing_to_move_where_nobody_began(store: Store) -> None:
    assert (
        await store.write(lambda uow: uow.request_drafts.move(STRANGER, SOPHIE)) is None
    )


async def test_after_seven_days_a_draft_is_forgotten(store: Store) -> None:
    await begun(store, a_draft())
    await begun(store, a_draft(SOPHIE, updated_at=NOW + MINUTE))
    sweeper = Sweeper(store)
    await sweeper.step(NOW + REQUESTS_KEPT_FOR)
    assert await kept(store, STRANGER) is not None
    await sweeper.step(NOW + REQUESTS_KEPT_FOR + MINUTE)
    assert await kept(store, STRANGER) is None
    assert await kept(store, SOPHIE) is not None
