"""Messages that wait for a person, and what becomes of them (ux.md 6.6)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from aiohttp import web
from pydantic import StringConstraints

from azbot.channels.web.api.bodies import Body
from azbot.channels.web.api.lists import PageQuery
from azbot.channels.web.api.operations import (
    DESK,
    Answer,
    Call,
    Operation,
    Work,
)
from azbot.channels.web.api.shapes import (
    Shape,
)
from azbot.channels.web.downloads import disposition
from azbot.channels.web.problems import FieldError, HttpProblem, invalid
from azbot.errors import NotFound
from azbot.messages import RawId
from azbot.store import (
    RawEntry,
    RawState,
    UnitOfWork,
)
from azbot.workflow.model import AssistanceRef

Ref = Annotated[str, StringConstraints(pattern=r"^AS[A-Z]{2}[0-9]{8}$")]


class HeldOut(Shape):
    """A message that waits for a person.

    Attributes:
        reason: why it was set aside; ``reason_words`` says it.
        assistance: number inside azbot of the one it probably belongs to.
        url: where its octets are downloaded.
    """

    id: int
    channel: str
    received_at: datetime
    size: int
    sender: str
    subject: str
    message_id: str
    reason: str
    reason_words: str
    detail: str
    assistance: str | None
    url: str


class QuarantineOut(Shape):
    """Messages that wait, newest first."""

    items: list[HeldOut]


async def list_held(call: Call) -> Answer:
    """Return what waits."""
    query: PageQuery = call.query
    before = RawId(query.before) if query.before is not None else None
    entries = await call.deps.store.views.ledger(
        RawState.QUARANTINED, before=before, limit=query.limit
    )
    return Answer(QuarantineOut(items=[await _held_out(e, call) for e in entries]))


async def read_held(call: Call) -> Answer:
    """Return one message that waits."""
    return Answer(await _held_out(await _held(call), call))


async def _held(call: Call) -> RawEntry:
    number = RawId(call.number("number"))
    entry = await call.deps.store.views.raw(number)
    if entry.outcome.state is not RawState.QUARANTINED:
        raise NotFound("raw message", number)
    return entry


async def _held_out(entry: RawEntry, call: Call) -> HeldOut:
    outcome = entry.outcome
    reason = outcome.reason.value if outcome.reason else ""
    ref = None
    if outcome.assistance_id is not None:
        ref = (await call.deps.store.views.assistance(outcome.assistance_id)).ref
    return HeldOut(
        id=entry.id,
        channel=entry.channel,
        received_at=entry.received_at,
        size=entry.size,
        sender=outcome.sender,
        subject=outcome.subject,
        message_id=outcome.message_id,
        reason=reason,
        reason_words=call.words.t(f"web.held.{reason}") if reason else "",
        detail=outcome.detail,
        assistance=ref,
        url=f"/api/v1/quarantine/{entry.id}/content",
    )


async def read_held_content(call: Call) -> web.StreamResponse:
    """Return the octets as they came, for a mail program to open."""
    entry = await _held(call)
    content = await call.deps.store.views.raw_content(entry.id)
    return web.Response(
        body=content,
        content_type="message/rfc822",
        headers={
            "Content-Disposition": disposition(f"message-{entry.id}.eml"),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


class DecisionIn(Body):
    """What becomes of a message.

    Attributes:
        action: ``attach`` it to an assistance, ``open`` a new one, or ``junk``.
        ref: of the assistance, for ``attach`` alone.
    """

    action: Literal["attach", "open", "junk"]
    ref: Ref | None = None


class DecidedOut(Shape):
    """What became of it.

    Attributes:
        ref: the assistance it is part of now; null for junk.
    """

    action: str
    ref: str | None


async def decide_held(call: Call) -> Work:
    """Do what the agent decided."""
    body: DecisionIn = call.body
    if (body.action == "attach") != (body.ref is not None):
        code = "required" if body.ref is None else "unknown_field"
        raise invalid(FieldError("/ref", code))
    held = (await _held(call)).id
    quarantine, actor = call.deps.quarantine, call.caller.actor
    if quarantine is None:
        raise HttpProblem(503, "unavailable")
    ref: AssistanceRef | None = None
    match body.action:
        case "attach" if body.ref is not None:
            ref = await quarantine.attach(held, AssistanceRef(body.ref), actor)
        case "open":
            ref = await quarantine.open(held, actor)
        case _:
            await quarantine.junk(held, actor)
    content = DecidedOut(action=body.action, ref=ref)

    def work(_: UnitOfWork) -> Answer:
        return Answer(content)

    return work


QUARANTINE_OPERATIONS = (
    Operation(
        "listQuarantine", "GET", "/quarantine", "List messages that wait for a person.",
        "Desk",
        reads=list_held, query=PageQuery, answer=QuarantineOut, roles=DESK,
    ),
    Operation(
        "getQuarantined", "GET", "/quarantine/{number}", "Read one of them.", "Desk",
        reads=read_held, answer=HeldOut, roles=DESK, problems=(404,),
    ),
    Operation(
        "getQuarantinedContent", "GET", "/quarantine/{number}/content",
        "Download one of them as it came.", "Desk",
        reads=read_held_content, roles=DESK, media_type="message/rfc822",
        problems=(404,),
    ),
    Operation(
        "decideQuarantined", "POST", "/quarantine/{number}/decision",
        "Attach it, open a request of it, or set it aside for good.", "Desk",
        writes=decide_held, body=DecisionIn, answer=DecidedOut, roles=DESK,
        problems=(404, 409),
    ),
)  # fmt: skip
