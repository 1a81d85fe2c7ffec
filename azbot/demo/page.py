"""The page of the demonstration: three mailboxes, a guide, a journal."""

from __future__ import annotations

from aiohttp import web

from azbot.channels.email.mailbox import Letter
from azbot.channels.web.downloads import disposition
from azbot.channels.web.sentences import sentence_of
from azbot.channels.web.server import build_app
from azbot.channels.web.staff import require_same_site, set_cookie
from azbot.channels.web.static import ASSETS
from azbot.demo.desk import DemoDesk
from azbot.demo.post import Correspondent, file_of, open_letter
from azbot.demo.stage import DESK
from azbot.demo.story import Play
from azbot.i18n import formats
from azbot.i18n.catalogue import catalogue
from azbot.render.pages import Pages

_PAGE = (
    "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self'; "
    "frame-src 'self'; form-action 'self'; frame-ancestors 'none'"
)
_MAIL = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)
_TO_A_NEW_TAB = '<base target="_blank">'
"""The pages behind links refuse to be shown in the frame of a mail."""
_ZONE = "Europe/Paris"


def demo_app(play: Play, pages: Pages, language: str) -> web.Application:
    """Return the ordinary web of azbot with the page of the demonstration at /."""
    app = build_app(play.stage.app.web())
    room = _Room(play, pages, language, app[ASSETS].url("page.css"))
    app.router.add_get("/", room.home)
    app.router.add_post("/demo/next", room.next)
    app.router.add_post("/demo/all", room.all)
    app.router.add_post("/demo/write", room.write)
    app.router.add_post("/demo/inbox", room.inbox)
    app.router.add_get(r"/demo/mail/{number:\d+}", room.mail)
    app.router.add_get(r"/demo/mail/{number:\d+}/html", room.html)
    app.router.add_get(r"/demo/mail/{number:\d+}/file/{at:\d+}", room.file)
    app.router.add_post(r"/demo/mail/{number:\d+}/answer", room.answer)
    return app


class _Room:
    """The handlers; every change ends in a redirect, so that reload repeats nothing."""

    def __init__(
        self, play: Play, pages: Pages, language: str, stylesheet: str
    ) -> None:
        self._play = play
        self._desk = DemoDesk(play.stage)
        self._pages = pages
        self._language = language
        self._stylesheet = stylesheet
        self._words = catalogue(language)

    async def home(self, _: web.Request) -> web.Response:
        """Show everything."""
        play = self._play
        titles = [self._words.t(f"demo.scene.{scene.key}") for scene in play.scenes]
        stage = play.stage
        return self._page(
            "demo",
            scenes=[
                {"title": title, "state": _state(at, play.done)}
                for at, title in enumerate(titles)
            ],
            is_over=play.is_over,
            boxes=[
                self._box(who) for who in (stage.client, stage.technician, stage.desk)
            ],
            journal=await self._journal(),
            problem=play.problem,
        )

    async def next(self, _: web.Request) -> web.Response:
        """Play one scene."""
        await self._play.next()
        raise web.HTTPSeeOther("/")

    async def all(self, _: web.Request) -> web.Response:
        """Play what is left."""
        await self._play.rest_of_it()
        raise web.HTTPSeeOther("/")

    async def write(self, request: web.Request) -> web.Response:
        """Send a mail as the client, in her own words."""
        form = await request.post()
        stage = self._play.stage
        # A header is one line, whatever a program puts into the field.
        subject = " ".join(str(form.get("subject", "")).split())
        text = str(form.get("text", ""))
        stage.client.write(DESK, subject, text, stage.clock.now())
        await self._play.work()
        raise web.HTTPSeeOther("/")

    async def inbox(self, request: web.Request) -> web.Response:
        """Sign the visitor in as an agent and lead to the inbox, full of work."""
        require_same_site(request)
        secret = await self._desk.enter()
        response = web.HTTPSeeOther("/inbox")
        set_cookie(response, secret)
        raise response

    async def mail(self, request: web.Request) -> web.Response:
        """Show one mail, with the form to answer it."""
        letter = self._letter(request)
        opened = open_letter(letter)
        return self._page(
            "demo_mail",
            mail=opened,
            number=letter.number,
            files=opened.files,
            size=formats.size(len(letter.content), self._language),
        )

    async def html(self, request: web.Request) -> web.Response:
        """Give the HTML part alone, for a frame that runs nothing."""
        opened = open_letter(self._letter(request))
        headers = {"Content-Security-Policy": _MAIL, "X-Frame-Options": "SAMEORIGIN"}
        text = opened.html.replace("<head>", f"<head>{_TO_A_NEW_TAB}", 1)
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def file(self, request: web.Request) -> web.Response:
        """Give one attachment."""
        found = file_of(self._letter(request), int(request.match_info["at"]))
        if found is None:
            raise web.HTTPNotFound
        name, media_type, content = found
        headers = {"Content-Disposition": disposition(name)}
        return web.Response(body=content, content_type=media_type, headers=headers)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a mail as the person who got it."""
        letter = self._letter(request)
        form = await request.post()
        stage = self._play.stage
        people = (stage.client, stage.technician, stage.desk)
        who = next((p for p in people if p.address == letter.recipient), None)
        if who is None:
            raise web.HTTPNotFound
        text = str(form.get("text", ""))
        who.answer(text, stage.clock.now(), letter=open_letter(letter))
        await self._play.work()
        raise web.HTTPSeeOther("/")

    def _letter(self, request: web.Request) -> Letter:
        number = int(request.match_info["number"])
        sent = self._play.stage.mailbox.sent
        if not 1 <= number <= len(sent):
            raise web.HTTPNotFound
        return sent[number - 1]

    def _box(self, who: Correspondent) -> dict[str, object]:
        mails = [
            {
                "number": letter.number,
                "subject": opened.subject,
                "when": formats.short_date_and_clock(letter.at, _ZONE),
                "files": len(opened.files),
            }
            for letter in reversed(self._play.stage.mailbox.sent_to(who.address))
            for opened in (open_letter(letter),)
        ]
        return {"name": who.name, "address": who.address, "mails": mails}

    async def _journal(self) -> list[dict[str, str]]:
        lines = await self._play.journal()
        return [
            {
                "when": formats.short_date_and_clock(line.at, _ZONE),
                "ref": ref,
                "sentence": sentence_of(line.event, self._words, _ZONE),
            }
            for ref, line in lines
        ]

    def _page(self, name: str, **context: object) -> web.Response:
        text = self._pages.page(
            name, self._language, stylesheet=self._stylesheet, **context
        )
        return web.Response(
            text=text,
            content_type="text/html",
            headers={"Content-Security-Policy": _PAGE},
        )


def _state(at: int, done: int) -> str:
    return "done" if at < done else "now" if at == done else "later"
