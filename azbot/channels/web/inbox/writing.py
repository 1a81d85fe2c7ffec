"""Routes of the composer: send, note, drafts, files, canned answers, undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from pydantic import Field as Constraint

from azbot.channels.web import uploads
from azbot.channels.web.frame import frame_of
from azbot.channels.web.inbox import composer as shown
from azbot.channels.web.inbox.composer import NEXT, Composer, Text, composer_of
from azbot.channels.web.inbox.timeline import last_event
from azbot.channels.web.inbox.variables import (
    Addressee,
    filled,
    unresolved,
    values_of,
)
from azbot.channels.web.once import KEY
from azbot.channels.web.pages import desk_html
from azbot.channels.web.problems import HttpProblem, as_document, problem_of
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff, is_part, staff_of
from azbot.channels.web.uploads import Form, Upload, read_form
from azbot.desk.holding import Collision, Hold, HoldId, HoldState, Seen
from azbot.errors import AzbotError, NotFound
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.drafts import Draft, DraftFile, DraftKind
from azbot.workflow.commands import AddMessage, AddNote, Command, NewDocument
from azbot.workflow.model import (
    Assistance,
    AssistanceId,
    AssistanceRef,
    Hearers,
    Party,
    StationId,
)

_LONGEST = 20_000
_MOST_FILES = 30
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DraftIn(BaseModel):
    """A draft as the browser sends it; files by their handles."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, StringConstraints(max_length=_LONGEST)] = ""
    files: Annotated[
        list[Annotated[str, StringConstraints(max_length=2_000)]],
        Constraint(max_length=_MOST_FILES),
    ] = []
    to: Literal["client", "station", "both", ""] = "client"


@dataclass(frozen=True, slots=True)
class Written:
    """What was typed into the composer, its files stored.

    Attributes:
        then: name of what follows a reply.
        to: who reads a reply; None: nobody was chosen among several.
        station: the station the page named, None where it named none.
        by_mail: a reply leaves as a letter, wherever its reader wrote last.
        problem: why a file was not taken; None when all were.
    """

    kind: DraftKind
    text: str
    files: tuple[Upload, ...]
    key: str
    seen: Seen
    then: str
    next_url: str
    to: Hearers | None = Hearers.CLIENT
    station: StationId | None = None
    by_mail: bool = False
    problem: HttpProblem | None = None

    @property
    def command(self) -> Command:
        """What is wanted: a reply leaves, a note stays."""
        documents = tuple(uploads.as_document(each) for each in self.files)
        if self.kind is DraftKind.NOTE:
            return AddNote(self.text, documents)
        to = self.to or Hearers.CLIENT
        station = self.station if to.includes(Party.STATION) else None
        return AddMessage(
            self.text,
            documents=documents,
            by_mail=self.by_mail,
            to=to,
            station=station,
        )


class Writing:
    """Takes what agents write."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve the composer."""
        one, router = "/inbox/a/{ref}", app.router
        draft = f"{one}/draft/{{kind:reply|note}}"
        router.add_post(
            f"{one}/send", self._timed(partial(self._take, DraftKind.REPLY))
        )
        router.add_post(f"{one}/note", self._timed(partial(self._take, DraftKind.NOTE)))
        router.add_get(f"{one}/compose", self._alone)
        router.add_get(draft, self._read_draft)
        router.add_put(draft, self._keep_draft)
        router.add_delete(draft, self._drop_draft)
        router.add_get(draft + r"/of/{person:\d{1,9}}", self._read_colleague)
        router.add_get(f"{one}/canned", self._canned)
        router.add_post("/inbox/uploads", self._timed(self._upload))
        router.add_get("/inbox/holds", self._holds)
        router.add_post(r"/inbox/holds/{id:\d{1,15}}/undo", self._undo)

    def _timed(self, handler: Handler) -> Handler:
        async def handle(request: web.Request) -> web.StreamResponse:
            limit = self._deps.settings.transfer_within
            async with asyncio.timeout(limit.total_seconds()):
                return await handler(request)

        return handle

    # --- what is sent ---------------------------------------------------------------

    async def _take(self, kind: DraftKind, request: web.Request) -> web.StreamResponse:
        staff = staff_of(request)
        it = await self._it(request)
        written = self._written(kind, await read_form(request, self._deps), staff)
        try:
            hold = await self._submit(written, staff, it)
        except AzbotError as error:
            if is_part(request):
                raise self._told(error, staff) from error
            return await self._again(request, staff, it, written, error)
        if not is_part(request):
            raise web.HTTPSeeOther(written.next_url or f"/inbox/a/{it.ref}")
        is_waiting = hold is not None and hold.state is HoldState.WAITING
        return web.json_response(
            {
                "hold": self._held(hold, staff, it.ref)
                if hold and is_waiting
                else None,
                "next": written.then == NEXT,
            }
        )

    def _written(self, kind: DraftKind, form: Form, staff: Staff) -> Written:
        kept = self._uploads(form.values.get("file", ()), staff)
        problem = next((problem for _, problem in form.refused), None)
        following = form.value("next_url")
        is_next = form.value("then") == NEXT and following.startswith("/inbox")
        return Written(
            kind=kind,
            text=form.value("text").replace("\r\n", "\n").replace("\x00", "").strip(),
            files=_each_once((*kept, *form.uploads)),
            key=form.value("key"),
            seen=Seen(form.number("seen_event"), form.number("seen_hold")),
            then=form.value("then"),
            next_url=following if is_next else "",
            to=_to(form),
            station=StationId(form.number("station")) or None,
            by_mail=form.value("by_mail") == "1",
            problem=problem,
        )

    def _uploads(self, handles: Sequence[str], staff: Staff) -> tuple[Upload, ...]:
        """Return the files of handles.

        Raises:
            HttpProblem: 422, a handle that is forged, expired or another's.
        """
        keyring, now = self._deps.keyring, self._deps.clock.now()
        found = [uploads.read(keyring, each, staff.scope, now) for each in handles]
        if any(each is None for each in found):
            raise HttpProblem(422, "upload_expired")
        return tuple(each for each in found if each is not None)

    async def _submit(
        self, written: Written, staff: Staff, it: Assistance
    ) -> Hold | None:
        """Give it to the desk; the draft ends in the same unit of work.

        Raises:
            HttpProblem: it cannot be sent as it is.
            Refused, Collision: see ``Holding.submit``.
        """
        if written.problem is not None:
            raise written.problem
        if not KEY.fullmatch(written.key):
            raise HttpProblem(400, "key_malformed")
        if len(written.text) > _LONGEST:
            raise HttpProblem(413, "text_too_long", {"count": _LONGEST})
        is_reply = written.kind is DraftKind.REPLY
        if is_reply and written.to is None:
            raise HttpProblem(422, "recipient_missing")
        left = unresolved(written.text) if is_reply else ()
        if left:
            raise HttpProblem(422, "variable_unresolved", {"names": list(left)})
        person, kind = staff.person.id, written.kind
        then = shown.commands_of(written.then, self._deps, staff) if is_reply else ()
        return await self._deps.holding.submit(
            staff.actor,
            person,
            it.id,
            written.command,
            key=written.key,
            seen=written.seen if is_reply else None,
            then=then,
            also=lambda uow, it: uow.drafts.drop(person, it.id, kind),
        )

    def _told(self, error: AzbotError, staff: Staff) -> AzbotError:
        """Return an error as a script needs it: a collision with what is new."""
        if not isinstance(error, Collision):
            return error
        news = [asdict(shown.said(each, self._deps, staff)) for each in error.news]
        facts = {
            "news": news,
            "seen_event": error.seen.event,
            "seen_hold": error.seen.hold,
        }
        return HttpProblem(409, "collision", facts)

    async def _again(
        self,
        request: web.Request,
        staff: Staff,
        it: Assistance,
        written: Written,
        error: AzbotError,
    ) -> web.StreamResponse:
        """Show the form again with everything typed, and why it was not taken."""
        seen = written.seen
        found = await composer_of(self._deps, staff, it, seen_event=seen.event)
        to = written.to.value if written.to else ""
        text = Text(
            written.text, shown.attached(self._deps, staff, written.files), to=to
        )
        found = replace(shown.with_text(found, written.kind, text), seen_hold=seen.hold)
        if isinstance(error, Collision):
            found = shown.stopped(found, error, self._deps, staff)
            status = 409
        else:
            problem = problem_of(error)
            status = problem.status
            said = as_document(problem, staff.words, "", request.path)
            found = replace(found, wrong=str(said["detail"]))
        return desk_html(self._page(request, staff, found), staff.language, status)

    async def _alone(self, request: web.Request) -> web.StreamResponse:
        """Show the composer on a page of its own, for a window beside the history."""
        staff, it = staff_of(request), await self._it(request)
        history = await self._deps.store.views.timeline(it.id, is_internal=True)
        found = await composer_of(self._deps, staff, it, seen_event=last_event(history))
        return desk_html(self._page(request, staff, found), staff.language)

    def _page(self, request: web.Request, staff: Staff, it: Composer) -> str:
        styles = ("inbox/inbox.css", "inbox/composer.css")
        scripts = ("inbox/compose.js",)
        frame = frame_of(request, "inbox", styles=styles, scripts=scripts)
        return self._deps.pages.page(
            "inbox/compose", staff.language, frame=frame, composer=it
        )

    # --- what is taken back ---------------------------------------------------------

    async def _undo(self, request: web.Request) -> web.StreamResponse:
        staff = staff_of(request)
        key = HoldId(int(request.match_info["id"]))
        now = self._deps.clock.now()

        def restore(uow: UnitOfWork, hold: Hold) -> None:
            said = hold.commands[0]
            if isinstance(said, AddMessage):
                _give_back(uow, hold, said, now)

        hold = await self._deps.holding.undo(key, staff.person.id, restore)
        if hold is None:
            raise HttpProblem(409, "hold_gone")
        it = await self._deps.store.views.assistance(hold.assistance)
        if not is_part(request):
            raise web.HTTPSeeOther(f"/inbox/a/{it.ref}")
        return web.json_response(
            {"ref": it.ref, "draft": await self._draft(it.id, DraftKind.REPLY, staff)}
        )

    async def _holds(self, request: web.Request) -> web.Response:
        """Tell what of this agent waits or has failed."""
        staff, views = staff_of(request), self._deps.store.views
        own = await views.holds_by(staff.person.id)
        refs = await views.refs_of(hold.assistance for hold in own)
        found = [self._held(hold, staff, refs[hold.assistance]) for hold in own]
        return web.json_response({"holds": found})

    def _held(self, hold: Hold, staff: Staff, ref: str) -> dict[str, object]:
        return asdict(shown.held(self._deps, staff, hold, ref))

    # --- drafts ---------------------------------------------------------------------

    async def _read_draft(self, request: web.Request) -> web.Response:
        it = await self._it(request)
        return web.json_response(
            await self._draft(it.id, _kind(request), staff_of(request))
        )

    async def _draft(
        self, key: AssistanceId, kind: DraftKind, staff: Staff
    ) -> dict[str, Any]:
        found = await self._find_draft(key, kind, staff.person.id)
        return asdict(shown.text_of(self._deps, staff, found))

    async def _find_draft(
        self, key: AssistanceId, kind: DraftKind, person: PersonId
    ) -> Draft | None:
        drafts = await self._deps.store.views.drafts_of(key)
        mine = (d for d in drafts if (d.person, d.kind) == (person, kind))
        return next(mine, None)

    async def _keep_draft(self, request: web.Request) -> web.Response:
        staff, it, kind = staff_of(request), await self._it(request), _kind(request)
        try:
            given = DraftIn.model_validate_json(await request.read())
        except ValidationError as error:
            raise HttpProblem(400, "bad_request") from error
        files = _each_once(self._uploads(given.files, staff))
        draft = Draft(
            staff.person.id,
            it.id,
            kind,
            given.text,
            self._deps.clock.now(),
            tuple(DraftFile(f.blob, f.name, f.media_type, f.size) for f in files),
            _hearers(given.to),
        )
        await self._deps.store.write(lambda uow: uow.drafts.put(draft))
        return web.json_response(
            {"saved_at": shown.text_of(self._deps, staff, draft).saved_at}
        )

    async def _drop_draft(self, request: web.Request) -> web.Response:
        staff, it, kind = staff_of(request), await self._it(request), _kind(request)
        await self._deps.store.write(
            lambda uow: uow.drafts.drop(staff.person.id, it.id, kind)
        )
        return web.Response(status=204)

    async def _read_colleague(self, request: web.Request) -> web.Response:
        """Show what a colleague has begun to write (ux.md 6.5)."""
        it, kind = await self._it(request), _kind(request)
        person = PersonId(int(request.match_info["person"]))
        draft = await self._find_draft(it.id, kind, person)
        if draft is None:
            raise NotFound("draft", person)
        who = await self._deps.store.views.person(person)
        staff = staff_of(request)
        return web.json_response(
            {
                "author": who.name or who.address,
                "to": staff.words.t(f"composer.wrote_to.{draft.to.value}")
                if it.missions and draft.to
                else "",
                "text": draft.text,
                "files": [each.name for each in draft.files],
                "saved_at": shown.text_of(self._deps, staff, draft).saved_at,
            }
        )

    # --- files and canned answers -----------------------------------------------------

    async def _upload(self, request: web.Request) -> web.Response:
        """Store one file; the same one twice is one file."""
        staff = staff_of(request)
        upload = await uploads.receive(request, self._deps)
        (found,) = shown.attached(self._deps, staff, (upload,))
        return web.json_response(asdict(found), status=201)

    async def _canned(self, request: web.Request) -> web.Response:
        staff, it = staff_of(request), await self._it(request)
        views = self._deps.store.views
        to = _hearers(request.query.get("to", "")) or Hearers.CLIENT
        reader = await self._reader(it, to)
        values: dict[str, Mapping[str, str]] = {}
        items = []
        for each in await views.canned_answers():
            if each.language not in values:
                values[each.language] = values_of(it, reader, staff.name, each.language)
            found = filled(each.text, values[each.language])
            items.append(
                {
                    "id": each.id,
                    "title": each.title,
                    "shortcut": each.shortcut,
                    "language": each.language,
                    "text": found.text,
                    "missing": list(found.missing),
                }
            )
        # What the client reads comes first, the order of the list apart.
        items.sort(key=lambda item: item["language"] != it.language)
        return web.json_response({"items": items})

    async def _reader(self, it: Assistance, to: Hearers) -> Addressee:
        """Return who is spoken to: several people have no one name."""
        views = self._deps.store.views
        station = it.mission.station if it.mission else None
        if to is Hearers.CLIENT or station is None:
            person = await views.person(it.requester)
            return Addressee(person.name, person.company)
        if to is Hearers.BOTH:
            return Addressee()
        contacts = (await views.contacts_of([station.id])).get(station.id, ())
        name = contacts[0].name if len(contacts) == 1 else ""
        return Addressee(name, station.company)

    async def _it(self, request: web.Request) -> Assistance:
        ref = AssistanceRef(request.match_info["ref"])
        return await self._deps.store.views.by_ref(ref)


def _kind(request: web.Request) -> DraftKind:
    return DraftKind(request.match_info["kind"])


def _each_once(files: Sequence[Upload]) -> tuple[Upload, ...]:
    """Return files without repetition: a double drop is one file (X19)."""
    return tuple({(each.blob, each.name): each for each in files}.values())


def _to(form: Form) -> Hearers | None:
    """Return who was chosen; a page that offers no choice writes to the client."""
    chosen = _hearers(form.value("to"))
    return chosen if chosen or "station" in form.values else Hearers.CLIENT


def _hearers(value: str) -> Hearers | None:
    return next((each for each in Hearers if each.value == value), None)


def _give_back(uow: UnitOfWork, hold: Hold, said: AddMessage, now: datetime) -> None:
    """Make a draft of what was taken back, before anything begun since.

    What was begun since for somebody else is meant for nobody until an agent says so.
    """
    to: Hearers | None = said.to
    kind = DraftKind.REPLY
    begun = uow.drafts.get(hold.person, hold.assistance, kind)
    text, files = said.text, tuple(map(_draft_file, said.documents))
    if begun is not None:
        text = "\n\n".join(each for each in (text, begun.text) if each.strip())
        files = tuple(dict.fromkeys((*files, *begun.files)))
        to = to if begun.to is to else None
    it = Draft(hold.person, hold.assistance, kind, text, now, files, to)
    uow.drafts.put(it)


def _draft_file(document: NewDocument) -> DraftFile:
    return DraftFile(document.blob, document.name, document.media_type, document.size)
