"""``/portal/new``: a request in four steps, with or without a script (ux.md 7.3)."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from azbot.channels.web import uploads
from azbot.channels.web.form import Question, posted
from azbot.channels.web.once import KEY, once
from azbot.channels.web.pages import visit_html
from azbot.channels.web.portal.request import drawing
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.settings import MEGABYTE
from azbot.channels.web.staff import is_part
from azbot.channels.web.uploads import Form, Upload
from azbot.channels.web.visitors.access import Access, Visitor, no_link, visitor_scope
from azbot.channels.web.visitors.frame import visit_frame
from azbot.desk.requesting import (
    answer_by,
    document_of,
    lacks_proof,
    made_by,
    needs_proof,
    profile_of,
    with_files,
)
from azbot.errors import AzbotError, NotFound
from azbot.forms import filling
from azbot.forms.filling import ASKED, LAST, NOTE, STEPS, Reading, Texts
from azbot.forms.kinds import OTHER, Lists
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.messages import Trust
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.queries import Filters
from azbot.store.request_drafts import RequestDraft, RequestFile, owner_of
from azbot.workflow.commands import AddMessage
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceRef,
    Role,
)

NEW = "/portal/new"
_PREVIOUS = 8
_PROOF = "proof"
_UPLOAD = "upload"
_DROP = "drop"
_STYLES = ("uploads.css", "portal/request.css")
_SCRIPTS = ("portal/request.js",)
_GONE = "request_gone"
_REFERENCE = re.compile(r"[A-Z]{4}[0-9]{8,12}")
_FOLLOWING = {"postcode": ("region",), "country": ("region",)}
"""What is derived anew when a field changes."""
_REFUSED = frozenset({"kind_refused", "file_too_large", "empty_file", "too_many"})


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


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asks for something, and what they have typed so far.

    Attributes:
        stored: their draft, None while they have only looked.
        texts: of the draft, or what is known of them.
        source: reference of the earlier request the texts come from, possibly empty.
    """

    person: Person
    stored: RequestDraft | None
    texts: Texts
    source: str = ""

    @property
    def words(self) -> Catalogue:
        """The words of their language."""
        return catalogue(self.person.language)


class _Incomplete(AzbotError):
    """Another tab took an answer back meanwhile."""

    def __init__(self, step: int) -> None:
        super().__init__(f"step {step} is incomplete")
        self.step = step


class RequestRoom:
    """Serves the four steps, and what follows them."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        router = app.router
        router.add_get(NEW, self.show)
        router.add_post(NEW, self.take)
        router.add_put(NEW, self.keep)
        router.add_get(f"{NEW}/restart", self.ask_restart)
        router.add_post(f"{NEW}/restart", self.restart)
        router.add_post(f"{NEW}/from", self.copy)
        router.add_get(f"{NEW}/sent/{{ref}}", self.sent)
        router.add_post(f"{NEW}/sent/{{ref}}", self.follow)

    # --- looking ----------------------------------------------------------------------

    async def show(self, request: web.Request) -> web.Response:
        """Return a step: the one asked for, else the one where it was left."""
        person = await self._person(request)
        asking = await self._asking(person, request.query.get("from", ""))
        if asking.source and asking.stored is not None:
            return self._question(request, person, "from", ref=asking.source)
        reading = self._read(asking.texts)
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
        return self._question(request, await self._person(request), "restart")

    async def sent(self, request: web.Request) -> web.Response:
        """Return what follows: the reference, who acts now, and by when (C6)."""
        visitor = await self._sender(request)
        it, words, rules = visitor.it, visitor.words, self._deps.desk.rules
        refused = [c for c in request.query.getall("refused", []) if c in _REFUSED]
        page = self._deps.pages.page(
            "request/sent",
            words.language,
            frame=visit_frame(request, styles=_STYLES),
            ref=it.ref,
            service=words.t(f"service.{it.service.value}") if it.service else "",
            place=formats.address_line(
                it.answer("address"), it.answer("postcode"), it.answer("town")
            ),
            address=visitor.person.address,
            answer_by=formats.date_and_hour(
                answer_by(it, rules), it.zone_name, words.language, with_zone=True
            ),
            needs_proof=lacks_proof(it, rules),
            count=len(it.documents),
            chat=await self._chat(visitor.person),
            refused=[self._why(code, words) for code in refused],
        )
        return visit_html(page, words.language)

    async def _chat(self, person: Person) -> str:
        """Return the service somebody may follow in, empty when they do, or cannot."""
        door = self._deps.chat
        if door is None:
            return ""
        accounts = await self._deps.store.views.chats_of(person.id)
        is_linked = any(each.channel == door.service for each in accounts)
        return "" if is_linked else door.name

    # --- typing -----------------------------------------------------------------------

    async def keep(self, request: web.Request) -> web.Response:
        """Keep one field that was left; tell what follows from it."""
        person = await self._person(request)
        try:
            given = FieldIn.model_validate_json(await request.read())
        except ValidationError as error:
            raise HttpProblem(400, "bad_request") from error
        if given.key not in (*ASKED, NOTE, _PROOF, _UPLOAD, _DROP):
            raise HttpProblem(400, "bad_request")
        source = await self._source(person, given.source)
        file = self._handled(given.value, person)
        if file is None and given.key in (_UPLOAD, _DROP):
            raise HttpProblem(422, "upload_expired")
        now = filling.only({given.key: given.value}, (given.key,))

        def work(uow: UnitOfWork) -> RequestDraft:
            it = self._open(uow, person, given.draft, source)
            if given.key == _PROOF:
                return self._save(uow, it, files=_proven(it.files, given.value.split()))
            if file is not None and given.key == _UPLOAD:
                return self._save(uow, it, files=with_files(it.files, [_file(file)]))
            if file is not None and given.key == _DROP:
                files = tuple(f for f in it.files if f.blob != file.blob)
                return self._save(uow, it, files=files)
            # A field that was left is one that was changed, emptied or not.
            texts = filling.revised(it.texts, {given.key: "\x00"}, now)
            return self._save(uow, it, texts=texts)

        draft = await self._deps.store.write(work)
        if given.key in (_PROOF, _UPLOAD, _DROP):
            blob = file.blob if file else ""
            return web.json_response({"draft": draft.key, "blob": blob})
        words = catalogue(person.language)
        return web.json_response(self._told(draft, given.key, words))

    def _told(
        self, draft: RequestDraft, key: str, words: Catalogue
    ) -> dict[str, object]:
        reading, step = self._read(draft.texts), filling.step_of(key)
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
        person = await self._person(request)
        limit = self._deps.settings.transfer_within
        async with asyncio.timeout(limit.total_seconds()):
            form = await uploads.read_form(request, self._deps)
        try:
            return await self._taken(request, person, form)
        except HttpProblem as problem:
            if problem.code != _GONE:
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
        reading, go = self._read(draft.texts), form.value("go")
        if go == "send":
            return await self._send(request, person, draft, refused)
        if _DROP in form.values or go == "add":
            return _see(step=LAST, refused=refused)
        if go == "back":
            return _see(step=await self._at(draft, step - 1))
        if reading.problems_of(step):
            asking = Asking(person, draft, draft.texts)
            return await self._page(
                request, asking, reading, step, is_checked=True, status=422
            )
        following = LAST if form.value("recap") else step + 1
        following = min(following, reading.first_wrong or LAST)
        return _see(step=await self._at(draft, following))

    async def _kept(self, person: Person, form: Form, step: int) -> RequestDraft:
        """Keep everything a step sent, whatever follows."""
        source = await self._source(person, form.value("source"))
        came, dropped = self._came(form, person), set(form.values.get(_DROP, ()))

        def work(uow: UnitOfWork) -> RequestDraft:
            it = self._open(uow, person, form.value("draft"), source)
            texts = filling.revised(it.texts, _was(form), _now(form, step))
            files = it.files
            if step == LAST:
                proven = _proven(files, form.values.get(_PROOF, ()))
                files = with_files(proven, map(_file, came))
            files = tuple(each for each in files if each.blob not in dropped)
            return self._save(uow, it, texts=texts, files=files, step=step)

        return await self._deps.store.write(work)

    async def restart(self, request: web.Request) -> web.Response:
        """Empty the draft."""
        person = await self._person(request)
        mine = owner_of(person.id)
        await self._deps.store.write(lambda uow: uow.request_drafts.drop(mine))
        raise web.HTTPSeeOther(NEW)

    async def copy(self, request: web.Request) -> web.Response:
        """Take over what an earlier request says (X11)."""
        person = await self._person(request)
        form = await uploads.read_form(request, self._deps)
        before = await self._source(person, form.value("ref"))
        if before is None:
            raise no_link(404)
        is_whole = bool(form.value("whole"))

        def work(uow: UnitOfWork) -> None:
            if is_whole:
                uow.request_drafts.drop(owner_of(person.id))
                self._open(uow, person, "", before)
                return
            it = self._open(uow, person, form.value("draft"), None)
            texts = filling.copied(
                it.texts,
                profile_of(person),
                before.answers,
                self._lists,
                is_whole=False,
            )
            self._save(uow, it, texts=texts)

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
                raise HttpProblem(409, _GONE)
            reading = self._read(it.texts)
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
        query = urlencode([("refused", code) for code in refused])
        url = f"{NEW}/sent/{told['ref']}" + (f"?{query}" if query else "")
        if is_part(request):
            return web.json_response({"ref": told["ref"], "url": url})
        return web.Response(status=303, headers={"Location": url})

    async def follow(self, request: web.Request) -> web.Response:
        """Add files that were still on their way when the request was sent."""
        visitor = await self._sender(request)
        form = await uploads.read_form(request, self._deps)
        files = self._came(form, visitor.person)
        if not files:
            raise HttpProblem(400, "no_file")
        named = repr(sorted(each.blob for each in files)).encode()
        key = hashlib.sha256(f"{visitor.it.ref}|".encode() + named).hexdigest()[:48]

        def work(uow: UnitOfWork) -> Mapping[str, object]:
            it = uow.assistances.get(visitor.it.id)
            # A file may have come with the request after all.
            known = {each.blob for each in it.documents}
            new = tuple(
                document_of(_file(each)) for each in files if each.blob not in known
            )
            if new:
                command = AddMessage("", documents=new)
                self._deps.desk.apply(uow, it, command, visitor.actor)
            return {"count": len(new)}

        told = await once(self._deps, visitor.scope, key, work)
        if is_part(request):
            return web.json_response(told)
        raise web.HTTPSeeOther(f"{NEW}/sent/{visitor.it.ref}")

    # --- what all of them need --------------------------------------------------------

    async def _person(self, request: web.Request) -> Person:
        person = await self._access.require_person(request)
        if person.kind is not PersonKind.CLIENT:
            raise web.HTTPSeeOther("/missions")
        return person

    async def _sender(self, request: web.Request) -> Visitor:
        """Return who asks for the page after sending: whoever may act for the asker."""
        await self._person(request)
        visitor = await self._access.visitor(request, request.match_info["ref"])
        if visitor.is_contact:
            raise no_link(404)
        return visitor

    async def _asking(self, person: Person, ref: str) -> Asking:
        stored = await self._deps.store.views.request_draft_of(owner_of(person.id))
        before = await self._source(person, ref)
        if ref and before is None:
            raise no_link(404)
        source = before.ref if before else ""
        if stored is not None:
            return Asking(person, stored, stored.texts, source)
        return Asking(person, None, self._begun(person, before), source)

    async def _source(self, person: Person, ref: str) -> Assistance | None:
        """Return an earlier request of theirs; None for any other."""
        if not _REFERENCE.fullmatch(ref):
            return None
        try:
            it = await self._deps.store.views.by_ref(AssistanceRef(ref))
        except NotFound:
            return None
        return it if person.id in (it.requester, *it.joined) else None

    def _begun(self, person: Person, before: Assistance | None) -> Texts:
        profile, lists = profile_of(person), self._lists
        texts = filling.begun(profile, self._deps.settings.country, lists)
        if before is None:
            return texts
        return filling.copied(texts, profile, before.answers, lists, is_whole=True)

    def _open(
        self, uow: UnitOfWork, person: Person, key: str, before: Assistance | None
    ) -> RequestDraft:
        """Return the draft a page shows; one that shows none yet begins it.

        Raises:
            HttpProblem: 409 ``request_gone``: it was sent, or begun anew elsewhere.
        """
        if key and not KEY.fullmatch(key):
            raise HttpProblem(400, "key_malformed")
        if not key:
            return uow.request_drafts.begin(
                RequestDraft(
                    owner_of(person.id),
                    secrets.token_urlsafe(16),
                    self._deps.clock.now(),
                    self._begun(person, before),
                )
            )
        it = uow.request_drafts.get(owner_of(person.id))
        if it is None or it.key != key:
            raise HttpProblem(409, _GONE)
        return it

    def _save(
        self,
        uow: UnitOfWork,
        it: RequestDraft,
        *,
        texts: Texts | None = None,
        files: tuple[RequestFile, ...] | None = None,
        step: int | None = None,
    ) -> RequestDraft:
        saved = replace(
            it,
            texts=it.texts if texts is None else texts,
            files=it.files if files is None else files,
            step=it.step if step is None else step,
            updated_at=self._deps.clock.now(),
        )
        return uow.request_drafts.save(saved)

    async def _at(self, draft: RequestDraft, step: int) -> int:
        """Note where the client is, for whichever device comes next."""
        step = min(max(step, 1), LAST)

        def work(uow: UnitOfWork) -> None:
            it = uow.request_drafts.get(draft.owner)
            if it is not None and it.key == draft.key:
                self._save(uow, it, step=step)

        if step != draft.step:
            await self._deps.store.write(work)
        return step

    def _came(self, form: Form, person: Person) -> tuple[Upload, ...]:
        """Return the files of a form: sent with it, or before it by a script.

        A handle that is over or another's is no file; it does not stand in the way.
        """
        known = (self._handled(h, person) for h in form.values.get(_UPLOAD, ()))
        return (*(each for each in known if each is not None), *form.uploads)

    def _handled(self, handle: str, person: Person) -> Upload | None:
        now = self._deps.clock.now()
        return uploads.read(self._deps.keyring, handle, visitor_scope(person), now)

    @property
    def _lists(self) -> Lists:
        return self._deps.desk.rules.lists

    def _read(self, texts: Texts) -> Reading:
        return filling.read(texts, self._deps.settings.country, self._lists)

    @property
    def _most(self) -> int:
        return self._deps.settings.largest_file // MEGABYTE

    def _why(self, code: str, words: Catalogue) -> str:
        count = self._deps.desk.rules.max_documents
        return words.t(f"request.refused.{code}", count=count, most=self._most)

    def _told_in(self, request: web.Request, words: Catalogue) -> tuple[str, ...]:
        """Return what happened on the way here: files refused, a draft that is over."""
        refused = [c for c in request.query.getall("refused", []) if c in _REFUSED]
        told = tuple(self._why(code, words) for code in refused)
        news = ("gone", "copied")
        said = tuple(words.t(f"request.{k}") for k in news if k in request.query)
        return (*said, *told)

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
            step, texts, reading, words, self._lists, is_checked=is_checked
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
        lists, rules = self._lists, self._deps.desk.rules
        files = drawing.attached(stored.files if stored else (), words)
        page = self._deps.pages.page(
            "request",
            words.language,
            frame=visit_frame(request, styles=_STYLES, scripts=_SCRIPTS),
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
            frame=visit_frame(request, styles=_STYLES),
            name=name,
            ref=ref,
        )
        return visit_html(page, language)


def _actor(person: Person) -> Actor:
    name = person.name or person.company or person.address
    return Actor(Role.CLIENT, person.id, name, Trust.PROVEN, channel="web")


def _file(upload: Upload) -> RequestFile:
    return RequestFile(upload.blob, upload.name, upload.media_type, upload.size)


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
