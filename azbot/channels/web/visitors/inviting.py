"""``/portal/{ref}/invite``: an access of their own for a colleague (ux.md 7.1)."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.forms import pause_words, read_form
from azbot.channels.web.visitors.access import Access, Visitor, no_link
from azbot.channels.web.visitors.drawing import Fault, VisitPages, fault_of
from azbot.errors import Refused
from azbot.forms.kinds import Context, Email, Problem
from azbot.identity import throttling
from azbot.identity.throttling import Pace, Scope, person_scope
from azbot.store import NewPerson, Person, PersonKind, UnitOfWork
from azbot.workflow import commands as c
from azbot.workflow.model import AssistanceRef

_INVITATIONS = Pace(10, timedelta(hours=1), timedelta(hours=1), timedelta(hours=24))
"""Against a stranger's mailbox filled in a client's name."""
_LONGEST_NAME = 80


class Inviting:
    """Lets the requester let somebody in."""

    def __init__(self, deps: WebDeps, pages: VisitPages) -> None:
        self._deps = deps
        self._pages = pages
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the form."""
        app.router.add_get("/portal/{ref}/invite", self.show)
        app.router.add_post("/portal/{ref}/invite", self.invite)

    async def show(self, request: web.Request) -> web.Response:
        """Return the form; a link alone leads to the door first."""
        visitor = await self._requester(request)
        return self._form(request, visitor)

    async def invite(self, request: web.Request) -> web.Response:
        """Let one more person in, and mail them a link of their own."""
        form = await read_form(request)
        visitor = await self._requester(request)
        name, typed = form.line("name")[:_LONGEST_NAME], form.line("address")
        read = Email().check(typed, Context())
        faults = [] if name else [Fault("name", "error.empty")]
        if isinstance(read, Problem):
            faults.append(fault_of("address", read))
        if faults or isinstance(read, Problem):
            return self._form(request, visitor, name, typed, faults)
        address, now = str(read.value), self._deps.clock.now()

        def work(uow: UnitOfWork) -> timedelta | None:
            pace = Scope(person_scope("invited", visitor.person.id).name, _INVITATIONS)
            admitted = throttling.admit(uow, [pace], now)
            if isinstance(admitted, timedelta):
                return admitted
            guest = _guest(uow, address, name, visitor.person)
            it = uow.assistances.by_ref(visitor.it.ref)
            command = c.InviteColleague(guest.id, name)
            self._deps.desk.apply(uow, it, command, visitor.actor)
            return None

        try:
            pause = await self._deps.store.write(work)
        except Refused as refused:
            code = f"refusal.{refused.code}"
            if refused.code == _NOT_INVITABLE:
                code = "visitor.error.not_invitable"
            fault = Fault("address", code, refused.facts)
            return self._form(request, visitor, name, typed, [fault])
        if pause is not None:
            wait = pause_words(pause, visitor.words.language)
            fault = Fault("", "visitor.error.pause", {"wait": wait})
            return self._form(request, visitor, name, typed, [fault], 429)
        return web.Response(status=303, headers={"Location": f"{request.path}?done=1"})

    async def _requester(self, request: web.Request) -> Visitor:
        person = await self._access.require_person(request)
        ref = AssistanceRef(request.match_info["ref"])
        visitor = await self._access.of_person(person, ref)
        if visitor is None or person.id != visitor.it.requester:
            raise no_link(404)
        return visitor

    def _form(
        self,
        request: web.Request,
        visitor: Visitor,
        name: str = "",
        address: str = "",
        faults: list[Fault] | None = None,
        status: int = 0,
    ) -> web.Response:
        return self._pages.draw(
            request,
            "invite",
            person=visitor.person,
            faults=faults or [],
            status=status,
            ref=visitor.it.ref,
            name=name,
            address=address,
            is_done="done" in request.query,
        )


_NOT_INVITABLE = "not_invitable"


def _guest(uow: UnitOfWork, address: str, name: str, host: Person) -> Person:
    """Return whose address this is, made a client when it is nobody's.

    Raises:
        Refused: ``not_invitable``: of the desk, a station, or who was removed.
    """
    known = uow.people.by_address(address)
    if known is None:
        if uow.people.is_removed(address):
            raise Refused(_NOT_INVITABLE)
        return uow.people.add(
            NewPerson(
                PersonKind.CLIENT,
                (address,),
                name=name,
                company=host.company,
                language=host.language,
            )
        )
    if known.kind is not PersonKind.CLIENT:
        raise Refused(_NOT_INVITABLE)
    return known
