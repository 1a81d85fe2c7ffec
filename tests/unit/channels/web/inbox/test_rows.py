"""One line of the list, as it is seen and as it is heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from azbot.channels.web.inbox.asked import Asked, Queue
from azbot.channels.web.inbox.rows import Reader, Row, row_of
from azbot.i18n.catalogue import strict_catalogue
from azbot.messages import PersonId
from azbot.store import Person, PersonKind
from azbot.store.queries import ListItem
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import (
    AssistanceId,
    AssistanceRef,
    Attention,
    Hearers,
    Role,
    ServiceType,
    Status,
)

NOW = datetime(2026, 3, 25, 13, tzinfo=UTC)
"""A Wednesday, 14 h in Paris."""
SOPHIE = Person(
    PersonId(3), PersonKind.CLIENT, ("sophie@clim.example",), "Sophie Martin"
)
ITEM = ListItem(
    id=AssistanceId(184),
    ref=AssistanceRef("ASFR26000184"),
    version=5,
    status=Status.WAITING,
    service=ServiceType.COMMISSIONING,
    address="18 rue des Charmettes",
    postcode="69100",
    town="Villeurbanne",
    country="FR",
    opened_at=NOW - timedelta(days=5),
    updated_at=NOW - timedelta(minutes=24),
    planned_at=None,
    waiting_since=None,
    requester=PersonId(3),
    station=None,
    station_name="",
    documents=2,
    messages=3,
    needs_agent=False,
    is_completed=False,
    is_silent=False,
    cancellation_asked=False,
    is_to_approve=False,
    department="69",
    company="Clim Martin SARL",
    owner=PersonId(8),
    owner_name="Julien Petit",
    attention=Attention.MESSAGE,
    attention_since=NOW - timedelta(minutes=24),
    snoozed_until=None,
    inbound=2,
    channel="email",
    preview="Voici le bon de commande",
    preview_by=Role.CLIENT,
    preview_at=NOW - timedelta(minutes=24),
    tags=("urgent",),
    seen=1,
)


def row(language: str = "fr", **changes: Any) -> Row:
    reader = Reader(
        strict_catalogue(language), "Europe/Paris", NOW, Rules(), {PersonId(3): SOPHIE}
    )
    return row_of(replace(ITEM, **changes), Asked(Queue.ALL), reader)


def test_a_screen_reader_hears_everything_in_the_order_of_a24() -> None:
    assert row().label == (
        "Non lu, Clim Martin SARL, Mise en service, département 69, En attente,"
        " attend depuis 24\u00a0min, e-mail"
    )


def test_what_is_not_known_is_not_said() -> None:
    bare = row(
        seen=2, department="", service=None, attention=None, attention_since=None
    )
    assert bare.label == (
        "Clim Martin SARL, Type à préciser, En attente,"
        " dernière activité\u00a0: 24\u00a0min, e-mail"
    )


def test_the_line_shows_what_ux_6_1_asks() -> None:
    shown = row()
    assert (shown.name, shown.preview) == (
        "Clim Martin SARL",
        "Voici le bon de commande",
    )
    assert (shown.status, shown.status_label) == ("waiting", "En attente")
    assert (shown.kind, shown.channel_icon) == ("Mise en service · 69", "mail")
    assert (shown.documents_label, shown.is_unread) == ("2 pièces jointes", True)
    assert shown.owner is not None
    assert (shown.owner.initials, shown.owner.name) == ("JP", "Julien Petit")
    assert shown.href == "/inbox/a/ASFR26000184?queue=all"


@pytest.mark.parametrize(
    ("waits", "text", "is_late"),
    [
        (timedelta(seconds=20), "< 1\u00a0min", False),
        (timedelta(minutes=59), "59\u00a0min", False),
        (timedelta(hours=3, minutes=10), "3\u00a0h\u00a010", False),
        (timedelta(hours=23, minutes=59), "23\u00a0h\u00a059", False),
        # The desk promises an answer within one working day.
        (timedelta(days=1), "24\u00a0mars", False),
        (timedelta(days=1, minutes=1), "24\u00a0mars", True),
        (timedelta(days=400), "18/02/2025", True),
    ],
)
def test_a_wait_is_red_once_it_is_longer_than_promised(
    waits: timedelta, text: str, is_late: bool
) -> None:
    waiting = row(attention_since=NOW - waits).waiting
    assert (waiting.text, waiting.is_late) == (text, is_late)


def test_a_weekend_is_no_lateness() -> None:
    friday = datetime(2026, 3, 20, 15, tzinfo=UTC)
    reader = Reader(
        strict_catalogue("fr"),
        "Europe/Paris",
        friday + timedelta(days=2),
        Rules(),
        {},
    )
    item = replace(ITEM, attention_since=friday)
    assert not row_of(item, Asked(), reader).waiting.is_late


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"company": ""}, "Sophie Martin"),
        ({"company": "", "requester": PersonId(99)}, "Demandeur inconnu"),
    ],
)
def test_without_a_company_the_person_is_named(
    changes: dict[str, Any], name: str
) -> None:
    assert row(**changes).name == name


def test_what_has_ended_is_not_unread_unless_somebody_waits() -> None:
    ended: dict[str, Any] = {"status": Status.CLOSED}
    assert not row(**ended, attention=None, attention_since=None).is_unread
    assert row(**ended).is_unread


def test_without_a_message_the_line_says_why_somebody_waits() -> None:
    assert row(preview="", attention=Attention.REFUSED).preview == (
        "Mission refusée par la STA"
    )
    assert row(preview="Merci", preview_by=Role.AGENT).preview == "Support\u00a0: Merci"


@pytest.mark.parametrize(
    ("what", "amount", "said"),
    [
        ("voice", 12, "Message vocal, 0:12"),
        ("voice", 3723, "Message vocal, 1:02:03"),
        ("voice", 0, "Message vocal"),
        ("video", 75, "Vidéo, 1:15"),
        ("photo", 1, "Photo"),
        ("photo", 5, "5 photos"),
        ("document", 1, "Document"),
        ("files", 3, "3 fichiers"),
    ],
)
def test_a_message_without_words_says_what_it_is(
    what: str, amount: int, said: str
) -> None:
    wordless: dict[str, Any] = {
        "preview": "",
        "preview_what": what,
        "preview_amount": amount,
    }
    assert row(**wordless).preview == said
    ours = row(**wordless, preview_by=Role.AGENT).preview
    assert ours == f"Support\u00a0: {said}"


def test_the_line_says_whose_talk_the_newest_message_is_part_of() -> None:
    station = row(preview="Qui a la clé ?", preview_by=Role.STATION)
    assert station.preview == "Station\u00a0: Qui a la clé ?"
    told = {
        to: row(preview="Oui", preview_by=Role.AGENT, preview_to=to).preview
        for to in Hearers
    }
    assert told == {
        Hearers.CLIENT: "Support\u00a0: Oui",
        Hearers.STATION: "Support à la station\u00a0: Oui",
        Hearers.BOTH: "Support aux deux\u00a0: Oui",
    }


@pytest.mark.parametrize("language", ["fr", "en", "es"])
@pytest.mark.parametrize("reason", [None, *Attention])
def test_every_reason_has_words(language: str, reason: Attention | None) -> None:
    assert row(language, preview="", attention=reason).preview
