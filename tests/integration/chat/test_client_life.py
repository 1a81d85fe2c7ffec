"""A client lives in the chat: asks, completes, moves a date, says no, says yes (G7)."""

from __future__ import annotations

from datetime import timedelta

from azbot.messages import Trust
from azbot.screens import Redraw
from azbot.testing.chat import Bubble, LocalPerson
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.conversation import Said, messages
from azbot.workflow.model import Actor, Role, Status
from tests.chatdesk import ChatDesk

PHOTO = ("photo.jpg", "image/jpeg", b"\xff\xd8\xff\xe0" + b"j" * 20_000)
ORDER = ("bon.pdf", "application/pdf", b"%PDF-1.4 bon de commande")


def asking(person: LocalPerson, words: str) -> Bubble:
    """Return the newest bubble that says this."""
    return next(b for b in reversed(person.sees) if words in b.text)


async def conversation(desk: ChatDesk) -> tuple[Said, ...]:
    """What was said of the only request, its first mail included, as it reads now."""
    key = (await desk.desk.it()).id
    return messages(await desk.store.write(lambda uow: uow.events.of(key)))


async def test_a_client_uses_the_chat_alone_from_the_question_to_the_end(
    desk: ChatDesk,
) -> None:
    sophie, mail = await desk.linked(), desk.desk
    await mail.submitted()
    letters = len(mail.client.mails)

    # What is missing is asked field by field, by buttons or in words.
    await desk.press(sophie, "Compléter la demande")
    assert "1 sur 4 · Système" in sophie.last.text
    sophie.presses(sophie.last.labels[0])
    await desk.settle()
    assert "2 sur 4 · Nombre de systèmes" in sophie.last.text
    await desk.say(sophie, "beaucoup")
    assert "2 sur 4" in sophie.last.text
    await desk.say(sophie, "1", "5 thermostats")
    assert "4 sur 4 · Fabricant de la machine" in sophie.last.text
    await desk.say(sophie, "Daikin")
    it = await mail.it()
    assert it.missing == ()
    assert (it.answer("thermostat_count"), it.answer("maker")) == ("5", "daikin")
    assert sophie.last.text == "Modifications enregistrées."

    # The desk asks for a document: a photo answers.
    await mail.act(c.AskComplement("Une photo suffit.", ("order_proof",)))
    assert "Une photo suffit." in sophie.last.text
    await desk.press(sophie, "Envoyer le document")
    sophie.sends(ORDER, kind="document")
    await desk.settle()
    assert "1 fichier reçu." in sophie.last.text
    await desk.press(sophie, "Terminé")
    it = await mail.it()
    assert (it.status, it.is_completed) == (Status.SUBMITTED, True)
    assert [d.name for d in it.documents] == ["bon.pdf"]
    asked = asking(sophie, "Un complément était demandé")
    assert asked.labels == []

    # A station takes it; the date does not suit.
    await mail.act(c.AssignStation(mail.people.station, "prête"))
    mail.station.answer(mail.station.last, "OUI")
    await desk.settle()
    mail.station.answer(mail.station.last, "mercredi 14 h 30")
    await desk.settle()
    await desk.press(sophie, "Autre date")
    assert "Demander une autre date" in sophie.last.text
    await desk.say(sophie, "plutôt jeudi matin")
    assert sophie.last.text == "Votre demande d’une autre date est transmise."
    asked_for = [x for x in await mail.events() if isinstance(x, e.OtherDateAsked)]
    assert [x.text for x in asked_for] == ["plutôt jeudi matin"]
    at = (await mail.it()).visit.planned_at  # type: ignore[union-attr]
    assert at is not None
    await mail.visit(
        c.ScheduleIntervention(at + timedelta(days=1), reason="à la demande du client")
    )
    assert sophie.last.text.startswith("Votre intervention change de date")

    # Not solved: words are needed, a photo goes along.
    await mail.finish_visit()
    await desk.press(sophie, "Non")
    assert "Que reste-t-il à résoudre ?" in sophie.last.text
    await desk.say(sophie, "non")
    assert "au moins 3 mots" in sophie.last.text
    sophie.sends(PHOTO, text="la chambre 2 ne chauffe pas")
    await desk.settle()
    it = await mail.it()
    assert it.status is Status.UNDERWAY
    assert it.documents[-1].name == "photo.jpg"
    assert sophie.last.text == "C’est noté, une nouvelle visite est prévue."

    # Solved: one press closes.
    await mail.visit(c.ScheduleIntervention(desk.clock.now() + timedelta(days=2)))
    await mail.act(c.ApproveIntervention())
    assert sophie.last.text.startswith("Deuxième visite programmée")
    await mail.finish_visit()
    await desk.press(sophie, "Oui, clôturer")
    assert (await mail.it()).status is Status.CLOSED
    assert asking(sophie, "✓ Oui, l’assistance est clôturée.").labels == []
    # Nobody wrote a mail on this side, and every mail left all the same.
    assert len(mail.client.mails) > letters


async def test_an_answer_by_mail_ends_the_question_in_the_chat(desk: ChatDesk) -> None:
    """G7: the same instant, and it says what was decided and by which way."""
    sophie = await desk.linked()
    question = await desk.desk.done()
    asked = asking(sophie, "Le problème est-il résolu")
    assert asked.labels == ["Oui, clôturer", "Non"]
    desk.desk.client.answer(question, "OUI")
    await desk.settle()
    ended = next(b for b in sophie.sees if b.id == asked.id)
    assert ended.labels == []
    assert "✓ Oui, l’assistance est clôturée. (par e-mail)" in ended.text
    assert "Statut : Clôturée" in sophie.sees[0].text
    assert sophie.last.text.startswith("Votre demande est clôturée")


async def test_an_answer_in_the_chat_makes_a_late_mail_do_nothing(
    desk: ChatDesk,
) -> None:
    """G7, the other way round: « OUI » that comes late is a polite no-op."""
    sophie = await desk.linked()
    question = await desk.desk.done()
    await desk.press(sophie, "Oui, clôturer")
    closed = await desk.desk.it()
    desk.desk.client.answer(question, "OUI")
    await desk.settle()
    after = await desk.desk.it()
    assert after.status is Status.CLOSED
    closings = [
        x for x in await desk.desk.events() if isinstance(x, e.AssistanceClosed)
    ]
    assert len(closings) == 1
    assert after.closed_at == closed.closed_at


async def test_a_question_that_is_put_again_has_its_buttons_once(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.done()
    first = asking(sophie, "Le problème est-il résolu")
    await desk.desk.later(days=6)
    assert next(b for b in sophie.sees if b.id == first.id).labels == []
    reminder = asking(sophie, "Rappel : peut-on clôturer")
    assert reminder.labels == ["Oui, clôturer", "Non"]
    await desk.desk.later(days=14)
    assert (await desk.desk.it()).status is Status.CLOSED
    ended = next(b for b in sophie.sees if b.id == reminder.id)
    assert "Sans réponse, l’assistance est clôturée." in ended.text
    assert ended.labels == []


async def test_words_that_come_too_late_reach_the_desk_as_a_message(
    desk: ChatDesk,
) -> None:
    """Refusals are told in the user's words, and nothing is lost (ux.md 9.2)."""
    sophie = await desk.linked()
    await desk.desk.done()
    await desk.press(sophie, "Non")
    await desk.desk.act(c.CloseAssistance())
    await desk.say(sophie, "la chambre 2 ne chauffe toujours pas")
    assert (await desk.desk.it()).status is Status.CLOSED
    said = (await desk.desk.messages())[-1]
    assert said.text == "la chambre 2 ne chauffe toujours pas"
    told = asking(sophie, "La demande a changé entre-temps.")
    assert "Votre message est transmis au support technique." in told.text


async def test_a_request_is_cancelled_with_a_reason(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.press(sophie, "Annuler la demande")
    assert "Annuler la demande ?" in sophie.last.text
    await desk.press(sophie, "Retour")
    assert (await desk.desk.it()).status is Status.SUBMITTED
    assert not any("Annuler la demande ?" in b.text for b in sophie.sees)
    await desk.press(sophie, "Annuler la demande")
    await desk.say(sophie, "chantier reporté")
    it = await desk.desk.it()
    assert (it.status, it.reason) == (Status.CANCELLED, "chantier reporté")
    assert sophie.last.text == "Votre annulation est enregistrée."


async def test_after_assignment_the_desk_decides_about_cancelling(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.planned()
    await desk.press(sophie, "Demander l’annulation")
    await desk.say(sophie, "chantier reporté")
    it = await desk.desk.it()
    assert (it.status, it.cancellation_asked) == (Status.UNDERWAY, True)
    assert "Votre souhait d’annuler est déjà transmis" in sophie.sees[0].text
    assert "Demander l’annulation" not in sophie.sees[0].labels


async def test_documents_are_added_until_they_say_done(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.press(sophie, "Ajouter un document")
    for number in range(5):
        _, kind, octets = PHOTO
        file = (f"{number}.jpg", kind, octets + bytes([number]))
        sophie.sends(file, album="a1")
    sophie.sends(ORDER, text="et le bon de commande", kind="document")
    await desk.settle()
    assert "6 fichiers reçus." in sophie.last.text
    await desk.press(sophie, "Terminé")
    it = await desk.desk.it()
    assert len(it.documents) == 6
    # What is sent until they say so is one message, and one mail to the desk.
    _, said = await conversation(desk)
    assert said.text == "et le bon de commande"
    assert sophie.last.text == "6 fichiers ajoutés à votre demande."
    assert (await desk.account()).room == ""


async def test_documents_one_by_one_are_one_message_and_have_one_receipt(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.press(sophie, "Ajouter un document")
    before = len(sophie.history)
    name, kind, octets = ORDER
    for number in range(3):
        sophie.sends((name, kind, octets + bytes([number])), kind="document")
    await desk.settle()
    drawn = [post.act for post in sophie.history[before:]]
    below = [isinstance(act, Redraw) and act.is_below for act in drawn]
    assert below == [True, *(False for _ in below[1:])]
    assert "3 fichiers reçus." in sophie.last.text
    _, said = await conversation(desk)
    assert len(said.documents) == 3
    # After a pause the desk is told anew, and the receipt is seen below.
    await desk.clock.advance(timedelta(minutes=11))
    sophie.sends((name, kind, octets + b"4"), kind="document")
    await desk.settle()
    assert len(await desk.desk.messages()) == 2
    assert isinstance(act := sophie.history[-1].act, Redraw)
    assert act.is_below


async def test_a_file_that_is_not_taken_is_told_with_another_way(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.press(sophie, "Ajouter un document")
    desk.chat.files.clear()
    sophie.sends(PHOTO)
    desk.chat.files.clear()
    await desk.settle()
    assert "photo.jpg" in sophie.last.text
    assert "Le fichier est illisible" in sophie.last.text
    assert "https://sav.example/a/" in sophie.last.screen.text
    assert "?to=documents" in sophie.last.screen.text
    assert "fichier reçu" not in sophie.last.text


async def test_a_reply_about_something_else_is_not_taken_for_the_answer(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    desk.desk.client.write("Dépannage au 2 rue Neuve, 69100 Villeurbanne.", subject="B")
    await desk.settle()
    other = asking(sophie, "2 rue Neuve")
    sophie.presses("Annuler la demande", on=sophie.sees[0])
    await desk.settle()
    sophie.says("le portail est ouvert", reply_to=other)
    await desk.settle()
    assert (await desk.desk.it(1)).status is Status.SUBMITTED
    assert (await desk.desk.messages(2))[-1].text == "le portail est ouvert"


async def test_the_contact_on_site_asks_for_another_date(desk: ChatDesk) -> None:
    """R153: what concerns their presence is theirs to say."""
    await desk.desk.submitted()
    await desk.desk.act(c.AmendRequest({"contact_email": "marc@chantier.example"}))
    marc = await desk.linked("marc@chantier.example", account="502")
    await desk.desk.act(c.AssignStation(desk.desk.people.station, "prête"))
    desk.desk.station.answer(desk.desk.station.last, "OUI")
    await desk.settle()
    desk.desk.station.answer(desk.desk.station.last, "mercredi 14 h 30")
    await desk.settle()
    await desk.press(marc, "Autre date")
    await desk.say(marc, "jeudi matin")
    asked = [x for x in await desk.desk.events() if isinstance(x, e.OtherDateAsked)]
    assert [x.text for x in asked] == ["jeudi matin"]


async def test_somebody_who_is_let_in_gets_the_card(desk: ChatDesk) -> None:
    """ux.md 7.1: they read all of it and decide nothing."""
    await desk.desk.submitted()
    await desk.desk.act(c.AmendRequest({"contact_email": "hugo@clim.example"}))
    hugo = await desk.linked("hugo@clim.example", account="503")
    person = await desk.desk.person("hugo@clim.example")
    assert person is not None
    await desk.desk.act(
        c.AmendRequest({"contact_email": "s.martin@clim-martin.example"})
    )
    await desk.desk.act(c.InviteColleague(person.id, "Hugo Petit"))
    assert hugo.last.text.startswith("Vous suivez maintenant une demande")
    card = next(b for b in hugo.sees if b.id == hugo.last.reply_to)
    assert card.labels == ["Ajouter un document", "Écrire au support", "Ouvrir"]


async def test_what_an_agent_does_reaches_somebody_who_was_asked_something(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.press(sophie, "Annuler la demande")
    await desk.desk.act(c.CancelAssistance("doublon"))
    assert sophie.last.text.startswith("La demande est annulée")
    await desk.say(sophie, "parce que")
    assert (await desk.desk.it()).reason == "doublon"


async def test_the_list_has_open_ones_first_page_by_page(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    for _ in range(4):
        for street in range(2):
            desk.desk.client.write(
                f"Dépannage au {street + 1} rue Neuve, 69100 Villeurbanne.",
                subject="Panne",
            )
        await desk.settle()
        await desk.desk.later(hours=2)
    await desk.desk.act(c.CancelAssistance("doublon"), number=8)
    await desk.say(sophie, "/demandes")
    page = sophie.last
    assert page.text.startswith("Vos demandes")
    refs = [label for label in page.labels if label.startswith("ASFR")]
    assert len(refs) == 6
    assert refs[0].startswith("ASFR26000007")
    await desk.press(sophie, "Suivantes")
    assert sophie.last.id == page.id
    assert "ASFR26000008 · Annulée" in sophie.last.labels
    await desk.press(sophie, "ASFR26000008")
    assert sophie.last.text.startswith("ASFR26000008")
    assert sophie.last.labels[0] == "Refaire une demande"


async def test_whoever_has_no_account_has_no_list(desk: ChatDesk) -> None:
    """G5."""
    await desk.desk.submitted()
    somebody = desk.stranger()
    await desk.say(somebody, "/demandes")
    assert not any("ASFR" in bubble.text for bubble in somebody.sees)


async def test_a_recap_is_agreed_with_or_corrected(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    answers = {
        "system": "zoned_ducted",
        "system_count": 1,
        "thermostat_count": 5,
        "maker": "daikin",
    }
    await desk.desk.act(c.AmendRequest(answers))
    await desk.press(sophie, "Vérifier la demande")
    recap = sophie.last
    assert "Fabricant de la machine : Daikin" in recap.text
    old = recap.button("Oui, tout est exact").data
    await desk.desk.act(c.AmendRequest({"thermostat_count": 6}))
    sophie.presses_data(old)
    await desk.settle()
    assert not (await desk.desk.it()).is_confirmed
    assert sophie.answers[-1].text == "Déjà fait."
    await desk.press(sophie, "Vérifier la demande", "Oui, tout est exact")
    assert (await desk.desk.it()).is_confirmed
    assert sophie.answers[-1].text == "✓ Demande confirmée."


async def test_writing_to_the_desk_says_where_the_words_go(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.press(sophie, "Écrire au support")
    assert "ASFR26000001" in sophie.last.text
    account = await desk.account()
    assert account.focus == 1
    assert account.focus_until == desk.clock.now() + timedelta(minutes=30)
    await desk.say(sophie, "le portail est ouvert jusqu’à 17 h")
    said = (await desk.desk.messages())[-1]
    assert said.text == "le portail est ouvert jusqu’à 17 h"


async def test_writing_to_the_desk_goes_before_a_request_that_was_begun(
    desk: ChatDesk,
) -> None:
    """A draft takes words; who pressed « Écrire au support » means the desk."""
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.say(sophie, "/nouvelle")
    sophie.presses("Écrire au support", on=sophie.sees[0])
    await desk.settle()
    await desk.say(sophie, "le portail est ouvert")
    assert (await desk.desk.messages())[-1].text == "le portail est ouvert"


async def test_answers_that_come_too_late_are_read_by_the_desk(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.press(sophie, "Compléter la demande")
    await desk.say(sophie, "Airzone")
    await desk.desk.act(
        c.AssignStation(desk.desk.people.station, "prête"),
    )
    for answer in ("1", "5", "Daikin"):
        sophie.says(answer)
        await desk.settle()
    said = (await desk.desk.messages())[-1]
    assert "Nombre de thermostats : 5" in said.text.replace("\u00a0", " ")


async def test_who_said_stop_hears_nothing_and_loses_no_mail(desk: ChatDesk) -> None:
    sophie = await desk.linked()
    await desk.desk.submitted()
    await desk.say(sophie, "/stop")
    count, letters = len(sophie.history), len(desk.desk.client.mails)
    await desk.desk.act(c.AssignStation(desk.desk.people.station, "prête"))
    assert len(sophie.history) == count
    assert len(desk.desk.client.mails) > letters


async def test_the_report_comes_with_the_question_and_again_when_asked(
    desk: ChatDesk,
) -> None:
    sophie = await desk.linked()
    await desk.desk.done()
    asked = asking(sophie, "Le problème est-il résolu")
    assert [name.rpartition(".")[2] for name in asked.files] == ["pdf"]
    await desk.press(sophie, "Recevoir le rapport")
    assert sophie.last.files == asked.files


async def test_an_answer_on_the_page_ends_the_question_in_the_chat(
    desk: ChatDesk,
) -> None:
    """G7: whichever way it came."""
    sophie = await desk.linked()
    await desk.desk.done()
    asked = asking(sophie, "Le problème est-il résolu")
    it = await desk.desk.it()
    visitor = Actor(Role.CLIENT, it.requester, "Sophie Martin", Trust.PROVEN, "web")
    words = c.RefuseClosing("la chambre 2 ne chauffe pas")
    await desk.desk.app.desk.handle(it.id, words, visitor)
    await desk.settle()
    ended = next(b for b in sophie.sees if b.id == asked.id)
    assert ended.labels == []
    assert "✓ Non, une nouvelle visite est prévue. (sur la page)" in ended.text
    assert sophie.last.text.startswith("Votre demande reste ouverte")
    assert sophie.last.is_silent
