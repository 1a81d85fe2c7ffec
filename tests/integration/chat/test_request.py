"""A request, question by question, in one message (ux.md 10.4, telegram.md §3, 4)."""

from __future__ import annotations

from azbot.store.request_drafts import RequestDraft, owner_of
from azbot.testing.chat import LocalPerson
from azbot.workflow.model import Assistance
from tests.chatdesk import ChatDesk
from tests.maildesk import CLIENT

PLACE = "18 rue des Charmettes, 69100 Villeurbanne"


async def says(desk: ChatDesk, who: LocalPerson, *texts: str) -> None:
    for text in texts:
        who.says(text)
        await desk.settle()


async def presses(desk: ChatDesk, who: LocalPerson, *labels: str) -> None:
    for label in labels:
        who.presses(label)
        await desk.settle()


async def draft_of(desk: ChatDesk, who: LocalPerson) -> RequestDraft | None:
    account = await desk.account(who.account)
    person = account.person
    owner = owner_of(person) if person else f"telegram:{who.account}"
    return await desk.store.views.request_draft_of(owner)


async def requests(desk: ChatDesk) -> list[Assistance]:
    found = await desk.store.views.page()
    return [await desk.store.views.assistance(line.id) for line in found.items]


async def at_recap(desk: ChatDesk) -> LocalPerson:
    """A client who has answered everything."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    await presses(desk, client, "Mise en service")
    await says(desk, client, PLACE)
    await presses(desk, client, "Régulation multizone gainable", "1", "5")
    await says(desk, client, "Daikin")
    await presses(desk, client, "Moi", "Passer")
    return client


async def test_a_request_by_buttons_takes_nine_questions_and_fourteen_presses_at_most(
    desk: ChatDesk,
) -> None:
    """G1: one address was given before, so that nothing at all is typed."""
    await desk.desk.submitted()
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    labels = [
        *("Mise en service", "18 rue des Charmettes", "Régulation multizone gainable"),
        *("1", "5", "Suivants", "Daikin", "Moi", "Passer", "Envoyer"),
    ]
    asked = []
    for label in labels:
        asked.append(client.last.text.partition("\n")[0])
        await presses(desk, client, label)
    assert len(labels) <= 14
    assert len(set(asked)) <= 9
    assert asked[0] == "Nouvelle demande · 1 sur 8"
    it = (await requests(desk))[0]
    assert (it.answer("maker"), it.answer("town")) == ("daikin", "Villeurbanne")
    assert not it.missing
    assert it.is_confirmed


async def test_three_messages_of_ours_are_left_at_most(desk: ChatDesk) -> None:
    """G2."""
    client = await at_recap(desk)
    assert len(client.sees) == 1
    await presses(desk, client, "Envoyer")
    assert len(client.sees) <= 3
    (it,) = await requests(desk)
    assert client.sees[0].text.startswith(f"Demande envoyée · {it.ref}")
    assert await draft_of(desk, client) is None


async def test_the_request_is_that_of_the_person_and_proven(desk: ChatDesk) -> None:
    client = await at_recap(desk)
    await presses(desk, client, "Envoyer")
    (it,) = await requests(desk)
    sophie = await desk.desk.person(CLIENT)
    assert sophie is not None
    assert it.requester == sophie.id
    assert it.opened_via == "telegram"
    assert it.answer("email") == CLIENT
    assert it.answers["thermostat_count"] == 5
