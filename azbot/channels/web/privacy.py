"""``/privacy``: who keeps what, why, how long, and what one may ask (ux.md 5.1).

Every mail links here. Source: GDPR, articles 12 to 14.
"""

from __future__ import annotations

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.pages import html
from azbot.channels.web.seams import WebDeps
from azbot.i18n.catalogue import LANGUAGES

_NAMES = {"fr": "Français", "en": "English", "es": "Español"}


class PrivacyPage:
    """Shows the notice, the same to everybody."""

    def __init__(self, deps: WebDeps, stylesheet: str) -> None:
        self._deps = deps
        self._stylesheet = stylesheet

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get("/privacy", self.show)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page in the language asked for by ``?lang``, else preferred."""
        language = request.query.get("lang", "")
        if language not in LANGUAGES:
            language = preferred(request.headers.get("Accept-Language", ""))
        notice = self._deps.settings.notice
        page = self._deps.pages.page(
            "privacy",
            language,
            stylesheet=self._stylesheet,
            controller=self._deps.controller,
            address=notice.address,
            years=notice.years,
            archive_years=notice.archive_years,
            chat=self._deps.chat.name if self._deps.chat else "",
            others=[(short, _NAMES[short]) for short in LANGUAGES if short != language],
        )
        return html(page, language)
