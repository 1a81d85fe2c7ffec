"""Two assistances at once: link them, merge them, give a misfiled message back."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.form import Pick, Question
from azbot.channels.web.frame import frame_of
from azbot.channels.web.inbox.doing import Told, notice_label
from azbot.channels.web.once import once
from azbot.channels.web.pages import desk_html
from azbot.channels.web.posted import read_posted
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff, is_part, staff_of
from azbot.desk import relocation
from azbot.errors import NotFound, Refused
from azbot.i18n.catalogue import Catalogue
from azbot.render.phrases import refusal_sentence
from azbot.store import UnitOfWork
from azbot.workflow.decision import NoticeKind
from azbot.workflow.model import AssistanceRef

STYLES = ("inbox/inbox.css",)
_PAIRS: Mapping[str, Callable[..., relocation.Relocated]] = {
    "link": relocation.link,
    "unlink": relocation.unlink,
}


@dataclass(frozen=True, slots=True)
class Form:
    """What was filled in.

    Attributes:
        other: reference of the other assistance; empty for a new one.
        is_confirmed: its other requester may read the messages.
    """

    other: str = ""
    reason: str = ""
    is_confirmed: bool = False


class RelocatingRoutes:
    """Serves ``/inbox/a/{ref}/with/{what}`` and ``/inbox/a/{ref}/move/{number}``."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application, one: str) -> None:
        """Serve the dialogs and take what they say.

        Args:
            app: where to.
            one: pattern of the address of one assistance.
        """
        for path in (
            f"{one}/with/{{what:link|unlink|merge}}",
            one + "/{what:move}/{number:[0-9]{1,12}}",
        ):
            app.router.add_get(path, self.ask)
            app.router.add_post(path, self.press)

    async def ask(self, request: web.Request) -> web.Response:
        """Return the dialog; nothing happens yet."""
        return self._dialog(request, Form(other=request.query.get("other", "")))

    async def press(self, request: web.Request) -> web.Response:
        """Do it, both sides in one unit of work."""
        staff, given = staff_of(request), await read_posted(request)
        form = Form(
            other=given.text("other").upper(),
            reason=given.text("reason"),
            is_confirmed="is_confirmed" in given,
        )

        def work(uow: UnitOfWork) -> Mapping[str, object]:
            done = self._relocate(uow, request, staff, form)
            return {"ref": done.target.assistance.ref}

        try:
            told = await once(self._deps, staff.scope, given.text("once"), work)
        except NotFound:
            why = staff.words.t("inbox.held.unknown", ref=form.other)
            return self._dialog(request, form, why)
        except Refused as refused:
            why = refusal_sentence(staff.words, refused.code, refused.facts)
            return self._dialog(request, form, why, refused.code)
        words = staff.words.t(f"inbox.with.{_what(request)}.done", ref=told["ref"])
        if is_part(request):
            return web.json_response({"words": words, "undo": None, "seconds": 6})
        here = request.match_info["ref"] if _what(request) != "merge" else told["ref"]
        raise web.HTTPSeeOther(f"/inbox/a/{here}")

    def _relocate(
        self, uow: UnitOfWork, request: web.Request, staff: Staff, form: Form
    ) -> relocation.Relocated:
        desk, actor, what = self._deps.desk, staff.actor, _what(request)
        here = AssistanceRef(request.match_info["ref"])
        if what == "move" and not form.other:
            event = int(request.match_info["number"])
            return relocation.split(desk, uow, desk.load(uow, here), event, actor)
        pair = relocation.both(desk, uow, here, AssistanceRef(form.other))
        if what == "move":
            event = int(request.match_info["number"])
            return relocation.move(desk, uow, *pair, event, actor)
        if what == "merge":
            return relocation.merge(
                desk,
                uow,
                *pair,
                actor,
                reason=form.reason,
                is_confirmed=form.is_confirmed,
            )
        return _PAIRS[what](desk, uow, *pair, actor)

    def _dialog(
        self, request: web.Request, form: Form, why: str = "", code: str = ""
    ) -> web.Response:
        staff, what = staff_of(request), _what(request)
        words, ref = staff.words, request.match_info["ref"]
        context = {
            "what": what,
            "ref": ref,
            "once": secrets.token_urlsafe(12),
            "action": request.path,
            "questions": _questions(what, form, words, why, code),
            "told": _told(what, words),
            "frame": frame_of(request, "inbox", styles=STYLES),
        }
        status = 422 if why else 200
        if is_part(request):
            part = self._deps.pages.part("inbox/_with", staff.language, **context)
            return web.json_response({"dialog": part}, status=status)
        page = self._deps.pages.page("inbox_with", staff.language, **context)
        return desk_html(page, staff.language, status)


def _what(request: web.Request) -> str:
    return request.match_info["what"]


def _questions(
    what: str, form: Form, words: Catalogue, why: str, code: str
) -> tuple[Question, ...]:
    is_about_reader = code == "other_requester"
    hint = f"inbox.with.{what}.hint"
    found = [
        Question(
            "other",
            words.t("inbox.with.other"),
            value=form.other,
            hint=words.t(hint) if hint in words else "",
            is_required=what != "move",
            why="" if is_about_reader else why,
        )
    ]
    if what == "merge":
        found.append(
            Question("reason", words.t("inbox.ask.reason"), "long", form.reason)
        )
    if is_about_reader:
        pick = Pick("1", words.t("inbox.with.confirm"), is_chosen=form.is_confirmed)
        label = words.t("inbox.with.confirm.label")
        found.append(Question("is_confirmed", label, "checks", picks=(pick,), why=why))
    return tuple(found)


def _told(what: str, words: Catalogue) -> tuple[Told, ...]:
    if what != "merge":
        return ()
    who = words.t("inbox.with.requester")
    return (Told(who, notice_label(NoticeKind.MERGED, words)),)
