"""``/v/{fingerprint}``: is this report ours? The page behind the printed QR code.

It says enough to compare with the paper in one's hand, and no more: whoever finds
the address learns no name and no whole reference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.pages import html
from azbot.channels.web.seams import WebDeps
from azbot.i18n import formats
from azbot.reports.seal import Seal

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
_SEAL = "seal:"
"""Prefix under which the store keeps the seals of reports, by fingerprint."""


class VerifyPage:
    """Shows what the seal of a report says."""

    def __init__(self, deps: WebDeps, stylesheet: str) -> None:
        self._deps = deps
        self._stylesheet = stylesheet

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get("/v/{fingerprint}", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page; 404 with the same look for an unknown fingerprint."""
        language = preferred(request.headers.get("Accept-Language", ""))
        # Typed by hand, it comes in groups and capitals.
        given = re.sub(r"[\s-]", "", request.match_info["fingerprint"]).lower()
        record = await self._record(given) if _FINGERPRINT.fullmatch(given) else None
        reports = [_report(each, language) for each in _reports(record)]
        sealed_at = _day(record.get("sealed_at") if record else None, language)
        page = self._deps.pages.page(
            "verify",
            language,
            stylesheet=self._stylesheet,
            is_known=record is not None,
            fingerprint=_groups(given) if record else "",
            reports=reports,
            sealed_at=sealed_at,
        )
        return html(page, language, 200 if record else 404)

    async def _record(self, fingerprint: str) -> Mapping[str, Any] | None:
        name = f"{_SEAL}{fingerprint}"
        stored = await self._deps.store.write(lambda uow: uow.settings.get(name))
        return None if stored is None else Seal.from_json(stored.encode()).record


def _reports(record: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    return record.get("reports", ()) if record else ()


def _report(facts: Mapping[str, Any], language: str) -> dict[str, object]:
    return {
        "reference": masked(str(facts.get("reference", ""))),
        "visit": facts.get("visit", 0),
        "day": _day(facts.get("arrived_at") or facts.get("planned_at"), language),
        "station": facts.get("station", ""),
        "service": facts.get("service", ""),
        "signatures": [
            {"role": each.get("role", ""), "initials": initials(each.get("name", ""))}
            for each in facts.get("signatures", ())
        ],
    }


def masked(reference: str) -> str:
    """Return ``ASFR••••••184``: enough to compare, too little to look up."""
    if len(reference) < 8:
        return "•" * len(reference)
    return f"{reference[:4]}{'•' * (len(reference) - 7)}{reference[-3:]}"


def initials(name: str) -> str:
    """Return « S. M. » for « Sophie Martin », at most three letters."""
    words = [word for word in re.split(r"[\s'’-]+", name) if word]
    return " ".join(f"{word[0].upper()}." for word in words[:3])


def _day(value: object, language: str) -> str:
    if not isinstance(value, str) or not value:
        return ""
    when: date = datetime.fromisoformat(value).date()
    return formats.long_date(when, language)


def _groups(fingerprint: str) -> str:
    """Return the digits in groups of eight, which eyes can compare."""
    return " ".join(fingerprint[i : i + 8] for i in range(0, len(fingerprint), 8))
