"""« Absent, envoyer un lien »: a mail, an address, a code to scan (R136, T11)."""

from __future__ import annotations

import secrets

from aiohttp import web

from azbot.channels.web.missions.door import Caller, StationDoor, require_visit
from azbot.channels.web.missions.mission import service_of
from azbot.channels.web.missions.room import STYLES, touch_icon
from azbot.channels.web.pages import visit_html
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.refusals import HIDDEN
from azbot.channels.web.scanning import code_to_scan
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.frame import visit_frame
from azbot.errors import NotFound, Refused
from azbot.forms.kinds import Problem
from azbot.i18n import formats
from azbot.i18n.answers import problem_words
from azbot.render.phrases import refusal_sentence
from azbot.tokens import issue_signing
from azbot.workflow import commands as c
from azbot.workflow.answers import fingerprint
from azbot.workflow.commands import Command
from azbot.workflow.model import Assistance, Intervention, Invited, Signatory

_LONGEST = 200
_FIRST = Posted({}, {})


class SigningLinks:
    """Serves the page on which a station asks for a signature from afar."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._door = StationDoor(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the page and what can be pressed on it."""
        one = "/missions/{ref}/visits/{visit}/signatures/{role}"
        app.router.add_get(f"{one}/link", self.show)
        app.router.add_post(f"{one}/link", self.invite)
        app.router.add_post(f"{one}/waive", self.waive)

    async def show(self, request: web.Request) -> web.Response:
        """Ask whom to invite, or show the link that waits; nothing changes."""
        caller, visit, role = await self._asked(request)
        return self._page(request, caller, visit, role)

    async def invite(self, request: web.Request) -> web.Response:
        """Make the link; it leaves by mail when an address was given."""
        caller, visit, role = await self._asked(request)
        given = await read_posted(request)
        if "name" not in given:
            # The form of the visit leads here with one press.
            raise web.HTTPSeeOther(f"{_address(caller, visit, role)}/link")
        command = c.InviteSignatory(
            role,
            given.line("name")[:_LONGEST],
            given.line("email")[:_LONGEST],
            visit.number,
        )
        return await self._press(request, command, given, (caller, visit, role))

    async def waive(self, request: web.Request) -> web.Response:
        """Do without the signature, where the setting allows (R136)."""
        caller, visit, role = await self._asked(request)
        given = await read_posted(request)
        command = c.WaiveSignature(role, given.text("reason"), visit.number)
        return await self._press(request, command, given, (caller, visit, role))

    async def _press(
        self,
        request: web.Request,
        command: Command,
        given: Posted,
        asked: tuple[Caller, Intervention, Signatory],
    ) -> web.Response:
        caller, visit, role = asked
        try:
            await self._door.press(caller, given.text("once"), [command])
        except Refused as refused:
            if refused.code in HIDDEN:
                raise
            return self._page(request, caller, visit, role, given, refused)
        raise web.HTTPSeeOther(f"{_address(caller, visit, role)}/link")

    async def _asked(
        self, request: web.Request
    ) -> tuple[Caller, Intervention, Signatory]:
        caller = await self._door.caller(request)
        number = require_visit(request)
        visit = caller.it.intervention(number)
        try:
            role = Signatory(request.match_info["role"])
        except ValueError as error:
            raise HttpProblem(404, "not_found") from error
        if visit is None:
            raise NotFound("visit", number)
        return caller, visit, role

    def _page(
        self,
        request: web.Request,
        caller: Caller,
        visit: Intervention,
        role: Signatory,
        given: Posted = _FIRST,
        refused: Refused | None = None,
    ) -> web.Response:
        words, it = caller.words, caller.it
        waiting = self._waiting(visit, role) if refused is None else None
        link = self._link(request, it, visit, waiting) if waiting else ""
        signed = visit.signature(role)
        text = words.t(
            "signing.link.text",
            station=caller.mission.station.company,
            service=service_of(it, words),
            link=link,
        )
        page = self._deps.pages.page(
            "mission_link",
            words.language,
            frame=visit_frame(request, styles=STYLES, scripts=("missions/link.js",)),
            touch_icon=touch_icon(request),
            once=secrets.token_urlsafe(12),
            address=caller.address,
            back=f"{caller.address}/visits/{visit.number}",
            action=_address(caller, visit, role),
            ref=it.ref,
            role=role.value,
            number=visit.number,
            name=given.typed("name") or _likely_name(it, role),
            email=given.typed("email") or _likely_email(it, role),
            reason=given.typed("reason"),
            problem=_why(refused, caller) if refused else "",
            invited=waiting,
            until=formats.date_and_hour(waiting.until, it.zone_name, words.language)
            if waiting
            else "",
            link=link,
            text=text,
            qr=code_to_scan(link) if link else "",
            signed=signed,
            can_waive=self._deps.desk.rules.allow_waiver and signed is None,
        )
        return visit_html(page, words.language, 422 if refused else 200)

    def _waiting(self, visit: Intervention, role: Signatory) -> Invited | None:
        """Return who was asked, while their link still opens the form."""
        invited = visit.invitation(role)
        if invited is None or visit.signature(role) is not None:
            return None
        is_over = invited.until <= self._deps.clock.now()
        is_same = invited.fingerprint == fingerprint(visit.answers)
        return invited if is_same and not is_over else None

    def _link(
        self,
        request: web.Request,
        it: Assistance,
        visit: Intervention,
        invited: Invited,
    ) -> str:
        token = issue_signing(
            self._deps.keyring,
            it.id,
            visit.number,
            invited.role.value,
            invited.fingerprint,
            invited.until,
        )
        base = self._deps.settings.public_url or str(request.url.origin())
        return f"{base}/sign/{token}"


def _address(caller: Caller, visit: Intervention, role: Signatory) -> str:
    return f"{caller.address}/visits/{visit.number}/signatures/{role.value}"


def _likely_name(it: Assistance, role: Signatory) -> str:
    """Return who is likely to sign: the contact on site for the installer (R134)."""
    return it.answer("contact_name") if role is Signatory.INSTALLER else ""


def _likely_email(it: Assistance, role: Signatory) -> str:
    return it.answer("contact_email") if role is Signatory.INSTALLER else ""


def _why(refused: Refused, caller: Caller) -> str:
    problems = refused.facts.get("problems")
    if refused.code == "bad_answers" and isinstance(problems, dict):
        first = next(iter(problems.values()))
        return problem_words(Problem(first["code"], first["facts"]), caller.words)
    zone = caller.it.zone_name
    return refusal_sentence(caller.words, refused.code, refused.facts, zone)
