"""« Nouvelle demande »: an agent registers what a client says on the phone."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from aiohttp import web

from azbot.channels.web.form import Question, posted, questions
from azbot.channels.web.frame import frame_of
from azbot.channels.web.once import once
from azbot.channels.web.pages import desk_html
from azbot.channels.web.posted import read_posted
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.staff import Staff, staff_of
from azbot.desk import Draft
from azbot.errors import Refused
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.filling import SHARED
from azbot.forms.kinds import Context, Email, Phone, Problem
from azbot.i18n.answers import problem_words
from azbot.render.phrases import refusal_sentence
from azbot.store import UnitOfWork

_KNOWN = ("first_name", "last_name", "email", *SHARED)
"""Asked as the requester, or given by a phone: not asked as answers."""

_STYLES = ("inbox/inbox.css",)


class OpeningRoutes:
    """Serves ``/inbox/new``."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def add_to(self, app: web.Application) -> None:
        """Serve the form and take it."""
        app.router.add_get("/inbox/new", self.show)
        app.router.add_post("/inbox/new", self.open)

    async def show(self, request: web.Request) -> web.Response:
        """Return the empty form; an address in the query finds who it is."""
        given = dict(request.query)
        return self._page(request, given, {})

    async def open(self, request: web.Request) -> web.Response:
        """Register the request; the client gets the first mail."""
        staff, given = staff_of(request), (await read_posted(request)).first()
        wrong = self._wrong(given, staff)
        if wrong:
            return self._page(request, given, wrong)
        draft = self._draft(given, staff)

        def work(uow: UnitOfWork) -> Mapping[str, object]:
            decision = self._deps.desk.register(uow, draft, staff.actor)
            return {"ref": decision.assistance.ref}

        try:
            told = await once(self._deps, staff.scope, given.get("once", ""), work)
        except Refused as refused:
            return self._page(request, given, self._refused(refused, staff), refused)
        raise web.HTTPSeeOther(f"/inbox/a/{told['ref']}")

    def _wrong(self, given: Mapping[str, str], staff: Staff) -> dict[str, str]:
        context = Context(country=self._deps.settings.country)
        found: dict[str, str] = {}
        checks = (("email", Email()), ("requester_phone", Phone()))
        for name, kind in checks:
            text = given.get(name, "").strip()
            if not text and name != "email":
                continue
            outcome = kind.check(text, context)
            if isinstance(outcome, Problem):
                found[name] = problem_words(outcome, staff.words)
        return found

    def _draft(self, given: Mapping[str, str], staff: Staff) -> Draft:
        country = self._deps.settings.country
        context = Context(country=country)
        phone = Phone().check(given.get("requester_phone", ""), context)
        answers = posted(self._keys(), given)
        return Draft(
            answers={k: v for k, v in answers.items() if v != ""},
            email=given["email"].strip(),
            name=given.get("requester", "").strip(),
            company=given.get("company", "").strip(),
            phone="" if isinstance(phone, Problem) else str(phone.value),
            language=staff.language,
            country=country,
            text=given.get("text", "").strip(),
            is_confirmed=True,
        )

    def _refused(self, refused: Refused, staff: Staff) -> dict[str, str]:
        problems = refused.facts.get("problems")
        if refused.code != "bad_answers" or not isinstance(problems, Mapping):
            return {}
        return {
            key: problem_words(Problem(each["code"], each["facts"]), staff.words)
            for key, each in problems.items()
        }

    def _keys(self) -> list[str]:
        return [key for key in ASSISTANCE.fields if key not in _KNOWN]

    def _page(
        self,
        request: web.Request,
        given: Mapping[str, str],
        wrong: Mapping[str, str],
        refused: Refused | None = None,
    ) -> web.Response:
        staff = staff_of(request)
        words = staff.words
        told = ""
        if refused is not None and not wrong:
            told = refusal_sentence(words, refused.code, refused.facts)

        def ask(name: str, control: str, *, is_required: bool = False) -> Question:
            return Question(
                name,
                words.t(f"inbox.new.{name}"),
                control,
                given.get(name, ""),
                is_required=is_required,
                why=wrong.get(name, ""),
                autocomplete="off",
            )

        values = {"country": self._deps.settings.country, **posted(self._keys(), given)}
        lists = Context(catalogues=self._deps.desk.rules.lists)
        sections = [
            (
                words.t(f"form.assistance.section.{section.key}"),
                questions(
                    ASSISTANCE,
                    [f.key for f in section.fields if f.key not in _KNOWN],
                    values,
                    words,
                    lists,
                    wrong=wrong,
                ),
            )
            for section in ASSISTANCE.sections
        ]
        requester = (
            ask("email", "email", is_required=True),
            ask("requester", "text"),
            ask("company", "text"),
            ask("requester_phone", "tel"),
        )
        page = self._deps.pages.page(
            "inbox_new",
            staff.language,
            frame=frame_of(request, "inbox", styles=_STYLES),
            once=given.get("once") or secrets.token_urlsafe(12),
            requester=requester,
            sections=[(title, asked) for title, asked in sections if asked],
            text=ask("text", "long"),
            told=told,
        )
        return desk_html(page, staff.language, 422 if wrong or told else 200)
