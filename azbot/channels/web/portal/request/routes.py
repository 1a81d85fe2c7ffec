"""``/portal/new``: a request in four steps, with or without a script (ux.md 7.3)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from azbot.channels.web import uploads
from azbot.channels.web.form import Question, posted
from azbot.channels.web.once import once
from azbot.channels.web.pages import visit_html
from azbot.channels.web.portal.request import drawing
from azbot.channels.web.portal.request.drafts import (
    GONE,
    UPLOAD,
    Asking,
    Drafts,
    client_of,
)
from azbot.channels.web.portal.request.sent import url_after
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import is_part
from azbot.channels.web.uploads import Form
from azbot.channels.web.visitors.access import Access, no_link, visitor_scope
from azbot.channels.web.visitors.frame import visit_frame
from azbot.desk.requesting import (
    made_by,
    needs_proof,
    profile_of,
    with_files,
)
from azbot.errors import AzbotError
from azbot.forms import filling
from azbot.forms.filling import ASKED, LAST, NOTE, STEPS, Reading, Texts
from azbot.forms.kinds import OTHER
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.messages import Trust
from azbot.store import Person, UnitOfWork
from azbot.store.queries import Filters
from azbot.store.request_drafts import RequestDraft, RequestFile, owner_of
from azbot.workflow.model import (
    Actor,
    Role,
)

NEW = "/portal/new"
_PREVIOUS = 8
_PROOF = "proof"
_DROP = "drop"
_SCRIPTS = ("portal/request.js",)
_FOLLOWING = {"postcode": ("region",), "country": ("region",)}
"""What is derived anew when a field changes."""


class FieldIn(BaseModel):
    """One field that was left, or one file that arrived or goes.

    Attributes:
        key: of a field; ``upload`` and ``drop`` of the file a handle stands for;
            ``proof`` of all files that prove the order, by name of their content.
        draft: key of the draft the page shows, empty for one not begun yet.
        source: the earlier request the page began from, possibly empty.
    """

    model_config = ConfigDict(extra="forbid")

    key: str
    value: str
    draft: str = ""
    source: str = ""


class _Incomplete(AzbotError):
    """Another tab took an answer back meanwhile."""

    def __init__(self, step: int) -> None:
        super().__init__(f"step {step} is incomplete")
        self.step = step


class RequestRoom:
    """Serves the four steps; ``sent.SentRoom`` what follows them."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)
        self._drafts = Drafts(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        router = app.router
        router.add_get(NEW, self.show)
        router.add_post(NEW, self.take)
        router.add_put(NEW, self.keep)
        router.add_get(f"{NEW}/restart", self.ask_restart)
        router.add_post(f"{NEW}/restart", self.restart)
        router.add_post(f"{NEW}/from", self.copy)

    # --- looking ----------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """Return a step: the one asked for, else the one where it was left."""
        person = await client_of(self._access, request)
        asking = await self._drafts.asking(person, request.query.get("from", ""))
        if asking.source and asking.stored is not None:
            return self._question(request, person, "from", ref=asking.source)
        reading = self._drafts.read(asking.texts)
        wanted = _number(request.query.get("step", ""))
        left_at = asking.stored.step if asking.stored else 1
        reachable = reading.first_wrong or LAST
        step = min(max(wanted or left_at, 1), reachable)
        return await self._page(
            request,
            asking,
            reading,
            step,
            is_checked="check" in request.query and step == reachable,
            is_resumed=asking.stored is not None and not wanted,
            told=self._told_in(request, asking.words),
        )

    async def ask_restart(self, request: web.Request) -> web.Response:
        """Ask whether everything typed may go."""
        person = await client_of(self._access, request)
        return self._question(request, person, "restart")

    # --- typing -----------------------------------------------------------------------

    async def keep(self, request: web.Request) -> web.Response:
        """Keep one field that was left; tell what follows from it."""
        person = await client_of(self._access, request)
        try:
            given = FieldIn.model_validate_json(await request.read())
        except ValidationError as error:
            raise HttpProblem(400, "bad_request") from error
        if given.key not in (*ASKED, NOTE, _PROOF, UPLOAD, _DROP):
            raise HttpProblem(400, "bad_request")
        source = await self._drafts.source(person, given.source)
        file = self._drafts.handled(given.value, person)
        if file is None and given.key in (UPLOAD, _DROP):
            raise HttpProblem(422, "upload_expired")
        now = filling.only({given.key: given.value}, (given.key,))

        def work(uow: UnitOfWork) -> RequestDraft:
            it = self._drafts.open(uow, person, given.draft, source)
            if given.key == _PROOF:
                files = _proven(it.files, given.value.split())
                return self._drafts.save(uow, it, files=files)
            if file is not None and given.key == UPLOAD:
                return self._drafts.save(uow, it, files=with_files(it.files, [file]))
            if file is not None and given.key == _DROP:
                files = tuple(f for f in it.files if f.blob != file.blob)
                return self._drafts.save(uow, it, files=files)
            # A field that was left is one that was changed, emptied or not.
            texts = filling.revised(it.texts, {given.key: "\x00"}, now)
            return self._drafts.save(uow, it, texts=texts)

        draft = await self._deps.store.write(work)
        if given.key in (_PROOF, UPLOAD, _DROP):
            blob = file.blob if file else ""
            return web.json_response({"draft": draft.key, "blob": blob})
        words = catalogue(person.language)
        return web.json_response(self._told(draft, given.key, words))

    def _told(
        self, draft: RequestDraft, key: str, words: Catalogue
    ) -> dict[str, object]:
        reading, step = self._drafts.read(draft.texts), filling.step_of(key)
        told: dict[str, object] = {"draft": draft.key, "why": ""}
        problem = reading.problems.get(key)
        if problem is not None and key in draft.texts:
            told["why"] = drawing.repair(key, problem, words)
        asked = self._asked(step, draft.texts, reading, words)
        said = json.loads(drawing.drawn(asked))
        # Typed half, it stays as it is; whole, it is shown as it was understood.
        told["said"] = {k: said.get(k, "") for k in (key, *_FOLLOWING.get(key, ()))}
        if key in ("postcode", "country"):
            told["place"] = next(q.hint for q in asked if q.name == "postcode")
        return told

    async def take(self, request: web.Request) -> web.Response:
        """Keep a step and go on, back, or send; what cannot be left is shown again."""
        person = await client_of(self._access, request)
        limit = self._deps.settings.transfer_within
        async with asyncio.timeout(limit.total_seconds()):
            form = await uploads.read_form(request, self._deps)
        try:
            return await self._taken(request, person, form)
        except HttpProblem as problem:
            if problem.code != GONE:
                raise
        # The same press again (X19): what was told then is told now.
        told = await self._told_before(person, form)
        return self._gone_on(request, told) if told else _see(gone="1")

    async def _taken(
        self, request: web.Request, person: Person, form: Form
    ) -> web.Response:
        step = min(max(form.number("step"), 1), LAST)
        draft = await self._kept(person, form, step)
        refused = [problem.code for _, problem in form.refused]
        reading, go = self._drafts.read(draft.texts), form.value("go")
        if go == "send":
            return await self._send(request, person, draft, refused)
        if _DROP in form.values or go == "add":
            return _see(step=LAST, refused=refused)
        if go == "back":
            return _see(step=await self._drafts.reach(draft, step - 1))
        if reading.problems_of(step):
            asking = Asking(person, draft, draft.texts)
            return await self._page(
                request, asking, reading, step, is_checked=True, status=422
            )
        following = LAST if form.value("recap") else step + 1
        following = min(following, reading.first_wrong or LAST)
        return _see(step=await self._drafts.reach(draft, following))

    async def _kept(self, person: Person, form: Form, step: int) -> RequestDraft:
        """Keep everything a step sent, whatever follows."""
        source = await self._drafts.source(person, form.value("source"))
        came, dropped = self._drafts.came(form, person), set(form.values.get(_DROP, ()))

        def work(uow: UnitOfWork) -> RequestDraft:
            it = self._drafts.open(uow, person, form.value("draft"), source)
            texts = filling.revised(it.texts, _was(form), _now(form, step))
            files = it.files
            if step == LAST:
                proven = _proven(files, form.values.get(_PROOF, ()))
                files = with_files(proven, came)
            files = tuple(each for each in files if each.blob not in dropped)
            return self._drafts.save(uow, it, texts=texts, files=files, step=step)

        return await self._deps.store.write(work)

    async def restart(self, request: web.Request) -> web.Response:
        """Empty the draft."""
        person = await client_of(self._access, request)
        mine = owner_of(person.id)
        await self._deps.store.write(lambda uow: uow.request_drafts.drop(mine))
        raise web.HTTPSeeOther(NEW)

    async def copy(self, request: web.Request) -> web.Response:
        """Take over what an earlier request says (X11)."""
        person = await client_of(self._access, request)
        form = await uploads.read_form(request, self._deps)
        before = await self._drafts.source(person, form.value("ref"))
        if before is None:
            raise no_link(404)
        is_whole = bool(form.value("whole"))

        def work(uow: UnitOfWork) -> None:
            if is_whole:
                uow.request_drafts.drop(owner_of(person.id))
                self._drafts.open(uow, person, "", before)
                return
            it = self._drafts.open(uow, person, form.value("draft"), None)
            texts = filling.copied(
                it.texts,
                profile_of(person),
                before.answers,
                self._drafts.lists,
                is_whole=False,
            )
            self._drafts.save(uow, it, texts=texts)

        await self._deps.store.write(work)
        return _see(step=1) if is_whole else _see(step=1, copied="1")

    # --- sending ----------------------------------------------------------------------

    async def _send(
        self,
        request: web.Request,
        person: Person,
        draft: RequestDraft,
        refused: Sequence[str],
    ) -> web.Response:
        """Register the request; the draft goes in the same unit of work."""

        def work(uow: UnitOfWork) -> Mapping[str, object]:
            it = uow.request_drafts.get(owner_of(person.id))
            if it is None or it.key != draft.key:
                raise HttpProblem(409, GONE)
            reading = self._drafts.read(it.texts)
            if reading.first_wrong is not None:
                raise _Incomplete(reading.first_wrong)
            country, rules = self._deps.settings.country, self._deps.desk.rules
            made = made_by(person, it, reading, rules, country)
            decision = self._deps.desk.register(uow, made, _actor(person))
            uow.request_drafts.drop(it.owner)
            left = len(it.files) - len(made.documents)
            return {"ref": decision.assistance.ref, "left": left}

        try:
            told = await once(self._deps, visitor_scope(person), draft.key, work)
        except _Incomplete as incomplete:
            return _see(step=incomplete.step, check="1")
        return self._gone_on(request, told, refused)

    async def _told_before(
        self, person: Person, form: Form
    ) -> Mapping[str, object] | None:
        if form.value("go") != "send":
            return None
        scope, key = visitor_scope(person), form.value("draft")
        return await self._deps.store.write(
            lambda uow: uow.idempotency.find(scope, key)
        )

    def _gone_on(
        self,
        request: web.Request,
        told: Mapping[str, object],
        refused: Sequence[str] = (),
    ) -> web.Response:
        if told.get("left"):
            refused = (*refused, "too_many")
        url = url_after(told["ref"], refused)
        if is_part(request):
            return web.json_response({"ref": told["ref"], "url": url})
        return web.Response(status=303, headers={"Location": url})

    # --- what all of them need --------------------------------------------------------

    def _told_in(self, request: web.Request, words: Catalogue) -> tuple[str, ...]:
        """Return what happened on the way here: files refused, a draft that is over."""
        refused = self._drafts.refused_in(request, words)
        news = ("gone", "copied")
        said = tuple(words.t(f"request.{k}") for k in news if k in request.query)
        return (*said, *refused)

    def _asked(
        self,
        step: int,
        texts: Texts,
        reading: Reading,
        words: Catalogue,
        *,
        is_checked: bool = False,
    ) -> tuple[Question, ...]:
        return drawing.asked(
            step, texts, reading, words, self._drafts.lists, is_checked=is_checked
        )

    async def _page(
        self,
        request: web.Request,
        asking: Asking,
        reading: Reading,
        step: int,
        *,
        is_checked: bool = False,
        is_resumed: bool = False,
        told: tuple[str, ...] = (),
        status: int = 200,
    ) -> web.Response:
        words, person, stored = asking.words, asking.person, asking.stored
        asked = self._asked(step, asking.texts, reading, words, is_checked=is_checked)
        lists, rules = self._drafts.lists, self._deps.desk.rules
        files = drawing.attached(stored.files if stored else (), words)
        page = self._deps.pages.page(
            "request",
            words.language,
            frame=visit_frame(request, styles=drawing.STYLES, scripts=_SCRIPTS),
            step=step,
            steps=[each.key for each in STEPS],
            asked=asked,
            was=drawing.drawn(asked),
            draft=stored.key if stored else "",
            source=asking.source,
            is_recap="recap" in request.query,
            begun=self._begun_at(stored, words) if stored and is_resumed else "",
            told=told,
            previous=await self._previous(person, words) if step == 1 else (),
            recap=drawing.recap(reading, person, words, lists) if step == LAST else (),
            files=files,
            needs_proof=needs_proof(reading, rules.proof_required),
            largest=self._deps.settings.largest_file,
            years=self._deps.settings.notice.years,
            controller=self._deps.controller,
        )
        return visit_html(page, words.language, status)

    def _begun_at(self, stored: RequestDraft, words: Catalogue) -> str:
        zone = self._deps.settings.zone_name
        return formats.date_and_hour(stored.updated_at, zone, words.language)

    async def _previous(
        self, person: Person, words: Catalogue
    ) -> list[tuple[str, str, str]]:
        """Return reference, service and place of their latest requests."""
        filters = Filters(requester=person.id)
        found = await self._deps.store.views.page(filters, limit=_PREVIOUS)
        return [
            (
                line.ref,
                words.t(f"service.{line.service.value}") if line.service else "",
                formats.address_line(line.address, line.postcode, line.town),
            )
            for line in found.items
        ]

    def _question(
        self, request: web.Request, person: Person, name: str, ref: str = ""
    ) -> web.Response:
        language = person.language
        page = self._deps.pages.page(
            "request/question",
            language,
            frame=visit_frame(request, styles=drawing.STYLES),
            name=name,
            ref=ref,
        )
        return visit_html(page, language)


def _actor(person: Person) -> Actor:
    name = person.name or person.company or person.address
    return Actor(Role.CLIENT, person.id, name, Trust.PROVEN, channel="web")


def _proven(
    files: tuple[RequestFile, ...], blobs: Sequence[str]
) -> tuple[RequestFile, ...]:
    return tuple(replace(each, is_proof=each.blob in blobs) for each in files)


def _was(form: Form) -> Texts:
    """Return what the page was drawn with; anything odd in it counts for nothing."""
    try:
        found = json.loads(form.value("was") or "{}")
    except ValueError:
        return {}
    return filling.only(found, found) if isinstance(found, dict) else {}


def _now(form: Form, step: int) -> Texts:
    keys = STEPS[step - 1].fields or (NOTE,)
    first = {name: values[0] for name, values in form.values.items() if values}
    given = posted(keys, first)
    # « Autre » without words is half an answer, and kept as one.
    half = {key: OTHER for key in keys if first.get(key) == OTHER and not given[key]}
    return filling.only({**given, **half}, keys)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _see(refused: Sequence[str] = (), **query: object) -> web.Response:
    """Go on to a page of this room (303)."""
    pairs = [*query.items(), *(("refused", code) for code in refused)]
    return web.Response(status=303, headers={"Location": f"{NEW}?{urlencode(pairs)}"})
