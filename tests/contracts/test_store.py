"""What a unit of work promises, whatever the database."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from azbot.errors import Conflict, NotFound, StoreUnreachable
from azbot.store import Store, UnitOfWork, open_store
from azbot.store.erasure import erasing
from azbot.store.queries import Filters
from azbot.workflow.events import (
    ClientReminded,
    MessageAdded,
    NoteAdded,
    RequestAmended,
)
from azbot.workflow.model import AssistanceId, AssistanceRef
from tests.stores import NOW, a_delivery, a_line, a_raw, an_assistance


async def test_what_was_added_is_read_back_whole(store: Store) -> None:
    added = await store.write(an_assistance)
    assert await store.write(lambda uow: uow.assistances.get(added.id)) == added
    assert await store.write(lambda uow: uow.assistances.by_ref(added.ref)) == added
    assert added.version == 1


async def test_unknown_assistances_are_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.assistances.get(AssistanceId(99)))
    with pytest.raises(NotFound):
        await store.write(lambda uow: uow.assistances.by_ref(AssistanceRef("ASFR")))


async def test_a_stale_version_is_a_conflict_and_changes_nothing(store: Store) -> None:
    added = await store.write(an_assistance)
    saved = await store.write(
        lambda uow: uow.assistances.save(replace(added, reason="first"))
    )
    assert saved.version == added.version + 1
    with pytest.raises(Conflict):
        await store.write(
            lambda uow: uow.assistances.save(replace(added, reason="second"))
        )
    assert await store.write(lambda uow: uow.assistances.get(added.id)) == saved


async def test_the_same_identity_twice_is_a_conflict(store: Store) -> None:
    added = await store.write(an_assistance)
    with pytest.raises(Conflict):
        await store.write(lambda uow: uow.assistances.add(added))


async def test_a_work_that_raises_leaves_nothing(store: Store) -> None:
    def work(uow: UnitOfWork) -> None:
        an_assistance(uow)
        uow.outbox.put([a_delivery()])
        uow.raw.accept([a_raw()])
        raise LookupError("no")

    with pytest.raises(LookupError):
        await store.write(work)
    assert (await store.views.page()).items == ()
    assert await store.views.outbox() == []
    assert await store.views.ledger() == []


async def test_a_work_that_fails_fails_alone(store: Store) -> None:
    def fine(uow: UnitOfWork) -> str:
        return an_assistance(uow).ref

    def broken(uow: UnitOfWork) -> str:
        an_assistance(uow)
        raise LookupError("no")

    works = [fine, broken] * 10
    outcomes = await asyncio.gather(*map(store.write, works), return_exceptions=True)
    assert [isinstance(each, LookupError) for each in outcomes] == [False, True] * 10
    refs = sorted(each for each in outcomes if isinstance(each, str))
    assert refs == [f"ASFR26{number:06d}" for number in range(1, 11)]


async def test_a_cancelled_write_is_all_or_nothing(store: Store) -> None:
    tasks = [asyncio.ensure_future(store.write(an_assistance)) for _ in range(20)]  # noqa: TID251
    await asyncio.sleep(0)
    for task in tasks[10:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await store.write(lambda _: None)
    found = (await store.views.page()).items
    assert len(found) >= 10
    for item in found:
        assert len(await store.views.timeline(item.id, is_internal=True)) == 1


async def test_references_count_by_country_and_year(store: Store) -> None:
    def work(uow: UnitOfWork) -> list[str]:
        given = [("FR", 2026), ("FR", 2026), ("ES", 2026), ("FR", 2027), ("FR", 2026)]
        return [uow.assistances.new_identity(*each)[1] for each in given]

    assert await store.write(work) == [
        "ASFR26000001", "ASFR26000002", "ASES26000001", "ASFR27000001", "ASFR26000003",
    ]  # fmt: skip


async def test_a_number_that_was_not_used_is_given_again(store: Store) -> None:
    def work(uow: UnitOfWork) -> None:
        assert uow.assistances.new_identity("FR", 2026) == (1, "ASFR26000001")
        raise LookupError("no")

    for _ in range(2):
        with pytest.raises(LookupError):
            await store.write(work)
    assert (await store.write(an_assistance)).ref == "ASFR26000001"


@pytest.mark.parametrize("country", ["", "F", "FRA", "fr", "F1", "ÉÈ"])
async def test_only_two_capital_letters_are_a_country(
    sqlite_store: Store, country: str
) -> None:
    with pytest.raises(ValueError, match="country code"):
        await sqlite_store.write(lambda u: u.assistances.new_identity(country, 2026))


async def test_history_is_read_back_in_order_with_growing_numbers(store: Store) -> None:
    added = await store.write(an_assistance)
    lines = [a_line(MessageAdded(f"message {n}"), at=NOW) for n in range(5)]
    numbers = await store.write(lambda uow: uow.events.append(added.id, lines))
    assert numbers == sorted(set(numbers))
    history = await store.write(lambda uow: uow.events.of(added.id))
    assert history[1:] == tuple(
        replace(line, id=number) for line, number in zip(lines, numbers, strict=True)
    )


async def test_history_refuses_to_be_changed(store: Store) -> None:
    added = await store.write(an_assistance)
    for statement in ("UPDATE events SET actor = 'me'", "DELETE FROM events"):
        with pytest.raises(Conflict, match="append only"):
            await store.write(lambda uow, words=statement: uow.sql.command(words))  # type: ignore[misc]
    assert len(await store.write(lambda uow: uow.events.of(added.id))) == 1


async def test_erasure_alone_may_change_history_and_shuts_the_gate(
    store: Store,
) -> None:
    added = await store.write(an_assistance)

    def erase(uow: UnitOfWork) -> None:
        with erasing(uow.sql, "asked by the person"):
            uow.sql.command("UPDATE events SET actor = ''")
            uow.sql.command("DELETE FROM events")

    await store.write(erase)
    assert await store.write(lambda uow: uow.events.of(added.id)) == ()
    again = await store.write(an_assistance)
    with pytest.raises(Conflict, match="append only"):
        await store.write(lambda uow: uow.sql.command("DELETE FROM events"))
    assert len(await store.write(lambda uow: uow.events.of(again.id))) == 1


async def test_internal_lines_are_for_the_desk_alone(store: Store) -> None:
    added = await store.write(an_assistance)
    lines = [a_line(NoteAdded("entre nous")), a_line(ClientReminded(1))]
    await store.write(lambda uow: uow.events.append(added.id, lines))
    inside = await store.views.timeline(added.id, is_internal=True)
    outside = await store.views.timeline(added.id, is_internal=False)
    assert [type(line.event).__name__ for line in inside[1:]] == [
        "NoteAdded",
        "ClientReminded",
    ]
    assert [type(line.event).__name__ for line in outside[1:]] == ["ClientReminded"]


async def test_odd_characters_are_kept(store: Store) -> None:
    words = "nul \x00 paragraph \u2029 emoji 🧯 combining e\u0301 bidi \u202e"
    added = await store.write(lambda uow: an_assistance(uow, town=words, text=words))
    assert await store.views.assistance(added.id) == added
    history = await store.views.timeline(added.id, is_internal=True)
    assert getattr(history[0].event, "text", None) == words


async def test_answers_of_every_kind_are_kept(store: Store) -> None:
    answers: dict[str, Any] = {
        "whole": 2**60,
        "real": 1e300,
        "round": 1.0,
        "no": False,
        "nothing": None,
        "list": [1, "a", [True, {"b": None}]],
        "map": {"é": {"x": 0.1}},
    }
    added = await store.write(lambda uow: an_assistance(uow, **answers))
    read = await store.views.assistance(added.id)
    assert read.answers == added.answers
    assert [type(read.answers[name]) for name in ("whole", "real", "round", "no")] == [
        int,
        float,
        float,
        bool,
    ]


async def test_a_closed_store_says_so(store_url: str, tmp_path: Path) -> None:
    store = open_store(store_url, tmp_path / "blobs")
    await store.aclose()
    await store.aclose()
    with pytest.raises(StoreUnreachable):
        await store.write(an_assistance)


async def test_what_was_handed_in_before_closing_is_done(
    store_url: str, tmp_path: Path
) -> None:
    async with open_store(store_url, tmp_path / "blobs") as store:
        writes = [asyncio.ensure_future(store.write(an_assistance)) for _ in range(8)]  # noqa: TID251
        await asyncio.sleep(0)
    assert len(await asyncio.gather(*writes)) == 8


async def test_amended_words_are_found_and_old_ones_are_not(store: Store) -> None:
    added = await store.write(an_assistance)
    change = RequestAmended((), (), "Europe/Paris")

    def work(uow: UnitOfWork) -> None:
        it = uow.assistances.get(added.id)
        answers = {**it.answers, "town": "Bourg-lès-Valence"}
        uow.assistances.save(replace(it, answers=answers))
        uow.events.append(it.id, [a_line(change, at=NOW + timedelta(minutes=1))])

    await store.write(work)
    assert (await store.views.page(Filters(words="bourg les val"))).items
    assert not (await store.views.page(Filters(words="evry"))).items
    assert (await store.views.page(Filters(address="VALENCE 18"))).items
    assert not (await store.views.page(Filters(address="évry"))).items
