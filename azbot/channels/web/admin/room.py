"""What every page of the administration has: its frame, its way to change something."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from azbot.channels.web.directory import Hand
from azbot.channels.web.frame import frame_of
from azbot.channels.web.once import once
from azbot.channels.web.pages import desk_html
from azbot.channels.web.posted import Posted
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import staff_of
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.store import UnitOfWork

STYLES = ("admin/admin.css",)


@dataclass(frozen=True, slots=True)
class Subject:
    """One entry of the way through the administration.

    Attributes:
        name: below ``/admin``; empty for the first page.
        icon: its sign.
    """

    name: str
    icon: str

    @property
    def href(self) -> str:
        """Its address."""
        return f"/admin/{self.name}" if self.name else "/admin"


SUBJECTS = (
    Subject("", "gear"),
    Subject("health", "pulse"),
    Subject("agents", "users"),
    Subject("stations", "wrench"),
    Subject("lists", "tag"),
    Subject("canned", "bolt"),
    Subject("delays", "clock"),
    Subject("brand", "eye"),
    Subject("mails", "mail"),
    Subject("archive", "lock"),
    Subject("log", "file"),
)
TRIAL = Subject("trial", "shield")
"""While everything stays inside."""


class Room:
    """Draws the pages and makes the changes of administrators."""

    def __init__(self, deps: WebDeps) -> None:
        self.deps = deps

    def page(
        self,
        request: web.Request,
        subject: str,
        name: str,
        /,
        scripts: tuple[str, ...] = (),
        styles: tuple[str, ...] = STYLES,
        **context: object,
    ) -> web.Response:
        """Return a page.

        Args:
            request: of an administrator.
            subject: which entry is current.
            name: of the template below ``templates/web/admin``.
            scripts: modules by name.
            styles: how it looks.
            context: what it needs; ``wrong``, not empty, makes it an answer 422.
        """
        staff = staff_of(request)
        words = staff.words
        said = request.query.get("said", "")
        key = f"admin.said.{said}"
        context.setdefault("wrong", {})
        text = self.deps.pages.part(
            f"admin/{name}",
            staff.language,
            frame=frame_of(request, "admin", styles=styles, scripts=scripts),
            subjects=SUBJECTS if self.deps.trial is None else (*SUBJECTS, TRIAL),
            subject=subject,
            once=secrets.token_urlsafe(16),
            said=words.t(key) if said.isidentifier() and key in words else "",
            **context,
        )
        return desk_html(text, staff.language, 422 if context["wrong"] else 200)

    def words(self, request: web.Request) -> Catalogue:
        """Return the words of whoever asks."""
        return staff_of(request).words

    async def change(
        self,
        request: web.Request,
        form: Posted,
        work: Callable[[UnitOfWork, Hand], str],
    ) -> web.HTTPSeeOther:
        """Make a change once, let it count at once, and say where to go on.

        Args:
            request: of an administrator.
            form: with the key ``once`` of this press.
            work: makes the change, logs it, and returns the next address.

        Raises:
            HttpProblem: 400, the form has no key.
        """
        staff = staff_of(request)
        hand = Hand(staff.actor, self.deps.clock.now())
        told = await once(
            self.deps,
            staff.scope,
            form.text("once"),
            lambda uow: {"to": work(uow, hand)},
        )
        await self.deps.in_force.renew()
        return web.HTTPSeeOther(str(told["to"]))

    def when(self, request: web.Request, at: datetime) -> str:
        """Return a moment as the desk's clock shows it."""
        zone = self.deps.settings.zone_name
        return formats.date_and_hour(at, zone, staff_of(request).language)
