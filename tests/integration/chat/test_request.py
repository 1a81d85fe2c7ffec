"""A request, question by question, in one message (ux.md 10.4, telegram.md §3, 4)."""

from __future__ import annotations

from dataclasses import replace

from azbot.forms import filling
from azbot.i18n.ways import spot_of
from azbot.messages import Spot
from azbot.store import UnitOfWork
from azbot.store.request_drafts import RequestDraft, owner_of
from azbot.testing.chat import Bubble, LocalPerson
from azbot.workflow.model import Assistance
from tests.chatdesk import ChatDesk
from tests.maildesk import CLIENT, STATION

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


def confirmation(who: LocalPerson) -> Bubble:
    (found,) = (b for b in who.sees if b.text.startswith("Demande envoyée"))
    return found


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
    assert confirmation(client).text.startswith(f"Demande envoyée · {it.ref}")
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


# --- words ------------------------------------------------------------------------


async def test_a_free_message_fills_what_it_can_and_only_the_rest_is_asked(
    desk: ChatDesk,
) -> None:
    """« mise en service lundi à Villeurbanne, 5 thermostats » (ux.md 10.4)."""
    said = "mise en service lundi à Villeurbanne, 5 thermostats"
    client = await desk.linked()
    await says(desk, client, said)
    assert "Mise en service · Villeurbanne · 5 thermostats" in client.last.text
    assert "2 sur 8" in client.last.text
    await says(desk, client, "18 rue des Charmettes, 69100", "plénum motorisé")
    assert "Et combien de systèmes" in client.last.text
    await presses(desk, client, "2")
    await says(desk, client, "Ballu")
    await presses(desk, client, "Moi", "Passer", "Envoyer")
    (it,) = await requests(desk)
    assert it.answer("address") == "18 rue des Charmettes"
    assert it.answer("system") == "zoned_ducted"
    assert it.answer("maker") == "other:Ballu"
    assert (it.answers["system_count"], it.answers["thermostat_count"]) == (2, 5)
    assert it.latest is not None
    assert it.latest.text == said


async def test_a_contact_given_where_an_address_is_asked_is_the_contact(
    desk: ChatDesk,
) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")
    await says(desk, client, "Karim Benali, 06 39 98 56 78")
    assert "Contact sur place : Karim Benali." in client.last.text
    assert "2 sur 8" in client.last.text
    await says(desk, client, PLACE, "radiateurs", "1 / 5", "daik")
    assert "7 sur 8" in client.last.text
    await says(desk, client, "passer", "oui")
    (it,) = await requests(desk)
    assert it.answer("address") == "18 rue des Charmettes"
    assert it.answer("contact_name") == "Karim Benali"
    assert it.answer("phone") == "+33639985678"


async def test_every_question_takes_words_alone(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE)
    await says(desk, client, "radiateurs", "1 / 5", "daik")
    await says(desk, client, "Karim Benali, 06 39 98 56 78", "passer", "oui")
    (it,) = await requests(desk)
    assert it.answer("contact_name") == "Karim Benali"
    assert it.answer("phone") == "+33639985678"
    assert it.answer("system") == "radiators"
    assert it.answer("maker") == "daikin"
    assert it.answers["system_count"] == 1
    assert it.ref in confirmation(client).text


async def test_words_that_answer_nothing_may_go_to_support(desk: ChatDesk) -> None:
    """Telegram.md §4: plain chat during a draft."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "vous travaillez le samedi ?")
    assert "Je n’ai pas compris" in client.last.text
    assert "1 sur 8" in client.last.text
    await presses(desk, client, "Envoyer ces mots au support")
    assert "Envoyer ces mots" not in "".join(client.last.labels)
    draft = await draft_of(desk, client)
    assert draft is not None
    assert draft.texts["note"] == "vous travaillez le samedi ?"


async def test_whoever_talks_to_support_may_send_before_the_end(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    await presses(desk, client, "Mise en service", "Parler au support")
    await says(desk, client, "Rappelez-moi, je n’ai pas les papiers avec moi.")
    await presses(desk, client, "Parler au support", "Envoyer la demande sans finir")
    (it,) = await requests(desk)
    assert not it.is_confirmed
    assert "address" in it.missing
    assert "Il manque" in confirmation(client).text
    assert "fabricant de la machine" in confirmation(client).text
    assert it.latest is not None
    assert it.latest.text.startswith("Rappelez-moi")


async def test_five_thousand_letters_in_two_messages_are_kept_whole(
    desk: ChatDesk,
) -> None:
    """Telegram.md §8 (9): the program of the client divides what is too long."""
    client = await desk.linked()
    first, second = "é" * 4096, "🔥" * 900
    await says(desk, client, "/nouvelle", first, second)
    draft = await draft_of(desk, client)
    assert draft is not None
    assert draft.texts["note"] == f"{first}\n{second}"
    assert "1 sur 8" in client.last.text


async def test_marks_in_answers_are_shown_as_they_were_typed(desk: ChatDesk) -> None:
    """Telegram.md §8 (8)."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE, "radiateurs")
    odd = "</b><a href='x'>\u202eClim"
    await says(desk, client, "1 / 5", odd)
    assert "</b><a href='x'>Clim" in client.last.text


async def test_an_edit_corrects_the_answer_it_was(desk: ChatDesk) -> None:
    """Telegram.md §8 (11)."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")
    place = client.says(PLACE)
    await desk.settle()
    client.edits(place, "20 rue des Charmettes, 69100 Villeurbanne")
    await desk.settle()
    assert "20 rue des Charmettes" in client.last.text
    assert "3 sur 8" in client.last.text
    # Once something else answers the question, the message is its answer no more.
    await presses(desk, client, "Retour")
    await says(desk, client, "22 rue des Charmettes, 69100 Villeurbanne")
    client.edits(place, "24 rue des Charmettes, 69100 Villeurbanne")
    await desk.settle()
    draft = await draft_of(desk, client)
    assert draft is not None
    assert draft.texts["address"] == "22 rue des Charmettes"


async def test_words_passed_on_say_whose_they_are_and_answer_nothing(
    desk: ChatDesk,
) -> None:
    """Telegram.md §4: forwarded messages."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    client.forwards("Appelez le 06 39 98 56 78", "Paul")
    await desk.settle()
    draft = await draft_of(desk, client)
    assert draft is not None
    assert draft.texts["note"].startswith("Transféré de Paul")
    assert draft.texts["phone"] != "+33639985678"
    assert "1 sur 8" in client.last.text


# --- ways -------------------------------------------------------------------------


async def test_back_keeps_what_was_answered(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE)
    await presses(desk, client, "Retour", "Retour")
    assert "1 sur 8" in client.last.text
    assert "✓ Mise en service" in client.last.labels
    await presses(desk, client, "Garder")
    assert "3 sur 8" in client.last.text


async def test_back_from_the_thermostats_asks_for_the_systems_again(
    desk: ChatDesk,
) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE, "radiateurs")
    await presses(desk, client, "3", "Retour", "1", "5")
    assert "1 système, 5 thermostats" in client.last.text


async def test_the_recap_changes_one_answer_and_comes_back(desk: ChatDesk) -> None:
    client = await at_recap(desk)
    await presses(desk, client, "Modifier", "Fabricant")
    await says(desk, client, "Hitachi")
    assert client.last.text.startswith("Votre demande · 8 sur 8")
    assert "Fabricant : Hitachi" in client.last.text
    await presses(desk, client, "Modifier", "Chantier", "Retour")
    assert client.last.text.startswith("Votre demande")
    await says(desk, client, "Le portail est au fond de la cour.")
    assert "Message au support : Le portail" in client.last.text


async def test_few_answers_go_at_once_and_many_are_asked_about(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")
    await presses(desk, client, "Annuler")
    assert "Rien n’a été envoyé" in client.last.text
    assert await draft_of(desk, client) is None
    await presses(desk, client, "Nouvelle demande")
    await says(desk, client, "mise en service", PLACE, "radiateurs")
    await presses(desk, client, "Annuler", "Continuer")
    assert "4 sur 8" in client.last.text
    await says(desk, client, "/annuler")
    await presses(desk, client, "Abandonner")
    assert await draft_of(desk, client) is None
    await says(desk, client, "/annuler")
    assert client.last.labels == ["Nouvelle demande", "Retour"]


async def test_a_new_request_beside_one_that_is_open_is_asked_about(
    desk: ChatDesk,
) -> None:
    """Telegram.md §4: no silent reset."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE, "/nouvelle")
    assert client.last.labels == ["Continuer", "Recommencer"]
    await presses(desk, client, "Continuer")
    assert "3 sur 8" in client.last.text
    await says(desk, client, "/nouvelle")
    await presses(desk, client, "Recommencer")
    assert "1 sur 8" in client.last.text
    draft = await draft_of(desk, client)
    assert draft is not None
    assert "address" not in draft.texts


# --- presses that come late, twice, or from elsewhere -----------------------------


async def cancelled(desk: ChatDesk) -> tuple[LocalPerson, Assistance]:
    """A client whose request was cancelled, and is offered to make it once more."""
    client = await at_recap(desk)
    await presses(desk, client, "Envoyer", "Annuler la demande")
    await says(desk, client, "chantier reporté")
    return client, await desk.desk.it()


async def test_a_cancelled_request_lends_everything_it_says_to_the_next_one(
    desk: ChatDesk,
) -> None:
    """X11, as on the portal."""
    client, before = await cancelled(desk)
    await presses(desk, client, "Refaire une demande")
    assert f"Reprise de la demande {before.ref}." in client.last.text
    await presses(desk, client, "Passer", "Envoyer")
    new = next(it for it in await requests(desk) if it.id != before.id)
    asked = {key: before.answer(key) for key in filling.ASKED}
    assert {key: new.answer(key) for key in filling.ASKED} == asked


async def test_making_a_request_again_never_empties_one_that_is_begun(
    desk: ChatDesk,
) -> None:
    client, before = await cancelled(desk)
    await says(desk, client, "/nouvelle")
    await presses(desk, client, "Mise en service")
    await presses(desk, client, "Refaire une demande")
    assert client.last.labels == ["Continuer", f"Repartir de {before.ref}"]
    await presses(desk, client, "Continuer")
    assert "2 sur 8" in client.last.text
    await presses(desk, client, "Refaire une demande", f"Repartir de {before.ref}")
    assert f"Reprise de la demande {before.ref}." in client.last.text


async def test_a_request_of_somebody_else_lends_nothing(desk: ChatDesk) -> None:
    await desk.desk.submitted()
    before = await desk.desk.it()
    other = desk.stranger()
    await says(desk, other, "/nouvelle")
    other.presses_data(f"request.again.{before.ref}")
    await desk.settle()
    draft = await draft_of(desk, other)
    assert draft is not None
    assert "address" not in draft.texts


async def test_send_pressed_twice_is_one_request(desk: ChatDesk) -> None:
    """Telegram.md §8 (14)."""
    client = await at_recap(desk)
    data = client.last.button("Envoyer").data
    client.presses_data(data)
    client.presses_data(data)
    await desk.settle()
    client.presses_data(data)
    await desk.settle()
    assert len(await requests(desk)) == 1
    assert [a.text for a in client.answers].count("Déjà fait.") == 2
    assert confirmation(client).labels


async def test_an_old_button_says_so_and_shows_the_present_question(
    desk: ChatDesk,
) -> None:
    """G3, telegram.md §8 (7)."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    old = client.last.button("Mise en service").data
    await presses(desk, client, "Incident hors garantie")
    client.presses_data(old)
    await desk.settle()
    assert client.answers[-1].text == "Déjà fait."
    assert "Incident hors garantie" in client.last.text
    assert "2 sur 8" in client.last.text


async def test_a_button_of_somebody_else_changes_nothing_of_theirs(
    desk: ChatDesk,
) -> None:
    """Telegram.md §8 (7): a forwarded card."""
    client = await at_recap(desk)
    data = client.last.button("Envoyer").data
    other = desk.stranger()
    other.presses_data(data)
    await desk.settle()
    assert await requests(desk) == []
    assert [a.text for a in other.answers] == ["Ce bouton ne sert plus."]
    assert "Mise en service" not in "".join(b.text for b in other.sees)


async def test_made_up_buttons_are_answered_and_do_nothing(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    draft = await draft_of(desk, client)
    assert draft is not None
    for action in ("", "set", "set.x", "spot.x", "page.x", "edit.nothing", "who.knows"):
        found = await draft_of(desk, client)
        assert found is not None
        client.presses_data(f"request.{found.key[:8]}.{found.revision}.{action}")
        await desk.settle()
    for data in ("request", "request.", "request.x", "request.open.now"):
        client.presses_data(data)
        await desk.settle()
    states = await desk.turns()
    assert set(states) == {"applied"}
    assert len(client.answers) == 11


# --- files ------------------------------------------------------------------------


def photo(number: int = 1, name: str = "") -> tuple[str, str, bytes]:
    return (
        name or f"photo-{number}.jpg",
        "image/jpeg",
        b"\xff\xd8\xff" + bytes([number]) * 99,
    )


PDF = ("bon.pdf", "application/pdf", b"%PDF-1.7\n%%EOF")


async def test_a_photo_before_its_question_is_kept_and_the_question_repeated(
    desk: ChatDesk,
) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    client.sends(photo(), text="la chaudière")
    await desk.settle()
    assert "1 fichier gardé." in client.last.text
    assert "envoyez vos photos comme fichiers" in client.last.text
    assert "1 sur 8" in client.last.text
    client.sends(photo(2))
    await desk.settle()
    assert "comme fichiers" not in client.last.text
    draft = await draft_of(desk, client)
    assert draft is not None
    assert [file.name for file in draft.files] == ["photo-1.jpg", "photo-2.jpg"]
    assert draft.texts["note"] == "la chaudière"


async def test_what_is_too_large_is_sent_by_the_page_of_the_request(
    desk: ChatDesk,
) -> None:
    """A signed link to that very request: no code is asked for."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle")
    await presses(desk, client, "Mise en service")
    client.sends(("film.mp4", "video/mp4", b"x"), kind="video", size=21_000_000)
    await desk.settle()
    assert "« film.mp4 » est trop lourd" in client.last.text
    await says(desk, client, PLACE)
    await presses(desk, client, "Régulation multizone gainable", "1", "5")
    await says(desk, client, "Daikin")
    await presses(desk, client, "Moi", "Passer", "Envoyer")
    upload = confirmation(client).screen.rows[0][0]
    assert upload.label == "Envoyer le fichier par le site"
    assert upload.url.startswith("https://sav.example/a/")
    assert upload.url.endswith("?to=documents")


async def test_an_album_has_one_receipt_and_what_is_too_much_is_named(
    desk: ChatDesk,
) -> None:
    """Telegram.md §8 (10): twelve photos, two albums that mix."""
    client = await at_recap(desk)
    for number in range(1, 13):
        album = "a" if number % 2 else "b"
        client.sends(photo(number), album=album, text="cave" if number == 1 else "")
    await desk.settle()
    assert len(client.sees) == 1
    draft = await draft_of(desk, client)
    assert draft is not None
    assert len(draft.files) == 10
    assert "Pas gardé : photo-12.jpg" in client.last.text
    await presses(desk, client, "Envoyer")
    (it,) = await requests(desk)
    assert len(it.documents) == 10
    assert it.latest is not None
    assert it.latest.text == "cave"


async def test_what_comes_of_an_album_after_sending_joins_the_request(
    desk: ChatDesk,
) -> None:
    client = await at_recap(desk)
    client.sends(photo(1), album="a")
    await desk.settle()
    await presses(desk, client, "Envoyer")
    client.sends(photo(2), album="a")
    await desk.settle()
    (it,) = await requests(desk)
    assert [d.name for d in it.documents] == ["photo-1.jpg", "photo-2.jpg"]
    assert await draft_of(desk, client) is None
    assert "2 fichiers gardés." in confirmation(client).text


async def test_the_first_pdf_is_the_order_until_somebody_says_no(
    desk: ChatDesk,
) -> None:
    client = await at_recap(desk)
    await presses(desk, client, "Modifier", "Fichiers")
    client.sends(PDF, kind="document")
    await desk.settle()
    assert "« bon.pdf » est noté comme bon de commande" in client.last.text
    await presses(desk, client, "Ce n’est pas le bon de commande")
    draft = await draft_of(desk, client)
    assert draft is not None
    assert not draft.files[0].is_proof
    await presses(desk, client, "C’est le bon de commande", "Continuer")
    assert "(bon de commande" in client.last.text
    assert "Il manque" not in client.last.text
    await presses(desk, client, "Envoyer")
    (it,) = await requests(desk)
    assert it.documents[0].kind.value == "order_proof"
    assert "Il manque" not in confirmation(client).text


async def test_a_photo_out_of_the_blue_begins_a_request(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    somebody.sends(photo())
    await desk.settle()
    assert "1 fichier gardé." in somebody.last.text
    assert "1 sur 9" in somebody.last.text


# --- a place, a contact -----------------------------------------------------------


async def test_a_place_that_is_shared_goes_with_the_request(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")
    await presses(desk, client, "Envoyer ma position")
    client.shares_place(Spot(45.764043, 4.835659, is_live=True))
    await desk.settle()
    assert "La position est gardée" in client.last.text
    assert "Quelle est l’adresse de cet endroit" in client.last.text
    await says(desk, client, PLACE)
    assert "3 sur 8" in client.last.text
    await says(desk, client, "radiateurs", "1/5", "Daikin")
    await presses(desk, client, "Moi", "Passer", "Envoyer")
    (it,) = await requests(desk)
    assert spot_of(it.answers) == "45.764043, 4.835659"


async def test_a_known_place_gives_its_address(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")
    spot = Spot(45.76, 4.83, title="Lycée Ampère", address=f"{PLACE}, France")
    client.shares_place(spot)
    await desk.settle()
    assert "Lycée Ampère, 18 rue des Charmettes, 69100" in client.last.text
    assert "3 sur 8" in client.last.text


async def test_the_card_of_anybody_is_the_contact_on_site(desk: ChatDesk) -> None:
    """Telegram.md §8 (13): the number may lack its « + »."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE, "radiateurs")
    await says(desk, client, "1/5", "Daikin")
    client.shares_phone("33639985678", is_own=False, name="Karim Benali")
    await desk.settle()
    assert "Karim Benali, 06 39 98 56 78" in client.last.text
    draft = await draft_of(desk, client)
    assert draft is not None
    assert draft.texts["phone"] == "+33639985678"


# --- whoever nobody knows ---------------------------------------------------------


async def stranger_at_recap(
    desk: ChatDesk, who: LocalPerson, address: str = "k.benali@clim.example"
) -> None:
    await says(desk, who, "/nouvelle", "mise en service", PLACE, "radiateurs")
    await says(desk, who, "1/5", "Daikin", "Karim Benali, 06 39 98 56 78")
    await says(desk, who, f"{address}, Clim Benali", "passer")


async def test_a_stranger_asks_and_proves_nothing(desk: ChatDesk) -> None:
    """As a mail from that address would, that nothing proves."""
    somebody = desk.stranger()
    await stranger_at_recap(desk, somebody)
    assert "9 sur 9" in somebody.last.text
    await presses(desk, somebody, "Envoyer")
    (it,) = await requests(desk)
    assert not it.is_confirmed
    assert it.answer("installer") == "Clim Benali"
    assert "Relier mon compte" in somebody.last.labels
    assert (await desk.account("900")).person is None
    person = await desk.desk.person("k.benali@clim.example")
    assert person is not None
    assert not person.is_verified
    kinds = {mail.kind for mail in desk.desk.writer("K", person.address).mails}
    assert kinds == {"opened"}


async def test_the_address_of_somebody_known_tells_nothing_of_them(
    desk: ChatDesk,
) -> None:
    """G5."""
    somebody = desk.stranger()
    await stranger_at_recap(desk, somebody, CLIENT)
    await presses(desk, somebody, "Envoyer")
    shown = "".join(
        post.act.screen.text for post in somebody.history if hasattr(post.act, "screen")
    )
    assert "Sophie" not in shown
    assert "Clim Martin SARL" not in shown
    assert (await desk.account("900")).person is None


async def test_a_typed_address_is_no_way_to_fill_a_mailbox(desk: ChatDesk) -> None:
    """Nothing proves that whoever types an address reads it, however known it is."""
    stranger = desk.stranger()
    for _ in range(2):
        await stranger_at_recap(desk, stranger, CLIENT)
        await presses(desk, stranger, "Envoyer")
    assert len(await requests(desk)) == 2
    assert desk.desk.client.kinds.count("opened") == 1
    await desk.desk.later(hours=1)
    assert desk.desk.client.kinds.count("opened") == 2


async def test_an_address_that_may_not_ask_is_not_taken(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    await stranger_at_recap(desk, somebody, STATION)
    assert "7 sur 9" in somebody.last.text
    draft = await draft_of(desk, somebody)
    assert draft is not None
    assert "email" not in draft.texts


async def test_who_asks_too_often_keeps_the_draft(desk: ChatDesk) -> None:
    somebody = desk.stranger()
    for number in range(6):
        await stranger_at_recap(desk, somebody, f"k{number}@clim.example")
        await presses(desk, somebody, "Envoyer")
    assert len(await requests(desk)) == 5
    assert "Vous avez fait beaucoup de demandes" in somebody.last.text
    assert await draft_of(desk, somebody) is not None


async def test_what_a_stranger_began_goes_on_when_the_account_is_linked(
    desk: ChatDesk,
) -> None:
    somebody = desk.stranger("501")
    await says(desk, somebody, "/nouvelle", "mise en service", PLACE, "radiateurs")
    await desk.linked(account="501")
    sophie = await desk.desk.person(CLIENT)
    assert sophie is not None
    owner = owner_of(sophie.id)
    await desk.store.write(lambda uow: uow.request_drafts.move("telegram:501", owner))
    await says(desk, somebody, "1/5")
    assert "5 sur 8" in somebody.last.text
    await says(desk, somebody, "Daikin")
    await presses(desk, somebody, "Moi", "Passer", "Envoyer")
    (it,) = await requests(desk)
    assert it.requester == sophie.id
    assert it.answer("installer") == "Clim Martin SARL"


async def test_a_station_makes_no_request(desk: ChatDesk) -> None:
    station = await desk.station()
    await says(desk, station, "/nouvelle")
    assert "pour les clients" in station.last.text
    await says(desk, station, "mise en service à Lyon, 3 thermostats")
    assert await draft_of(desk, station) is None


# --- time and place ---------------------------------------------------------------


async def test_after_six_days_any_message_goes_on_and_after_seven_nothing_does(
    desk: ChatDesk,
) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")
    await desk.desk.later(days=6)
    await says(desk, client, PLACE)
    assert "3 sur 8" in client.last.text
    old = client.last.button("Retour").data
    await desk.desk.later(days=7, seconds=1)
    client.presses_data(old)
    await desk.settle()
    assert client.last.labels == ["Nouvelle demande", "Retour"]
    assert client.answers[-1].text == "Ce bouton ne sert plus."


async def test_a_request_that_was_left_is_reminded_of_once_in_working_hours(
    desk: ChatDesk,
) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")
    await desk.desk.later(hours=20)
    await says(desk, client, PLACE)
    await desk.desk.later(hours=23)
    assert "3 sur 8" in client.last.text
    asked = client.last.id
    for _ in range(24):
        if "pas encore envoyée" in client.last.text:
            break
        await desk.desk.later(hours=1)
    hours = desk.desk.app.desk.rules.working
    assert hours.next_open(desk.clock.now()) == desk.clock.now()
    # It takes the place of the question: one message is open, not two.
    assert asked not in {bubble.id for bubble in client.sees}
    assert PLACE in client.last.text
    assert client.last.labels == ["Continuer", "Annuler"]
    await presses(desk, client, "Continuer")
    assert "3 sur 8" in client.last.text
    await says(desk, client, "radiateurs")
    await desk.desk.later(days=6)
    assert "4 sur 8" in client.last.text


async def test_nobody_is_reminded_of_what_was_sent_or_of_nothing(
    desk: ChatDesk,
) -> None:
    client = await at_recap(desk)
    await presses(desk, client, "Envoyer")
    await says(desk, client, "/nouvelle")
    await desk.desk.later(days=5)
    assert not any("pas encore envoyée" in each.text for each in client.sees)


async def test_another_language_keeps_the_answers(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE)
    client.presses_data("menu.language.es")
    await desk.settle()
    await says(desk, client, "radiateurs")
    assert client.last.text.startswith("Nueva solicitud · 4 de 8")
    assert "Puesta en" in client.last.text
    assert PLACE in client.last.text


async def test_a_form_that_changed_meanwhile_is_no_reason_to_fail(
    desk: ChatDesk,
) -> None:
    """Telegram.md §4: never a KeyError."""
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service")

    def older(uow: UnitOfWork) -> None:
        it = uow.request_drafts.get(owner_of(client_id))
        assert it is not None
        texts = {**it.texts, "colour": "red", "service": "gardening"}
        memory = {"at": "colour", "passed": ["colour"], "said": [1], "page": "x"}
        uow.request_drafts.save(replace(it, texts=texts, memory=memory))

    sophie = await desk.desk.person(CLIENT)
    assert sophie is not None
    client_id = sophie.id
    await desk.store.write(older)
    await says(desk, client, "/nouvelle")
    await presses(desk, client, "Continuer")
    assert "1 sur 8" in client.last.text


async def test_portal_and_chat_open_the_same_draft(desk: ChatDesk) -> None:
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "mise en service", PLACE)
    draft = await draft_of(desk, client)
    assert draft is not None
    assert draft.step == 2
    texts = filling.revised(draft.texts, {}, {"system": "radiators"})
    await desk.store.write(
        lambda uow: uow.request_drafts.save(replace(draft, texts=texts))
    )
    # What was pressed was drawn before the page changed it.
    await presses(desk, client, "Ventilation")
    assert client.answers[-1].text == "Déjà fait."
    assert "4 sur 8" in client.last.text


# --- beside what is open already --------------------------------------------------


async def test_words_are_about_what_is_open_unless_they_are_asked_for(
    desk: ChatDesk,
) -> None:
    """Telegram.md §2.4: a draft takes them while it asks."""
    await desk.desk.submitted()
    client = await desk.linked()
    await says(desk, client, "mise en service à Lyon, 5 thermostats")
    assert await draft_of(desk, client) is None
    assert len(await desk.desk.messages()) == 1
    await says(desk, client, "/nouvelle", "mise en service")
    assert "2 sur 8" in client.last.text
    assert len(await desk.desk.messages()) == 1


async def test_words_that_answer_nothing_go_to_what_they_are_meant_for(
    desk: ChatDesk,
) -> None:
    await desk.desk.submitted()
    ref = (await desk.desk.it()).ref
    client = await desk.linked()
    await says(desk, client, "/nouvelle", "d’accord pour mardi, et merci encore")
    assert f"Envoyer ces mots pour {ref}" in client.last.labels
    assert "Les joindre à cette demande" in client.last.labels
    await presses(desk, client, f"Envoyer ces mots pour {ref}")
    assert f"Transmis au support : {ref}." in client.last.text
    said = [message.text for message in await desk.desk.messages()]
    assert said == ["d’accord pour mardi, et merci encore"]
    draft = await draft_of(desk, client)
    assert draft is not None
    assert "note" not in draft.texts


async def test_a_reply_to_a_message_of_a_case_goes_there(desk: ChatDesk) -> None:
    await desk.desk.submitted()
    client = await desk.linked()
    await says(desk, client, "bonjour, une précision", "/nouvelle")
    (first,) = await desk.desk.messages()
    about = replace(client.last, id=first.message_id)
    client.says("et une autre", reply_to=about)
    await desk.settle()
    assert [m.text for m in await desk.desk.messages()][1] == "et une autre"
    draft = await draft_of(desk, client)
    assert draft is not None
    assert draft.memory.get("stray") is None
