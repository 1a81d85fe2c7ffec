"""From the read side to what the pages of the inbox show."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.frame import frame_of, initials
from azbot.channels.web.inbox.actions import UNDECIDED
from azbot.channels.web.inbox.assistance import (
    Around,
    AssistancePage,
    Proposal,
    page_of,
)
from azbot.channels.web.inbox.keys import sheet_of
from azbot.channels.web.inbox.timeline import Scene, days_of, last_event
from azbot.channels.web.live.hub import LIVE
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff, staff_of
from azbot.forms.kinds import Context
from azbot.i18n.catalogue import Catalogue
from azbot.render.proposals import reasons_of
from azbot.store.queries import Filters
from azbot.workflow.model import Assistance, AssistanceRef, Status
from azbot.workflow.ranking import rank
from azbot.workflow.requests import missing_prerequisites
from azbot.workflow.situation import Situation

STYLES = ("inbox/inbox.css", "inbox/list.css", "inbox/composer.css")
SCRIPTS = ("inbox/app.js",)
PARTS = ("queues", "list", "assistance", "composer", "recipients", "side")
"""What scripts may ask for alone, each drawn by ``templates/web/inbox/_<part>``."""

_PROPOSED = 3
"""Stations shown beside an assistance; the dialog has all of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere the palette leads to."""

    label: str
    href: str


def places_of(words: Catalogue, staff: Staff) -> tuple[Place, ...]:
    """Return where the palette leads, beside assistances."""
    found = [
        ("todo", "/inbox?queue=todo"),
        ("mine", "/inbox?queue=mine"),
        ("held", "/inbox/held"),
        ("dead", "/inbox/dead"),
        ("new", "/inbox/new"),
        ("stats", "/inbox/stats"),
        ("account", "/account"),
    ]
    if staff.is_admin:
        found.append(("admin", "/admin"))
    return tuple(Place(words.t(f"inbox.place.{name}"), href) for name, href in found)


@dataclass(frozen=True, slots=True)
class Read:
    """An assistance, and what its page shows of it."""

    it: Assistance
    page: AssistancePage


class AssistanceReader:
    """Collects everything about one assistance."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def missing(self, it: Assistance, staff: Staff) -> tuple[str, ...]:
        """Return the prerequisites of assignment that are not met (R140)."""
        situation = Situation(
            staff.actor, self._deps.clock.now(), self._deps.desk.rules
        )
        return missing_prerequisites(it, situation)

    async def read(self, ref: AssistanceRef, staff: Staff) -> Read:
        """Return an assistance and what its page shows.

        Raises:
            NotFound: no such assistance.
        """
        return await self.read_state(await self._deps.store.views.by_ref(ref), staff)

    async def read_state(self, it: Assistance, staff: Staff) -> Read:
        """Return what the page of a state shows, wherever that came from."""
        views = self._deps.store.views
        history = await views.timeline(it.id, is_internal=True)
        deliveries = await views.deliveries(it.id)
        scene = Scene(
            it=it,
            words=staff.words,
            zone=self._deps.settings.zone_name,
            now=self._deps.clock.now(),
            seen=await views.seen(staff.person.id, it.id),
        )
        around = Around(
            requester=await views.person(it.requester),
            counted=await self._counted(it),
            chats=await views.chats_of(it.requester),
            proposals=await self.proposals(it, staff, _PROPOSED)
            if it.status in UNDECIDED
            else (),
            lists=Context(catalogues=self._deps.desk.rules.lists),
        )
        page = page_of(
            scene,
            days_of(history, deliveries, scene),
            last_event(history),
            self.missing(it, staff),
            around,
        )
        return Read(it, page)

    async def _counted(self, it: Assistance) -> tuple[int, int]:
        counts = await self._deps.store.views.counts(Filters(requester=it.requester))
        ended = counts[Status.CLOSED] + counts[Status.CANCELLED]
        total = sum(counts.values())
        return total, total - ended

    async def proposals(
        self, it: Assistance, staff: Staff, most: int | None = None
    ) -> tuple[Proposal, ...]:
        """Return the stations that could take it, the best first, each with why."""
        if not it.is_open or it.status is Status.DONE:
            return ()
        views, now = self._deps.store.views, self._deps.clock.now()
        stations = await views.stations()
        loads = await views.station_loads(now)
        zone = self._deps.settings.zone_name
        return tuple(
            Proposal(
                one.station.id,
                one.station.company,
                initials(one.station.company),
                " · ".join(reasons_of(one, staff.words, zone)),
            )
            for one in rank(it, stations, loads)[:most]
        )


async def inbox_context(request: web.Request) -> dict[str, object]:
    """Return what the templates of the inbox need, the list's own data apart.

    The mark is taken first: what happens while the page is made is then told again,
    never missed.
    """
    staff = staff_of(request)
    words = staff.words
    return {
        "query": request.query_string,
        "once": secrets.token_urlsafe(12),
        "keys": sheet_of(words),
        "places": places_of(words, staff),
        "frame": frame_of(request, "inbox", styles=STYLES, scripts=SCRIPTS),
        "me": staff.person.id,
        "mark": str(await request.app[LIVE].mark()),
        "has_shortcuts": staff.account.preferences.get("shortcuts", True),
        "script_words": {name: words.t(f"inbox.{key}") for name, key in _SAID.items()},
    }


_SAID = {
    "undo": "undo",
    "undone": "undone",
    "offline": "live.offline",
    "incident": "incident",
    "live": "live.live",
    "connecting": "live.connecting",
    "signed-out": "live.signed-out",
    "sign-in": "sign_in_again",
    "copied": "copied",
    "resent": "resent",
    "sees": "presence.sees",
    "types": "presence.types",
    "briefs": "presence.briefs",
    "draft": "presence.draft",
    "online": "presence.online",
}
"""What scripts say, by the name they know it by."""
