"""Whether somebody may see an assistance, and in which part they play in it.

Two things open a page: a link of a mail (one assistance), or a session that a
six-digit code began (everything of one person). What is unknown and what is another's
are answered alike, in the same time (ux.md C14): the store is asked only for what the
visitor proves to have.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import is_part
from azbot.channels.web.visitors.links import held_links, proven
from azbot.errors import Archived, NotFound
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.messages import PersonId, Trust
from azbot.store import Person, PersonKind
from azbot.tokens import Forged, Purpose, Token, read_ended_link
from azbot.workflow.model import (
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    MissionStatus,
    Role,
)
from azbot.workflow.policy import sees_all, takes_part

SESSION = "__Host-azbot-me"
"""The cookie of a session that a code began."""

SIGN_IN = "/portal/signin"
"""Where a code is asked for."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody before one assistance.

    Attributes:
        is_known: a code proved who they are; else they hold a link alone, which
            may have been forwarded (ux.md 7.1).
    """

    it: Assistance
    person: Person
    is_known: bool = False

    @property
    def is_contact(self) -> bool:
        """Whether they learn of visits alone (R153)."""
        is_client = self.person.kind is PersonKind.CLIENT
        return is_client and not sees_all(self.it, self.person.id)

    @property
    def is_requester(self) -> bool:
        """Whether what the requester decides is theirs to decide."""
        return self.person.id == self.it.requester

    @property
    def is_station(self) -> bool:
        """Whether they work for the station that has the mission."""
        return self.person.kind is PersonKind.STATION

    @property
    def words(self) -> Catalogue:
        """The words of their language."""
        return catalogue(self.person.language)

    @property
    def scope(self) -> str:
        """Whose idempotency keys and uploads these are."""
        return visitor_scope(self.person)

    @property
    def actor(self) -> Actor:
        """Who they are to the workflow."""
        role = Role.STATION if self.is_station else Role.CLIENT
        return Actor(
            role,
            self.person.id,
            self.person.name or self.person.company or self.person.address,
            Trust.PROVEN,
            channel="web",
            station=self.person.station,
        )


def visitor_scope(person: Person) -> str:
    """Return whose idempotency keys and uploads a visitor's are."""
    return f"visitor:{person.id}"


def session_hash(secret: str) -> str:
    """Return what the store keeps of a visitor's session: 64 hexadecimal digits.

    It differs from the one of a session of the desk, so that neither secret opens
    the other's rooms.
    """
    return hashlib.sha256(b"visitor|" + secret.encode(errors="replace")).hexdigest()


class LinkOver(HttpProblem):
    """A link that was somebody's, and whose life is over: they may have another.

    Args:
        visitor: whose it was, and of which assistance.
    """

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(410, "link_over")
        self.visitor = visitor


class PutAway(HttpProblem):
    """An assistance that has left everyday work: it is said so, and may be asked for.

    Args:
        visitor: who takes part in it; nothing of it may be shown.
    """

    def __init__(self, visitor: Visitor) -> None:
        super().__init__(410, "archived")
        self.visitor = visitor


class Access:
    """Finds out who visits."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def visitor(self, request: web.Request, ref: str) -> Visitor:
        """Return who asks for an assistance.

        Raises:
            HttpProblem: ``no_link``: 404 nothing opens it, 410 its link is dead.
            LinkOver: 410, its link was good and another one may be sent.
            PutAway: 410, it is in the archive.
            StoreUnreachable: nothing can be read.
        """
        key = AssistanceRef(ref)
        by_session = await self._by_session(request, key)
        return by_session or await self._by_link(request, key)

    async def person(self, request: web.Request) -> Person | None:
        """Return who a code proved to be there; None for whoever holds links alone."""
        secret = request.cookies.get(SESSION)
        if not secret:
            return None
        views, key = self._deps.store.views, session_hash(secret)
        session = await views.session(key)
        if session is None or not session.is_alive(self._deps.clock.now()):
            return None
        return await self._known(session.person)

    async def require_person(self, request: web.Request) -> Person:
        """Return who a code proved to be there, for pages a link does not open.

        Raises:
            web.HTTPSeeOther: to the door, which leads back, for who wants to read.
            HttpProblem: 401 ``session_over`` for a change, and for our scripts.
        """
        person = await self.person(request)
        if person is not None:
            return person
        if request.method not in ("GET", "HEAD") or is_part(request):
            raise HttpProblem(401, "session_over")
        back = quote(request.path_qs, safe="/")
        raise web.HTTPSeeOther(f"{SIGN_IN}?next={back}")

    async def opened(self, token: Token) -> Visitor:
        """Return who came by the token of a link.

        Raises:
            HttpProblem: ``no_link`` 410, it opens nothing any more.
        """
        visitor = await self.behind(token)
        if visitor is None:
            raise no_link(410)
        return visitor

    async def behind(self, token: Token) -> Visitor | None:
        """Return whom an authentic token was given to, its life over or not.

        None: it was revoked, or is of somebody who may not see the assistance (any
        more). The store is read as often for every one of these (C14).

        Raises:
            HttpProblem: ``lost_mission`` 410, the station had it and has it no more.
            PutAway: 410, it is in the archive.
        """
        views = self._deps.store.views
        key, owner = AssistanceId(token.assistance), PersonId(token.person)
        before = await views.revoked_before(owner, key)
        person = await self._known(owner)
        it, is_archived = await self._state(key)
        is_dead = before is not None and (
            token.issued_at is None or token.issued_at < before
        )
        if person is None or it is None or is_dead:
            return None
        if takes_part(it, person.id, person.station):
            return _at_hand(Visitor(it, person), is_archived=is_archived)
        if lost := lost_mission(it, person):
            raise lost
        return None

    async def held(self, request: web.Request, ref: AssistanceRef) -> Visitor | None:
        """Return whom the link of an assistance was given to that a browser holds.

        Its life may be over: who that was may be sent another one, and no more.
        """
        text = held_links(request).get(ref, "")
        token = read_ended_link(self._deps.keyring, Purpose.LINK, text)
        visitor = None if token is None else await self.behind(token)
        return visitor if visitor is not None and visitor.it.ref == ref else None

    async def of_person(self, person: Person, ref: AssistanceRef) -> Visitor | None:
        """Return a person a code proved before an assistance; None: not theirs.

        Raises:
            HttpProblem: ``lost_mission`` 410.
            PutAway: 410, it is in the archive.
        """
        views, is_archived = self._deps.store.views, False
        try:
            it = await views.by_ref(ref)
        except Archived:
            line = await views.archived_ref(ref)
            found = await views.archived_state(line.id) if line else None
            if found is None:
                return None
            it, is_archived = found, True
        except NotFound:
            return None
        if takes_part(it, person.id, person.station):
            visitor = Visitor(it, person, is_known=True)
            return _at_hand(visitor, is_archived=is_archived)
        if lost := lost_mission(it, person):
            raise lost
        return None

    async def _by_session(
        self, request: web.Request, ref: AssistanceRef
    ) -> Visitor | None:
        person = await self.person(request)
        return None if person is None else await self.of_person(person, ref)

    async def _by_link(self, request: web.Request, ref: AssistanceRef) -> Visitor:
        text = held_links(request).get(ref, "")
        token = proven(self._deps.keyring, text, self._deps.clock.now())
        if not isinstance(token, Token):
            if is_over(token):
                raise await self._ended(request, ref)
            raise no_link(404)
        visitor = await self.opened(token)
        # The name in front of a token is the browser's word; the number is signed.
        if visitor.it.ref != ref:
            raise no_link(404)
        return visitor

    async def _ended(self, request: web.Request, ref: AssistanceRef) -> HttpProblem:
        visitor = await self.held(request, ref)
        return no_link(410) if visitor is None else LinkOver(visitor)

    async def _state(self, key: AssistanceId) -> tuple[Assistance | None, bool]:
        """Return what a link is about, and whether it is in the archive."""
        views = self._deps.store.views
        try:
            return await views.assistance(key), False
        except Archived:
            return await views.archived_state(key), True
        except NotFound:
            return None, False

    async def _known(self, key: PersonId) -> Person | None:
        try:
            person = await self._deps.store.views.person(key)
        except NotFound:
            return None
        return person if person.is_active else None


def _at_hand(visitor: Visitor, *, is_archived: bool) -> Visitor:
    if is_archived:
        raise PutAway(visitor)
    return visitor


def lost_mission(it: Assistance, person: Person) -> HttpProblem | None:
    """Return what a station is told of a mission that is not its own any more.

    It knew of the mission, so that nothing is given away by saying so: 410
    ``mission_refused`` by itself, or ``mission_withdrawn``; None for everybody else.
    """
    if person.kind is not PersonKind.STATION:
        return None
    for mission in reversed(it.missions):
        if mission.station.id == person.station:
            has_refused = mission.status is MissionStatus.REFUSED
            return HttpProblem(
                410, "mission_refused" if has_refused else "mission_withdrawn"
            )
    return None


def is_over(token: Forged | Token | None) -> bool:
    """Whether a token was good once."""
    return isinstance(token, Forged) and token.why in ("expired", "key")


def no_link(status: int) -> HttpProblem:
    """Return the one answer to everything that opens nothing (C14)."""
    return HttpProblem(status, "no_link")
