"""What was set aside for a person: held messages and what did not arrive.

« Expéditeur non vérifié » has three answers (ux.md 6.6): attach it to an assistance,
make a new request of it, or set it aside for good. A dead letter is sent again.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from azbot.channels.web.downloads import disposition
from azbot.channels.web.form import Question
from azbot.channels.web.frame import frame_of
from azbot.channels.web.inbox.doing import notice_label
from azbot.channels.web.inbox.timeline import channel_label
from azbot.channels.web.pages import desk_html
from azbot.channels.web.posted import read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import Quarantine, WebDeps
from azbot.channels.web.sentences import failure_words
from azbot.channels.web.staff import Staff, is_part, staff_of
from azbot.errors import Conflict, NotFound, Refused
from azbot.i18n import formats
from azbot.messages import PersonId, RawId
from azbot.render.phrases import refusal_sentence
from azbot.store import (
    Delivery,
    DeliveryId,
    DeliveryState,
    Person,
    RawEntry,
    RawState,
    UnitOfWork,
)
from azbot.store.outbox import LETTERS
from azbot.workflow.model import AssistanceId, AssistanceRef

STYLES = ("inbox/inbox.css",)
_MOST = 100
Refs = Mapping[AssistanceId, AssistanceRef]


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A message that waits for a person.

    Attributes:
        why: why it was set aside, in words; ``detail`` says more.
        probable: reference of the assistance it seems to belong to, possibly empty.
        is_letter: a mail program can open it.
    """

    id: int
    sender: str
    subject: str
    at: str
    channel: str
    why: str
    detail: str
    size: str
    probable: str = ""
    is_letter: bool = True


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A mail, or a message of a chat, that did not arrive."""

    id: int
    to: str
    what: str
    ref: str
    at: str
    why: str


class AsideRoutes:
    """Serves ``/inbox/held`` and ``/inbox/dead``."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve both lists and what can be decided."""
        one = "/inbox/held/{number:[0-9]{1,12}}"
        app.router.add_get("/inbox/held", self.held)
        app.router.add_get(one, self.message)
        app.router.add_get(f"{one}/eml", self.octets)
        app.router.add_post(f"{one}/{{action:attach|open|junk}}", self.decide)
        app.router.add_get("/inbox/dead", self.dead)
        app.router.add_post("/inbox/letters/{number:[0-9]{1,12}}/resend", self.resend)

    # -- held messages -----------------------------------------------------------------

    async def held(self, request: web.Request) -> web.Response:
        """Return what waits, newest first."""
        staff = staff_of(request)
        entries = await self._deps.store.views.ledger(RawState.QUARANTINED, limit=_MOST)
        refs, names = await self._probable(entries), await self._names(entries)
        messages = [self._shown(entry, staff, refs, names) for entry in entries]
        return self._page(request, "inbox_held", messages=messages)

    async def message(self, request: web.Request) -> web.Response:
        """Return one message with its words and its three answers."""
        return await self._message(request)

    async def _message(
        self, request: web.Request, problem: str = "", ref: str = ""
    ) -> web.Response:
        staff, entry = staff_of(request), await self._entry(request)
        refs, names = await self._probable([entry]), await self._names([entry])
        shown = self._shown(entry, staff, refs, names)
        text = await self._text(entry.id, staff)
        question = Question(
            "ref",
            staff.words.t("inbox.held.ref"),
            value=ref or shown.probable,
            why=problem,
            is_required=True,
        )
        return self._page(
            request,
            "inbox_held_message",
            422 if problem else 200,
            message=shown,
            text=text,
            question=question,
        )

    async def octets(self, request: web.Request) -> web.Response:
        """Return the message as it came, for a mail program to open."""
        entry = await self._entry(request)
        content = await self._deps.store.views.raw_content(entry.id)
        return web.Response(
            body=content,
            content_type="message/rfc822",
            headers={
                "Content-Disposition": disposition(f"message-{entry.id}.eml"),
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    async def decide(self, request: web.Request) -> web.Response:
        """Do what the agent decided; the same press twice finds it done."""
        staff, quarantine = staff_of(request), self._quarantine()
        number = RawId(int(request.match_info["number"]))
        given = (await read_posted(request)).text("ref").upper()
        try:
            match request.match_info["action"]:
                case "attach":
                    ref: AssistanceRef | None = await quarantine.attach(
                        number, AssistanceRef(given), staff.actor
                    )
                case "open":
                    ref = await quarantine.open(number, staff.actor)
                case _:
                    await quarantine.junk(number, staff.actor)
                    ref = None
        except Conflict:
            raise web.HTTPSeeOther("/inbox/held") from None
        except NotFound:
            problem = staff.words.t("inbox.held.unknown", ref=given)
            return await self._message(request, problem, given)
        except Refused as refused:
            problem = refusal_sentence(staff.words, refused.code, refused.facts)
            return await self._message(request, problem, given)
        raise web.HTTPSeeOther(f"/inbox/a/{ref}" if ref else "/inbox/held")

    async def _text(self, number: RawId, staff: Staff) -> str:
        try:
            return await self._quarantine().said(number)
        except Refused as refused:
            return refusal_sentence(staff.words, refused.code, refused.facts)

    def _quarantine(self) -> Quarantine:
        if self._deps.quarantine is None:
            raise HttpProblem(503, "unavailable")
        return self._deps.quarantine

    async def _entry(self, request: web.Request) -> RawEntry:
        number = RawId(int(request.match_info["number"]))
        entry = await self._deps.store.views.raw(number)
        if entry.outcome.state is not RawState.QUARANTINED:
            raise NotFound("raw message", number)
        return entry

    async def _probable(self, entries: Sequence[RawEntry]) -> Refs:
        keys = (entry.outcome.assistance_id for entry in entries)
        return await self._deps.store.views.refs_of(key for key in keys if key)

    async def _names(self, entries: Sequence[RawEntry]) -> Mapping[str, str]:
        """Return who speaks in chats, by the name of their account.

        Whose account it is says more than how somebody calls themselves there.
        """
        views, found = self._deps.store.views, {}
        said = {_account(each) for each in entries} - {None}
        for channel in {each[0] for each in said if each}:
            numbers = [each[1] for each in said if each and each[0] == channel]
            accounts = await views.chats_named(channel, numbers)
            owners = (each.person for each in accounts.values() if each.person)
            people = await views.people_of(owners)
            for number, account in accounts.items():
                person = people.get(account.person) if account.person else None
                known = person and (person.name or person.company or person.address)
                found[f"{channel}:{number}"] = known or account.name
        return found

    def _shown(
        self, entry: RawEntry, staff: Staff, refs: Refs, names: Mapping[str, str]
    ) -> HeldMessage:
        outcome, words = entry.outcome, staff.words
        probable = refs.get(outcome.assistance_id) if outcome.assistance_id else None
        sender = names.get(outcome.sender, outcome.sender)
        is_letter = _account(entry) is None
        return HeldMessage(
            id=entry.id,
            sender=sender,
            subject=outcome.subject if is_letter else sender,
            at=self._when(entry.received_at, staff),
            channel=channel_label(entry.channel, words),
            why=words.t(f"web.held.{outcome.reason.value}") if outcome.reason else "",
            detail=outcome.detail if is_letter else "",
            size=formats.size(entry.size, words.language),
            probable=probable or "",
            is_letter=is_letter,
        )

    # -- dead letters ------------------------------------------------------------------

    async def dead(self, request: web.Request) -> web.Response:
        """Return what did not arrive, newest first."""
        staff = staff_of(request)
        rows = await self._deps.store.views.outbox(DeliveryState.DEAD, limit=_MOST)
        views = self._deps.store.views
        refs = await views.refs_of(r.assistance_id for r in rows if r.assistance_id)
        people = await views.people_of(r.person for r in rows if r.person)
        letters = [self._letter(row, staff, refs, people) for row in rows]
        return self._page(request, "inbox_dead", letters=letters)

    def _letter(
        self, row: Delivery, staff: Staff, refs: Refs, people: Mapping[PersonId, Person]
    ) -> DeadLetter:
        ref = refs.get(row.assistance_id) if row.assistance_id else None
        reader = people.get(row.person) if row.person else None
        return DeadLetter(
            id=row.id,
            to=_whom(row, reader, staff),
            what=notice_label(row.kind, staff.words),
            ref=ref or str(row.facts.get("ref", "")),
            at=self._when(row.first_attempt_at or row.due_at, staff),
            why=failure_words(row.error, staff.words),
        )

    async def resend(self, request: web.Request) -> web.Response:
        """Let a dead letter leave again, under the same Message-ID."""
        number, now = int(request.match_info["number"]), self._deps.clock.now()

        def work(uow: UnitOfWork) -> str:
            row = uow.outbox.get(DeliveryId(number))
            # Pressed twice: it is on its way already.
            if row.state is DeliveryState.DEAD:
                uow.outbox.resend(row.id, now)
            return str(row.facts.get("ref", ""))

        ref = await self._deps.store.write(work)
        if is_part(request):
            words = staff_of(request).words.t("inbox.resent")
            return web.json_response({"words": words, "undo": None, "seconds": 4})
        raise web.HTTPSeeOther(f"/inbox/a/{ref}" if ref else "/inbox/dead")

    def _when(self, at: datetime, staff: Staff) -> str:
        zone = self._deps.settings.zone_name
        return formats.date_and_hour(at, zone, staff.language)

    def _page(
        self, request: web.Request, name: str, status: int = 200, /, **context: object
    ) -> web.Response:
        staff = staff_of(request)
        page = self._deps.pages.page(
            name,
            staff.language,
            frame=frame_of(request, "inbox", styles=STYLES),
            once=secrets.token_urlsafe(12),
            **context,
        )
        return desk_html(page, staff.language, status)


def _account(entry: RawEntry) -> tuple[str, str] | None:
    """Return service and number of the account that speaks; None for a letter."""
    service, colon, number = entry.outcome.sender.partition(":")
    return (service, number) if colon and service == entry.channel else None


def _whom(row: Delivery, reader: Person | None, staff: Staff) -> str:
    """Return who did not get something: an address, or a name and where."""
    if row.channel == LETTERS:
        return row.address
    channel = channel_label(row.channel, staff.words)
    name = reader and (reader.name or reader.company or reader.address)
    return f"{name} ({channel})" if name else channel
