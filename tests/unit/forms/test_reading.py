"""Free requests and labelled lines, as people write them."""

from typing import Any

import pytest

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Context
from azbot.forms.reading import Reading, label_index, read_lines, read_request

FRANCE = Context(country="FR")
LABELS = label_index(
    ASSISTANCE,
    [
        ("system", "Système"),
        ("system", "System"),
        ("system", "Sistema"),
        ("thermostat_count", "Nombre de thermostats"),
        ("phone", "Téléphone"),
        ("postcode", "Code postal"),
        ("address", "Adresse"),
        ("contact_email", "Courrier électronique"),
        ("own_number", "Votre référence ou n° de commande"),
    ],
)


def free(text: str) -> Reading:
    return read_request(text, ASSISTANCE, LABELS, FRANCE)


def lines(text: str) -> Reading:
    return read_lines(text, ASSISTANCE, LABELS, FRANCE)


A_MAIL = """Mise en service chantier Petit
Bonjour,
nous souhaitons une mise en service au 18 rue des Charmettes, 69100 Villeurbanne,
pour 1 système gainable et 5 thermostats, PAC Daikin.
Demander M. Dupont au 06 39 98 12 34, ou 01.99.00.12.34. Fax : 01 99 00 99 99
Commande n° 4512.
Cordialement,
Sophie Martin
Clim Martin SARL
sophie@clim-martin.example"""


def test_a_whole_request_is_understood() -> None:
    assert free(A_MAIL).answers == {
        "service": "commissioning",
        "address": "18 rue des Charmettes",
        "postcode": "69100",
        "town": "Villeurbanne",
        "system": "zoned_ducted",
        "system_count": 1,
        "thermostat_count": 5,
        "maker": "daikin",
        "contact_name": "M. Dupont",
        "phone": "+33639981234",
        "phone_2": "+33199001234",
        "own_number": "4512",
        "installer": "Clim Martin SARL",
        "contact_email": "sophie@clim-martin.example",
    }


def test_every_reading_says_where_it_stands() -> None:
    reading = free(A_MAIL)
    spans = {found.key: A_MAIL[slice(*found.span)] for found in reading.found}
    assert spans["town"].strip() == "Villeurbanne"
    assert spans["phone"] == "06 39 98 12 34"
    assert spans["maker"] == "Daikin"
    assert all(0 < found.confidence <= 1 for found in reading.found)


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("marquage des travaux à prévoir", "service", "marking"),
        ("Mise en route de la PAC", "service", "commissioning"),
        ("MES du système", "service", "commissioning"),
        ("la clim est encore sous garantie, en panne", "service", "incident_warranty"),
        ("depuis la mise en service, panne sous garantie", "service",
         "incident_warranty"),
        ("elle n'est plus sous garantie", "service", "incident"),
        ("we need commissioning", "service", "commissioning"),
        ("avería en garantía", "service", "incident_warranty"),
        ("12 bis av. Jean Jaurès, bât. B, 3e étage, Lyon", "address",
         "12 bis av. Jean Jaurès, bât. B, 3e étage"),
        ("ZA des Platanes 42000 Saint-Étienne", "address", "ZA des Platanes"),
        ("Calle Mayor 12, 28001 Madrid", "address", "Calle Mayor 12"),
        ("at 12 Station Road, Paris", "address", "12 Station Road"),
        ("42000 saint etienne", "town", "Saint Etienne"),
        ("13100 Aix-en-Provence Cedex 2 bonjour", "town", "Aix-en-Provence Cedex 2"),
        ("17000 La Rochelle", "town", "La Rochelle"),
        ("06160 Juan les Pins", "town", "Juan les Pins"),
        ("62520 Le Touquet-Paris-Plage", "town", "Le Touquet-Paris-Plage"),
        ("69100 Villeurbanne France", "town", "Villeurbanne"),
        ("Saint-Étienne (42000)", "postcode", "42000"),
        ("Saint-Étienne (42000)", "town", "Saint-Étienne"),
        ("un chantier à La Rochelle", "town", "La Rochelle"),
        ("F-69100 Villeurbanne", "postcode", "69100"),
        ("tél +33 (0)6 39 98 12 34", "phone", "+33639981234"),
        ("mon numéro : 0692 12 34 56", "phone", "+262692123456"),
        ("cinq thermostats", "thermostat_count", 5),
        ("5x thermostats", "thermostat_count", 5),
        ("thermostats : 12", "thermostat_count", 12),
        ("4 thermostats radio et 1 thermostat filaire", "thermostat_count", 5),
        ("5 thermostats. Les 5 thermostats sont posés", "thermostat_count", 5),
        ("two systems", "system_count", 2),
        ("3 nouveaux systèmes", "system_count", 3),
        ("une Mitsubishi", "maker", "other:Mitsubishi"),
        ("Mitsubishi Electric", "maker", "mitsubishi_electric"),
        ("unité LG", "maker", "lg"),
        ("plancher chauffant", "system", "zoned_hydronic"),
        ("N/Réf : AB-778", "own_number", "AB-778"),
        ("order number PO-7781", "own_number", "PO-7781"),
        ("réf. chantier : Les Lilas bât. C", "own_number", "Les Lilas bât. C"),
        ("Contact : Luc Petit", "contact_name", "Luc Petit"),
        ("voir avec Mme Durand", "contact_name", "Mme Durand"),
        ("Mme Durand (06 39 98 12 34)", "contact_name", "Mme Durand"),
        ("Ask for Mr Brown", "contact_name", "Mr Brown"),
        ("preguntar por Ana García", "contact_name", "Ana García"),
        ("distributeur : Négoce Sud SAS", "distributor", "Négoce Sud SAS"),
    ],
)  # fmt: skip
def test_one_thing_is_read(text: str, key: str, value: Any) -> None:
    assert free(text).answers.get(key) == value


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("j'ai parlé à mes clients", "service"),
        ("en général tout va bien, merci", "maker"),
        ("c'est atlantic city", "maker"),
        ("commande 69100 reçue", "postcode"),
        ("commande n° 69100 du jour", "postcode"),
        ("au prix de 12500 euros", "postcode"),
        ("96000 Nulleville", "postcode"),
        ("Fax 01 99 00 12 34", "phone"),
        ("ma référence ASFR26000184", "own_number"),
        ("contacter Lundi", "contact_name"),
        ("rendez-vous à Mars", "town"),
        ("un problème", "thermostat_count"),
        ("150 systèmes", "system_count"),
    ],
)
def test_a_look_alike_is_left_alone(text: str, key: str) -> None:
    assert key not in free(text).answers


def test_a_breakdown_without_word_of_the_guarantee_is_only_a_suggestion() -> None:
    reading = free("ma clim est en panne")
    assert "service" not in reading.answers
    assert [(f.key, f.value) for f in reading.found] == [("service", "incident")]


@pytest.mark.parametrize(
    "line",
    [
        "Système : gainable",
        "système: gainable",
        "SYSTEME\u00a0:\u00a0 gainable",
        "  Systeme \uff1a gainable",
        "> * Système * : gainable",
        "- Système = gainable",
        "1. Système : gainable",
        "Système :\ngainable",
        "Système :\n\n  gainable",
        "System: ducted",
        "type de système : gainable",
        "Sistema: conductos",
    ],
)
def test_a_label_is_known_however_it_is_written(line: str) -> None:
    assert lines(f"Bonjour,\n{line}\nMerci").answers == {"system": "zoned_ducted"}


def test_an_empty_label_says_nothing() -> None:
    reading = lines("Système :\nNombre de thermostats : 5")
    assert reading.answers == {"thermostat_count": 5}
    assert reading.problems == ()


def test_an_unknown_label_is_left_alone() -> None:
    assert lines("Couleur : bleu\nhttps://a.example : b").found == ()


def test_a_wrong_value_comes_back_with_its_label() -> None:
    text = "Code  Postal : 6910\nsystème : gainable"
    reading = lines(text)
    assert reading.answers == {"system": "zoned_ducted"}
    (unread,) = reading.problems
    assert (unread.key, unread.label, unread.given) == (
        "postcode", "Code Postal", "6910",
    )  # fmt: skip
    assert unread.problem.code == "postcode_five_digits"
    assert text[slice(*unread.span)] == "6910"


def test_of_two_lines_the_later_one_corrects() -> None:
    text = "Nombre de thermostats : 5\nNombre de thermostats : 6"
    assert lines(text).answers == {"thermostat_count": 6}
    repaired = lines("Nombre de thermostats : six\nNombre de thermostats : 6")
    assert repaired.problems == ()


def test_an_address_line_may_hold_the_town_too() -> None:
    assert lines("Adresse : 18 rue X, 69100 Villeurbanne").answers == {
        "address": "18 rue X",
        "postcode": "69100",
        "town": "Villeurbanne",
    }
    assert lines("Adresse : 18 rue X").answers == {"address": "18 rue X"}


def test_labelled_lines_win_over_free_text() -> None:
    reading = free("5 thermostats\nNombre de thermostats : 6")
    assert reading.answers["thermostat_count"] == 6


def test_a_wrong_labelled_line_is_not_answered_by_free_text() -> None:
    reading = free("5 thermostats\nNombre de thermostats : plusieurs")
    assert "thermostat_count" not in reading.answers
    assert reading.problems[0].problem.code == "not_integer"


def test_a_labelled_value_is_not_read_twice() -> None:
    reading = free("Téléphone : 06 39 98 12 34")
    assert reading.answers == {"phone": "+33639981234"}


def test_only_the_first_fifty_thousand_characters_are_read() -> None:
    padding = "a\n" * 25_000
    assert lines(padding + "Système : gainable").found == ()
    assert free(padding + "5 thermostats").found == ()


@pytest.mark.parametrize(
    "given",
    [
        "Paul Durand 06 39 98 12 34",
        "Paul Durand, 06 39 98 12 34",
        "Paul Durand (06 39 98 12 34)",
        "Paul Durand - tél. : 06.39.98.12.34",
        "Paul Durand au 0639981234.",
    ],
)
@pytest.mark.parametrize("label", ["Contact", "Contact sur place"])
def test_the_number_beside_the_contact_is_the_contacts(label: str, given: str) -> None:
    text = f"Standard 01 99 00 11 22\n{label} : {given}\n\nSophie\n01 99 00 55 66"
    answers = free(text).answers
    assert answers["contact_name"] == "Paul Durand"
    assert answers["phone"] == "+33639981234"


def test_the_number_of_its_own_label_goes_before_the_one_beside_a_name() -> None:
    for text in (
        "Contact : Paul Durand 06 39 98 12 34\nTéléphone : 01 99 00 55 66",
        "Téléphone : 01 99 00 55 66\nContact : Paul Durand 06 39 98 12 34",
    ):
        assert lines(text).answers["phone"] == "+33199005566"


def test_a_number_alone_is_no_name_of_a_contact() -> None:
    assert lines("Contact : 06 39 98 12 34").answers == {"phone": "+33639981234"}


@pytest.mark.parametrize("before", ["", "appelez le ", "Téléphone : "])
def test_a_number_ends_with_its_sentence(before: str) -> None:
    answers = free(f"{before}0639981234. 2 systèmes").answers
    assert answers == {"phone": "+33639981234", "system_count": 2}


@pytest.mark.parametrize(
    ("words", "number"),
    [("un", 1), ("Deux", 2), ("dix.", 10), ("three", 3), ("siete", 7), ("ten", 10)],
)
def test_a_quantity_may_be_a_word(words: str, number: int) -> None:
    answers = lines(f"Nombre de thermostats : {words}").answers
    assert answers == {"thermostat_count": number}


@pytest.mark.parametrize(
    "below",
    ["", ">", "> ", "> >", "\nCe que nous avons compris :", "> Nous avons compris :"],
)
def test_a_mark_or_a_heading_below_a_label_is_no_value(below: str) -> None:
    reading = lines(f"Votre référence ou n° de commande :\n{below}")
    assert (reading.found, reading.problems) == ((), ())


@pytest.mark.parametrize("marks", [">", " > ", ">>"])
def test_a_mark_beside_a_label_is_no_value(marks: str) -> None:
    reading = lines(f"Nombre de thermostats :{marks}")
    assert (reading.found, reading.problems) == ((), ())


def test_a_value_below_its_label_is_read_without_the_marks() -> None:
    text = "> Votre référence ou n° de commande :\n> AB-778"
    (found,) = lines(text).found
    assert found.value == "AB-778"
    assert text[slice(*found.span)] == "AB-778"
