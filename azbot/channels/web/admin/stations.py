"""Stations: whom they serve, how they are reached, who answers for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web
from pydantic import ValidationError

from azbot.channels.web import directory
from azbot.channels.web.admin import exchange
from azbot.channels.web.admin.forms import FAULTS, NOTHING, Wrong
from azbot.channels.web.admin.forms import wrong_of as in_words
from azbot.channels.web.admin.log import value_words
from azbot.channels.web.admin.room import Room
from azbot.channels.web.api.complaints import complaints_of
from azbot.channels.web.api.directory import StationIn
from azbot.channels.web.directory import Hand, address_of, phone_of
from azbot.channels.web.form import Pick, Question
from azbot.channels.web.posted import Posted, read_posted
from azbot.channels.web.problems import invalid
from azbot.choices import Unfit
from azbot.errors import Problem
from azbot.i18n import formats
from azbot.i18n.catalogue import LANGUAGES, Catalogue
from azbot.messages import PersonId
from azbot.store import NewPerson, PersonKind, StationEntry, UnitOfWork
from azbot.workflow.model import Station, StationId

_FIELDS = (
    "company", "email", "phone", "zones", "speciality", "zone_name", "language",
    "is_active",
)  # fmt: skip
_LONGEST_NAME = 120
_NAME = "stations.csv"


class StationRoom:
    """``/admin/stations``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the pages."""
        one = "/admin/stations/{number:[0-9]{1,12}}"
        app.router.add_get("/admin/stations", self.show_all)
        app.router.add_get("/admin/stations/new", self.show)
        app.router.add_post("/admin/stations/new", self.add)
        app.router.add_get("/admin/stations/import", self.ask_import)
        app.router.add_post("/admin/stations/import", self.bring_in)
        app.router.add_get(f"/admin/{_NAME}", self.export)
        app.router.add_get(one, self.show)
        app.router.add_post(one, self.save)
        app.router.add_post(f"{one}/contacts", self.add_contact)
        app.router.add_post(
            f"{one}/contacts/{{person:[0-9]{{1,12}}}}/remove", self.remove_contact
        )

    async def show_all(self, request: web.Request) -> web.Response:
        """Return every station."""
        entries = await self._room.deps.store.views.stations()
        active = [entry for entry in entries if entry.is_active]
        return self._room.page(
            request,
            "stations",
            "stations",
            entries=[*active, *(e for e in entries if not e.is_active)],
            phone=formats.phone,
        )

    async def show(self, request: web.Request) -> web.Response:
        """Return the form of one station, or of a new one."""
        return await self._page(request, None, NOTHING)

    async def add(self, request: web.Request) -> web.Response:
        """Add a station."""
        form = await read_posted(request)
        country = self._room.deps.settings.country

        def work(uow: UnitOfWork, by: Hand) -> str:
            entry, language = station_of(form, country)
            added = directory.add_station(uow, entry, language, by)
            return f"/admin/stations/{added.station.id}?said=added"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return await self._page(request, form, wrong)

    async def save(self, request: web.Request) -> web.Response:
        """Change a station: what differs from what was shown."""
        form, key = await read_posted(request), _number(request)
        country = self._room.deps.settings.country

        def work(uow: UnitOfWork, by: Hand) -> str:
            entry, _ = station_of(form, country)
            values = {**directory.told(entry), "zones": entry.station.zones}
            changes = {
                name: value
                for name, value in values.items()
                if form.text(name) != form.text(f"seen.{name}")
            }
            directory.change_station(uow, key, changes, by)
            return f"/admin/stations/{key}?said=saved"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return await self._page(request, form, wrong)

    async def add_contact(self, request: web.Request) -> web.Response:
        """Add somebody who answers for a station."""
        form, key = await read_posted(request), _number(request)
        country = self._room.deps.settings.country

        def work(uow: UnitOfWork, by: Hand) -> str:
            name = " ".join(form.text("contact_name").split())
            if not name or len(name) > _LONGEST_NAME:
                raise Unfit([Problem("contact_name", None, "no_name")])
            email = address_of(form.text("contact_email"), "/contact_email")
            phone = phone_of(form.text("contact_phone"), country, "/contact_phone")
            new = NewPerson(
                PersonKind.STATION, (email,), name, phones=(phone,) if phone else ()
            )
            directory.add_contact(uow, key, new, by)
            return f"/admin/stations/{key}?said=added"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            if "email" in wrong:
                wrong = {**wrong, "contact_email": wrong["email"]}
            return await self._page(request, None, wrong, form)

    async def remove_contact(self, request: web.Request) -> web.Response:
        """Let somebody no longer answer for a station."""
        form, key = await read_posted(request), _number(request)
        person = PersonId(int(request.match_info["person"]))

        def work(uow: UnitOfWork, by: Hand) -> str:
            directory.remove_contact(uow, key, person, by)
            return f"/admin/stations/{key}?said=dropped"

        try:
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return await self._page(request, None, wrong)

    # -- as a table --------------------------------------------------------------------

    async def export(self, request: web.Request) -> web.Response:
        """Return every station as a table."""
        entries = await self._room.deps.store.views.stations()
        return web.Response(
            body=exchange.table(entries, self._room.words(request)),
            content_type="text/csv",
            charset="utf-8",
            headers={"Content-Disposition": f'attachment; filename="{_NAME}"'},
        )

    async def ask_import(self, request: web.Request) -> web.Response:
        """Return the form that takes a table."""
        return self._import_page(request, NOTHING)

    async def bring_in(self, request: web.Request) -> web.Response:
        """Say what a table will change; with ``confirm``, change it."""
        form = await read_posted(request, exchange.LARGEST)
        country = self._room.deps.settings.country
        try:
            text = self._table(form)
            rows = exchange.rows_of(text)
            if "confirm" in form:

                def work(uow: UnitOfWork, by: Hand) -> str:
                    exchange.carry_out(uow, exchange.plan(uow, rows, country), by)
                    return "/admin/stations?said=imported"

                raise await self._room.change(request, form, work)
            planned = await self._room.deps.store.write(
                lambda uow: exchange.plan(uow, rows, country)
            )
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return self._import_page(request, wrong)
        words = self._room.words(request)
        counts = {
            act: sum(one.act == act for one in planned)
            for act in ("add", "change", "same", "wrong")
        }
        return self._room.page(
            request,
            "stations",
            "stations_plan",
            planned=[_line(one, words) for one in planned],
            counts=counts,
            table=text,
        )

    def _table(self, form: Posted) -> str:
        if "table" in form:
            return form.text("table")
        upload = form.files.get("file")
        if upload is None or not upload.content:
            raise Unfit([Problem("file", None, "no_table")])
        return exchange.text_of(upload.content)

    def _import_page(self, request: web.Request, wrong: Wrong) -> web.Response:
        words = self._room.words(request)
        question = Question(
            "file",
            words.t("admin.stations.file"),
            "file",
            hint=words.t("admin.stations.file.hint"),
            is_required=True,
            why=wrong.get("file", ""),
        )
        titles = [(known[0], words.t(f"admin.stations.{name}"))
                  for name, known in exchange.COLUMNS.items()]  # fmt: skip
        return self._room.page(
            request,
            "stations",
            "stations_import",
            question=question,
            titles=titles,
            wrong=wrong,
        )

    # -- one page ----------------------------------------------------------------------

    async def _page(
        self,
        request: web.Request,
        form: Posted | None,
        wrong: Wrong,
        contact: Posted | None = None,
    ) -> web.Response:
        words, key = self._room.words(request), _number(request)
        shown: Mapping[str, str] = {"language": "fr", "is_active": "true"}
        contacts: list[tuple[int, str, str, str, bool]] = []
        if key:
            entry = await self._room.deps.store.views.station(key)
            shown = typed(entry)
            people = await self._room.deps.store.write(
                lambda uow: uow.people.station_contacts(key)
            )
            contacts = [
                (
                    each.id,
                    each.name,
                    each.address,
                    formats.phone(each.phones[0]) if each.phones else "",
                    each.address.casefold() == entry.station.email.casefold(),
                )
                for each in people
            ]
        values = {name: form.text(name) for name in _FIELDS} if form else shown
        seen = {n: form.text(f"seen.{n}") for n in _FIELDS} if form else shown
        return self._room.page(
            request,
            "stations",
            "station",
            number=key,
            title=shown.get("company", ""),
            questions=questions(values, words, wrong, is_new=not key),
            seen=seen if key else {},
            contacts=contacts,
            contact_questions=_contact_questions(contact, words, wrong),
            wrong=wrong,
        )


def _number(request: web.Request) -> StationId:
    return StationId(int(request.match_info.get("number", "0")))


def typed(entry: StationEntry) -> dict[str, str]:
    """Return a station as a person would type it."""
    station = entry.station
    return {
        "company": station.company,
        "email": station.email,
        "phone": formats.phone(station.phone) if station.phone else "",
        "zones": " ".join(station.zones),
        "speciality": entry.speciality,
        "zone_name": station.zone_name,
        "is_active": str(entry.is_active).lower(),
    }


def station_of(form: Posted, country: str) -> tuple[StationEntry, str]:
    """Return the station a form describes, and the language of its mails.

    Raises:
        HttpProblem: 422, with what is wrong.
    """
    given: dict[str, object] = {
        name: " ".join(form.text(name).split())
        for name in ("company", "email", "phone", "speciality")
    }
    given["zones"] = exchange.areas(form.text("zones"))
    given |= {n: form.text(n) for n in ("zone_name", "language") if form.text(n)}
    try:
        body = StationIn.model_validate(given)
    except ValidationError as error:
        raise invalid(*complaints_of(error)) from error
    station = Station(
        StationId(0),
        body.company,
        address_of(body.email),
        phone_of(body.phone, country),
        body.zones,
        body.zone_name,
    )
    is_active = form.text("is_active") != "false"
    return StationEntry(station, body.speciality, is_active), body.language


def questions(
    values: Mapping[str, str], words: Catalogue, wrong: Wrong, *, is_new: bool
) -> tuple[Question, ...]:
    """Return the fields of a station."""

    def asked(name: str, control: str = "text", **more: object) -> Question:
        hint = f"admin.stations.{name}.hint"
        return Question(
            name,
            words.t(f"admin.stations.{name}"),
            control,
            values.get(name, ""),
            words.t(hint) if hint in words else "",
            autocomplete="off",
            why=wrong.get(name, ""),
            **more,  # type: ignore[arg-type]
        )

    spoken = values.get("language") or "fr"
    languages = tuple(
        Pick(each, words.t(f"admin.language.{each}"), each == spoken)
        for each in LANGUAGES
    )
    is_active = values.get("is_active") != "false"
    states = (
        Pick("true", words.t("admin.stations.active"), is_active),
        Pick("false", words.t("admin.stations.retired"), not is_active),
    )
    return (
        asked("company", is_required=True),
        asked("email", "email", is_required=True),
        asked("phone", "tel"),
        asked("zones", "long"),
        asked("speciality"),
        asked("zone_name"),
        *(
            (asked("language", "select", picks=languages, is_required=True),)
            if is_new
            else ()
        ),
        *(() if is_new else (asked("is_active", "radio", picks=states),)),
    )


def _contact_questions(
    form: Posted | None, words: Catalogue, wrong: Wrong
) -> tuple[Question, ...]:
    def asked(name: str, control: str, *, is_required: bool = True) -> Question:
        return Question(
            name,
            words.t(f"admin.stations.{name}"),
            control,
            form.text(name) if form else "",
            is_required=is_required,
            autocomplete="off",
            why=wrong.get(name, ""),
        )

    return (
        asked("contact_name", "text"),
        asked("contact_email", "email"),
        asked("contact_phone", "tel", is_required=False),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table, and what will become of it, in words.

    Attributes:
        faults: column, and what is wrong there.
        changes: column, before, after.
    """

    line: int
    name: str
    act: str
    faults: tuple[tuple[str, str], ...]
    changes: tuple[tuple[str, str, str], ...]


def _line(one: exchange.Planned, words: Catalogue) -> Line:
    wrong = in_words(invalid(*one.errors), words) if one.errors else {}
    values = one.row.values
    return Line(
        one.row.line,
        values.get("company") or values.get("email") or "",
        one.act,
        tuple((words.t(f"admin.stations.{name}"), why) for name, why in wrong.items()),
        tuple(
            (
                words.t(f"admin.stations.{name}"),
                value_words(before, words),
                value_words(after, words),
            )
            for name, (before, after) in one.changes.items()
        ),
    )
