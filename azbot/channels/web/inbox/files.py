"""Files and original messages of an assistance, as agents may look at them.

Nothing a stranger sent is ever drawn inside our pages: files are downloads, pictures
are drawn anew by us, and the HTML of a mail is shown in a frame that runs nothing,
loads nothing and is of no origin.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage

from aiohttp import web

from azbot.channels.web.downloads import disposition, send
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.thumbnails import send_thumbnail
from azbot.errors import NotFound
from azbot.messages import RawId
from azbot.workflow.conversation import messages
from azbot.workflow.model import Assistance, AssistanceRef, Document

_FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:;"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_HEADERS = ("From", "To", "Cc", "Date", "Subject", "Message-ID", "Reply-To")


@dataclass(frozen=True, slots=True)
class Original:
    """A message as it came.

    Attributes:
        headers: (name, value), those people look for.
        text: its plain part, possibly empty.
        has_html: whether there is an HTML part to show.
    """

    raw: int
    headers: tuple[tuple[str, str], ...]
    text: str
    has_html: bool


class AssistanceFiles:
    """Serves files, pictures and originals of one assistance."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def download(self, request: web.Request) -> web.StreamResponse:
        """Stream one file; nothing is ever shown inline."""
        document = await self._document(request)
        return await send(request, self._deps.store.blobs, document)

    async def picture(self, request: web.Request) -> web.Response:
        """Return a small picture, drawn anew by us."""
        return await send_thumbnail(request, await self._document(request))

    async def original(self, ref: AssistanceRef, event: int) -> Original:
        """Return the message an event came from.

        Raises:
            NotFound: the event is of another assistance, or no message brought it.
        """
        message, raw = await self._message(ref, event)
        body = message.get_body(("plain",))
        return Original(
            raw=raw,
            headers=tuple(
                (name, str(message[name])) for name in _HEADERS if message[name]
            ),
            text=_content(body),
            has_html=message.get_body(("html",)) is not None,
        )

    async def original_html(self, request: web.Request) -> web.Response:
        """Return the HTML of a message for a frame that runs and loads nothing."""
        ref, event = _named(request)
        message, _ = await self._message(ref, event)
        text = _content(message.get_body(("html",)))
        return web.Response(
            text=text,
            content_type="text/html",
            headers={
                "Content-Security-Policy": _FRAME,
                "X-Frame-Options": "SAMEORIGIN",
                "Cache-Control": "no-store",
            },
        )

    async def original_octets(self, request: web.Request) -> web.Response:
        """Return the octets as they came, for a mail program to open."""
        ref, event = _named(request)
        raw = await self._raw(ref, event)
        content = await self._deps.store.views.raw_content(RawId(raw))
        return web.Response(
            body=content,
            content_type="message/rfc822",
            headers={
                "Content-Disposition": disposition(f"{ref}-{event}.eml"),
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )

    async def _document(self, request: web.Request) -> Document:
        ref, number = _named(request)
        it: Assistance = await self._deps.store.views.by_ref(ref)
        document = it.document(number)
        if document is None:
            raise NotFound("document", number)
        return document

    async def _message(
        self, ref: AssistanceRef, event: int
    ) -> tuple[EmailMessage, int]:
        raw = await self._raw(ref, event)
        content = await self._deps.store.views.raw_content(RawId(raw))
        message = await asyncio.to_thread(_parsed, content)
        return message, raw

    async def _raw(self, ref: AssistanceRef, event: int) -> int:
        views = self._deps.store.views
        it = await views.by_ref(ref)
        history = await views.timeline(it.id, is_internal=True)
        for said in messages(history):
            if said.id == event and said.raw is not None:
                return said.raw
        raise NotFound("message", event)


def _named(request: web.Request) -> tuple[AssistanceRef, int]:
    number = request.match_info["number"]
    return AssistanceRef(request.match_info["ref"]), int(number)


def _parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=email.policy.default)
    if not isinstance(message, EmailMessage):
        raise NotFound("message", "")
    return message


def _content(part: object) -> str:
    if not isinstance(part, EmailMessage):
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError, UnicodeError):
        # A charset nobody knows: the octets are one click away.
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
