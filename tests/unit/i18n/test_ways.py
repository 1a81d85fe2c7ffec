"""A place that a phone shared is found again in the maps of whoever looks."""

from __future__ import annotations

import pytest

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Accepted, Context
from azbot.i18n.answers import answer_words
from azbot.i18n.catalogue import catalogue
from azbot.i18n.ways import on_map, spot_of

OSM = "https://www.openstreetmap.org/"
SPOT = "45.764043, 4.835659"


@pytest.mark.parametrize(
    ("agent", "link"),
    [
        (
            "Mozilla/5.0 (Linux; Android 14)",
            "geo:45.764043,4.835659?q=45.764043,4.835659",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0)",
            "https://maps.apple.com/?ll=45.764043,4.835659&q=45.764043,4.835659",
        ),
        (
            "",
            f"{OSM}?mlat=45.764043&mlon=4.835659#map=17/45.764043/4.835659",
        ),
    ],
)
def test_a_point_opens_in_the_maps_of_the_telephone(agent: str, link: str) -> None:
    assert on_map(SPOT, agent) == link
    assert on_map("", agent) == ""


def test_the_answer_of_a_phone_is_shown_as_it_was_shared() -> None:
    field = ASSISTANCE.fields["spot"]
    outcome = field.kind.check(SPOT, Context())
    assert isinstance(outcome, Accepted)
    assert answer_words(field, outcome.value, catalogue("fr")) == SPOT
    assert spot_of({"spot": outcome.value}) == SPOT
    assert spot_of({"spot": "45"}) == spot_of({}) == ""
