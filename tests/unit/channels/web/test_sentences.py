"""Every event of the history has a sentence, in every language."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from azbot.channels.web.sentences import EVENT_KEYS, sentence_of
from azbot.forms.intervention import INTERVENTION
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.messages import BlobId
from azbot.workflow import events as e
from azbot.workflow.events import EVENTS, Change, Event
from azbot.workflow.model import (
    Document,
    DocumentKind,
    Invited,
    RefusalReason,
    Role,
    Signatory,
    Signature,
    SignatureMethod,
    Station,
    StationId,
)

NOW = datetime(2026, 3, 25, 12, tzinfo=UTC)
SAMPLES: dict[Any, Any] = {
    str: "mots",
    int: 2,
    bool: True,
    datetime: NOW,
    timedelta: timedelta(hours=2),
    Station: Station(StationId(1), "Froid Rhône Services", "a@sta.example"),
    Document: Document(
        1, "bon.pdf", "application/pdf", 9, BlobId("a" * 64), DocumentKind.OTHER,
        Role.CLIENT, NOW,
    ),
    Invited: Invited(Signatory.CLIENT, "Anne", "", NOW, "f"),
    Signature: Signature(Signatory.CLIENT, "Anne", NOW, SignatureMethod.DRAWN, "f"),
}  # fmt: skip


def _sample(annotation: Any, name: str) -> Any:
    if name == "changes":
        return (Change("town", None, "Lyon"),)
    if get_origin(annotation) is tuple:
        return ("address",) if get_args(annotation)[0] is str else ()
    options = [o for o in get_args(annotation) if o is not type(None)] or [annotation]
    kind = getattr(options[0], "__supertype__", options[0])
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return SAMPLES.get(kind, {})


def _built(kind: type[Event], **given: Any) -> Event:
    hints = get_type_hints(kind)
    values = {
        f.name: given.get(f.name, _sample(hints[f.name], f.name))
        for f in fields(kind)
        if f.name in given or f.default is MISSING
    }
    return kind(**values)


def _variants() -> Iterator[Event]:
    for kind in EVENTS.values():
        yield _built(kind, **({"which": "morning"} if kind is e.VisitReminded else {}))
    for role in (Role.CLIENT, Role.STATION, Role.AGENT, Role.ADMIN, Role.SYSTEM):
        yield _built(e.MessageAdded, author=role)
        yield _built(e.MessageArrived, author=role)
    for solved in (True, False):
        yield _built(e.InterventionFinished, is_concluded=solved)
    for method in SignatureMethod:
        signature = Signature(Signatory.CLIENT, "Anne", NOW, method, "f")
        yield e.SignatureGiven(1, signature)
    for which in ("day_before", "morning"):
        yield e.VisitReminded(1, which)
        yield e.VisitReminded(1, which, is_too_late=True)
    yield e.ReportRecorded(None, 3, "Rapport.pdf", "f")
    for reason in RefusalReason:
        yield e.MissionRefused(1, reason, "trop loin")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_is_a_sentence_without_a_hole(language: str) -> None:
    words = strict_catalogue(language)
    for event in _variants():
        said = sentence_of(event, words, "Europe/Paris")
        assert "{" not in said, (event, said)
        assert "web." not in said, (event, said)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_special_sentence_exists(language: str) -> None:
    keys = strict_catalogue(language).keys
    assert {f"web.event.{key}" for key in EVENT_KEYS} <= keys


@pytest.mark.parametrize("which", ["day_before", "morning"])
def test_a_reminder_that_did_not_leave_is_not_said_to_have_left(which: str) -> None:
    words = strict_catalogue("fr")
    late = sentence_of(e.VisitReminded(2, which, is_too_late=True), words, "UTC")
    assert "non envoyé" in late
    assert "il n’était plus temps" in late
    left = sentence_of(e.VisitReminded(2, which), words, "UTC")
    assert "non envoyé" not in left


def test_dates_are_those_of_the_site() -> None:
    words = strict_catalogue("fr")
    event = e.InterventionPlanned(2, NOW, timedelta(hours=2), "Accès par la cour.")
    assert sentence_of(event, words, "Indian/Reunion") == (
        "Visite 2 programmée le mercredi 25\u00a0mars 2026 à 16\u00a0h\u00a0: "
        "Accès par la cour."
    )


def _saved(*keys: str) -> Event:
    changes = tuple(Change(key, None, "x") for key in keys)
    return e.InterventionFormSaved(1, changes, 2)


def test_a_saved_form_names_its_fields_as_the_form_does() -> None:
    words = strict_catalogue("fr")
    said = sentence_of(_saved("bus_apart", "time_in"), words, "Europe/Paris")
    label = words.t(INTERVENTION.label("bus_apart"))
    assert said == (f"Fiche de la visite 1 complétée (Heure d’entrée et {label}).")


@pytest.mark.parametrize(
    ("language", "more"),
    [("fr", "et 14 autres"), ("en", "and 14 more"), ("es", "y 14 más")],
)
def test_of_many_fields_the_first_three_are_named(language: str, more: str) -> None:
    words = strict_catalogue(language)
    keys = [field.key for field in INTERVENTION.fields.values()][:17]
    said = sentence_of(_saved(*reversed(keys)), words, "Europe/Paris")
    labels = [words.t(INTERVENTION.label(key)) for key in keys]
    assert f"({', '.join(labels[:3])} {more})" in said
    four = sentence_of(_saved(*keys[:4]), words, "Europe/Paris")
    assert labels[3] in four, "nobody is spared a word by « et 1 autre »"


def test_why_the_desk_skipped_a_prerequisite_is_not_the_stations_business() -> None:
    event = e.StationAssigned(1, SAMPLES[Station], NOW, "client connu")
    words = strict_catalogue("fr")
    assert "client connu" in sentence_of(event, words, "Europe/Paris")
    theirs = sentence_of(event, words, "Europe/Paris", for_desk=False)
    assert "client connu" not in theirs


def test_a_message_keeps_its_words_for_its_own_place() -> None:
    event = e.MessageAdded("Un long texte", author=Role.CLIENT)
    assert sentence_of(event, strict_catalogue("fr"), "Europe/Paris") == (
        "Message du demandeur."
    )
