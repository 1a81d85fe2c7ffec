"""A report as azbot seals it, for whoever verifies one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from azbot.reports.seal import Sealed, new_key, read_private_key, seal
from azbot.reports.visit import StationCard, Visit, compose


def sealed_report(at: datetime) -> tuple[Sealed, bytes]:
    """Return the report of one visit, and the private key it is sealed with."""
    pem = new_key()
    visit = Visit(
        reference="ASFR26000001",
        language="fr",
        service="Mise en service",
        site="12 rue des Lilas, 69002 Lyon",
        requester="Sophie Martin",
        station=StationCard("Froid Rhône", ""),
        visit=1,
        visits=1,
        planned_at=at,
        arrived_at=at,
        left_at=at,
        zone="heure de Paris",
        is_solved=True,
    )
    return seal([compose(visit)], made_at=at, key=read_private_key(pem)), pem


def known_by(report: Sealed, pem: bytes) -> Mapping[str, str]:
    """Return the named values by which a store knows a report for its own."""
    return {
        "report_key": pem.decode(),
        f"seal:{report.seal.fingerprint}": report.seal.to_json().decode(),
    }
