"""One sentence says who acts next, and by when (ux.md 7.2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from azbot.channels.web.status import next_step
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.messages import PersonId
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    AssistanceRef,
    Intervention,
    InterventionStatus,
    Mission,
    MissionStatus,
    Station,
    StationId,
    Status,
)

NOW = datetime(2026, 3, 20, 11, tzinfo=UTC)  # a Friday
RULES = Rules()
STATION = Station(StationId(1), "Froid Rhône Services", "a@sta.example")
IT = Assistance(
    id=AssistanceId(1),
    ref=AssistanceRef("ASFR26000184"),
    version=1,
    status=Status.SUBMITTED,
    opened_at=NOW,
    opened_via="email",
    requester=PersonId(1),
    language="fr",
    zone_name="Europe/Paris",
    answers={},
    waiting_since=NOW,
)
MISSION = Mission(1, STATION, MissionStatus.ACCEPTED, NOW, NOW)


def _visit(status: InterventionStatus, at: datetime | None = NOW) -> Assistance:
    visit = Intervention(1, 1, status, planned_at=at)
    return replace(
        IT, status=Status.UNDERWAY, missions=(MISSION,), interventions=(visit,)
    )


STATES = {
    "submitted": (IT, "Réponse avant le lundi 23\u00a0mars 2026 à 12\u00a0h"),
    "incomplete": (
        replace(IT, missing=("town",)),
        "Il nous manque\u00a0: Municipalité",
    ),
    "waiting": (
        replace(IT, status=Status.WAITING, asked_items=("order_proof",)),
        "Bon de commande (justificatif)",
    ),
    "waiting for words": (replace(IT, status=Status.WAITING), "votre réponse"),
    "assigned": (
        replace(IT, status=Status.ASSIGNED, missions=(MISSION,)),
        "Froid Rhône Services doit confirmer",
    ),
    "without date": (_visit(InterventionStatus.UNPLANNED, None), "propose une date"),
    "to approve": (_visit(InterventionStatus.TO_APPROVE), "propose une date"),
    "planned": (_visit(InterventionStatus.PLANNED), "Visite le vendredi 20"),
    "on site": (_visit(InterventionStatus.UNDERWAY), "est sur place"),
    "done": (replace(IT, status=Status.DONE, done_at=NOW), "OUI ou NON"),
    "closed": (
        replace(IT, status=Status.CLOSED, closed_at=NOW),
        "Terminé le vendredi 20",
    ),
    "cancelled": (replace(IT, status=Status.CANCELLED, reason="Doublon"), "Doublon"),
    "merged": (
        replace(
            IT,
            status=Status.CANCELLED,
            reason="Doublon",
            merged_into=AssistanceRef("ASFR26000180"),
        ),
        "réunie avec la demande ASFR26000180",
    ),
}


@pytest.mark.parametrize("name", STATES)
def test_each_state_says_what_follows(name: str) -> None:
    it, wanted = STATES[name]
    words = strict_catalogue("fr")
    lenient = type(words)("fr", {key: words.forms(key) for key in words.keys})
    assert wanted in next_step(it, lenient, RULES, is_contact=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_leaves_a_hole(language: str) -> None:
    words = strict_catalogue(language)
    lenient = type(words)(language, {key: words.forms(key) for key in words.keys})
    for it, _ in STATES.values():
        for is_contact in (True, False):
            said = next_step(it, lenient, RULES, is_contact=is_contact)
            assert "{" not in said
            assert "web." not in said


def test_a_proposed_date_is_nobodys_business_yet() -> None:
    words = strict_catalogue("fr")
    it = _visit(InterventionStatus.TO_APPROVE)
    assert "20" not in next_step(it, words, RULES, is_contact=False)


def test_the_contact_on_site_is_not_asked_to_decide() -> None:
    words = strict_catalogue("fr")
    done = STATES["done"][0]
    assert "OUI" not in next_step(done, words, RULES, is_contact=True)
    cancelled = STATES["cancelled"][0]
    assert "Doublon" not in next_step(cancelled, words, RULES, is_contact=True)
