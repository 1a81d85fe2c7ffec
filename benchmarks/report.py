"""How long one technical report takes, beside a page of bare fpdf2.

Prints one JSON object: medians in seconds, in one process, imports apart. Run it as
``python benchmarks/report.py [rounds]``.
"""

from __future__ import annotations

import io
import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from PIL import Image

from azbot.reports import pdf, seal, verify
from azbot.reports.content import (
    ROLES,
    Photo,
    ReportContent,
    Row,
    Section,
    SignatoryRole,
    Signature,
    Stroke,
)

MADE_AT = datetime(2026, 3, 25, 13, 40, tzinfo=UTC)


def a_photo(seed: int, size: tuple[int, int]) -> bytes:
    """Return a JPEG with some detail in it."""
    small = Image.effect_noise((200, 150), 40 + seed).convert("RGB")
    out = io.BytesIO()
    small.resize(size).save(out, "JPEG", quality=85)
    return out.getvalue()


def a_signature(role: SignatoryRole) -> Signature:
    points = tuple((0.1 + at / 150, 0.5 + 0.3 * math.sin(at / 5)) for at in range(120))
    return Signature(role, "Sophie Martin", "", MADE_AT, strokes=(Stroke(points),))


def content(size: tuple[int, int]) -> ReportContent:
    rows = tuple(Row(f"Ligne {at}", "Valeur de la ligne, en clair") for at in range(60))
    return ReportContent(
        reference="ASFR26000184",
        language="fr",
        service="Mise en service",
        site="18 rue des Charmettes, 69100 Villeurbanne",
        requester="Sophie Martin",
        visit=1,
        visits=1,
        planned_at=MADE_AT,
        arrived_at=MADE_AT,
        left_at=MADE_AT,
        sections=(Section("Soixante lignes", rows=rows),),
        photos=tuple(
            Photo(f"Photo {at}", MADE_AT, a_photo(at, size)) for at in range(2)
        ),
        signatures=tuple(map(a_signature, ROLES)),
        verification_url="https://sav.exemple.fr/v/7Qm3xk9dQ2",
    )


def bare_page() -> bytes:
    """Return one page with the same fonts and as many lines, nothing else."""
    import ttf_opensans  # type: ignore[import-untyped]  # noqa: PLC0415
    from fpdf import FPDF  # noqa: PLC0415

    folder = Path(ttf_opensans.__file__).parent / "ttf"
    page = FPDF()
    page.add_font("text", fname=folder / "OpenSans-Regular.ttf")
    page.add_font("bold", fname=folder / "OpenSans-SemiBold.ttf")
    page.add_page()
    for line in range(60):
        page.set_font("bold" if line % 2 else "text", size=9)
        page.text(10, 10 + line * 4, f"Ligne {line} Valeur de la ligne, en clair")
    return bytes(page.output())


def median(rounds: int, work: Callable[[], object]) -> float:
    took = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return round(statistics.median(took), 4)


def main(rounds: int) -> None:
    start = time.perf_counter()
    bare_page()
    first = round(time.perf_counter() - start, 4)
    key = Ed25519PrivateKey.generate()
    said = content((1600, 1200))  # as the station's page sends them (ux.md 8.2)
    large = content((4000, 3000))  # as a phone sends them by mail
    sealed = seal.seal((said,), made_at=MADE_AT, key=key)
    figures = {
        "rounds": rounds,
        "first_with_imports": first,
        "bare_page": median(rounds, bare_page),
        "report": median(rounds, lambda: pdf.draw(said, made_at=MADE_AT)),
        "report_with_12_megapixel_photos": median(
            rounds, lambda: pdf.draw(large, made_at=MADE_AT)
        ),
        "report_sealed": median(
            rounds, lambda: seal.seal((said,), made_at=MADE_AT, key=key)
        ),
        "verify": median(
            rounds, lambda: verify.verify(sealed.pdf, key.public_key(), sealed.seal)
        ),
        "bytes": len(sealed.pdf),
    }
    figures["report_to_bare_page"] = round(figures["report"] / figures["bare_page"], 2)
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
