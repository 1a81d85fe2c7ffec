"""``/missions/{ref}``: accept or refuse, give a date, arrive, write to the desk.

Reading changes nothing; each change is one form that works without script, sent
however often (ux.md 8.1, X18, X19).
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta

from aiohttp import web

from azbot.channels.web import uploads
from azbot.channels.web.missions.door import Caller, StationDoor, require_visit
from azbot.channels.web.missions.memory import memory_of
from azbot.channels.web.missions.mission import (
    page_of,
    place_of,
    service_of,
    visit_of,
)
from azbot.channels.web.missions.planning import offer, read_planned
from azbot.channels.web.pages import visit_html
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.problems import as_document
from azbot.channels.web.refusals import HIDDEN, status_of
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import is_part
from azbot.channels.web.static import ASSETS
from azbot.channels.web.visitors.frame import visit_frame
from azbot.errors import Refused
from azbot.i18n import formats
from azbot.render.phrases import refusal_sentence
from azbot.workflow import commands as c
from azbot.workflow.conversation import messages
from azbot.workflow.model import (
    Assistance,
    Intervention,
    InterventionStatus,
    RefusalReason,
    Status,
)
from azbot.workflow.todo import step_of

_ICON = "missions/icon-180.png"
STYLES = ("missions/missions.css",)
_SCRIPTS = ("missions/mission.js",)
_SAID = ("accepted", "planned", "moved", "proposed", "sent")
_LONGEST = 20_000
_MOST_FILES = 30
_FIRST = Posted({}, {})
_SCHEDULED = (
    InterventionStatus.UNPLANNED,
    InterventionStatus.TO_APPROVE,
    InterventionStatus.PLANNED,
)


class MissionRoom:
    """The pages of one mission."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._door = StationDoor(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the pages and what can be pressed on them."""
        one = "/missions/{ref}"
        app.router.add_get(one, self.show)
        app.router.add_post(f"{one}/accept", self.accept)
        app.router.add_get(f"{one}/refuse", self.ask_why)
        app.router.add_post(f"{one}/refuse", self.refuse)
        app.router.add_get(f"{one}/plan", self.ask_when)
        app.router.add_post(f"{one}/plan", self.plan)
        app.router.add_post(f"{one}/visits/{{visit}}/arrive", self.arrive)
        app.router.add_post(f"{one}/messages", self.write)

    # -- reading -----------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """Return the mission; 304 for our script when nothing has changed."""
        caller = await self._door.caller(request)
        tag = self._tag(caller)
        if is_part(request) and request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
        response = await self._shown(request, caller)
        response.headers["ETag"] = tag
        return response

    def _tag(self, caller: Caller) -> str:
        """Return what names this state of the page; whether it is late shows, too."""
        late = self._deps.clock.now() > caller.mission.answer_by
        return f'"{caller.it.version}-{int(late)}-{caller.words.language}"'

    async def _shown(
        self,
        request: web.Request,
        caller: Caller,
        status: int = 200,
        *,
        problem: str = "",
        typed: str = "",
    ) -> web.Response:
        views, words = self._deps.store.views, caller.words
        station = caller.mission.station.id
        said = messages(await views.told_to_station(caller.it.id, station))
        scene = self._door.scene(caller, request)
        earlier = await views.earlier_at_site(caller.it)
        memory = memory_of(earlier, words, scene.lists)
        done = request.query.get("said", "")
        return self._page(
            request,
            caller,
            "mission/main" if is_part(request) else "mission/page",
            status,
            scripts=_SCRIPTS,
            page=page_of(scene, said, memory),
            is_part=is_part(request),
            tag=self._tag(caller),
            said=done if done in _SAID and not problem else "",
            problem=problem,
            typed=typed,
        )

    # -- the answer --------------------------------------------------------------------

    async def accept(self, request: web.Request) -> web.Response:
        """Take the mission; its date is asked for at once."""
        caller = await self._door.caller(request)
        given = await read_posted(request)
        # Accepted from another telephone, or by mail: what was wanted is so.
        if caller.it.status is Status.UNDERWAY:
            is_dated = step_of(caller.it) != "plan"
            raise web.HTTPSeeOther(caller.address + ("" if is_dated else "/plan"))
        try:
            await self._door.press(caller, given.text("once"), [c.AcceptMission()])
        except Refused as refused:
            return await self._refused(request, caller, refused)
        raise web.HTTPSeeOther(f"{caller.address}/plan?said=accepted")

    async def ask_why(self, request: web.Request) -> web.Response:
        """Ask for the reason of a refusal."""
        caller = await self._door.caller(request)
        if caller.it.status is not Status.ASSIGNED:
            raise web.HTTPSeeOther(caller.address)
        return self._why(request, caller, _FIRST)

    async def refuse(self, request: web.Request) -> web.Response:
        """Give the mission back to the desk, with a reason (R147)."""
        caller = await self._door.caller(request)
        given = await read_posted(request)
        try:
            reason = _reason(given)
            command = c.RefuseMission(reason, given.text("comment")[:_LONGEST])
            await self._door.press(caller, given.text("once"), [command])
        except Refused as refused:
            if refused.code not in ("reason_needed", "reason_missing"):
                return await self._refused(request, caller, refused)
            problem = caller.words.t(f"station.refuse.{refused.code}")
            return self._why(request, caller, given, problem)
        # What the link opens from now on, in words.
        raise web.HTTPSeeOther(caller.address)

    def _why(
        self, request: web.Request, caller: Caller, given: Posted, problem: str = ""
    ) -> web.Response:
        return self._page(
            request,
            caller,
            "mission_refuse/page",
            422 if problem else 200,
            reasons=[reason.value for reason in RefusalReason],
            reason=given.text("reason"),
            comment=given.typed("comment"),
            problem=problem,
        )

    # -- the date ----------------------------------------------------------------------

    async def ask_when(self, request: web.Request) -> web.Response:
        """Offer days and hours for the visit that waits for them."""
        caller = await self._door.caller(request)
        visit = _to_plan(caller.it, request.query.get("visit", ""))
        if visit is None and caller.it.status is not Status.ASSIGNED:
            raise web.HTTPSeeOther(caller.address)
        return await self._when(request, caller, visit)

    async def plan(self, request: web.Request) -> web.Response:
        """Give the visit its date: first, other, or proposed; or take the mission."""
        caller = await self._door.caller(request)
        given = await read_posted(request)
        visit = _to_plan(caller.it, given.text("visit"))
        mode = _mode(visit)
        try:
            planned = read_planned(given, caller.it.zone_name)
            command: c.Command = (
                c.AcceptMission(planned.at, planned.lasts, planned.note)
                if visit is None and caller.it.status is Status.ASSIGNED
                else c.ScheduleIntervention(
                    planned.at,
                    visit.number if visit else None,
                    planned.lasts,
                    planned.reason,
                    planned.note,
                )
            )
            await self._door.press(caller, given.text("once"), [command])
        except Refused as refused:
            if refused.code in _WRONG_PLACES:
                return await self._when(request, caller, visit, given, refused)
            return await self._refused(request, caller, refused)
        said = {"move": "moved", "propose": "proposed"}.get(mode, "planned")
        raise web.HTTPSeeOther(f"{caller.address}?said={said}")

    async def _when(
        self,
        request: web.Request,
        caller: Caller,
        visit: Intervention | None,
        given: Posted | None = None,
        refused: Refused | None = None,
    ) -> web.Response:
        it, words = caller.it, caller.words
        others = await self._deps.store.views.missions_of(caller.mission.station.id)
        taken = (
            each.planned_at
            for other in others
            for each in other.open_visits
            if each.planned_at is not None and each != visit
        )
        now = self._deps.clock.now()
        working = self._deps.desk.rules.working
        lasts = {"lasts": visit.lasts} if visit else {}
        scene = self._door.scene(caller, request)
        return self._page(
            request,
            caller,
            "mission_plan/page",
            422 if refused else 200,
            scripts=("missions/plan.js",),
            offer=offer(
                now, it.zone_name, working, words, taken=taken, given=given, **lasts
            ),
            mode=_mode(visit),
            visit=visit_of(scene, visit) if visit else None,
            service=service_of(it, words),
            place=place_of(it),
            zone=formats.zone_name(it.zone_name, words.language),
            latest=(now + timedelta(days=365)).date().isoformat(),
            wrong=_WRONG_PLACES[refused.code] if refused else "",
            problem=refusal_sentence(words, refused.code, refused.facts, it.zone_name)
            if refused
            else "",
            said=request.query.get("said") == "accepted" and not refused,
        )

    # -- on site -----------------------------------------------------------------------

    async def arrive(self, request: web.Request) -> web.Response:
        """« Je suis sur place »: note the hour and go on to the form (R163)."""
        caller = await self._door.caller(request)
        number = require_visit(request)
        given = await read_posted(request)
        try:
            await self._door.press(caller, given.text("once"), [c.ArriveOnSite(number)])
        except Refused as refused:
            return await self._refused(request, caller, refused)
        raise web.HTTPSeeOther(f"{caller.address}/visits/{number}")

    # -- words -------------------------------------------------------------------------

    async def write(self, request: web.Request) -> web.Response:
        """Write to the desk, with files (R142, R143)."""
        caller = await self._door.caller(request)
        form = await uploads.read_form(request, self._deps)
        text = form.value("text").replace("\x00", "").replace("\r\n", "\n").strip()
        if form.refused:
            name, why = form.refused[0]
            told = as_document(why, caller.words, "", request.path)
            problem = caller.words.t(
                "station.file_refused", name=name, why=told["detail"]
            )
            return await self._shown(
                request, caller, why.status, problem=problem, typed=text
            )
        now, scope = self._deps.clock.now(), caller.visitor.scope
        handles = form.values.get("upload", ())[:_MOST_FILES]
        sent = [
            found
            for handle in handles
            if (found := uploads.read(self._deps.keyring, handle, scope, now))
        ]
        files = tuple(uploads.as_document(each) for each in (*sent, *form.uploads))
        command = c.AddMessage(text[:_LONGEST], documents=files)
        try:
            await self._door.press(caller, form.value("once"), [command])
        except Refused as refused:
            return await self._refused(request, caller, refused, text)
        raise web.HTTPSeeOther(f"{caller.address}?said=sent#messages")

    # -- what they share ---------------------------------------------------------------

    async def _refused(
        self, request: web.Request, caller: Caller, refused: Refused, typed: str = ""
    ) -> web.Response:
        """Return the mission as it is now, and why it could not be done."""
        if refused.code in HIDDEN:
            raise refused
        now = await self._door.caller(request)
        why = refusal_sentence(
            now.words, refused.code, refused.facts, caller.it.zone_name
        )
        return await self._shown(
            request, now, status_of(refused.code), problem=why, typed=typed
        )

    def _page(
        self,
        request: web.Request,
        caller: Caller,
        template: str,
        status: int = 200,
        /,
        scripts: tuple[str, ...] = (),
        **context: object,
    ) -> web.Response:
        language = caller.words.language
        text = self._deps.pages.part(
            template,
            language,
            frame=visit_frame(request, styles=STYLES, scripts=scripts),
            touch_icon=touch_icon(request),
            address=caller.address,
            ref=caller.it.ref,
            once=secrets.token_urlsafe(12),
            **context,
        )
        return visit_html(text, language, status)


def touch_icon(request: web.Request) -> str:
    """Return the address of the picture for home screens that read no manifest."""
    return request.app[ASSETS].url(_ICON)


_WRONG_PLACES: Mapping[str, str] = {
    "date_needed": "day",
    "date_past": "day",
    "date_too_far": "day",
    "bad_duration": "lasts",
    "reason_needed": "reason",
}
"""Beside which question a refused date is told (X10)."""


def _reason(given: Posted) -> RefusalReason:
    try:
        return RefusalReason(given.text("reason"))
    except ValueError as error:
        raise Refused("reason_missing") from error


def _to_plan(it: Assistance, number: str) -> Intervention | None:
    """Return the visit that is meant; without a number the one that waits longest."""
    open_ones = [i for i in it.open_visits if i.status in _SCHEDULED]
    if number:
        return next((i for i in open_ones if str(i.number) == number), None)
    waiting = [i for i in open_ones if i.status is not InterventionStatus.PLANNED]
    return next(iter(waiting or open_ones), None)


def _mode(visit: Intervention | None) -> str:
    """Return what giving a date means: ``accept``, ``plan``, ``propose``, ``move``."""
    if visit is None:
        return "accept"
    if visit.status is InterventionStatus.PLANNED:
        return "move"
    is_proposed = visit.status is InterventionStatus.TO_APPROVE
    return "propose" if visit.is_follow_up or is_proposed else "plan"
