"""« Telegram » in the profile, and « Ce n’est pas moi » of its mail (ux.md 10.2).

A press gives a link that is good once and for a quarter of an hour, with the same as a
code to scan for who sits at a desktop. Undoing needs no sign-in: the mail that told of
the account has a link for it, whose page asks before it does anything (X18).
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from aiohttp import web

from azbot.channels.web.scanning import code_to_scan
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import Access, no_link
from azbot.channels.web.visitors.drawing import VisitPages
from azbot.errors import NotFound
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.identity import linking
from azbot.identity.linking import ChatDoor
from azbot.messages import PersonId
from azbot.store import Person, UnitOfWork
from azbot.store.chats import ChatAccount
from azbot.tokens import Purpose, Token, read_link

_log = structlog.get_logger(__name__)

CHAT = "/portal/profile/chat"
UNLINK = "/portal/unlink/{token}"


@dataclass(frozen=True, slots=True)
class ChatState:
    """What a page says of somebody's chat.

    Attributes:
        service: « Telegram ».
        state: ``none``, ``open``, ``stopped`` or ``blocked``.
        text: the same in words.
        talk: address of the conversation, possibly empty.
    """

    service: str
    state: str
    text: str
    talk: str = ""

    @property
    def is_linked(self) -> bool:
        """Whether an account is theirs."""
        return self.state != "none"


def chat_of(
    door: ChatDoor | None,
    accounts: tuple[ChatAccount, ...],
    words: Catalogue,
    zone: str,
) -> ChatState | None:
    """Return what a page says of somebody's chat; None where there is no chat.

    Args:
        door: the chat pages lead to.
        accounts: of the person, of every service.
        words: of the reader.
        zone: of the day that is shown.
    """
    if door is None:
        return None
    it = next((each for each in accounts if each.channel == door.service), None)
    facts = {"service": door.name}
    if it is None or it.linked_at is None:
        return ChatState(door.name, "none", words.t("visitor.chat.none", **facts))
    day = formats.day_and_month(formats.local(it.linked_at, zone), words.language)
    key = "named" if it.name else "nameless"
    lines = [words.t(f"visitor.chat.{key}", name=it.name, day=day, **facts)]
    if it.state.value != "open":
        lines.append(words.t(f"visitor.chat.{it.state.value}", **facts))
    return ChatState(door.name, it.state.value, " ".join(lines), door.link(""))


class ChatLinks:
    """Gives links into the chat, and takes accounts away."""

    def __init__(self, deps: WebDeps, pages: VisitPages) -> None:
        self._deps = deps
        self._pages = pages
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the buttons, and the page of the mail."""
        app.router.add_post(CHAT, self.offer)
        app.router.add_post(f"{CHAT}/part", self.part)
        app.router.add_get(UNLINK, self.ask)
        app.router.add_post(UNLINK, self.unlink)

    async def offer(self, request: web.Request) -> web.Response:
        """Return the page with a fresh link, which is good once."""
        person, door = await self._access.require_person(request), self._door()
        now = self._deps.clock.now()
        token = await self._deps.store.write(
            lambda uow: linking.offer(uow, person.id, now)
        )
        link = door.link(token)
        return self._pages.draw(
            request,
            "chat",
            person=person,
            service=door.name,
            link=link,
            code=code_to_scan(link),
            minutes=int(linking.OFFER_FOR.total_seconds() // 60),
        )

    async def part(self, request: web.Request) -> web.Response:
        """Make the account nobody's; who speaks there is told."""
        person = await self._access.require_person(request)
        await self._part(person.id)
        where = {"Location": "/portal/profile?parted=1#chat"}
        return web.Response(status=303, headers=where)

    async def ask(self, request: web.Request) -> web.Response:
        """Return the page that asks; opening it changes nothing."""
        return self._question(request, await self._reader(request), is_done=False)

    async def unlink(self, request: web.Request) -> web.Response:
        """Make the account nobody's, for who reads the mail of its owner."""
        person = await self._reader(request)
        await self._part(person.id)
        return self._question(request, person, is_done=True)

    async def _part(self, person: PersonId) -> None:
        now = self._deps.clock.now()

        def work(uow: UnitOfWork) -> int:
            accounts = uow.chats.of_person(person)
            return linking.part(uow, accounts, "chat.link.parted_elsewhere", now)

        if await self._deps.store.write(work):
            _log.info("visitor.chat_parted", person=person)

    async def _reader(self, request: web.Request) -> Person:
        text, now = request.match_info["token"], self._deps.clock.now()
        token = read_link(self._deps.keyring, Purpose.UNLINK, text, now)
        if not isinstance(token, Token):
            raise no_link(404 if token is None else 410)
        try:
            person = await self._deps.store.views.person(PersonId(token.person))
        except NotFound:
            raise no_link(404) from None
        if not person.is_active:
            raise no_link(410)
        return person

    def _question(
        self, request: web.Request, person: Person, *, is_done: bool
    ) -> web.Response:
        # Whoever holds the link reads its owner's mail, and is not signed in.
        return self._pages.draw(
            request,
            "unlink",
            language=person.language,
            service=self._door().name,
            action=request.path,
            is_done=is_done,
        )

    def _door(self) -> ChatDoor:
        if self._deps.chat is None:
            raise no_link(404)
        return self._deps.chat
