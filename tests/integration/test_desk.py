"""One unit of work: everything of a command is written, or nothing."""

from __future__ import annotations

import asyncio

import pytest

from azbot.desk import Draft
from azbot.errors import Conflict, NotFound, Refused
from azbot.messages import Trust
from azbot.store import DeliveryState
from azbot.store.records import Direction
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.decision import Audience, Notice, NoticeKind
from azbot.workflow.model import Actor, AssistanceId, AssistanceRef, Role, Status
from tests.maildesk import ADMIN, CLIENT, READERS, MailDesk

ANSWERS: dict[str, object] = {
    "service": "incident",
    "address": "18 rue des Charmettes",
    "postcode": "69100",
    "town": "Villeurbanne",
    "contact_name": "Sophie Martin",
    "phone": "+33639981234",
}


def a_draft(**given: object) -> Draft:
    answers = {**ANSWERS, **{k: v for k, v in given.items() if k not in _FIELDS}}
    rest = {k: v for k, v in given.items() if k in _FIELDS}
    return Draft(answers=answers, **{"email": CLIENT, **rest})  # type: ignore[arg-type]


_FIELDS = frozenset(Draft.__dataclass_fields__)


async def test_opening_writes_state_history_timers_and_mails_together(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    decision = await desk.app.desk.open(a_draft(), desk.people.staff)

    it = await desk.it()
    assert it.ref == decision.assistance.ref == AssistanceRef("ASFR26000001")
    assert [type(x) for x in await desk.events()] == [e.AssistanceOpened]
    assert await desk.store.write(lambda uow: uow.timers.of(it.id))
    assert {d.address for d in await desk.deliveries()} == {CLIENT, READERS}


async def test_a_refused_opening_uses_up_no_reference(each_desk: MailDesk) -> None:
    desk = each_desk
    with pytest.raises(Refused):
        await desk.app.desk.open(a_draft(phone_2="12"), desk.people.staff)
    await desk.app.desk.open(a_draft(email="new@x.example"), desk.people.staff)

    assert (await desk.it()).ref == "ASFR26000001"
    assert (await desk.it()).id == AssistanceId(1)


async def test_a_refused_opening_leaves_no_person_behind(desk: MailDesk) -> None:
    with pytest.raises(Refused):
        await desk.app.desk.open(
            a_draft(email="new@x.example", phone_2="12"), desk.people.staff
        )

    assert await desk.person("new@x.example") is None


async def test_a_refused_command_writes_nothing(desk: MailDesk) -> None:
    await desk.app.desk.open(a_draft(), desk.people.staff)
    before = await desk.it(), await desk.deliveries()
    with pytest.raises(Refused):
        await desk.app.desk.handle(
            AssistanceId(1), c.ConfirmClosing(), desk.people.staff
        )

    assert (await desk.it(), await desk.deliveries()) == before


async def test_an_older_version_is_a_conflict(each_desk: MailDesk) -> None:
    desk = each_desk
    version = (
        await desk.app.desk.open(a_draft(), desk.people.staff)
    ).assistance.version
    note = c.AddNote("vu")
    await desk.app.desk.handle(AssistanceId(1), note, desk.people.staff)

    with pytest.raises(Conflict):
        await desk.app.desk.handle(
            AssistanceId(1), note, desk.people.staff, expected_version=version
        )
    assert len(await desk.events()) == 2


async def test_agents_at_once_lose_nothing(each_desk: MailDesk) -> None:
    desk = each_desk
    await desk.app.desk.open(a_draft(), desk.people.staff)

    async def note(n: int) -> None:
        while True:
            try:
                await desk.app.desk.handle(
                    AssistanceId(1), c.AddNote(f"note {n}"), desk.people.staff
                )
            except Conflict:
                continue
            return

    await asyncio.gather(*(note(n) for n in range(10)))

    notes = [x.text for x in await desk.events() if isinstance(x, e.NoteAdded)]
    assert sorted(notes) == [f"note {n}" for n in range(10)]


async def test_an_unknown_reference_is_not_found(desk: MailDesk) -> None:
    with pytest.raises(NotFound):
        await desk.app.desk.handle(
            AssistanceRef("ASFR26999999"), c.AddNote("?"), desk.people.staff
        )


async def test_a_command_that_changes_nothing_writes_nothing(desk: MailDesk) -> None:
    await desk.app.desk.open(a_draft(), desk.people.staff)
    count = len(await desk.events())
    decision = await desk.app.desk.handle(
        AssistanceId(1), c.AmendRequest({"town": "Villeurbanne"}), desk.people.staff
    )

    assert decision.history == ()
    assert len(await desk.events()) == count


async def test_another_contact_on_site_becomes_a_person(desk: MailDesk) -> None:
    await desk.app.desk.open(
        a_draft(contact_email="karim@chantier.example", contact_name="Karim"),
        desk.people.staff,
    )

    karim = await desk.person("karim@chantier.example")
    assert karim is not None
    assert (await desk.it()).contact == karim.id


async def test_a_station_or_an_agent_is_never_made_a_contact_on_site(
    desk: MailDesk,
) -> None:
    await desk.app.desk.open(
        a_draft(contact_email=desk.station.address), desk.people.staff
    )

    assert (await desk.it()).contact is None


async def test_the_mail_an_event_came_from_is_remembered(desk: MailDesk) -> None:
    await desk.app.desk.open(
        a_draft(message_id="<a@client.example>"), desk.people.staff
    )
    hit = await desk.store.write(lambda uow: uow.threads.find(["<a@client.example>"]))

    assert hit is not None
    assert (hit.assistance_id, hit.direction) == (AssistanceId(1), Direction.IN)


async def test_a_client_of_another_request_may_not_touch_this_one(
    desk: MailDesk,
) -> None:
    await desk.app.desk.open(a_draft(), desk.people.staff)
    await desk.app.desk.open(a_draft(email="other@x.example"), desk.people.staff)
    other = await desk.person("other@x.example")
    assert other is not None
    actor = Actor(Role.CLIENT, other.id, "Autre", Trust.PROVEN, "email")

    with pytest.raises(Refused, match="not_yours"):
        await desk.app.desk.handle(AssistanceId(1), c.AddMessage("?"), actor)


async def test_a_desk_without_readers_writes_to_nobody(desk: MailDesk) -> None:
    notice = Notice(NoticeKind.DESK, Audience.ADDRESS, {"to": "", "what": "held"})
    await desk.store.write(
        lambda uow: desk.app.desk.tell(uow, [notice], None, "nobody")
    )

    assert await desk.deliveries() == []


async def test_an_alert_goes_to_the_administrator(desk: MailDesk) -> None:
    notice = Notice(NoticeKind.ALERT, Audience.ADMIN, {"what": "disk"})
    await desk.store.write(lambda uow: desk.app.desk.tell(uow, [notice], None, "disk"))
    (row,) = await desk.deliveries()

    assert (row.address, row.state) == (ADMIN, DeliveryState.PENDING)


async def test_what_is_foreseen_is_what_would_happen_and_writes_nothing(
    desk: MailDesk,
) -> None:
    await desk.submitted()
    command = c.AskComplement("Une photo de la plaque, merci.", ("order_proof",))
    before = await desk.it()

    foreseen = desk.app.desk.foresee(before, command, desk.people.staff)

    letters = await desk.store.write(lambda uow: desk.app.desk.letters(uow, foreseen))
    assert [(n.kind.value, r.address) for n, r in letters] == [
        ("complement", desk.client.address)
    ]
    assert foreseen.assistance.status is Status.WAITING
    assert await desk.it() == before
    assert "complement" not in desk.client.kinds
