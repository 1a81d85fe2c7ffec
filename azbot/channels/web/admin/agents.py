"""The people of the desk: who is invited, what they may do, who is let out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.admin.forms import FAULTS, NOTHING, Wrong
from azbot.channels.web.admin.forms import wrong_of as in_words
from azbot.channels.web.admin.room import Room
from azbot.channels.web.directory import Hand, address_of
from azbot.channels.web.form import Pick, Question
from azbot.channels.web.frame import Face, face_of
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.signin import staffing
from azbot.channels.web.signin.addresses import link_base
from azbot.channels.web.signin.staffing import Member
from azbot.channels.web.staff import staff_of
from azbot.choices import Unfit
from azbot.errors import NotFound, Problem, Refused
from azbot.i18n.catalogue import LANGUAGES, Catalogue
from azbot.messages import PersonId
from azbot.store import UnitOfWork
from azbot.store.accounts import Session
from azbot.workflow.model import Role

_LONGEST_NAME = 120
_ROLES = (Role.AGENT, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody of the desk as the pages show them.

    Attributes:
        state: ``active``, ``waiting`` (invited), ``disabled``.
        seen: when they last used a page, in words; empty: never.
        sessions: browsers that are signed in.
    """

    member: Member
    face: Face
    state: str
    seen: str
    sessions: int
    is_me: bool


class AgentRoom:
    """``/admin/agents``."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._acts: dict[str, Callable[[UnitOfWork, Hand, Member, Posted], None]] = {
            "role": _give_role,
            "disable": _disable,
            "enable": _enable,
            "sign-out": _sign_out,
            "second-factor": _drop_second_factor,
        }

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        one = "/admin/agents/{number:[0-9]{1,12}}"
        app.router.add_get("/admin/agents", self.show_all)
        app.router.add_post("/admin/agents", self.invite)
        app.router.add_get(one, self.show)
        app.router.add_post(f"{one}/invite", self.invite_again)
        app.router.add_post(f"{one}/{{act:[a-z-]+}}", self.act)

    async def show_all(self, request: web.Request) -> web.Response:
        """Return everybody of the desk, and the form that invites somebody."""
        return await self._list(request, None, NOTHING)

    async def invite(self, request: web.Request) -> web.Response:
        """Give somebody an account and send them the link to choose a password."""
        form = await read_posted(request)
        base = link_base(request, self._room.deps.settings)

        def work(uow: UnitOfWork, by: Hand) -> str:
            name = " ".join(form.text("name").split())
            if not name or len(name) > _LONGEST_NAME:
                raise Unfit([Problem("name", None, "no_name")])
            address, role = address_of(form.text("email")), _role(form)
            language = form.text("language")
            if language not in LANGUAGES:
                raise Unfit([Problem("language", None, "not_choice")])
            try:
                it = staffing.add(uow, name, address, role, by.now, language)
            except Refused as refused:
                raise Unfit([Problem("email", None, refused.code)]) from refused
            self._send(uow, by, it, base)
            after = {"name": name, "email": address, "role": role.value}
            uow.audit.add(by.actor, by.now, "agent.invited", name, after=after)
            return "/admin/agents?said=invited"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return await self._list(request, form, wrong)

    async def show(self, request: web.Request) -> web.Response:
        """Return one of them, with what may be done."""
        return await self._one(request, NOTHING)

    async def invite_again(self, request: web.Request) -> web.Response:
        """Send another link; the one before opens nothing any more."""
        form, base = (
            await read_posted(request),
            link_base(request, self._room.deps.settings),
        )

        def work(uow: UnitOfWork, by: Hand) -> str:
            it = _member(uow, request)
            if not it.is_waiting:
                raise HttpProblem(409, "conflict")
            self._send(uow, by, it, base)
            uow.audit.add(by.actor, by.now, "agent.invited", it.person.name)
            return f"/admin/agents/{it.person.id}?said=invited"

        return await self._done(request, form, work)

    async def act(self, request: web.Request) -> web.Response:
        """Change the role, disable, enable, sign out, drop the second factor."""
        form, name = await read_posted(request), request.match_info["act"]
        act = self._acts.get(name)
        if act is None:
            raise NotFound("action", name)

        def work(uow: UnitOfWork, by: Hand) -> str:
            it = _member(uow, request)
            act(uow, by, it, form)
            return f"/admin/agents/{it.person.id}?said=saved"

        return await self._done(request, form, work)

    async def _done(
        self,
        request: web.Request,
        form: Posted,
        work: Callable[[UnitOfWork, Hand], str],
    ) -> web.Response:
        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return await self._one(request, wrong)

    def _send(self, uow: UnitOfWork, by: Hand, it: Member, base: str) -> None:
        if not base:
            raise Unfit([Problem("", None, "no_base")])
        staffing.invite(uow, it, base, by.now, self._room.deps.desk)

    async def _list(
        self, request: web.Request, form: Posted | None, wrong: Wrong
    ) -> web.Response:
        def look(uow: UnitOfWork) -> list[tuple[Member, list[Session]]]:
            found = staffing.members(uow)
            return [(it, uow.sessions.of(it.person.id)) for it in found]

        members = await self._room.deps.store.write(look)
        return self._room.page(
            request,
            "agents",
            "agents",
            seats=[self._seat(request, it, sessions) for it, sessions in members],
            questions=_questions(form, self._room.words(request), wrong),
            wrong=wrong,
        )

    async def _one(self, request: web.Request, wrong: Wrong) -> web.Response:
        def look(uow: UnitOfWork) -> tuple[Member, list[Session], int]:
            it = _member(uow, request)
            keys = len(uow.passkeys.of(it.person.id))
            return it, uow.sessions.of(it.person.id), keys

        it, sessions, keys = await self._room.deps.store.write(look)
        return self._room.page(
            request,
            "agents",
            "agent",
            seat=self._seat(request, it, sessions),
            has_second_factor=bool(it.account.totp_secret or keys),
            roles=_roles(it.account.role, self._room.words(request)),
            wrong=wrong,
        )

    def _seat(self, request: web.Request, it: Member, sessions: list[Session]) -> Seat:
        now = self._room.deps.clock.now()
        seen = max((each.seen_at for each in sessions), default=None)
        state = "waiting" if it.is_waiting else "active"
        return Seat(
            member=it,
            face=face_of(it.person.id, it.person.name or it.person.address),
            state="disabled" if it.account.disabled_at else state,
            seen=self._room.when(request, seen) if seen else "",
            sessions=sum(each.is_alive(now) for each in sessions),
            is_me=staff_of(request).person.id == it.person.id,
        )


def _member(uow: UnitOfWork, request: web.Request) -> Member:
    key = PersonId(int(request.match_info["number"]))
    account = uow.accounts.get(key)
    if account is None:
        raise NotFound("account", key)
    return Member(uow.people.get(key), account)


def _role(form: Posted) -> Role:
    found = {role.value: role for role in _ROLES}.get(form.text("role"))
    if found is None:
        raise Unfit([Problem("role", None, "not_choice")])
    return found


def _roles(chosen: Role, words: Catalogue) -> tuple[Pick, ...]:
    return tuple(
        Pick(
            role.value,
            words.t(f"role.{role.value}"),
            role is chosen,
            words.t(f"admin.agents.role.{role.value}"),
        )
        for role in _ROLES
    )


def _questions(
    form: Posted | None, words: Catalogue, wrong: Wrong
) -> tuple[Question, ...]:
    typed = {name: form.text(name) for name in ("name", "email")} if form else {}
    role = Role.ADMIN if form and form.text("role") == "admin" else Role.AGENT
    language = form.text("language") if form else "fr"
    spoken = tuple(
        Pick(each, words.t(f"admin.language.{each}"), each == language)
        for each in LANGUAGES
    )

    def asked(name: str, control: str, picks: tuple[Pick, ...] = ()) -> Question:
        return Question(
            name,
            words.t(f"admin.agents.{name}"),
            control,
            typed.get(name, ""),
            picks=picks,
            is_required=True,
            autocomplete="off",
            why=wrong.get(name, ""),
        )

    return (
        asked("name", "text"),
        asked("email", "email"),
        asked("role", "radio", _roles(role, words)),
        asked("language", "select", spoken),
    )


def _give_role(uow: UnitOfWork, by: Hand, it: Member, form: Posted) -> None:
    role = _role(form)
    if role is it.account.role:
        return
    staffing.give_role(uow, it.person.id, role)
    _note(uow, by, it, "agent.role", it.account.role.value, role.value)


def _disable(uow: UnitOfWork, by: Hand, it: Member, _form: Posted) -> None:
    if it.account.disabled_at is None:
        staffing.disable(uow, it.person.id, by.now)
        _note(uow, by, it, "agent.disabled")


def _enable(uow: UnitOfWork, by: Hand, it: Member, _form: Posted) -> None:
    if it.account.disabled_at is not None:
        staffing.enable(uow, it.person.id)
        _note(uow, by, it, "agent.enabled")


def _sign_out(uow: UnitOfWork, by: Hand, it: Member, _form: Posted) -> None:
    count = staffing.end_sessions(uow, it.person.id, by.now)
    _note(uow, by, it, "agent.signed_out", after=count)


def _drop_second_factor(uow: UnitOfWork, by: Hand, it: Member, _form: Posted) -> None:
    staffing.drop_second_factor(uow, it.person.id)
    _note(uow, by, it, "agent.second_factor")


def _note(
    uow: UnitOfWork,
    by: Hand,
    it: Member,
    what: str,
    before: object = None,
    after: object = None,
) -> None:
    name = it.person.name or it.person.address
    uow.audit.add(by.actor, by.now, what, name, before=before, after=after)
