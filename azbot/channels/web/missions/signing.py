"""``/sign/{token}``: somebody who was not there reads the visit and signs it (T11).

The link proves which of the three signatures of which version of the form it is for.
It stays in the address, unlike others: it is often opened inside a messenger, which
keeps no cookie, and it can sign once and read one visit, no more. No page sends it on
(``Referrer-Policy``), and what it opens ends when the form changes (R138).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.missions.mission import place_of, service_of
from azbot.channels.web.missions.papers import small_picture
from azbot.channels.web.missions.room import STYLES
from azbot.channels.web.once import Told, once, press_of
from azbot.channels.web.pages import visit_html
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import no_link
from azbot.channels.web.visitors.frame import visit_frame
from azbot.errors import NotFound, Refused
from azbot.forms.kinds import Problem
from azbot.i18n import formats
from azbot.i18n.answers import problem_words
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.messages import Trust
from azbot.render.phrases import refusal_sentence
from azbot.reports.assembly import present
from azbot.store import UnitOfWork
from azbot.tokens import SigningToken, read_signing
from azbot.workflow import commands as c
from azbot.workflow.answers import fingerprint, shown_photos
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    Intervention,
    InterventionStatus,
    Mandate,
    Role,
    Signatory,
    SignatureMethod,
    Status,
    Stroke,
)

_LONGEST = 200
_MOST_STROKES = 500
_MOST_POINTS = 20_000
_LONGEST_DRAWING = 400_000
_FIRST = Posted({}, {})


@dataclass(frozen=True, slots=True)
class Signing:
    """What one link opens."""

    it: Assistance
    visit: Intervention
    role: Signatory
    token: SigningToken
    text: str

    @property
    def address(self) -> str:
        """Of the page."""
        return f"/sign/{self.text}"

    @property
    def state(self) -> str:
        """What the link is good for now.

        ``open``, ``signed``, ``elsewhere`` (signed on site meanwhile), ``waived``,
        ``changed`` (another version of the form), ``replaced`` (by a newer link), or
        ``over`` (the visit will not end any more).
        """
        given = self.visit.signature(self.role)
        if given is not None:
            match given.method:
                case SignatureMethod.REMOTE:
                    return "signed"
                case SignatureMethod.WAIVED:
                    return "waived"
                case _:
                    return "elsewhere"
        is_gone = self.visit.status is InterventionStatus.CANCELLED
        if is_gone or self.it.status is not Status.UNDERWAY:
            return "over"
        invited = self.visit.invitation(self.role)
        is_same = fingerprint(self.visit.answers).startswith(self.token.form)
        if invited is None or not is_same:
            return "changed"
        is_newest = invited.until.replace(microsecond=0) == self.token.expires_at
        return "open" if is_newest else "replaced"


class SigningRoom:
    """Serves the page and takes the signature."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve them."""
        app.router.add_get("/sign/{token}", self.show)
        app.router.add_post("/sign/{token}", self.sign)
        app.router.add_get("/sign/{token}/photos/{number}", self.photo)

    async def show(self, request: web.Request) -> web.Response:
        """Return what is signed, or why it cannot be any more; nothing changes."""
        signing = await self._opened(request)
        return self._shown(request, signing)

    async def sign(self, request: web.Request) -> web.Response:
        """Give the signature; sent again it is the same one (X19)."""
        signing = await self._opened(request)
        given = await read_posted(request, _LONGEST_DRAWING)
        if signing.state != "open":
            return self._shown(request, signing)
        strokes = _strokes(given.typed("strokes"))
        try:
            await self._give(signing, given, strokes)
        except Refused as refused:
            now = await self._opened(request)
            if now.state != "open":
                return self._shown(request, now)
            return self._form(request, now, given, refused)
        raise web.HTTPSeeOther(signing.address)

    async def _give(
        self, signing: Signing, given: Posted, strokes: tuple[Stroke, ...]
    ) -> None:
        if not strokes and "agreed" not in given:
            raise Refused("agreement_needed")
        name, token = given.line("name")[:_LONGEST], signing.token
        mandate = Mandate(
            signing.it.id,
            signing.visit.number,
            signing.role,
            token.form,
            token.expires_at,
        )
        actor = Actor(
            Role.SIGNATORY, None, name, Trust.PROVEN, channel="web", mandate=mandate
        )
        email = given.line("email")[:_LONGEST]
        command = c.SignRemotely(
            name=name,
            strokes=strokes,
            aspect=min(max(given.number("aspect"), 100), 20_000) if strokes else 2000,
            email=email,
            wants_report=bool(email) and "wants_report" in given,
        )

        def work(uow: UnitOfWork) -> Told:
            it = self._deps.desk.load(uow, signing.it.id)
            self._deps.desk.apply(uow, it, command, actor)
            return {}

        scope = f"sign:{signing.it.id}:{signing.visit.number}:{signing.role.value}"
        key = press_of(given.text("once"), command)
        await once(self._deps, scope, key, work)

    async def photo(self, request: web.Request) -> web.Response:
        """Return a small picture of what is signed."""
        signing = await self._opened(request)
        text = request.match_info["number"]
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        document = signing.it.document(number)
        is_open = signing.state in ("open", "signed")
        if (
            document is None
            or not is_open
            or document not in shown_photos(signing.it, signing.visit)
        ):
            raise NotFound("photo", text[:12])
        return await small_picture(self._deps.store.blobs, document)

    async def _opened(self, request: web.Request) -> Signing:
        """Return what the link opens.

        Raises:
            HttpProblem: 404 ``no_link``, whatever is wrong with it; 410
                ``sign_expired``: it was right once.
        """
        text, now = request.match_info["token"], self._deps.clock.now()
        token = read_signing(self._deps.keyring, text, now)
        if not isinstance(token, SigningToken):
            # One cut short may look like one of a key that retired: no difference.
            is_old = token is not None and token.why == "expired"
            raise HttpProblem(410, "sign_expired") if is_old else no_link(404)
        try:
            key = AssistanceId(token.assistance)
            it = await self._deps.store.views.assistance(key)
            role = Signatory(token.role)
        except (NotFound, ValueError) as error:
            raise no_link(404) from error
        visit = it.intervention(token.intervention)
        if visit is None:
            raise no_link(404)
        return Signing(it, visit, role, token, text.strip().lower())

    def _shown(self, request: web.Request, signing: Signing) -> web.Response:
        state = signing.state
        if state == "open":
            return self._form(request, signing)
        words, visit = _words(request), signing.visit
        signed = visit.signature(signing.role)
        at = _when(signed.at, signing, words) if signed else ""
        page = self._deps.pages.page(
            "sign_told",
            words.language,
            frame=visit_frame(request, styles=STYLES),
            state=state,
            ref=signing.it.ref if state == "signed" else "",
            name=signed.name if signed else "",
            at=at,
            wants_report=bool(signed and signed.wants_report),
            email=signed.email if signed and state == "signed" else "",
        )
        return visit_html(page, words.language, 200 if state == "signed" else 410)

    def _form(
        self,
        request: web.Request,
        signing: Signing,
        given: Posted = _FIRST,
        refused: Refused | None = None,
    ) -> web.Response:
        it, visit, words = signing.it, signing.visit, _words(request)
        invited = visit.invitation(signing.role)
        content = present(it, visit.number, words, self._deps.in_force.choices.lists)
        day = visit.arrived_at or visit.planned_at
        is_new = refused is None
        page = self._deps.pages.page(
            "sign",
            words.language,
            frame=visit_frame(request, styles=STYLES, scripts=("missions/sign.js",)),
            once=secrets.token_urlsafe(12),
            address=signing.address,
            ref=it.ref,
            service=service_of(it, words),
            place=place_of(it),
            content=content,
            day=_when(day, signing, words) if day else "",
            photos=[
                (d.number, d.name) for d in shown_photos(signing.it, signing.visit)
            ],
            role=signing.role.value,
            name=given.typed("name") or (invited.name if invited and is_new else ""),
            email=given.typed("email") or (invited.email if invited and is_new else ""),
            wants_report=is_new or "wants_report" in given,
            agreed="agreed" in given,
            until=_when(signing.token.expires_at, signing, words),
            problem=_why(refused, words, it.zone_name) if refused else "",
            wrong=_PLACES.get(refused.code, "agreed") if refused else "",
        )
        return visit_html(page, words.language, 200 if is_new else 422)


_PLACES: Mapping[str, str] = {
    "signatory_name_needed": "name",
    "bad_answers": "email",
    "agreement_needed": "agreed",
    "signature_too_short": "agreed",
}
"""Beside which question a refusal is told (X10)."""


def _words(request: web.Request) -> Catalogue:
    return catalogue(preferred(request.headers.get("Accept-Language", "")))


def _when(at: datetime, signing: Signing, words: Catalogue) -> str:
    return formats.date_and_hour(
        at, signing.it.zone_name, words.language, with_zone=True
    )


def _why(refused: Refused, words: Catalogue, zone: str) -> str:
    if refused.code == "agreement_needed":
        return words.t("signing.agreement_needed")
    problems = refused.facts.get("problems")
    if refused.code == "bad_answers" and isinstance(problems, dict):
        first = next(iter(problems.values()))
        return problem_words(Problem(first["code"], first["facts"]), words)
    return refusal_sentence(words, refused.code, refused.facts, zone)


def _strokes(text: str) -> tuple[Stroke, ...]:
    """Return what was drawn, nothing for what is no drawing.

    Args:
        text: JSON, a list of lines, each a list of points [x, y] in thousandths of
            the height of the pad.
    """
    try:
        lines = json.loads(text or "[]")
        strokes = tuple(
            Stroke(tuple((int(x), int(y)) for x, y in line)) for line in lines
        )
    except (ValueError, TypeError, RecursionError, OverflowError):
        return ()
    points = sum(len(stroke.points) for stroke in strokes)
    is_sane = len(strokes) <= _MOST_STROKES and points <= _MOST_POINTS
    limits = (abs(n) <= _MOST_POINTS for s in strokes for at in s.points for n in at)
    return strokes if is_sane and all(limits) else ()
