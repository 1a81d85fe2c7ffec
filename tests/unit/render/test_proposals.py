from __future__ import annotations

from datetime import UTC, datetime

import pytest

from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.render.proposals import reasons_of
from azbot.workflow.model import Station, StationId
from azbot.workflow.ranking import Load, Past, Proposal, Remark

AT = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
"""The third of March in Paris."""

REMARKS = (
    Remark("in_zone", {"where": "Rhône"}),
    Remark("in_hand", {"count": 3}),
    Remark("in_hand", {"count": 0}),
    Remark("beside", {"where": "Rhône"}),
    Remark("far", {"km": 1048}),
    Remark("site_unknown"),
    Remark("zone_unknown"),
    Remark("fits", {"speciality": "gainable"}),
    Remark("refusals", {"count": 2}),
    Remark("refused_here", {"at": AT, "reason": "unavailable"}),
    Remark("withdrawn_here", {"at": AT}),
)


def a_proposal(*remarks: Remark) -> Proposal:
    station = Station(StationId(1), "Froid Rhône Services", "sta@froid.example")
    return Proposal(
        station=station,
        past=Past.NEW,
        in_zone=True,
        distance_km=0,
        load=Load(),
        fits="",
        remarks=remarks,
    )


def test_the_reasons_are_said_in_a_few_words() -> None:
    said = reasons_of(a_proposal(*REMARKS), strict_catalogue("fr"))
    assert said == (
        "Rhône",
        "3 en cours",
        "aucune mission en cours",
        "Rhône, autre secteur",
        "1\u00a0048\u00a0km, hors zone",
        "lieu à préciser",
        "zone non renseignée",
        "spécialité\u00a0: gainable",
        "2 refus en 90 jours",
        "a refusé cette mission le 3\u00a0mars\u00a0: indisponible",
        "mission proposée le 3\u00a0mars puis retirée",
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_has_words_in_every_language(language: str) -> None:
    said = reasons_of(a_proposal(*REMARKS), strict_catalogue(language))
    assert len(said) == len(REMARKS)
