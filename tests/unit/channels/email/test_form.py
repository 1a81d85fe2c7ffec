import pytest

from azbot.channels.email.form import (
    Completed,
    lines_to_complete,
    missing_fields,
    read_first_mail,
    read_reply,
    recap,
    text_to_complete,
)
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.draft import Draft, prefill
from azbot.forms.form import Source
from azbot.forms.kinds import Context
from azbot.i18n.catalogue import LANGUAGES, catalogue

S = "\u00a0"
FRENCH = catalogue("fr")


def a_draft() -> Draft:
    profile = {
        "first_name": "Sophie",
        "last_name": "Martin",
        "name": "Sophie Martin",
        "email": "sophie@clim.example",
        "phone": "06 39 98 12 34",
        "company": "Clim Martin",
        "account_type": "installer",
    }
    return prefill(ASSISTANCE, {Source.PROFILE: profile}, Context(country="FR"))


def first_mail(text: str) -> Completed:
    return read_first_mail(text, ASSISTANCE, a_draft(), "fr")


REQUEST = (
    "Mise en service au 18 rue des Charmettes, 69100 Villeurbanne, 1 système, Daikin."
)


def test_what_is_missing_is_listed_by_label() -> None:
    draft = first_mail(REQUEST).draft
    assert text_to_complete(ASSISTANCE, draft, FRENCH) == (
        f"Il manque 2 informations. Complétez après les deux-points et répondez{S}:\n"
        f"Système{S}:\n"
        f"Nombre de thermostats{S}:"
    )


def test_one_missing_field_is_singular() -> None:
    draft = first_mail(REQUEST + " 5 thermostats").draft
    assert text_to_complete(ASSISTANCE, draft, FRENCH).startswith(
        "Il manque 1 information."
    )


def test_a_mail_never_asks_for_the_region() -> None:
    keys = [field.key for field in missing_fields(ASSISTANCE, Draft())]
    assert "postcode" in keys
    assert "region" not in keys


def test_the_list_filled_in_and_sent_back_is_read() -> None:
    draft = first_mail(REQUEST).draft
    reply = text_to_complete(ASSISTANCE, draft, FRENCH)
    reply = reply.replace(f"Système{S}:", f"Système{S}: gainable").replace(
        f"thermostats{S}:", f"thermostats{S}: 5"
    )
    done = read_reply(f"Bonjour,\n{reply}\nMerci", ASSISTANCE, draft, "fr")
    assert done.changed == ("system", "thermostat_count")
    assert done.problems == ()
    assert ASSISTANCE.missing(done.draft.answers) == ()
    assert text_to_complete(ASSISTANCE, done.draft, FRENCH) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_a_mail_asks_for_is_read_back(language: str) -> None:
    answers = {
        "email": "a@b.example", "installer": "Clim", "contact_name": "Luc",
        "phone": "06 39 98 12 34", "contact_email": "c@d.example",
        "service": "incident", "address": "1 rue X", "postcode": "69100",
        "town": "Bron", "country": "France", "system": "gateway",
        "system_count": "1", "thermostat_count": "0", "maker": "Gree",
    }  # fmt: skip
    asked = missing_fields(ASSISTANCE, Draft())
    lines = lines_to_complete(ASSISTANCE, Draft(), catalogue(language))
    assert len(asked) == len(lines) == len(answers)
    reply = "\n".join(
        f"{line} {answers[field.key]}" for field, line in zip(asked, lines, strict=True)
    )
    done = read_reply(reply, ASSISTANCE, Draft(), language)
    assert done.problems == ()
    assert set(done.changed) == set(answers)
    assert ASSISTANCE.missing(done.draft.answers) == ()


def test_an_untouched_list_sent_back_changes_nothing() -> None:
    draft = first_mail(REQUEST).draft
    reply = text_to_complete(ASSISTANCE, draft, FRENCH)
    done = read_reply(reply, ASSISTANCE, draft, "fr")
    assert done.changed == ()
    assert done.problems == ()
    assert done.draft is draft


def test_a_wrong_answer_is_told_with_its_repair_and_asked_again() -> None:
    draft = first_mail(REQUEST + " gainable").draft
    done = read_reply("Nombre de thermostats : beaucoup", ASSISTANCE, draft, "fr")
    text = text_to_complete(ASSISTANCE, done.draft, FRENCH, done.problems)
    assert text == (
        f"1 réponse est à corriger{S}:\n"
        f"Nombre de thermostats «{S}beaucoup{S}»{S}: "
        "Écrivez un nombre entier, en chiffres.\n\n"
        f"Il manque 1 information. Complétez après les deux-points et répondez{S}:\n"
        f"Nombre de thermostats{S}:"
    )
    again = read_reply(text, ASSISTANCE, done.draft, "fr")
    assert again.changed == ()
    assert again.problems == ()


def test_a_label_corrects_what_was_understood() -> None:
    draft = first_mail(REQUEST).draft
    done = read_reply("Fabricant de la machine : Toshiba", ASSISTANCE, draft, "fr")
    assert done.draft.answers["maker"] == "toshiba"
    assert done.changed == ("maker",)


def test_a_reply_may_use_the_labels_of_another_language() -> None:
    done = read_reply("Number of thermostats: 5", ASSISTANCE, a_draft(), "fr")
    assert done.draft.answers["thermostat_count"] == 5


def test_answers_that_do_not_fit_together_are_told() -> None:
    draft = Draft({**a_draft().answers, "phone_2": "+33639981234"})
    assert "déjà le premier" in text_to_complete(ASSISTANCE, draft, FRENCH)


def test_the_recap_says_what_was_understood() -> None:
    rows = dict(recap(ASSISTANCE, first_mail(REQUEST).draft, FRENCH))
    assert rows["Type de service demandé"] == "Mise en service"
    assert rows["Région"] == "Auvergne-Rhône-Alpes"
    assert rows["Téléphone"] == f"06{S}39{S}98{S}12{S}34"


def test_free_text_replaces_a_prefilled_contact() -> None:
    done = first_mail(REQUEST + "\nDemander M. Petit au 01 99 00 12 34")
    assert done.draft.answers["contact_name"] == "M. Petit"
    assert done.draft.answers["phone"] == "+33199001234"
