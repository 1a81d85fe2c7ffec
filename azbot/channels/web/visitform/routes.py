"""``/missions/{ref}/visits/{number}``: the form of one visit (ux.md 8.2).

The page is drawn by its scripts from the form definition. What is done on the phone
comes as orders, each with an id of its own and possibly hours late: an order that was
carried out before is answered as it was, with the state of the visit as it is now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web import uploads
from azbot.channels.web.api.forms import form_out
from azbot.channels.web.once import once
from azbot.channels.web.pages import visit_html
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.static import ASSETS
from azbot.channels.web.visitform.offline import OfflineWorker
from azbot.channels.web.visitform.orders import (
    AnswersOrder,
    Order,
    SignatureOrder,
    read_order,
)
from azbot.channels.web.visitform.telling import (
    Told,
    mission_out,
    proposed_signatories,
    visit_out,
)
from azbot.channels.web.visitform.words import WORDS
from azbot.channels.web.visitors.access import Access, Visitor, no_link
from azbot.channels.web.visitors.frame import visit_frame
from azbot.errors import NotFound, Refused
from azbot.forms.form import Source
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import Problem
from azbot.i18n.answers import problem_words
from azbot.store import UnitOfWork
from azbot.workflow import answers as filled
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.model import (
    Answers,
    Assistance,
    Intervention,
    Signatory,
    SignatureMethod,
    Stroke,
)

_AT = "/missions/{ref}/visits/{number}"
_SCRIPTS = ("missions/form.js",)
_STYLES = ("missions/form.css",)
_POINTS = 9


@dataclass(frozen=True, slots=True)
class _Caller:
    """A station before one of its visits."""

    visitor: Visitor
    visit: Intervention

    @property
    def number(self) -> int:
        return self.visit.number


class VisitForm:
    """Serves the form, and takes what a phone did with it."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the page, its orders and the worker that keeps it offline."""
        OfflineWorker(app[ASSETS]).add_to(app)
        router = app.router
        router.add_get(_AT, self.show)
        router.add_get(f"{_AT}/state", self.state)
        router.add_post(f"{_AT}/arrival", self.arrive)
        router.add_post(f"{_AT}/answers", self.answer)
        router.add_post(f"{_AT}/photos", self.add_photo)
        router.add_post(f"{_AT}/signatures/remove", self.reopen)
        router.add_post(
            f"{_AT}/signatures/{{role:installer|client|station}}", self.sign
        )
        router.add_post(f"{_AT}/finish", self.finish)

    # -- reading -----------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """Return the page; the phone keeps it for where there is no network."""
        caller = await self._caller(request)
        visitor, words = caller.visitor, caller.visitor.words
        mission = mission_out(visitor, caller.visit)
        page = self._deps.pages.page(
            "visit_form",
            words.language,
            frame=visit_frame(request, styles=_STYLES, scripts=_SCRIPTS),
            mission=mission,
            title=_title(mission),
            visit={
                "mission": mission,
                "form": form_out(
                    INTERVENTION, words, self._deps.desk.rules.lists
                ).model_dump(),
                "told": visit_out(visitor.it, caller.visit, words),
                "proposed": _proposed(),
                "signatories": proposed_signatories(visitor),
                "words": {name: words.t(f"visit.{name}") for name in WORDS},
                "errors": _errors(visitor),
                "allow_waiver": self._deps.desk.rules.allow_waiver,
                "largest": self._deps.settings.largest_file,
                "language": words.language,
                "reader": _reader(visitor),
            },
        )
        response = visit_html(page, words.language)
        response.headers["Azbot-Reader"] = _reader(visitor)
        return response

    async def state(self, request: web.Request) -> web.Response:
        """Return where the visit stands, for a phone that comes back to it."""
        caller = await self._caller(request)
        return _json({"told": self._told(caller.visitor.it, caller)})

    # -- orders ------------------------------------------------------------------------

    async def arrive(self, request: web.Request) -> web.Response:
        """« Je suis sur place » (R163); the phone writes the hour into the form."""
        caller = await self._caller(request)
        order = await read_order(request, Order)

        def work(uow: UnitOfWork) -> Told:
            self._do(uow, caller, c.ArriveOnSite(caller.number))
            return {}

        return await self._done(caller, order, work)

    async def answer(self, request: web.Request) -> web.Response:
        """Merge answers field by field; one that is wrong does not stop the others."""
        caller = await self._caller(request)
        order = await read_order(request, AnswersOrder)

        def work(uow: UnitOfWork) -> Told:
            wrong = self._save(uow, caller, order.changes)
            return {"problems": self._words_of(wrong, caller)}

        return await self._done(caller, order, work)

    def _save(
        self, uow: UnitOfWork, caller: _Caller, changes: Answers
    ) -> Mapping[str, Problem]:
        try:
            self._do(uow, caller, c.SaveInterventionForm(changes, caller.number))
        except Refused as refused:
            told = refused.facts.get("problems")
            if refused.code != "bad_answers" or not isinstance(told, Mapping):
                raise
            wrong = {
                key: Problem(each["code"], each["facts"], tuple(each["path"]))
                for key, each in told.items()
            }
            rest = {key: value for key, value in changes.items() if key not in wrong}
            return {**wrong, **(self._save(uow, caller, rest) if rest else {})}
        return {}

    async def add_photo(self, request: web.Request) -> web.Response:
        """Keep a photo in the body; its address says which point it shows."""
        caller = await self._caller(request)
        order = Order.model_construct(id=request.query.get("id", ""))
        point = request.query.get("point", "")
        upload = await uploads.receive(request, self._deps)
        if not upload.media_type.startswith("image/"):
            raise HttpProblem(415, "kind_refused", {"media_type": upload.media_type})
        document = uploads.as_document(
            upload,
            point=int(point) if point in map(str, range(1, _POINTS + 1)) else None,
        )

        def work(uow: UnitOfWork) -> Told:
            self._do(uow, caller, c.AddVisitPhotos((document,), caller.number))
            return {"file": upload.blob}

        return await self._done(caller, order, work)

    async def sign(self, request: web.Request) -> web.Response:
        """Give one signature on what the phone showed, or a reason for having none.

        Raises:
            Refused: ``form_changed``: somebody else filled the form meanwhile, and the
                signatory saw another version of it (R138).
        """
        caller = await self._caller(request)
        role = Signatory(request.match_info["role"])
        order = await read_order(request, SignatureOrder)
        command: Command
        if order.method == "waived":
            command = c.WaiveSignature(role, order.reason, caller.number)
        else:
            command = c.SignIntervention(
                role=role,
                name=" ".join(order.name.split()),
                method=SignatureMethod(order.method),
                strokes=tuple(Stroke(points) for points in order.strokes),
                aspect=order.aspect,
                company=order.company,
                email=order.email,
                wants_report=order.wants_report,
                fingerprint=self._seen(caller, order.seen),
                number=caller.number,
            )

        def work(uow: UnitOfWork) -> Told:
            self._do(uow, caller, command)
            return {}

        return await self._done(caller, order, work)

    def _seen(self, caller: _Caller, seen: Answers) -> str:
        """Return the fingerprint of the form as it stood on the phone (R137)."""
        it, rules = caller.visitor.it, self._deps.desk.rules
        checked = filled.check(
            INTERVENTION,
            seen,
            filled.site_country(it.answers, rules.country),
            it.zone_name,
            self._deps.clock.now(),
            rules.lists,
        )
        return filled.fingerprint(checked.answers)

    async def reopen(self, request: web.Request) -> web.Response:
        """« Modifier »: take back the signatures; the history keeps them (R138)."""
        caller = await self._caller(request)
        order = await read_order(request, Order)

        def work(uow: UnitOfWork) -> Told:
            self._do(uow, caller, c.RemoveSignatures(caller.number))
            return {}

        return await self._done(caller, order, work)

    async def finish(self, request: web.Request) -> web.Response:
        """End the visit, when nothing is missing (T8, T18)."""
        caller = await self._caller(request)
        order = await read_order(request, Order)

        def work(uow: UnitOfWork) -> Told:
            self._do(uow, caller, c.FinishIntervention(caller.number))
            return {}

        return await self._done(caller, order, work)

    # -- inside ------------------------------------------------------------------------

    async def _caller(self, request: web.Request) -> _Caller:
        """Return who asks, and for which visit.

        Raises:
            HttpProblem: ``no_link``: 404 or 410, nothing opens this visit.
            NotFound: the mission has no such visit.
        """
        visitor = await self._access.visitor(request, request.match_info["ref"])
        if not visitor.is_station:
            raise no_link(404)
        number = request.match_info["number"]
        is_number = number.isascii() and number.isdigit() and len(number) < 6
        visit = visitor.it.intervention(int(number)) if is_number else None
        if visit is None:
            raise NotFound("visit", number)
        return _Caller(visitor, visit)

    def _do(self, uow: UnitOfWork, caller: _Caller, command: Command) -> Assistance:
        it = self._deps.desk.load(uow, caller.visitor.it.id)
        visitor = caller.visitor
        return self._deps.desk.apply(uow, it, command, visitor.actor).assistance

    async def _done(
        self, caller: _Caller, order: Order, work: Callable[[UnitOfWork], Told]
    ) -> web.Response:
        told = await once(self._deps, caller.visitor.scope, order.id, work)
        # What was told before may be old by now: where the visit stands is read anew.
        it = await self._deps.store.views.assistance(caller.visitor.it.id)
        return _json({**told, "told": self._told(it, caller)})

    def _told(self, it: Assistance, caller: _Caller) -> Told:
        return visit_out(it, _visit(it, caller.number), caller.visitor.words)

    def _words_of(self, wrong: Mapping[str, Problem], caller: _Caller) -> Told:
        words = caller.visitor.words
        return {
            key: {
                "words": problem_words(problem, words),
                "code": problem.code,
                "path": list(problem.path),
            }
            for key, problem in wrong.items()
        }


def _visit(it: Assistance, number: int) -> Intervention:
    visit = it.intervention(number)
    if visit is None:
        raise NotFound("visit", number)
    return visit


def _title(mission: Told) -> str:
    """Return « Mise en service, Villeurbanne »."""
    return ", ".join(str(mission[key]) for key in ("service", "town") if mission[key])


def _proposed() -> dict[str, str]:
    """Return the answers that are the same for everyone until changed (R95)."""
    return {
        key: rule.name
        for key, field in INTERVENTION.fields.items()
        for rule in field.prefill
        if rule.source is Source.CONSTANT
    }


def _errors(visitor: Visitor) -> dict[str, str]:
    """Return the sentences the phone says by itself, without network."""
    codes = (
        *("empty", "mandatory", "not_number", "not_integer", "out_of_bounds"),
        *("time_invalid", "remark_missing", "mac_unusual", "time_out_before_in"),
        *("signature_name", "signature_short", "serial_invalid", "distance_unit"),
    )
    return {code: visitor.words.t(f"error.{code}") for code in codes}


def _reader(visitor: Visitor) -> str:
    """Return whose page it is, so that a phone keeps nobody else's (C14)."""
    return hashlib.sha256(visitor.scope.encode()).hexdigest()[:16]


def _json(told: Told) -> web.Response:
    response = web.json_response(told)
    response.enable_compression()
    return response
