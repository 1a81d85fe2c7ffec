"""Who writes about what: tokens, references, participants, and what is held."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from azbot.store import NewPerson, PersonKind, Store, UnitOfWork
from azbot.testing.clock import FakeClock
from azbot.tokens import Purpose, issue_address
from azbot.workflow import commands as c
from azbot.workflow.model import Role, Status
from tests.maildesk import (
    BY_REFERENCES,
    CHECKED,
    COMPLETE,
    DESK,
    STRANGER,
    MailDesk,
    Writer,
    desk_by_mail,
)

COLLEAGUE = "p.petit@clim-martin.example"


@pytest.fixture
async def checked(store: Store, clock: FakeClock, tmp_path: Path) -> MailDesk:
    """A desk whose receiver's verdict is needed for acting; mails are aligned."""
    return await desk_by_mail(store, clock, tmp_path, CHECKED)


def colleague(desk: MailDesk) -> Writer:
    return desk.writer("Paul Petit", COLLEAGUE)


async def know_colleague(desk: MailDesk) -> None:
    new = NewPerson(PersonKind.CLIENT, (COLLEAGUE,), name="Paul Petit")
    await desk.store.write(lambda uow: uow.people.add(new))


# --- tokens -----------------------------------------------------------------------


async def test_a_token_in_upper_case_is_the_same_token(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(
        recap, "Voilà.", to=recap.reply_to.upper(), In_Reply_To="", References=""
    )
    await desk.settle()

    assert [m.text for m in await desk.messages()] == ["Voilà."]


async def test_a_token_only_in_delivered_to_leads_to_its_assistance(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "Voilà.", To=DESK, In_Reply_To="", References="")
    await desk.settle()

    assert [m.text for m in await desk.messages()] == ["Voilà."]


async def test_a_damaged_token_is_held_and_says_nothing(desk: MailDesk) -> None:
    recap = await desk.submitted()
    sent = len(desk.client.mails)
    last = recap.reply_to.partition("@")[0][-1]
    forged = recap.reply_to.replace(f"{last}@", f"{'a' if last != 'a' else 'b'}@")
    bare = {"In_Reply_To": "", "References": "", "Subject": "Suite"}
    desk.client.answer(recap, "Voilà.", to=forged, quotes=True, **bare)
    await desk.settle()

    assert await desk.last_reason() == "forged_token"
    assert len(desk.client.mails) == sent


async def test_a_token_of_another_purpose_opens_nothing(desk: MailDesk) -> None:
    recap = await desk.submitted()
    ring = desk.app.door.keyring
    link = issue_address(ring, DESK, Purpose.UNSUB, 1, int(desk.people.client))
    desk.client.answer(
        recap, "OUI", to=link, In_Reply_To="", References="", Subject="Re"
    )
    await desk.settle()

    assert not (await desk.it()).is_confirmed
    assert await desk.messages() == []


async def test_a_token_signed_with_an_old_key_is_still_believed(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    desk = await desk_by_mail(store, clock, tmp_path)
    recap = await desk.submitted()
    await store.write(lambda uow: uow.settings.rotate_keyring())
    rotated = await desk_by_mail(
        store, clock, tmp_path, mailbox=desk.mailbox, people=desk.people
    )
    desk.client.answer(recap, "Voilà.")
    await rotated.settle()

    assert [m.text for m in await rotated.messages()] == ["Voilà."]
    assert rotated.app.door.keyring.newest != desk.app.door.keyring.newest


async def test_a_token_of_a_retired_key_is_held(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    desk = await desk_by_mail(store, clock, tmp_path)
    recap = await desk.submitted()
    await store.write(lambda uow: uow.settings.rotate_keyring(keep=1))
    rotated = await desk_by_mail(
        store, clock, tmp_path, mailbox=desk.mailbox, people=desk.people
    )
    bare = {"In_Reply_To": "", "References": "", "Subject": "Suite"}
    desk.client.answer(recap, "Voilà.", quotes=True, **bare)
    await rotated.settle()

    assert await rotated.last_reason() == "expired_token"


# --- who writes -------------------------------------------------------------------


async def test_a_valid_token_of_a_stranger_is_held_and_never_the_clients_word(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    recap = await desk.submitted()
    desk.writer("Paul", STRANGER).answer(recap, "OUI")
    await desk.settle()

    assert await desk.last_reason() == "foreign_sender"
    assert await desk.messages() == []
    assert not (await desk.it()).is_confirmed
    assert desk.mailbox.sent_to(STRANGER) == ()
    assert "inconnu@ailleurs.example" in desk.readers.last.text


async def test_a_client_on_a_colleagues_thread_is_held(desk: MailDesk) -> None:
    recap = await desk.submitted()
    await know_colleague(desk)
    colleague(desk).answer(recap, "OUI")
    await desk.settle()

    assert await desk.last_reason() == "foreign_sender"
    assert not (await desk.it()).is_confirmed
    assert desk.mailbox.sent_to(COLLEAGUE) == ()


async def test_a_second_address_of_the_client_counts_as_the_client(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()

    def add(uow: UnitOfWork) -> None:
        person = uow.people.get(desk.people.client)
        both = (*person.addresses, "sophie@prive.example")
        uow.people.update(replace(person, addresses=both))

    await desk.store.write(add)
    desk.writer("Sophie", "sophie@prive.example").answer(recap, "Voilà.")
    await desk.settle()

    (message,) = await desk.messages()
    assert message.author is Role.CLIENT


async def test_an_agents_answer_becomes_the_clients_mail_signed_by_the_agent(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    await desk.submitted()
    desk.agent.answer(desk.readers.last, "Avez-vous une photo ?")
    await desk.settle()

    mail = desk.client.last
    assert mail.kind == "message"
    assert "Avez-vous une photo ?" in mail.text
    assert "Camille" in str(mail.message["From"])
    assert "Durand" not in mail.text
    (message,) = await desk.messages()
    assert message.author is Role.AGENT


async def test_an_agents_answer_without_proof_is_held(checked: MailDesk) -> None:
    await checked.submitted()
    forger = checked.writer("Camille Durand", checked.agent.address, is_proven=False)
    sent = len(checked.client.mails)
    forger.answer(checked.readers.last, "Payez ici : …")
    await checked.settle()

    assert await checked.last_reason() == "unproven_sender"
    assert len(checked.client.mails) == sent


async def test_the_desks_own_token_does_not_make_a_client_act(desk: MailDesk) -> None:
    """An agent forwarded the desk's mail, and the client answers that."""
    await desk.submitted()
    told = desk.readers.last
    desk.client.answer(told, "OUI")
    await desk.settle()

    assert not (await desk.it()).is_confirmed
    assert [m.text for m in await desk.messages()] == ["OUI"]


async def test_a_station_answers_its_own_mission(each_desk: MailDesk) -> None:
    desk = each_desk
    order = await desk.assigned()
    desk.station.answer(order, "Quel est le code du portail ?")
    await desk.settle()

    (message,) = await desk.messages()
    assert message.author is Role.STATION
    assert "Quel est le code du portail ?" in desk.readers.last.text


async def test_a_station_that_lost_the_mission_is_held(desk: MailDesk) -> None:
    order = await desk.assigned()
    await desk.act(c.WithdrawMission("autre station"))
    desk.station.answer(order, "OUI")
    await desk.settle()

    assert await desk.last_reason() == "foreign_sender"
    assert (await desk.it()).status is Status.SUBMITTED


# --- threads ----------------------------------------------------------------------


async def test_in_reply_to_alone_leads_to_the_assistance_and_acts(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    desk = await desk_by_mail(store, clock, tmp_path, BY_REFERENCES)
    order = await desk.assigned()
    assert order.reply_to == DESK
    desk.station.answer(order, "OUI", References="")
    await desk.settle()

    assert (await desk.it()).status is Status.UNDERWAY


async def test_an_ancestor_alone_leads_to_the_assistance(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(
        recap,
        "Voilà.",
        to=DESK,
        In_Reply_To="<x@client.example>",
        References=f"{recap.id}, <x@client.example>",
    )
    await desk.settle()

    assert [m.text for m in await desk.messages()] == ["Voilà."]


async def test_answering_ones_own_mail_continues_it(desk: MailDesk) -> None:
    await desk.submitted()
    own = "<1.s.martin@clim-martin.example>"
    desk.client.write("J'ajoute ceci.", In_Reply_To=own, References=own)
    await desk.settle()

    assert [m.text for m in await desk.messages()] == ["J'ajoute ceci."]


async def test_a_thread_root_is_believed_of_participants_only(desk: MailDesk) -> None:
    recap = await desk.submitted()
    root = str(recap.message["References"]).split()[0]
    desk.client.write("J'ajoute ceci.", References=root)
    desk.writer("Paul", STRANGER).write("Moi aussi.", References=root)
    await desk.settle()

    assert [m.text for m in await desk.messages()] == ["J'ajoute ceci."]
    assert await desk.last_reason() == "probable_assistance"


async def test_a_reference_in_the_subject_needs_a_participant(desk: MailDesk) -> None:
    await desk.submitted()
    desk.client.write("J'ajoute ceci.", subject="Mon dossier ASFR26000001")
    desk.writer("Paul", STRANGER).write("Moi aussi.", subject="Re: ASFR26000001")
    await desk.settle()

    assert [m.text for m in await desk.messages()] == ["J'ajoute ceci."]
    assert await desk.last_reason() == "probable_assistance"
    assert desk.mailbox.sent_to(STRANGER) == ()


async def test_a_reference_in_the_subject_never_acts(desk: MailDesk) -> None:
    await desk.done()
    desk.client.write("OUI", subject="ASFR26000001")
    await desk.settle()

    assert (await desk.it()).status is Status.DONE
    assert (await desk.messages())[-1].is_mixed
    assert desk.client.last.kind == "rejected"


async def test_an_unknown_reference_is_held_without_a_word(desk: MailDesk) -> None:
    desk.client.write("Où en est-on ?", subject="ASFR26000999")
    await desk.settle()

    assert await desk.last_reason() == "unknown_assistance"
    assert desk.client.mails == []


# --- what it takes to act ---------------------------------------------------------


@pytest.mark.parametrize(
    ("proven_domain", "is_confirmed"),
    [("clim-martin.example", True), ("", False), ("ailleurs.example", False)],
)
async def test_an_acting_word_needs_an_aligned_sender_where_that_is_known(
    checked: MailDesk, proven_domain: str, *, is_confirmed: bool
) -> None:
    question = await checked.done()
    checked.client.proven_domain = proven_domain
    checked.client.answer(question, "OUI")
    await checked.settle()

    it = await checked.it()
    assert (it.status is Status.CLOSED) is is_confirmed
    if not is_confirmed:
        assert (await checked.messages())[-1].is_mixed
        assert checked.client.last.kind == "rejected"
        assert "lien personnel" in checked.client.last.text


async def test_answering_with_the_token_proves_the_address(desk: MailDesk) -> None:
    stranger = desk.writer("Paul", STRANGER)
    stranger.write(COMPLETE)
    await desk.settle()
    person = await desk.person(STRANGER)
    assert person is not None
    assert not person.is_verified
    stranger.answer(stranger.last, "Merci, j'attends.")
    await desk.settle()

    person = await desk.person(STRANGER)
    assert person is not None
    assert person.is_verified
