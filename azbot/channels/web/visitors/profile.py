"""``/portal/profile``: who somebody is, which mails they want, how they come in.

A person who came in for the first time begins here: name, company, account type (R2,
R154).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from azbot.channels.web.form import Pick
from azbot.channels.web.posted import Posted
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.forms import read_form
from azbot.channels.web.visitors.access import SIGN_IN, Access
from azbot.channels.web.visitors.chat import chat_of
from azbot.channels.web.visitors.closing import close_all
from azbot.channels.web.visitors.drawing import Fault, VisitPages, fault_of, words_for
from azbot.channels.web.visitors.links import forget_all
from azbot.channels.web.visitors.onward import landing, onward_of
from azbot.channels.web.visitors.sessions import take_session
from azbot.forms.kinds import Context, Phone, Problem
from azbot.i18n import formats
from azbot.i18n.catalogue import LANGUAGES
from azbot.identity.linking import choose_language, part
from azbot.store import Person, PersonKind, UnitOfWork

PROFILE = "/portal/profile"
_ACCOUNT_TYPES = ("installer", "distributor", "")
_LANGUAGES = {"fr": "Français", "en": "English", "es": "Español"}
_LONGEST = 120


class Profile:
    """Shows and changes what is known of somebody."""

    def __init__(self, deps: WebDeps, pages: VisitPages) -> None:
        self._deps = deps
        self._pages = pages
        self._access = Access(deps)

    def add_to(self, app: web.Application) -> None:
        """Serve the page and its buttons."""
        app.router.add_get(PROFILE, self.show)
        app.router.add_post(PROFILE, self.save)
        app.router.add_post(f"{PROFILE}/close", self.close)

    async def show(self, request: web.Request) -> web.Response:
        """Return the page; the first time it is a welcome."""
        person = await self._access.require_person(request)
        return await self._page(request, person, _values(person))

    async def save(self, request: web.Request) -> web.Response:
        """Keep what was typed, and go on to where one was going."""
        person = await self._access.require_person(request)
        form = await read_form(request)
        typed = _typed(form)
        phone, faults = "", [] if typed["name"] else [Fault("name", "error.empty")]
        if typed["phone"]:
            country = self._deps.settings.country
            read = Phone().check(typed["phone"], Context(country=country))
            if isinstance(read, Problem):
                faults.append(fault_of("phone", read))
            else:
                phone = str(read.value)
        if faults:
            return await self._page(request, person, typed, faults)

        def work(uow: UnitOfWork) -> Person:
            known = uow.people.get(person.id)
            others = tuple(each for each in known.phones[1:] if each != phone)
            if typed["language"] != known.language:
                known = choose_language(uow, known, typed["language"])
            kept = replace(
                known,
                name=typed["name"],
                phones=((phone,) if phone else ()) + others,
                notices_off=not typed["notices"],
            )
            if known.kind is PersonKind.CLIENT:
                kept = replace(
                    kept, company=typed["company"], account_type=typed["account_type"]
                )
            known_phones = uow.people.known_phones(known.id)
            if phone and phone not in known.phones:
                # Typed by who is signed in; what stood there already may be from a
                # request, which anybody can write.
                known_phones |= {phone}
            uow.people.trust_phones(known.id, known_phones & {*kept.phones})
            return uow.people.update(kept)

        kept = await self._deps.store.write(work)
        wished = onward_of(form.line("next"))
        where = landing(kept, wished) if wished else f"{PROFILE}?saved=1"
        return web.Response(status=303, headers={"Location": where})

    async def close(self, request: web.Request) -> web.Response:
        """« Fermer tous mes accès »: links, sessions, chats; this one too."""
        person = await self._access.require_person(request)
        now = self._deps.clock.now()

        def work(uow: UnitOfWork) -> None:
            close_all(uow, person.id, now)
            accounts = uow.chats.of_person(person.id)
            part(uow, accounts, "chat.link.parted_elsewhere", now)

        await self._deps.store.write(work)
        response = web.Response(status=303, headers={"Location": f"{SIGN_IN}?closed=1"})
        take_session(response)
        forget_all(response)
        return response

    async def _page(
        self,
        request: web.Request,
        person: Person,
        values: Mapping[str, str],
        faults: Sequence[Fault] = (),
    ) -> web.Response:
        words = words_for(request, person)
        is_client = person.kind is PersonKind.CLIENT
        accounts = await self._deps.store.views.chats_of(person.id)
        zone = self._deps.settings.zone_name
        return self._pages.draw(
            request,
            "profile",
            person=person,
            faults=faults,
            values=values,
            is_client=is_client,
            is_first=is_client and not person.name,
            account_types=[
                Pick(
                    key,
                    words.t(f"visitor.profile.type.{key or 'other'}"),
                    values["account_type"] == key,
                )
                for key in _ACCOUNT_TYPES
            ],
            languages=[
                Pick(short, _LANGUAGES[short], values["language"] == short)
                for short in LANGUAGES
            ],
            onward=onward_of(request.query.get("next", "")),
            is_saved="saved" in request.query,
            is_moved="moved" in request.query,
            is_parted="parted" in request.query,
            chat=chat_of(self._deps.chat, accounts, words, zone),
            controller=self._deps.controller,
            years=self._deps.settings.notice.years,
        )


def _values(person: Person) -> dict[str, str]:
    return {
        "name": person.name,
        "company": person.company,
        "phone": formats.phone(person.phones[0]) if person.phones else "",
        "account_type": person.account_type,
        "language": person.language,
        "notices": "" if person.notices_off else "1",
    }


def _typed(form: Posted) -> dict[str, str]:
    account_type, language = form.line("account_type"), form.line("language")
    return {
        "name": form.line("name")[:_LONGEST],
        "company": form.line("company")[:_LONGEST],
        "phone": form.line("phone"),
        "account_type": account_type if account_type in _ACCOUNT_TYPES else "",
        "language": language if language in LANGUAGES else "fr",
        "notices": form.line("notices"),
    }
