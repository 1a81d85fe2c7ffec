"""A free mail read as a request: what it says, then what is known."""

from __future__ import annotations

import pytest

from azbot.desk import Draft
from azbot.intake.opening import continued, draft_of, original_sender
from azbot.messages import Address, Inbound, PersonId, RawId, Reply
from azbot.store.records import Person, PersonKind
from tests.unit.workflow.stages import closed

SOPHIE = Person(
    PersonId(7),
    PersonKind.CLIENT,
    ("s.martin@clim-martin.example",),
    name="Sophie Martin",
    company="Clim Martin SARL",
    phones=("+33639981234",),
    account_type="installer",
)


def draft(
    text: str,
    person: Person | None = SOPHIE,
    *,
    subject: str = "Panne",
    is_forward: bool = False,
    unfit: frozenset[str] = frozenset(),
) -> Draft:
    sender = Address(
        person.address if person else "paul@hotel.example",
        person.name if person else "Paul Petit",
    )
    inbound = Inbound(
        "email", "<1@x>", sender, subject=subject, text=text, is_forward=is_forward
    )
    return draft_of(inbound, Reply(text), person, (), RawId(1), "FR", unfit)


def test_what_is_known_of_a_client_fills_the_form() -> None:
    made = draft("Une panne au 18 rue des Charmettes, 69100 Villeurbanne.")

    assert made.answers["installer"] == "Clim Martin SARL"
    assert made.answers["phone"] == "+33639981234"
    assert made.answers["postcode"] == "69100"
    assert made.company == "Clim Martin SARL"


def test_what_a_mail_says_beats_what_is_known() -> None:
    made = draft("Une panne à Lyon. Appelez le 06 12 34 56 78.")

    assert made.answers["phone"] == "+33612345678"


def test_a_stranger_gives_name_and_address_only() -> None:
    made = draft("Une panne à Lyon.", None)

    assert (made.name, made.email) == ("Paul Petit", "paul@hotel.example")
    assert "installer" not in made.answers
    assert made.answers["last_name"] == "Petit"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Bonjour, nous avons une panne dans la chambre 12, merci.", "fr"),
        ("Hello, we have a problem with the thermostat of our hotel.", "en"),
        ("Hola, tenemos una avería en el hotel, por favor.", "es"),
        ("???", "fr"),
    ],
)
def test_a_strangers_language_is_guessed_from_the_text(
    text: str, language: str
) -> None:
    assert draft(text, None).language == language


def test_a_clients_own_language_is_not_guessed_anew() -> None:
    assert draft("Hello, we have a problem with the thermostat.").language == "fr"


def test_the_whole_text_of_a_forward_is_the_request() -> None:
    text = "Voir.\n\n--- Message transféré ---\nDe : a@b.example\n\n44000 Nantes"

    assert draft(text, subject="", is_forward=True).text == text


def test_the_subject_stands_above_the_words() -> None:
    made = draft("Bonjour, plus de chauffage.", subject="RX-200 en E14")

    assert made.text == "RX-200 en E14\n\nBonjour, plus de chauffage."


def test_a_subject_the_words_begin_with_is_not_said_twice() -> None:
    assert draft("Panne, depuis lundi.", subject="panne").text == "Panne, depuis lundi."


def test_a_mail_with_a_subject_only_says_its_subject() -> None:
    assert draft("", subject="Panne à Lyon").text == "Panne à Lyon"


def test_fields_that_cannot_be_taken_are_left_out() -> None:
    unfit = frozenset({"postcode", "phone"})
    made = draft("Une panne, 69100 Villeurbanne.", unfit=unfit)

    assert not unfit & set(made.answers)


def test_a_mail_without_a_sender_is_no_request() -> None:
    with pytest.raises(ValueError, match="sender"):
        draft_of(Inbound("email", "", None), Reply("x"), None, (), RawId(1), "FR")


def test_a_request_that_follows_another_keeps_its_site_and_names_it() -> None:
    before = closed()
    made = continued(draft("Encore une panne."), before)

    assert made.text.startswith(f"({before.ref})")
    assert made.text.endswith("Encore une panne.")
    for key in ("address", "postcode", "town"):
        assert made.answers[key] == before.answers[key]
    assert made.answers.get("own_number") is None


@pytest.mark.parametrize(
    ("block", "email", "name"),
    [
        ("De : Paul Petit <p@x.example>\nObjet : a", "p@x.example", "Paul Petit"),
        ("*De :* Paul Petit <p@x.example>", "p@x.example", "Paul Petit"),
        ('> From: "Petit, Paul" <p@x.example>', "p@x.example", "Petit, Paul"),
        ("De\u00a0: <p@x.example>", "p@x.example", ""),
        ("From: P <mailto:p@x.example>", "p@x.example", "P"),
    ],
)
def test_the_original_sender_of_a_forward_is_read(
    block: str, email: str, name: str
) -> None:
    inbound = Inbound("email", "", None, text=f"Voir.\n\n{block}\n", is_forward=True)

    assert original_sender(inbound) == Address(email, name)


@pytest.mark.parametrize("text", ["De : Lyon à Nantes", "Bonjour", "<p@x.example>"])
def test_a_forward_that_names_nobody_has_no_original_sender(text: str) -> None:
    inbound = Inbound("email", "", None, text=text, is_forward=True)

    assert original_sender(inbound) is None


def test_a_mail_that_is_no_forward_has_no_original_sender() -> None:
    inbound = Inbound("email", "", None, text="De : P <p@x.example>")

    assert original_sender(inbound) is None
