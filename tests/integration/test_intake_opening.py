"""Requests made by mail alone: free words, labels, corrections, what comes late."""

from __future__ import annotations

import pytest

from azbot.workflow import commands as c
from azbot.workflow.model import Status
from tests.maildesk import COMPLETE, STRANGER, MailDesk


async def test_a_free_mail_of_a_client_makes_a_request_and_leaves_an_answer_at_once(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    began_at = desk.clock.now()
    desk.client.write(COMPLETE, subject="Panne à Villeurbanne")
    await desk.settle()

    it = await desk.it()
    assert it.answer("installer") == "Clim Martin SARL"
    assert it.answer("town") == "Villeurbanne"
    assert it.answer("phone") == "+33639981234"
    assert desk.client.kinds == ["incomplete"]
    assert desk.client.last.letter.at == began_at
    assert desk.readers.kinds == ["desk"]
    assert it.ref in desk.client.last.subject


async def test_a_stranger_is_accepted_unverified_and_learns_nothing(
    desk: MailDesk,
) -> None:
    await desk.submitted()
    stranger = desk.writer("Paul Petit", STRANGER)
    stranger.write("Bonjour, une panne à Nantes. Et où en est ASFR 26 000001 ?")
    await desk.settle()

    person = await desk.person(STRANGER)
    assert person is not None
    assert not person.is_verified
    assert person.name == "Paul Petit"
    told = stranger.last.text
    assert "ASFR26000002" in told
    for secret in ("Villeurbanne", "Martin", "ASFR26000001"):
        assert secret not in told


async def test_the_language_of_a_stranger_is_heard(desk: MailDesk) -> None:
    stranger = desk.writer("John Doe", STRANGER)
    stranger.write(
        "Hello, we have a problem with the thermostat in our hotel, please call us."
    )
    await desk.settle()

    assert (await desk.it()).language == "en"
    assert str(stranger.last.message["Content-Language"] or "en") == "en"
    assert "Bonjour" not in stranger.last.text


async def test_a_forward_is_read_as_the_request(desk: MailDesk) -> None:
    desk.client.write(
        "Pour vous.\n\n---------- Forwarded message ---------\n"
        "De : Paul Petit <p.petit@hotel.example>\nDate: lun. 2 mars 2026 à 08:10\n"
        "Objet : Panne\nÀ : Sophie\n\nLa régulation de la chambre 12 est en panne, "
        "8 rue de la Paix, 44000 Nantes.",
        subject="Tr: Panne",
    )
    await desk.settle()

    it = await desk.it()
    assert it.requester == desk.people.client
    assert it.answer("postcode") == "44000"


async def test_labels_filled_in_the_answer_complete_the_request(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    assert "Système :" in recap.lines
    desk.client.answer(
        recap,
        "Système : multizone gainable\nNombre de systèmes : 1\n"
        "Nombre de thermostats : 4\nFabricant de la machine : Daikin",
    )
    await desk.settle()

    it = await desk.it()
    assert it.answer("thermostat_count") == "4"
    assert it.missing == (), it.missing
    assert desk.client.last.kind == "opened"
    assert await desk.messages() == []


async def test_a_form_completed_inside_the_quotation_is_read(desk: MailDesk) -> None:
    recap = await desk.submitted()
    filled = "\n".join(f"> {line}" for line in recap.lines.splitlines())
    filled = filled.replace("> Nombre de thermostats :", "> Nombre de thermostats : 7")
    desk.client.answer(recap, f"Voici.\n\n{filled}", quotes=False)
    await desk.settle()

    assert (await desk.it()).answer("thermostat_count") == "7"


async def test_a_wrong_value_is_told_in_the_mail_that_asks_for_the_rest(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    before = len(desk.client.mails)
    desk.client.answer(recap, "Téléphone : 06 12\nNombre de thermostats : 4")
    await desk.settle()

    it = await desk.it()
    assert it.answer("thermostat_count") == "4"
    assert it.answer("phone") == "+33639981234"
    assert desk.client.kinds[before:] == ["incomplete"]
    asked = desk.client.last.lines
    assert "Nous n’avons pas compris ceci" in asked
    assert "06 12" in asked
    assert "Téléphone : \n" in asked or "Téléphone :\n" in asked


async def test_a_wrong_value_is_told_even_to_who_stopped_notices(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "STOP")
    await desk.settle()
    desk.client.answer(recap, "Téléphone : 06 12\nNombre de thermostats : 4")
    await desk.settle()

    assert "06 12" in desk.client.last.text


async def test_a_wrong_value_alone_is_told_alone(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "Téléphone : 06 12")
    await desk.settle()

    rejected = desk.client.newest("rejected")
    assert "Téléphone" in rejected.text
    assert "06 12" in rejected.text


async def test_the_desk_hears_once_of_an_answer_that_completes_and_says_more(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    before = len(desk.readers.mails)
    filled = (
        "Système : multizone gainable\nNombre de systèmes : 1\n"
        "Nombre de thermostats : 4\nFabricant de la machine : Daikin"
    )
    desk.client.answer(recap, f"{filled}\nAttention, le chantier ferme à 16 h.")
    await desk.settle()

    it = await desk.it()
    assert not it.missing, it.missing
    (told,) = desk.readers.mails[before:]
    assert "le chantier ferme à 16 h" in told.text
    assert "maintenant complets" in told.text


async def test_a_value_is_corrected_by_its_label(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "Code postal : 69003\nVille : Lyon")
    await desk.settle()

    it = await desk.it()
    assert (it.answer("postcode"), it.answer("town")) == ("69003", "Lyon")


async def test_an_answer_with_fields_and_words_does_both(desk: MailDesk) -> None:
    recap = await desk.submitted()
    desk.client.answer(
        recap,
        "Bonjour,\nNombre de thermostats : 4\nAttention, le chantier ferme à 16 h.",
    )
    await desk.settle()

    assert (await desk.it()).answer("thermostat_count") == "4"
    (message,) = await desk.messages()
    assert "le chantier ferme à 16 h" in message.text


async def test_words_that_fit_no_form_are_kept_whatever_they_say(
    desk: MailDesk,
) -> None:
    desk.client.write("Téléphone : 12\nCode postal : zzz\nPays : Atlantide\nAu secours")
    await desk.settle()

    assert await desk.states() == ["applied"]
    assert "Au secours" in desk.readers.last.text


async def test_nothing_but_a_subject_is_a_request(desk: MailDesk) -> None:
    desk.client.write("", subject="Panne du thermostat à Lyon, rappelez-moi")
    await desk.settle()

    assert (await desk.states())[0] in {"applied", "quarantined"}


async def test_a_station_that_writes_out_of_the_blue_is_held(desk: MailDesk) -> None:
    desk.station.write("Bonjour, nous avons une question sur les tarifs.")
    await desk.settle()

    assert await desk.last_reason() == "unknown_assistance"
    assert desk.station.mails == []


# --- after the end ----------------------------------------------------------------


async def closed(desk: MailDesk) -> None:
    desk.client.answer(await desk.done(), "OUI")
    await desk.settle()
    assert (await desk.it()).status is Status.CLOSED


async def test_an_answer_within_thirty_days_is_a_message(desk: MailDesk) -> None:
    await closed(desk)
    await desk.later(days=29)
    desk.client.answer(desk.client.newest("closed"), "La panne est revenue.")
    await desk.settle()

    assert (await desk.messages())[-1].text == "La panne est revenue."
    assert (await desk.it()).status is Status.CLOSED


@pytest.mark.parametrize("is_form", [False, True])
async def test_an_answer_after_thirty_days_opens_a_new_request_for_the_same_site(
    desk: MailDesk, *, is_form: bool
) -> None:
    await closed(desk)
    await desk.later(days=31)
    text = "Ville : Lyon" if is_form else "La régulation est de nouveau en panne."
    desk.client.answer(desk.client.newest("closed"), text)
    await desk.settle()

    old, new = await desk.it(), await desk.it(2)
    assert old.status is Status.CLOSED
    assert new.answer("address") == old.answer("address")
    opened = (await desk.events(2))[0]
    assert old.ref in getattr(opened, "text", "")
    assert old.ref in desk.readers.last.text


async def test_an_answer_to_a_cancelled_request_is_a_message(desk: MailDesk) -> None:
    await desk.submitted()
    await desk.act(c.CancelAssistance("doublon"))
    desk.client.answer(desk.client.last, "Pourtant j'en ai besoin.")
    await desk.settle()

    assert (await desk.messages())[-1].text == "Pourtant j'en ai besoin."
    assert (await desk.it()).status is Status.CANCELLED


async def test_values_that_do_not_fit_together_are_left_out_of_the_request(
    each_desk: MailDesk,
) -> None:
    desk = each_desk
    desk.client.write(
        "Une panne à Lyon.\nTéléphone : 06 39 98 12 34\n"
        "Téléphone secondaire : 06 39 98 12 34"
    )
    await desk.settle()

    assert await desk.states() == ["applied"]
    it = await desk.it()
    assert it.ref == "ASFR26000001"
    assert "phone_2" not in it.answers


async def test_values_of_an_answer_that_do_not_fit_together_are_told_and_kept(
    desk: MailDesk,
) -> None:
    recap = await desk.submitted()
    desk.client.answer(recap, "Téléphone secondaire : 06 39 98 12 34")
    await desk.settle()

    assert "phone_2" not in (await desk.it()).answers
    assert (await desk.messages())[-1].is_mixed
    assert desk.client.last.kind == "rejected"


async def test_the_desk_reads_who_writes_how_sure_that_is_and_what_is_missing(
    desk: MailDesk,
) -> None:
    desk.writer("Paul", STRANGER).write("Bonjour, une panne au 2 rue X à Lyon.")
    await desk.settle()

    told = desk.readers.last.text
    assert f"De : Paul, {STRANGER} (non vérifié)" in told
    assert "à compléter (" in told


async def test_the_desk_reads_how_to_decide_about_a_held_message(
    desk: MailDesk,
) -> None:
    desk.station.write("Bonjour, une question.")
    await desk.settle()

    told = desk.readers.last.text
    assert "azbot quarantine open 1" in told
    assert "POST /api/v1/quarantine/1/decision" in told
