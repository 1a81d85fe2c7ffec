"""What words answer, question by question; what is left of them, and what is drawn."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from azbot.chat.request import drawing, taking
from azbot.chat.request.asking import Asking, asking_of
from azbot.chat.request.drawing import View
from azbot.chat.request.hearing import hear, hear_phone
from azbot.chat.request.progress import progress_of
from azbot.forms import filling
from azbot.i18n.catalogue import catalogue
from azbot.intake.languages import labels_of
from azbot.messages import RejectedFile
from azbot.store.request_drafts import RequestDraft
from tests.stores import NOW


def begun(**texts: str) -> Asking:
    known = {**filling.begun({}, "FR", {}), **texts}
    draft = RequestDraft("telegram:900", "k" * 22, NOW, known)
    return asking_of(draft, None, "FR", {})


HEARD = [
    ("service", "Mise en service", {"service": "commissioning"}),
    ("service", "c'est hors garantie", {"service": "incident"}),
    ("service", "bonjour", {}),
    (
        "place",
        "18 rue des Charmettes, 69100 Villeurbanne",
        {
            "address": "18 rue des Charmettes",
            "postcode": "69100",
            "town": "Villeurbanne",
        },
    ),
    (
        "place",
        "18 rue des Charmettes, 69100 Villeurbanne, 2e étage",
        {
            "address": "18 rue des Charmettes, 2e étage",
            "postcode": "69100",
            "town": "Villeurbanne",
        },
    ),
    (
        "place",
        "Calle Mayor 3, 28013 Madrid, España",
        {
            "address": "Calle Mayor 3",
            "postcode": "28013",
            "town": "Madrid",
            "country": "ES",
        },
    ),
    (
        "place",
        "4 rue des Lilas, 31000",
        {"address": "4 rue des Lilas", "postcode": "31000"},
    ),
    ("place", "69100", {"postcode": "69100"}),
    ("place", "Karim Benali, 06 39 98 56 78", {}),
    ("place", "karim.benali@clim.example", {}),
    (
        "place",
        "18 rue des Charmettes, 69100 Villeurbanne, tél. 06 39 98 56 78",
        {
            "address": "18 rue des Charmettes",
            "postcode": "69100",
            "town": "Villeurbanne",
        },
    ),
    (
        "place",
        "Le Bourg, 06 39 98 56 78, 69100 Villeurbanne",
        {"address": "Le Bourg", "postcode": "69100", "town": "Villeurbanne"},
    ),
    ("place", "d’accord pour mardi", {}),
    ("place", "vous venez quand ?", {}),
    ("system", "plénum motorisé", {"system": "zoned_ducted"}),
    ("system", "69100 Villeurbanne", {}),
    ("counts", "1 / 5", {"system_count": "1", "thermostat_count": "5"}),
    ("counts", "1/0", {"system_count": "1", "thermostat_count": "0"}),
    (
        "counts",
        "deux systèmes et cinq thermostats",
        {"system_count": "2", "thermostat_count": "5"},
    ),
    ("counts", "trois", {"system_count": "3"}),
    ("counts", "100 / 5", {"thermostat_count": "5"}),
    ("counts", "beaucoup", {}),
    ("maker", "Daiken", {"maker": "daikin"}),
    ("maker", "Ballu", {"maker": "other:Ballu"}),
    ("maker", "oui", {}),
    ("maker", "je ne sais pas, c’est important ?", {}),
    (
        "contact",
        "Karim Benali, tél. 06 39 98 56 78",
        {"contact_name": "Karim Benali", "phone": "+33639985678"},
    ),
    (
        "contact",
        "06 39 98 56 78 Karim",
        {"contact_name": "Karim", "phone": "+33639985678"},
    ),
    (
        "contact",
        "Karim 0639985678 k@clim.example",
        {
            "contact_name": "Karim",
            "phone": "+33639985678",
            "contact_email": "k@clim.example",
        },
    ),
    ("contact", "06 39", {}),
    (
        "you",
        "K.Benali@Clim.example, Clim Benali",
        {"email": "K.Benali@clim.example", "installer": "Clim Benali"},
    ),
    ("you", "k.benali@clim", {}),
    (
        "you",
        "k.benali@clim.example, Clim Benali, 06 39 98 56 78",
        {"email": "k.benali@clim.example", "installer": "Clim Benali"},
    ),
]


@pytest.mark.parametrize(("question", "text", "answers"), HEARD)
def test_words_answer_the_question_that_is_open(
    question: str, text: str, answers: dict[str, str]
) -> None:
    heard = hear(question, text, begun(), labels_of("fr"))
    texts = {key: value for key, value in heard.answers.items() if value}
    assert texts == answers


KARIM = {"contact_name": "Karim Benali", "phone": "+33639985678"}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("Karim Benali, 06 39 98 56 78", KARIM),
        ("Karim Benali au 06 39 98 56 78", KARIM),
        ("06 39 98 56 78 Karim Benali", KARIM),
        ("contact Karim Benali 06 39 98 56 78", KARIM),
        ("Karim Benali 06 39 98 56 78\n18 rue des Charmettes\n69100 Lyon", KARIM),
        ("18 rue des Charmettes, 69100 Lyon, Karim Benali 06 39 98 56 78", KARIM),
        ("Villa Les Pins, 06 39 98 56 78", {"phone": KARIM["phone"]}),
        ("18 rue des Charmettes 06 39 98 56 78", {"phone": KARIM["phone"]}),
    ],
)
def test_whoever_can_be_called_is_no_part_of_an_address(
    text: str, who: dict[str, str]
) -> None:
    heard = hear("place", text, begun(), labels_of("fr"))
    found = {key: heard.also[key] for key in KARIM if key in heard.also}
    assert found == who
    assert "Karim" not in heard.answers.get("address", "")


def test_a_hamlet_is_an_address_where_the_postcode_is_known() -> None:
    asking = begun(postcode="69100", town="Villeurbanne")
    heard = hear("place", "Le Bourg", asking, labels_of("fr"))
    assert heard.answers == {"address": "Le Bourg"}


def test_words_that_begin_several_lines_of_a_list_are_a_search() -> None:
    heard = hear("maker", "mitsubishi", begun(), labels_of("fr"))
    assert [option.key for option in heard.options] == [
        "mitsubishi_electric",
        "mitsubishi_heavy",
    ]
    assert not heard.answers


@pytest.mark.parametrize(
    ("text", "is_more"),
    [
        ("mise en service", False),
        ("mise en service, Daikin", False),
        ("mise en service lundi à Villeurbanne, 5 thermostats", True),
        ("mise en service, Daikin, digicode 1234", True),
    ],
)
def test_only_words_that_say_more_than_answers_are_kept(
    text: str, *, is_more: bool
) -> None:
    assert hear("service", text, begun(), labels_of("fr")).is_more is is_more


@pytest.mark.parametrize(
    ("given", "phone"),
    [
        ("33639985678", "+33639985678"),
        ("+34612345678", "+34612345678"),
        ("34612345678", "+34612345678"),
        ("06 39 98 56 78", "+33639985678"),
        ("12", None),
    ],
)
def test_a_shared_number_may_lack_its_plus(given: str, phone: str | None) -> None:
    assert hear_phone(given, "FR") == phone


def test_what_is_too_large_for_a_chat_is_said_and_remembered() -> None:
    """Telegram.md §4: a file over 20 MB."""
    words = catalogue("fr")
    plan = RejectedFile("plan.pdf", 21_000_000, "too_large")
    taken = taking.take_files(
        *(begun(), [], [plan], "m1", words),
        needs_proof=False,
        most=10,
        is_compressed=False,
    )
    kept = progress_of(json.loads(json.dumps(taken.asking.progress.to_memory())))
    assert kept.large == ("plan.pdf",)
    shown = drawing.screen(View(taken.asking, words, taken.told))
    assert "«\u00a0plan.pdf\u00a0» est trop lourd" in shown.text


def test_a_number_of_ours_is_not_offered_as_somebody_elses() -> None:
    asking = begun(contact_name="Karim Benali")
    at = asking.moved(replace(asking.progress, at="contact"))
    labels = [
        b.label for row in drawing.screen(View(at, catalogue("fr"))).rows for b in row
    ]
    assert "Envoyer mon numéro" not in labels
    me = at.moved(replace(at.progress, is_me=True))
    labels = [
        b.label for row in drawing.screen(View(me, catalogue("fr"))).rows for b in row
    ]
    assert "Envoyer mon numéro" in labels
