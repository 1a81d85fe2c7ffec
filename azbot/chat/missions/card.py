"""The living card of one mission, and the words around its visits. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from azbot.chat.house import House
from azbot.chat.talk import Talk, press
from azbot.forms.assistance import ASSISTANCE
from azbot.forms.kinds import Context
from azbot.i18n import formats
from azbot.i18n.answers import answer_words
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.ways import on_map, route_to, spot_of
from azbot.screens import Button, Screen, Style, plain
from azbot.tokens import form_link
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Assistance
from azbot.workflow.todo import step_of

ROOM = "missions"
_KNOWN = ("system", "system_count", "thermostat_count", "maker")


def card_of(
    it: Assistance, words: Catalogue, now: datetime, rules: Rules, page: str = ""
) -> Screen:
    """Return the card of the mission a station has.

    Args:
        it: the assistance; its mission is the reader's.
        words: of the reader's language.
        now: the present.
        rules: in force, with the lists.
        page: personal address of the page of the mission, possibly empty.
    """
    lines = [title_of(it, words), *_lines(it, words, now, rules)]
    return Screen("\n".join(lines), tuple(_rows(it, words, page)))


def title_of(it: Assistance, words: Catalogue) -> str:
    """Return « <b>ASFR26000184</b> · Mise en service »."""
    key = f"service.{it.service.value}" if it.service else "web.status.untitled"
    return f"<b>{it.ref}</b> · {words.t(key)}"


def place_of(it: Assistance) -> str:
    """Return « 18 rue des Charmettes, 69100 Villeurbanne »."""
    parts = (it.answer(key) for key in ("address", "postcode", "town"))
    return formats.address_line(*parts)


def when(it: Assistance, at: datetime, words: Catalogue) -> str:
    """Return « mercredi 25 mars à 13 h (heure de Paris) », the site's clocks (R125)."""
    return formats.date_and_hour(at, it.zone_name, words.language, with_zone=True)


def _lines(
    it: Assistance, words: Catalogue, now: datetime, rules: Rules
) -> Iterator[str]:
    place = place_of(it)
    if place:
        yield plain(place)
    numbers = filter(None, (it.answer("phone"), it.answer("phone_2")))
    called = (it.answer("contact_name"), *map(formats.phone, numbers))
    on_site = ", ".join(filter(None, called))
    if on_site:
        yield words.t("chat_mission.on_site", contact=plain(on_site))
    known = list(_known(it, words, rules))
    if known:
        yield plain(" · ".join(known))
    yield ""
    yield _state(it, words, now)


def _known(it: Assistance, words: Catalogue, rules: Rules) -> Iterator[str]:
    lists = Context(catalogues=rules.lists)
    for key in _KNOWN:
        value = it.answers.get(key)
        if value in (None, ""):
            continue
        shown = answer_words(ASSISTANCE.fields[key], value, words, lists)  # type: ignore[arg-type]
        short = f"station.short.{key}"
        counted = key.endswith("_count")
        label = words.t(short if short in words else ASSISTANCE.label(key))
        yield words.t("mail.line", label=label, value=shown) if counted else shown


def _state(it: Assistance, words: Catalogue, now: datetime) -> str:
    """Return what the station does next, in one line."""
    mission, visit, step = it.mission, it.visit, step_of(it)
    if step == "answer" and mission is not None:
        late = mission.answer_by < now
        key = "chat_mission.state.late" if late else "chat_mission.state.answer"
        return words.t(key, date=when(it, mission.answer_by, words))
    if step == "over" or visit is None:
        status = words.t(f"status.{it.status.value}")
        return words.t("chat_mission.state.over", status=status)
    if step == "plan":
        return words.t("chat_mission.state.plan")
    at = visit.arrived_at if step == "fill" else visit.planned_at
    return words.t(f"chat_mission.state.{step}", date=when(it, at or now, words))


def _rows(it: Assistance, words: Catalogue, page: str) -> Iterator[tuple[Button, ...]]:
    t, step, visit = words.t, step_of(it), it.visit
    number = visit.number if visit else 0
    if step == "answer" and it.mission is not None:
        order = it.mission.number
        yield (
            _first(do(it, order, "accept", t("chat_mission.do.accept"))),
            do(it, order, "refuse", t("chat_mission.do.refuse")),
        )
    elif step == "plan":
        yield (_first(do(it, number, "plan", t("chat_mission.do.plan"))),)
    elif step == "approval":
        yield (do(it, number, "move", t("chat_mission.do.other_date")),)
    elif step == "arrive":
        yield (
            _first(do(it, number, "arrive", t("chat_mission.do.arrive"))),
            do(it, number, "move", t("chat_mission.do.move")),
        )
    elif step == "fill":
        yield (do(it, number, "photos", t("chat_mission.do.photos")),)
        if page:
            form = form_link(page)
            yield (Button(t("chat_mission.do.form"), url=form, style=Style.PRIMARY),)
    yield tuple(_links(it, words, page if step != "fill" else ""))
    if step != "over":
        yield (press(t("chat_mission.do.write"), "relay", it.id, "write"),)


def _links(it: Assistance, words: Catalogue, page: str) -> Iterator[Button]:
    if page:
        yield Button(words.t("chat_mission.do.open"), url=page)
    route = route_to(place_of(it))
    if route:
        yield Button(words.t("chat_mission.do.route"), url=route)
    if spot := spot_of(it.answers):
        yield Button(words.t("form.assistance.spot.label"), url=on_map(spot))


def do(it: Assistance, number: int, action: str, label: str) -> Button:
    """Return a button that does something with a mission or a visit.

    Args:
        it: the assistance.
        number: of the mission for ``accept`` and ``refuse``, else of the visit: what
            an old button meant is known by it.
        action: what; see ``MissionsRoom``.
        label: plain words.
    """
    return press(label, ROOM, it.id, number, action)


def page_of(house: House, talk: Talk, it: Assistance) -> str:
    """Return the reader's own address of the page of a mission, possibly empty."""
    if talk.person is None:
        return ""
    return house.link(talk.uow, it.id, talk.person.id, talk.now)


def _first(button: Button) -> Button:
    """Let the button that does the next thing stand out."""
    return replace(button, style=Style.PRIMARY)
