"""What belongs where, through the whole desk: mail in, mail out, one unit of work."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from azbot.desk import relocation
from azbot.desk.relocation import Relocated
from azbot.errors import Refused
from azbot.store import UnitOfWork
from azbot.store.queries import Filters
from azbot.workflow import commands as c
from azbot.workflow.conversation import messages
from azbot.workflow.events import MessageArrived
from azbot.workflow.model import AssistanceId, Attention, Status
from tests.maildesk import COMPLETE, STRANGER, Mail, MailDesk, Writer

PHOTO = ("photo.png", "image/png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 64)
SECOND = COMPLETE.replace("18 rue des Charmettes", "2 impasse du Gué")


async def two(desk: MailDesk) -> None:
    """Two requests of one client."""
    desk.client.write(COMPLETE, subject="Panne")
    await desk.settle()
    desk.client.write(SECOND, subject="Panne, suite")
    await desk.settle()
    assert (await desk.it(2)).ref == "ASFR26000002"


def about(writer: Writer, number: int) -> Mail:
    """The newest mail about an assistance."""
    ref = f"ASFR26{number:06d}"
    return [mail for mail in writer.mails if ref in mail.subject][-1]


async def texts(desk: MailDesk, number: int) -> list[str]:
    key = AssistanceId(number)
    history = await desk.store.write(lambda uow: uow.events.of(key))
    return [said.text for said in messages(history)]


async def relocate(
    desk: MailDesk,
    operate: Callable[..., Relocated],
    source: int,
    target: int,
    *more: object,
    **options: object,
) -> Relocated:
    """Let an agent do something with two assistances."""

    def work(uow: UnitOfWork) -> Relocated:
        pair = [uow.assistances.get(AssistanceId(n)) for n in (source, target)]
        staff = desk.people.staff
        return operate(desk.app.desk, uow, *pair, *more, staff, **options)

    done = await desk.store.write(work)
    await desk.settle()
    return done


async def line_of(desk: MailDesk, number: int, text: str) -> int:
    key = AssistanceId(number)
    history = await desk.store.write(lambda uow: uow.events.of(key))
    return next(said.id for said in messages(history) if text in said.text)


# --- merge ------------------------------------------------------------------------


async def test_an_answer_to_a_merged_one_lands_where_it_goes_on(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await two(desk)
    before = about(desk.client, 2)
    await relocate(desk, relocation.merge, 2, 1)
    told = desk.client.newest("merged")
    assert "ASFR26000001" in told.text

    desk.client.answer(before, "Toujours en panne.")
    desk.client.answer(told, "Merci.")
    await desk.settle()

    assert (await texts(desk, 1))[-2:] == ["Toujours en panne.", "Merci."]
    it = await desk.it()
    assert (it.status, it.attention) == (Status.SUBMITTED, Attention.MESSAGE)
    assert (await desk.it(2)).status is Status.CANCELLED


@pytest.mark.parametrize("how", ["token", "references", "subject"])
async def test_every_clue_to_a_merged_one_is_followed(desk: MailDesk, how: str) -> None:
    await two(desk)
    before = about(desk.client, 2)
    await relocate(desk, relocation.merge, 2, 1)
    if how == "token":
        desk.client.answer(before, "Voilà.", In_Reply_To="", References="")
    elif how == "references":
        desk.client.answer(before, "Voilà.", to="support@sav.example")
    else:
        desk.client.write("Voilà.", subject="Au sujet de ASFR26000002")
    await desk.settle()

    assert (await texts(desk, 1))[-1] == "Voilà."


async def test_merges_are_followed_to_the_last_one(desk: MailDesk) -> None:
    await two(desk)
    before = about(desk.client, 2)
    desk.client.write(SECOND.replace("Gué", "Lac"), subject="Encore")
    await desk.settle()
    await relocate(desk, relocation.merge, 2, 3)
    await relocate(desk, relocation.merge, 3, 1)

    desk.client.answer(before, "Voilà.")
    await desk.settle()
    assert (await texts(desk, 1))[-1] == "Voilà."


async def test_yes_to_a_merged_one_closes_nothing_here(desk: MailDesk) -> None:
    await desk.done()
    desk.client.write(SECOND, subject="Panne, suite")
    await desk.settle()
    old = about(desk.client, 2)
    await relocate(desk, relocation.merge, 2, 1)
    desk.client.answer(old, "OUI")
    await desk.settle()

    assert (await desk.it()).status is Status.DONE
    assert (await texts(desk, 1))[-1] == "OUI"


async def test_the_other_requester_answers_their_old_mail_too(desk: MailDesk) -> None:
    paul = desk.writer("Paul Petit", "p.petit@autre.example")
    desk.client.write(COMPLETE, subject="Panne")
    paul.write(SECOND, subject="Panne aussi")
    await desk.settle()
    before = about(paul, 2)
    with pytest.raises(Refused, match="other_requester"):
        await relocate(desk, relocation.merge, 2, 1)
    await relocate(desk, relocation.merge, 2, 1, is_confirmed=True)

    paul.answer(before, "Je confirme.")
    await desk.settle()
    assert (await texts(desk, 1))[-1] == "Je confirme."
    assert await desk.states() == ["applied"] * 3


async def test_a_stranger_is_held_for_the_one_that_goes_on(desk: MailDesk) -> None:
    await two(desk)
    before = about(desk.client, 2)
    await relocate(desk, relocation.merge, 2, 1)
    stranger: Writer = desk.writer("Inconnu", STRANGER)
    stranger.answer(before, "Bonjour")
    await desk.settle()

    outcome = (await desk.ledger())[-1].outcome
    assert outcome.state.value == "quarantined"
    assert outcome.assistance_id == 1


async def test_files_of_a_merged_one_can_be_had_where_it_goes_on(
    desk: MailDesk,
) -> None:
    await two(desk)
    desk.client.answer(about(desk.client, 2), "La photo", PHOTO)
    await desk.settle()
    await relocate(desk, relocation.merge, 2, 1)

    (file,) = (await desk.it()).documents
    assert file.name == "photo.png"
    page = await desk.store.views.page(Filters(has_documents=True))
    assert {item.ref for item in page.items} >= {"ASFR26000001"}


async def test_a_refused_merge_writes_nothing_anywhere(desk: MailDesk) -> None:
    await two(desk)
    await desk.act(c.AssignStation(desk.people.station, "prête"), number=2)
    sent = len(await desk.deliveries())
    before = [await desk.events(n) for n in (1, 2)]
    with pytest.raises(Refused, match="mission_in_force"):
        await relocate(desk, relocation.merge, 2, 1)

    assert [await desk.events(n) for n in (1, 2)] == before
    assert len(await desk.deliveries()) == sent


async def test_a_merge_that_fails_half_way_never_was(desk: MailDesk) -> None:
    await two(desk)
    before = [await desk.events(n) for n in (1, 2)]

    def half(uow: UnitOfWork) -> None:
        source, target = (uow.assistances.get(AssistanceId(n)) for n in (2, 1))
        relocation.merge(desk.app.desk, uow, source, target, desk.people.staff)
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError):
        await desk.store.write(half)
    assert [await desk.events(n) for n in (1, 2)] == before
    assert (await desk.it(2)).merged_into is None


# --- move and split ---------------------------------------------------------------


async def misfiled(desk: MailDesk) -> int:
    """A message in the first that belongs to the second; returns its line."""
    await two(desk)
    desk.client.answer(about(desk.client, 1), "Au Gué, le digicode est 4471.", PHOTO)
    await desk.settle()
    return await line_of(desk, 1, "digicode")


async def test_a_misfiled_message_and_its_file_move(each_desk: MailDesk) -> None:
    desk = each_desk
    line = await misfiled(desk)
    await relocate(desk, relocation.move, 1, 2, line)

    assert not any("digicode" in text for text in await texts(desk, 1))
    assert (await texts(desk, 2))[-1] == "Au Gué, le digicode est 4471."
    first, second = await desk.it(1), await desk.it(2)
    assert (first.present_documents, len(second.documents)) == ((), 1)
    assert first.document(1) is None
    assert second.attention is Attention.MESSAGE
    for words, wanted in (("digicode", ["ASFR26000002"]), ("photo", ["ASFR26000002"])):
        page = await desk.store.views.page(Filters(words=words))
        assert [item.ref for item in page.items] == wanted, words


async def test_a_reply_to_a_moved_message_follows_it(each_desk: MailDesk) -> None:
    desk = each_desk
    line = await misfiled(desk)
    await relocate(desk, relocation.move, 1, 2, line)
    moved = next(
        event for event in await desk.events(2) if isinstance(event, MessageArrived)
    )
    desk.client.write("Et l’étage : 3.", In_Reply_To=moved.message_id)
    await desk.settle()

    assert (await texts(desk, 2))[-1] == "Et l’étage : 3."


async def test_a_message_becomes_a_request_of_its_own(desk: MailDesk) -> None:
    line = await misfiled(desk)

    def work(uow: UnitOfWork) -> Relocated:
        source = uow.assistances.get(AssistanceId(1))
        return relocation.split(desk.app.desk, uow, source, line, desk.people.staff)

    done = await desk.store.write(work)
    await desk.settle()
    it = await desk.it(3)
    assert done.target.assistance.ref == it.ref == "ASFR26000003"
    assert await texts(desk, 3) == ["Au Gué, le digicode est 4471."]
    assert len(it.documents) == 1
    assert it.requester == (await desk.it()).requester
    assert desk.client.last.kind == "incomplete"
    assert it.answers["email"] == (await desk.it()).answers["email"]
    assert "address" not in it.answers, "the site is another one"


async def test_the_new_request_is_of_who_wrote_it(desk: MailDesk) -> None:
    await two(desk)
    contact = {"contact_email": "marc@chantier.example", "contact_name": "Marc Roy"}
    await desk.act(c.AmendRequest(contact))
    marc = desk.writer("Marc Roy", "marc@chantier.example")
    marc.answer(about(desk.client, 1), "Autre chantier : il gèle.")
    await desk.settle()
    line = await line_of(desk, 1, "il gèle")

    def work(uow: UnitOfWork) -> Relocated:
        source = uow.assistances.get(AssistanceId(1))
        return relocation.split(desk.app.desk, uow, source, line, desk.people.staff)

    opened = (await desk.store.write(work)).target.assistance
    assert opened.requester == (await desk.it()).contact
    assert opened.requester != (await desk.it()).requester


@pytest.mark.parametrize("event", [0, 1, 10_000])
async def test_what_is_no_message_becomes_no_request(
    desk: MailDesk, event: int
) -> None:
    await two(desk)

    def work(uow: UnitOfWork) -> Relocated:
        source = uow.assistances.get(AssistanceId(1))
        return relocation.split(desk.app.desk, uow, source, event, desk.people.staff)

    with pytest.raises(Refused, match="not_movable"):
        await desk.store.write(work)
    page = await desk.store.views.page()
    assert len(page.items) == 2, "no reference is used up"


# --- links ------------------------------------------------------------------------


async def test_links_stand_on_both_sides_and_tell_nobody(desk: MailDesk) -> None:
    await two(desk)
    sent = len(await desk.deliveries())
    await relocate(desk, relocation.link, 1, 2)
    assert (await desk.it(1)).links == ("ASFR26000002",)
    assert (await desk.it(2)).links == ("ASFR26000001",)
    again = await relocate(desk, relocation.link, 1, 2)
    assert again.source.history == again.target.history == ()
    await relocate(desk, relocation.unlink, 2, 1)
    assert (await desk.it(1)).links == ()
    assert len(await desk.deliveries()) == sent
