"""The page of the demonstration: a guide, mailboxes, telephones, a journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from io import BytesIO

from aiohttp import web
from aiohttp.web_request import FileField
from multidict import MultiDictProxy
from PIL import Image, UnidentifiedImageError

from azbot.channels.email.correspondent import Correspondent, File, file_of
from azbot.channels.email.mailbox import Letter
from azbot.channels.web.downloads import disposition
from azbot.channels.web.server import build_app
from azbot.channels.web.staff import require_same_site, set_cookie
from azbot.channels.web.static import ASSETS, Assets
from azbot.delivery.letters import personal_link
from azbot.demo.doors import Doors
from azbot.demo.live import stream
from azbot.demo.lobby import Front
from azbot.demo.panes import BOXES
from azbot.demo.photos import photo
from azbot.demo.sandbox import FIRST, SECOND, Sandbox, World
from azbot.demo.stage import DESK
from azbot.demo.story import ORDER, STEPS
from azbot.i18n.catalogue import catalogue
from azbot.testing.telegram import Message, Person
from azbot.workflow.model import Assistance, Document, DocumentKind

_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_TO_A_NEW_TAB = '<base target="_blank">'
"""The pages behind links refuse to be shown in the frame of a mail."""

_PATIENCE = 60.0
"""Seconds a busy machine may take to answer a press."""
_OCTETS = "application/octet-stream"


@asynccontextmanager
async def led(
    doors: Doors, front: Front, sandbox: Sandbox, world: World
) -> AsyncIterator[None]:
    """Lead visitors to a world while inside."""
    app = build_app(world.stage.app.web())
    front.files.add_to(app)
    _Room(front, sandbox, world, app[ASSETS]).add_to(app)
    async with doors.leading_to(app):
        yield


class _Room:
    """The handlers of one world; what they change comes back by the stream."""

    def __init__(
        self, front: Front, sandbox: Sandbox, world: World, shared: Assets
    ) -> None:
        self._front = front
        self._sandbox = sandbox
        self._world = world
        self._stage = world.stage
        self._shared = shared
        self._words = catalogue(front.language)

    def add_to(self, app: web.Application) -> None:
        """Serve the page at /, everything it asks for below /demo."""

        async def close(_: web.Application) -> None:
            self._world.live.close()

        app.on_shutdown.append(close)
        get, post = app.router.add_get, app.router.add_post
        get("/", self.home)
        get("/demo/live", partial(stream, self._world.live))
        post("/demo/play", self.play)
        post("/demo/stop", self.stop)
        post("/demo/restart", self.restart)
        post("/demo/write", self.write)
        post("/demo/inbox", self.inbox)
        get("/demo/second", self.second)
        get("/demo/go/{where:portal|mission|report}", self.go)
        one = r"/demo/mail/{key:[si]\d+}"
        get(one, self.mail)
        get(f"{one}/html", self.html)
        get(f"{one}/source", self.source)
        get(rf"{one}/file/{{at:\d+}}", self.file)
        post(f"{one}/answer", self.answer)
        post(f"{one}/away", self.away)
        phone = "/demo/phone/{who:client|station}"
        post(f"{phone}/say", self.say)
        post(f"{phone}/press", self.press)
        get(rf"{phone}/file/{{message:\d+}}", self.picture)

    async def home(self, _: web.Request) -> web.Response:
        """Show the page."""
        return self._front.page(self._shared)

    # -- guide -----------------------------------------------------------------------

    async def play(self, request: web.Request) -> web.Response:
        """Begin to play up to a step (204); it goes on by itself."""
        form = await _form(request)
        wanted = str(form.get("until", ""))
        steps = int(wanted) if wanted.isdecimal() else len(STEPS)
        self._world.start(self._world.play.until(steps, self._sandbox.pace))
        return web.Response(status=204)

    async def stop(self, request: web.Request) -> web.Response:
        """Play no further (204)."""
        require_same_site(request)
        self._world.play.stop()
        return web.Response(status=204)

    async def restart(self, request: web.Request) -> web.Response:
        """Begin another world (204): it is there when this is answered."""
        require_same_site(request)
        await self._sandbox.restart()
        return web.Response(status=204)

    # -- mails -----------------------------------------------------------------------

    async def mail(self, request: web.Request) -> web.Response:
        """Give one mail as the reader shows it."""
        found = self._world.panes.mail(request.match_info["key"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(text=found, content_type="text/html")

    async def html(self, request: web.Request) -> web.Response:
        """Give the HTML part alone, for a frame that runs nothing."""
        letter = self._letter(request)
        opened = self._world.panes.opened(request.match_info["key"], letter)
        headers = {"Content-Security-Policy": _MAIL, "X-Frame-Options": "SAMEORIGIN"}
        text = opened.html.replace("<head>", f"<head>{_TO_A_NEW_TAB}", 1)
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def source(self, request: web.Request) -> web.Response:
        """Give the octets of a mail, as they went over the wire."""
        name = f"{request.match_info['key']}.eml"
        headers = {"Content-Disposition": disposition(name)}
        return web.Response(
            body=self._letter(request).content,
            content_type="message/rfc822",
            headers=headers,
        )

    async def file(self, request: web.Request) -> web.Response:
        """Give one attachment."""
        found = file_of(self._letter(request), int(request.match_info["at"]))
        if found is None:
            raise web.HTTPNotFound
        name, media_type, content = found
        headers = {"Content-Disposition": disposition(name)}
        return web.Response(body=content, content_type=media_type, headers=headers)

    async def write(self, request: web.Request) -> web.Response:
        """Send a new mail to the desk, in one's own words (204)."""
        form = await _form(request)
        who = self._person(str(form.get("box", "")))
        # A header is one line, whatever a program puts into the field.
        subject = " ".join(str(form.get("subject", "")).split())
        now, attached = self._stage.clock.now(), _files(form)
        who.write(DESK, subject, str(form.get("text", "")), now, attached)
        return await self._worked()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a mail as the person who got it (204)."""
        form = await _form(request)
        letter = self._letter(request)
        opened = self._world.panes.opened(request.match_info["key"], letter)
        text, now = str(form.get("text", "")), self._stage.clock.now()
        self._owner(letter.recipient).answer(text, now, _files(form), opened)
        return await self._worked()

    async def away(self, request: web.Request) -> web.Response:
        """Answer a mail as the program of somebody on holiday does (204)."""
        require_same_site(request)
        letter = self._letter(request)
        opened = self._world.panes.opened(request.match_info["key"], letter)
        self._owner(letter.recipient).is_away(
            "Réponse automatique :",
            "Bonjour,\n\nJe suis en congé jusqu’au 15. Je lirai votre message à mon "
            "retour.",
            self._stage.clock.now(),
            opened,
        )
        return await self._worked()

    # -- telephones ------------------------------------------------------------------

    async def say(self, request: web.Request) -> web.Response:
        """Write into the chat, or send photos and files (204)."""
        form = await _form(request)
        phone = self._phone(request)
        text, attached = str(form.get("text", "")).strip(), _files(form)
        photos = [content for _, kind, content in attached if _is_photo(kind, content)]
        others = [each for each in attached if not _is_photo(each[1], each[2])]
        if len(photos) > 1:
            phone.sends_album(photos, caption=text)
        elif photos:
            phone.sends_photo(photos[0], caption=text)
        for name, _, content in others:
            phone.sends_document(content, name, caption="" if photos else text)
        if text and not attached:
            phone.says(text)
        return await self._worked()

    async def press(self, request: web.Request) -> web.Response:
        """Press a button below a message, or one of the keyboard (204)."""
        form = await _form(request)
        phone, data = self._phone(request), str(form.get("data", ""))
        number = str(form.get("message", ""))
        try:
            if number.isdecimal():
                message = self._message(phone, int(number))
                await phone.presses(data, message=message).answered(_PATIENCE)
            else:
                phone.taps(data)
        except (LookupError, TimeoutError):
            raise web.HTTPNotFound from None
        return await self._worked()

    async def picture(self, request: web.Request) -> web.Response:
        """Give the file of a message."""
        phone = self._phone(request)
        message = self._message(phone, int(request.match_info["message"]))
        if message.media not in {"photo", "document", "video", "voice"}:
            raise web.HTTPNotFound
        name = str(message.wire.get("document", {}).get("file_name", ""))
        media_type = "image/jpeg" if message.media == "photo" else _OCTETS
        headers = {"Content-Disposition": disposition(name)} if name else {}
        return web.Response(
            body=phone.opens(message), content_type=media_type, headers=headers
        )

    # -- desk ------------------------------------------------------------------------

    async def inbox(self, request: web.Request) -> web.Response:
        """Sign the visitor in as an agent and lead to the inbox, full of work."""
        require_same_site(request)
        raise await self._entering(FIRST)

    async def second(self, _: web.Request) -> web.Response:
        """Let a second agent in, so that the two meet in the inbox.

        Browsers keep cookies by host: the page leads here by the other name of this
        machine. Whoever else leads somebody here shows them fictional cases.
        """
        raise await self._entering(SECOND)

    async def _entering(self, who: str) -> web.HTTPSeeOther:
        it = await self._world.play.story.assistance()
        response = web.HTTPSeeOther(f"/inbox/a/{it.ref}" if it else "/inbox")
        set_cookie(response, await self._sandbox.enter(who))
        return response

    async def go(self, request: web.Request) -> web.Response:
        """Lead to the page of the client or the technician, or give the report."""
        it = await self._world.play.story.assistance()
        if it is None:
            raise web.HTTPNotFound
        where = request.match_info["where"]
        if where == "report":
            return self._report(it)
        cast = self._stage.cast
        reader = cast.client if where == "portal" else cast.technician
        app = self._stage.app
        now = self._stage.clock.now()
        raise web.HTTPSeeOther(personal_link(app.postmark(), it.id, reader, now))

    def _report(self, it: Assistance) -> web.Response:
        reports = [one for one in it.documents if one.kind is DocumentKind.REPORT]
        if not reports:
            raise web.HTTPNotFound
        newest: Document = reports[-1]
        # Shown where it is opened: nobody looks for it among their downloads.
        shown = disposition(newest.name).replace("attachment", "inline", 1)
        headers = {"Content-Disposition": shown}
        return web.Response(
            body=self._stage.app.store.blobs.read(newest.blob),
            content_type="application/pdf",
            headers=headers,
        )

    # -- how -------------------------------------------------------------------------

    async def _worked(self) -> web.Response:
        await self._stage.work()
        self._world.live.stir()
        return web.Response(status=204)

    def _letter(self, request: web.Request) -> Letter:
        letter = self._world.panes.letter(request.match_info["key"])
        if letter is None:
            raise web.HTTPNotFound
        return letter

    def _person(self, box: str) -> Correspondent:
        people = dict(zip(BOXES, self._stage.people, strict=True))
        if box not in people:
            raise web.HTTPNotFound
        return people[box]

    def _owner(self, address: str) -> Correspondent:
        for who in self._stage.people:
            if who.address == address:
                return who
        raise web.HTTPNotFound

    def _phone(self, request: web.Request) -> Person:
        return self._world.panes.phones.each[request.match_info["who"]]

    def _message(self, phone: Person, number: int) -> Message:
        message = phone.chat.messages.get(number)
        if message is None:
            raise web.HTTPNotFound
        return message


async def _form(
    request: web.Request,
) -> MultiDictProxy[str | bytes | bytearray | FileField]:
    require_same_site(request)
    return await request.post()


def _files(
    form: MultiDictProxy[str | bytes | bytearray | FileField],
) -> tuple[File, ...]:
    """Return what is attached: chosen files, and samples by name."""
    chosen = [
        (one.filename, one.content_type, one.file.read())
        for one in form.getall("file", [])
        if isinstance(one, FileField) and one.filename
    ]
    samples = [_sample(str(name)) for name in form.getall("sample", [])]
    return (*chosen, *samples)


def _sample(name: str) -> File:
    if name == "photo":
        return "plaque.jpg", "image/jpeg", photo(2)
    return "bon-de-commande-4512.pdf", "application/pdf", ORDER


def _is_photo(media_type: str, content: bytes) -> bool:
    """Whether a telephone would send it as a photo: it can be read as one."""
    if not media_type.startswith("image/"):
        return False
    try:
        with Image.open(BytesIO(content)) as image:
            image.verify()
    except (UnidentifiedImageError, OSError, SyntaxError):
        return False
    return True
