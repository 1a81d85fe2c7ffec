"""The pages of a trial: the mailboxes of whoever was written to, and the switch."""

from __future__ import annotations

import mimetypes
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import web

from azbot.channels.email.correspondent import File as Attached
from azbot.channels.email.correspondent import (
    Opened,
    file_of,
    head_of,
    open_letter,
    preview_of,
)
from azbot.channels.email.mailbox import Letter
from azbot.channels.web.admin.room import Room
from azbot.channels.web.downloads import disposition
from azbot.channels.web.frame import frame_of
from azbot.channels.web.once import KEY, once
from azbot.channels.web.pages import desk_html
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import staff_of
from azbot.errors import NotFound
from azbot.forms.kinds import Accepted, Context, Email
from azbot.i18n import formats
from azbot.store import UnitOfWork
from azbot.store.trial_views import KeptLetter
from azbot.trial.office import Office, Pen

_FRAMED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
_TO_A_NEW_TAB = '<base target="_blank">'
"""The pages behind links refuse to be shown in the frame of a mail."""

_VIEWS = ("html", "text", "head")
_LONGEST_SUBJECT = 200
_OCTETS = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Line:
    """A letter in a list.

    Attributes:
        key: names it in addresses: ``s3`` was sent, ``i2`` was written in here.
        is_own: whoever has the mailbox wrote it.
    """

    key: str
    href: str
    subject: str
    preview: str
    when: str
    files: int
    is_own: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The letter that is read.

    Attributes:
        number: 0 for one that was written in here: nobody answers oneself.
        view: ``html``, ``text`` or ``head``.
        views: (name, address) of each there is.
    """

    number: int
    mail: Opened
    head: str
    size: str
    view: str
    views: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class TrialPages:
    """What the web is given of a trial (``seams.Trial``)."""

    office: Office

    @property
    def begun_at(self) -> datetime:
        """Since when nothing leaves."""
        return self.office.begun_at

    def add_routes(self, app: web.Application, deps: WebDeps) -> None:
        """Serve the mailboxes and the switch."""
        TrialRoom(deps, self.office).add_to(app)


class TrialRoom:
    """``/trial`` and ``/admin/trial``."""

    def __init__(self, deps: WebDeps, office: Office) -> None:
        self._deps = deps
        self._office = office
        self._room = Room(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        get, post = app.router.add_get, app.router.add_post
        get("/trial", self.boxes)
        get("/trial/write", self.blank)
        post("/trial/write", self.write)
        one = r"/trial/letters/{number:\d{1,15}}"
        get(f"{one}/html", self.html)
        get(f"{one}/source", self.source)
        get(rf"{one}/files/{{at:\d{{1,4}}}}", self.file)
        post(f"{one}/answer", self.answer)
        post(f"{one}/away", self.away)
        get("/admin/trial", self.switch)
        post("/admin/trial", self.end)

    # -- mailboxes -------------------------------------------------------------------

    async def boxes(self, request: web.Request) -> web.Response:
        """Show whom azbot wrote to, and what."""
        views, asked = self._deps.store.views, request.query
        with_keys = staff_of(request).is_admin
        boxes = await views.trial_boxes(with_keys=with_keys)
        address = asked.get("to") or (boxes[0].address if boxes else "")
        letters: Sequence[KeptLetter] = ()
        if address:
            letters = await views.trial_letters(address, with_keys=with_keys)
        # What can be answered first.
        usual = next(iter(sorted(letters, key=lambda one: one.is_own)), None)
        key = asked.get("letter", "") or (_key(usual) if usual else "")
        chosen = next((one for one in letters if _key(one) == key), None)
        return self._page(
            request,
            "trial",
            boxes=[
                (box.address, _at(to=box.address), box.letters, box.address == address)
                for box in boxes
            ],
            address=address,
            lines=[self._line(request, one, key) for one in letters],
            shown=self._shown(request, chosen) if chosen else None,
        )

    async def html(self, request: web.Request) -> web.Response:
        """Give the HTML part alone, for a frame that runs nothing."""
        opened = open_letter(await self._letter(request))
        headers = {"Content-Security-Policy": _FRAMED, "X-Frame-Options": "SAMEORIGIN"}
        text = opened.html.replace("<head>", f"<head>{_TO_A_NEW_TAB}", 1)
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def source(self, request: web.Request) -> web.Response:
        """Give the octets of a letter, as they would have gone over the wire."""
        letter = await self._letter(request)
        return web.Response(
            body=letter.content,
            content_type="message/rfc822",
            headers={"Content-Disposition": disposition(f"{letter.number}.eml")},
        )

    async def file(self, request: web.Request) -> web.Response:
        """Give one attachment."""
        letter = await self._letter(request)
        found = file_of(letter, int(request.match_info["at"]))
        if found is None:
            raise web.HTTPNotFound
        name, media_type, content = found
        return web.Response(
            body=content,
            content_type=media_type,
            headers={"Content-Disposition": disposition(name)},
        )

    # -- what people write -----------------------------------------------------------

    async def blank(self, request: web.Request) -> web.Response:
        """Show a letter to be written to the desk."""
        to = request.query.get("as", "")
        return self._writing(request, {"address": to}, {})

    async def write(self, request: web.Request) -> web.Response:
        """Bring the desk a letter of somebody's."""
        form = await read_posted(request)
        typed = form.first()
        wrong = dict(self._wrong(request, form))
        if wrong:
            return self._writing(request, typed, wrong)
        address = _address(form)
        pen = Pen(address, _one_line(form.text("name")), _press(form))
        subject = _one_line(form.text("subject"))[:_LONGEST_SUBJECT]
        await self._office.write(pen, subject, form.text("text"), _files(form))
        raise web.HTTPSeeOther(_at(to=address, said="written"))

    async def answer(self, request: web.Request) -> web.Response:
        """Bring the desk an answer of whoever got a letter."""
        form, letter = await read_posted(request), await self._letter(request)
        if form.text("text").strip() or form.files:
            await self._office.answer(
                _pen(letter, form), open_letter(letter), form.text("text"), _files(form)
            )
        raise web.HTTPSeeOther(_at(to=letter.recipient, said="answered"))

    async def away(self, request: web.Request) -> web.Response:
        """Bring the desk what the program of somebody on holiday answers."""
        form, letter = await read_posted(request), await self._letter(request)
        words = staff_of(request).words
        await self._office.is_away(
            _pen(letter, form),
            open_letter(letter),
            words.t("trial.away.subject"),
            words.t("trial.away.text"),
        )
        raise web.HTTPSeeOther(_at(to=letter.recipient, said="away"))

    # -- the switch ------------------------------------------------------------------

    async def switch(self, request: web.Request) -> web.Response:
        """Show what the end of the trial keeps and throws away."""
        return await self._switch(request, {})

    async def end(self, request: web.Request) -> web.Response:
        """End the trial: from then on letters leave."""
        form, staff = await read_posted(request), staff_of(request)
        if not form.text("agreed"):
            wrong = {"agreed": staff.words.t("trial.switch.agree_first")}
            return await self._switch(request, wrong)
        now = self._deps.clock.now()

        def work(uow: UnitOfWork) -> dict[str, object]:
            uow.trial.end()
            uow.audit.add(staff.actor, now, "trial.ended", before=True, after=False)
            return {}

        await once(self._deps, staff.scope, form.text("once"), work)
        return self._page(request, "trial_over")

    async def _switch(
        self, request: web.Request, wrong: dict[str, str]
    ) -> web.Response:
        tried = await self._deps.store.write(lambda uow: uow.trial.tried())
        return self._room.page(
            request,
            "trial",
            "trial",
            scripts=("trial.js",),
            since=self._room.when(request, self._office.begun_at),
            address=self._office.address,
            tried=tried,
            wrong=wrong,
        )

    # -- how -------------------------------------------------------------------------

    async def _letter(self, request: web.Request) -> Letter:
        """Return the letter an address names.

        Raises:
            web.HTTPNotFound: there is none for whoever asks.
        """
        number = int(request.match_info["number"])
        try:
            kept = await self._deps.store.views.trial_letter(
                number, with_keys=staff_of(request).is_admin
            )
        except NotFound:
            raise web.HTTPNotFound from None
        return _letter(kept)

    def _page(self, request: web.Request, name: str, **context: object) -> web.Response:
        staff = staff_of(request)
        said = request.query.get("said", "")
        key = f"trial.said.{said}"
        text = self._deps.pages.page(
            name,
            staff.language,
            frame=frame_of(request, "trial", styles=("trial.css",)),
            once=secrets.token_urlsafe(16),
            said=staff.words.t(key)
            if said.isidentifier() and key in staff.words
            else "",
            **context,
        )
        status = 422 if context.get("wrong") else 200
        return desk_html(text, staff.language, status)

    def _writing(
        self, request: web.Request, typed: dict[str, str], wrong: dict[str, str]
    ) -> web.Response:
        return self._page(
            request,
            "trial_write",
            to=self._office.address,
            typed=typed,
            wrong=wrong,
        )

    def _wrong(self, request: web.Request, form: Posted) -> Iterator[tuple[str, str]]:
        """Yield (field, why) for what cannot be sent."""
        t = staff_of(request).words.t
        address = _address(form)
        if not address:
            yield "address", t("trial.wrong.address")
        elif address.casefold() == self._office.address.casefold():
            yield "address", t("trial.wrong.own")
        if not form.text("text").strip():
            yield "text", t("trial.wrong.text")

    def _line(self, request: web.Request, kept: KeptLetter, chosen: str) -> Line:
        opened, key = open_letter(_letter(kept)), _key(kept)
        return Line(
            key=key,
            href=_at(to=kept.address, letter=key) + "#letter",
            subject=opened.subject,
            preview=preview_of(opened.text),
            when=self._when(request, kept.at),
            files=len(opened.files),
            is_own=kept.is_own,
            is_open=key == chosen,
        )

    def _shown(self, request: web.Request, kept: KeptLetter) -> Shown:
        letter = _letter(kept)
        opened = open_letter(letter)
        there = [
            name
            for name in _VIEWS
            if name != "html" or (opened.html and not kept.is_own)
        ]
        asked = request.query.get("as", "")
        key = _key(kept)
        return Shown(
            number=0 if kept.is_own else kept.number,
            mail=opened,
            head=head_of(letter),
            size=formats.size(len(letter.content), staff_of(request).language),
            view=asked if asked in there else there[0],
            views=tuple(
                (name, _at(to=kept.address, letter=key, **{"as": name}) + "#letter")
                for name in there
            ),
        )

    def _when(self, request: web.Request, at: datetime) -> str:
        zone, language = self._deps.settings.zone_name, staff_of(request).language
        local = formats.local(at, zone)
        day = formats.day_and_month(local.date(), language)
        return f"{day} {formats.hour(local, language)}"


def _at(**query: str) -> str:
    return f"/trial?{urlencode(query)}"


def _key(kept: KeptLetter) -> str:
    return f"{'i' if kept.is_own else 's'}{kept.number}"


def _letter(kept: KeptLetter) -> Letter:
    return Letter(kept.number, "", kept.address, kept.octets, kept.at)


def _address(form: Posted) -> str:
    """Return the address somebody writes from, empty: it is none."""
    checked = Email().check(form.text("address"), Context())
    return str(checked.value) if isinstance(checked, Accepted) else ""


def _press(form: Posted) -> str:
    """Return what names this press of a button.

    Raises:
        HttpProblem: 400, nothing does.
    """
    key = form.text("once")
    if not KEY.fullmatch(key):
        raise HttpProblem(400, "key_malformed")
    return key


def _pen(letter: Letter, form: Posted) -> Pen:
    """Return whoever got a letter, under the name it was addressed to."""
    return Pen(letter.recipient, open_letter(letter).name, _press(form))


def _files(form: Posted) -> tuple[Attached, ...]:
    return tuple(
        (one.name, mimetypes.guess_type(one.name)[0] or _OCTETS, one.content)
        for one in form.files.values()
    )


def _one_line(text: str) -> str:
    """A header is one line, whatever a program puts into the field."""
    return " ".join(text.split())
