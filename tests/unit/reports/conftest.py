"""A visit to report on, as a function with everything that varies."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from azbot.reports import seal
from azbot.reports.content import Language, Photo, ReportContent, Signature, Stroke
from azbot.reports.visit import Check, Material, StationCard, Unit, Visit, Webserver
from azbot.reports.visit import compose as compose_visit

PARIS = ZoneInfo("Europe/Paris")
MADE_AT = datetime(2026, 3, 25, 13, 40, tzinfo=UTC)


def paris(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 25, hour, minute, tzinfo=PARIS)


def jpeg(shade: int, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (shade, 90, 120)).save(out, "JPEG")
    return out.getvalue()


def wave(phase: float) -> tuple[Stroke, ...]:
    points = tuple(
        (0.1 + step / 50, 0.5 + 0.3 * math.sin(step / 3 + phase)) for step in range(40)
    )
    return (Stroke(points), Stroke(((0.1, 0.9), (0.9, 0.85))))


def signatures() -> tuple[Signature, ...]:
    return (
        Signature(
            "installer",
            "Sophie Martin",
            "Clim Martin SARL",
            paris(14, 31),
            strokes=wave(0),
        ),
        Signature("client", "Łukasz Ibáñez", "", paris(14, 32), strokes=wave(1)),
        Signature(
            "station",
            "Karim Haddad",
            "Froid Rhône Services",
            paris(14, 33),
            strokes=wave(2),
        ),
    )


def a_visit(language: Language = "fr") -> Visit:
    answers = ("yes", "yes", "no", "yes", "not_applicable", "yes", "yes", "yes", "yes")
    remark = "Registre chambre 2 non repéré."
    return Visit(
        reference="ASFR26000184",
        language=language,
        service="Mise en service",
        site="18 rue des Charmettes, 69100 Villeurbanne",
        requester="Sophie Martin, Clim Martin SARL",
        station=StationCard(
            "Froid Rhône Services", "01\u00a099\u00a000\u00a012\u00a034"
        ),
        visit=1,
        visits=2,
        planned_at=paris(13),
        arrived_at=paris(13, 2),
        left_at=paris(14, 35),
        zone="heure de Paris",
        is_solved=True,
        installer="Clim Martin SARL",
        own_number="CM-4471",
        first_observations="Accès par le garage.",
        distance_km=18,
        observations="Débits réglés, coût 1\u00a0250\u00a0€.",
        webserver=Webserver("0004a31f529c", "654645749"),
        emitters=("Air froid", "Air chaud"),
        units=(Unit("Marque A", "Gainable 7,1\u00a0kW"),),
        checks=tuple(
            Check(answer, remark if answer == "no" else "")  # type: ignore[arg-type]
            for answer in answers
        ),
        materials=(Material("AZX6", "Thermostat filaire", 2, "SN1", "SN2"),),
        photos=(
            Photo("Tableau électrique", paris(13, 10), jpeg(200)),
            Photo("Registre de la chambre 2", paris(13, 20), jpeg(80), point=3),
        ),
        signatures=signatures(),
        verification_url="https://sav.exemple.fr/v/7Qm3xk9dQ2",
    )


@dataclass(frozen=True, slots=True)
class Kit:
    """What the tests of reports are made with."""

    made_at: datetime
    compose: Callable[..., ReportContent]
    jpeg: Callable[..., bytes]
    wave: Callable[[float], Sequence[Stroke]]
    visit: Callable[..., Visit]


def compose(language: Language = "fr", **changes: object) -> ReportContent:
    return compose_visit(replace(a_visit(language), **changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def kit() -> Kit:
    return Kit(MADE_AT, compose, jpeg, wave, a_visit)


@pytest.fixture(scope="session")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes(range(32)))


@pytest.fixture(scope="session")
def sealed(key: Ed25519PrivateKey) -> seal.Sealed:
    return seal.seal((compose(),), made_at=MADE_AT, key=key)
