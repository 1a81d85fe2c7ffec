"""Who of the desk is there, on each database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from azbot.errors import NotFound
from azbot.messages import PersonId
from azbot.store import NewPerson, PersonKind, Store
from azbot.store.live_views import Present
from azbot.store.presence import LASTS_FOR, TYPES_FOR, Level
from azbot.testing.clock import FakeClock, settle
from azbot.testing.patience import PATIENCE
from azbot.workflow.model import AssistanceRef
from tests.stores import NOW, an_assistance

TAB = "tab-of-camille"
SECOND = timedelta(seconds=1)


@pytest.fixture
async def camille(store: Store) -> PersonId:
    new = NewPerson(PersonKind.AGENT, ("camille@sav.example",), name="Camille Durand")
    return (await store.write(lambda uow: uow.people.add(new))).id


@pytest.fixture
async def ref(store: Store) -> AssistanceRef:
    return (await store.write(an_assistance)).ref


async def say(
    store: Store,
    person: PersonId,
    ref: AssistanceRef | None,
    level: Level,
    after: timedelta = timedelta(),
    tab: str = TAB,
) -> None:
    await store.write(
        lambda uow: uow.presence.put(tab, person, ref, level, NOW + after)
    )


async def test_who_sees_an_assistance_is_there_until_nobody_says_so(
    store: Store, camille: PersonId, ref: AssistanceRef
) -> None:
    await say(store, camille, ref, Level.SEES)
    until = NOW + LASTS_FOR
    told = Present(camille, "Camille Durand", ref, Level.SEES, NOW, until)
    assert await store.views.present(until - SECOND) == [told]
    assert await store.views.present(until) == []


async def test_who_types_is_said_to_see_a_while_after_the_last_key(
    store: Store, camille: PersonId, ref: AssistanceRef
) -> None:
    await say(store, camille, ref, Level.TYPES)
    until = NOW + TYPES_FOR
    (before,) = await store.views.present(until - SECOND)
    assert (before.level, before.changes_at) == (Level.TYPES, until)
    (after,) = await store.views.present(until)
    assert (after.level, after.changes_at) == (Level.SEES, NOW + LASTS_FOR)


async def test_a_renewal_keeps_since_when_and_does_not_ring(
    store: Store, camille: PersonId, ref: AssistanceRef, clock: FakeClock
) -> None:
    await say(store, camille, ref, Level.SEES)
    await store.bell.wait("presence", clock.now())
    waiting = asyncio.ensure_future(  # noqa: TID251
        store.bell.wait("presence", NOW + timedelta(hours=1))
    )
    await settle()
    await say(store, camille, ref, Level.SEES, 20 * SECOND)
    await settle()
    assert not waiting.done()
    (there,) = await store.views.present(NOW + 60 * SECOND)
    assert there.since == NOW
    await say(store, camille, ref, Level.TYPES, 61 * SECOND)
    await asyncio.wait_for(waiting, PATIENCE)
    (there,) = await store.views.present(NOW + 62 * SECOND)
    assert there.since == NOW + 61 * SECOND


async def test_who_shows_no_assistance_is_here_and_no_more(
    store: Store, camille: PersonId, ref: AssistanceRef
) -> None:
    await say(store, camille, ref, Level.TYPES)
    await say(store, camille, None, Level.TYPES, SECOND)
    (there,) = await store.views.present(NOW + 2 * SECOND)
    assert (there.ref, there.level) == (None, Level.HERE)


async def test_a_tab_that_closes_is_gone_at_once(
    store: Store, camille: PersonId, ref: AssistanceRef
) -> None:
    await say(store, camille, ref, Level.SEES)
    await say(store, camille, ref, Level.SEES, tab="another-tab")
    await store.write(lambda uow: uow.presence.leave(TAB, camille))
    assert len(await store.views.present(NOW)) == 1


async def test_nobody_speaks_for_the_tab_of_another(
    store: Store, camille: PersonId, ref: AssistanceRef
) -> None:
    await say(store, camille, ref, Level.SEES)
    new = NewPerson(PersonKind.AGENT, ("bruno@sav.example",))
    bruno = (await store.write(lambda uow: uow.people.add(new))).id
    await say(store, bruno, None, Level.HERE)
    await store.write(lambda uow: uow.presence.leave(TAB, bruno))
    (there,) = await store.views.present(NOW)
    assert (there.person, there.ref) == (camille, ref)


async def test_somebody_without_a_name_is_told_by_address(store: Store) -> None:
    new = NewPerson(PersonKind.AGENT, ("bruno@sav.example", "bruno@other.example"))
    bruno = (await store.write(lambda uow: uow.people.add(new))).id
    await say(store, bruno, None, Level.HERE)
    (there,) = await store.views.present(NOW)
    assert there.name == "bruno@sav.example"


async def test_an_unknown_assistance_is_seen_by_nobody(
    store: Store, camille: PersonId
) -> None:
    with pytest.raises(NotFound):
        await say(store, camille, AssistanceRef("ASFR26999999"), Level.SEES)
    assert await store.views.present(NOW) == []


async def test_rows_that_are_long_over_are_deleted(
    store: Store, camille: PersonId
) -> None:
    await say(store, camille, None, Level.HERE, tab="closed-long-ago")
    await say(store, camille, None, Level.HERE, timedelta(minutes=12))
    rows = await store.views.present(NOW - timedelta(days=1))
    assert len(rows) == 1
