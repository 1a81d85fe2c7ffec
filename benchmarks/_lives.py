"""Very many lives at once, straight into SQLite, as the store would have written them.

Each life is a list of real events, folded by the workflow itself; its columns come
from the store's own projection. Only the way into the database is short: whole tables
at a time, one transaction, no thread between. Triggers keep the indexes of the search.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from azbot.messages import PersonId, Trust
from azbot.store import migrate
from azbot.store.codec import encode
from azbot.store.events import event_row
from azbot.store.projection import mission_row, row_of, words_of
from azbot.store.search import SHIFT, searchable
from azbot.workflow import events as e
from azbot.workflow.deadlines import Rules, WorkingHours, timers
from azbot.workflow.decision import Recorded
from azbot.workflow.events import Event, evolve
from azbot.workflow.model import (
    USUAL_VISIT,
    Actor,
    Assistance,
    AssistanceId,
    AssistanceRef,
    ClosedBy,
    RefusalReason,
    Role,
    ServiceType,
    Station,
    StationId,
    Status,
)

NOW = datetime(2026, 3, 12, 9, 24, tzinfo=UTC)
"""The present of everything that is filled in."""

CLIENTS, AGENTS, STATIONS = 800, 12, 60
SPAN = timedelta(days=730)
"""The lives begin within so long before ``NOW``."""

RARE = "anémomètre"
"""A word that one of ten thousand assistances has; « chambre » stands in most."""

Row = Mapping[str, Any]
Table = tuple[str, tuple[str, ...], list[tuple[Any, ...]]]
"""Name, columns, rows as SQLite is given them."""

_RULES = Rules(working=WorkingHours())
_AT_ONCE = 2_000
_TOWNS = (
    ("69100", "Villeurbanne"), ("69003", "Lyon"), ("38000", "Grenoble"),
    ("01000", "Bourg-en-Bresse"), ("75011", "Paris"), ("92100", "Boulogne-Billancourt"),
    ("13008", "Marseille"), ("06000", "Nice"), ("31000", "Toulouse"),
    ("33000", "Bordeaux"), ("59000", "Lille"), ("67000", "Strasbourg"),
    ("35000", "Rennes"), ("44000", "Nantes"), ("34000", "Montpellier"),
)  # fmt: skip
_STREETS = (
    "rue des Charmettes",
    "avenue Jean Jaurès",
    "impasse du Gué",
    "quai Rambaud",
)
_MAKERS = ("daikin", "toshiba", "atlantic", "hitachi", "lg", "mitsubishi_electric")
_SYSTEMS = ("zoned_ducted", "zoned_hydronic", "radiators", "single_unit")
_PHRASES = (
    "le registre de la chambre deux est raccordé et le thermostat répond mais la "
    "passerelle clignote encore depuis hier soir merci de confirmer la date du passage "
    "du technicien sur le chantier nous avons vérifié le câblage du bus et "
    "l’alimentation de la centrale reste à contrôler"
)
_WORDS = tuple(_PHRASES.split(" "))
_ENDS = (
    # How far lives come, in hundredths; nearly all are over after two months.
    (3, Status.CANCELLED), (100, Status.CLOSED),
)  # fmt: skip
_YOUNG = (
    (25, Status.SUBMITTED), (35, Status.WAITING), (55, Status.ASSIGNED),
    (85, Status.UNDERWAY), (92, Status.DONE), (100, Status.CLOSED),
)  # fmt: skip


def fill(folder: Path, count: int, messages: int) -> str:
    """Make a SQLite database of so many assistances; return its address.

    Args:
        folder: empty.
        count: assistances.
        messages: of each, the first included.
    """
    file = folder / "azbot.db"
    url = f"sqlite:///{file}"
    migrate(url)
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = OFF", "synchronous = OFF", "cache_size = -200000"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    _people(connection)
    chunks = [
        range(first, min(first + _AT_ONCE, count + 1))
        for first in range(1, count + 1, _AT_ONCE)
    ]
    with ProcessPoolExecutor() as pool:
        make = partial(_tables, count=count, messages=messages)
        for tables in pool.map(make, chunks):
            for name, columns, rows in tables:
                _insert(connection, name, columns, rows)
    counter = {"country": "FR", "year": NOW.year, "last": count}
    _add(connection, "reference_counters", counter)
    _add(connection, "identities", {"name": "assistance", "last": count})
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("ANALYZE")
    connection.close()
    return url


def ref_of(number: int) -> AssistanceRef:
    """Return the reference of the life with this number."""
    return AssistanceRef(f"ASFR26{number:06d}")


def _tables(numbers: range, count: int, messages: int) -> list[Table]:
    """Return the rows of some lives, by table, parents first."""
    found: dict[str, list[Row]] = {
        name: []
        for name in (
            "assistances", "missions", "events", "search_texts", "timers", "outbox",
        )
    }  # fmt: skip
    for number in numbers:
        it, history = _life(number, count, messages)
        found["assistances"].append(row_of(it))
        found["missions"] += [mission_row(it, mission) for mission in it.missions]
        found["timers"] += [
            {
                "assistance_id": it.id,
                "kind": timer.kind,
                "subject": timer.subject,
                "due_at": timer.due_at,
            }
            for timer in timers(it, _RULES)
        ]
        found["search_texts"].append(_text(it, 0, words_of(it)))
        for seq, line in enumerate(history, start=1):
            row = {"id": (number << 7) + seq, "seq": seq, **event_row(it.id, line)}
            found["events"].append(row)
            if row["comment"]:
                found["search_texts"].append(_text(it, seq, row["comment"], row))
            if isinstance(line.event, e.AssistanceOpened | e.MessageAdded):
                found["outbox"].append(_sent(it, seq, line))
    return [
        (name, tuple(rows[0]), [tuple(map(_plain, row.values())) for row in rows])
        for name, rows in found.items()
        if rows
    ]


def _text(it: Assistance, seq: int, words: str, row: Row | None = None) -> Row:
    return {
        "id": (it.id << SHIFT) + seq,
        "assistance_id": it.id,
        "event_id": row["id"] if row else 0,
        "is_internal": bool(row and row["is_internal"]),
        "folded": searchable(words),
    }


def _sent(it: Assistance, seq: int, line: Recorded) -> Row:
    """Return the letter that went out because of a line."""
    return {
        "key": f"{it.id}/{seq}",
        "assistance_id": it.id,
        "event_id": (it.id << 7) + seq,
        "kind": "opened" if seq == 1 else "message",
        "person_id": it.requester,
        "address": f"client{it.requester}@client.example",
        "channel": "email",
        "language": "fr",
        "facts": "{}",
        "state": "sent",
        "due_at": line.at,
        "sent_at": line.at + timedelta(seconds=3),
        "message_id": f"<az.{it.id}.{seq}@sav.example>",
    }


# --- one life --------------------------------------------------------------------


def _life(number: int, count: int, messages: int) -> tuple[Assistance, list[Recorded]]:
    rnd = random.Random(number)
    age = SPAN * ((count - number + rnd.random()) / count)
    fates = _YOUNG if age < timedelta(days=60) else _ENDS
    luck = rnd.randrange(100)
    fate = next(status for share, status in fates if luck < share)
    client = Actor(
        Role.CLIENT,
        PersonId(1 + rnd.randrange(CLIENTS)),
        "Sophie Martin",
        Trust.KNOWN,
        "email",
    )
    play = _Play(rnd, NOW - age, client)
    play.add(client, _opening(number, client, rnd))
    for _ in range(messages - 1):
        who = rnd.choice((client, play.agent))
        text = _sentence(rnd)
        play.add(who, e.MessageAdded(text, author=who.role, channel="email"))
    if rnd.random() < 0.2:
        play.add(play.agent, e.NoteAdded("Rappeler le client avant midi."))
    play.bring_to(fate)
    return play.it, play.history


class _Play:
    """A life as it grows; each event some hours after the one before."""

    def __init__(self, rnd: random.Random, begins_at: datetime, client: Actor) -> None:
        self._rnd = rnd
        self._client = client
        self._at = begins_at
        self._state: Assistance | None = None
        self.history: list[Recorded] = []
        agent = PersonId(CLIENTS + 1 + rnd.randrange(AGENTS))
        self.agent = Actor(Role.AGENT, agent, "Camille Durand", Trust.STAFF, "web")

    @property
    def it(self) -> Assistance:
        """The state so far."""
        if self._state is None:
            raise LookupError("nothing was opened")
        return self._state

    def add(self, who: Actor, *events: Event) -> None:
        """Let somebody do something, and time pass."""
        for event in events:
            before = self._state.status if self._state else None
            self._state = evolve(self._state, event, self._at)
            line = Recorded(event, self._at, who, before, self._state.status)
            self.history.append(line)
        self._at = min(NOW, self._at + timedelta(hours=self._rnd.expovariate(1 / 9)))

    def bring_to(self, status: Status) -> None:
        """Go on until the status is reached."""
        if status is Status.SUBMITTED:
            return
        if self._rnd.random() < 0.6:
            owner = self.agent
            self.add(owner, e.OwnerChosen(None, "", owner.person, owner.name))
        if status is Status.WAITING:
            asked = e.ComplementAsked(("order_proof",), "Le bon de commande, merci.")
            self.add(self.agent, asked)
        elif status is Status.CANCELLED:
            self.add(self.agent, e.AssistanceCancelled("Chantier arrêté.", Role.AGENT))
        else:
            self._work(status)

    def _work(self, status: Status) -> None:
        visitor = self._assigned()
        if status is Status.ASSIGNED:
            return
        number = len(self.it.missions)
        self.add(
            visitor,
            e.MissionAccepted(number),
            e.InterventionAdded(1, number, is_follow_up=False),
        )
        visit_at = self._at + timedelta(days=self._rnd.randrange(2, 12))
        planned = e.InterventionPlanned(1, visit_at, USUAL_VISIT, by=Role.STATION)
        self.add(visitor, planned)
        if status is Status.UNDERWAY:
            return
        self._at = min(NOW, visit_at)
        self.add(visitor, e.StationArrived(1))
        self.add(visitor, e.InterventionFinished(1, True, "", "f" * 64))  # noqa: FBT003
        if status is Status.CLOSED:
            closed = e.AssistanceClosed(ClosedBy.CLIENT)
            self.add(self._client, e.MissionCompleted(number), closed)

    def _assigned(self) -> Actor:
        """Propose the mission until a station keeps it."""
        while True:
            station = _station(self._rnd.randrange(STATIONS))
            visitor = Actor(
                Role.STATION, None, station.company, Trust.PROVEN, "web", station.id
            )
            number = len(self.it.missions) + 1
            answer_by = self._at + timedelta(days=3)
            self.add(self.agent, e.StationAssigned(number, station, answer_by))
            if self._rnd.random() > 0.1:
                return visitor
            self.add(visitor, e.MissionRefused(number, self._rnd.choice(_REASONS)))


_REASONS = tuple(RefusalReason)


def _opening(number: int, client: Actor, rnd: random.Random) -> e.AssistanceOpened:
    postcode, town = rnd.choice(_TOWNS)
    text = _sentence(rnd)
    if number % 10_000 == 7:
        text += f" {RARE}"
    answers = {
        "service": rnd.choice(tuple(ServiceType)).value,
        "installer": f"Clim Martin {client.person}",
        "address": f"{1 + number % 180} {rnd.choice(_STREETS)}",
        "postcode": postcode,
        "town": town,
        "country": "FR",
        "system": rnd.choice(_SYSTEMS),
        "system_count": 1,
        "thermostat_count": rnd.randrange(1, 13),
        "maker": rnd.choice(_MAKERS),
        "contact_name": "Paul Lefèvre",
        "phone": "+33639981234",
        "contact_email": "paul@chantier.example",
        "own_number": f"CM-{number}",
    }
    return e.AssistanceOpened(
        id=AssistanceId(number),
        ref=ref_of(number),
        requester=client.person or PersonId(1),
        contact=None,
        language="fr",
        zone_name="Europe/Paris",
        via="email",
        answers=answers,
        missing=(),
        is_confirmed=True,
        text=text,
    )


def _sentence(rnd: random.Random) -> str:
    start = rnd.randrange(len(_WORDS))
    words = islice(_WORDS * 2, start, start + rnd.randrange(12, 45))
    return f"Bonjour, {' '.join(words)}."


# --- people, rows ----------------------------------------------------------------


def _station(at: int) -> Station:
    zones = (f"{1 + at % 95:02d}", "69") if at % 4 else ("69", "38", "01")
    email = f"sta{at}@sta.example"
    return Station(StationId(at + 1), f"Froid Services {at + 1}", email, zones=zones)


def _people(connection: sqlite3.Connection) -> None:
    """Add clients, agents with accounts, stations."""
    for number in range(1, CLIENTS + AGENTS + 1):
        is_client = number <= CLIENTS
        name = "Sophie Martin" if is_client else "Camille Durand"
        person = {
            "id": number,
            "kind": "client" if is_client else "agent",
            "name": f"{name} {number}",
            "company": f"Clim Martin {number}" if is_client else "",
        }
        email = f"{person['kind']}{number}@client.example"
        address = {"key": email, "person_id": number, "email": email, "rank": 0}
        _add(connection, "people", person)
        _add(connection, "addresses", address)
        if not is_client:
            account = {"person_id": number, "role": "agent", "created_at": NOW - SPAN}
            _add(connection, "accounts", account)
    for station in map(_station, range(STATIONS)):
        row = {
            "id": station.id,
            "company": station.company,
            "email": station.email,
            "zones": encode(station.zones),
            "zone_name": station.zone_name,
        }
        _add(connection, "stations", row)


def _add(connection: sqlite3.Connection, table: str, row: Row) -> None:
    _insert(connection, table, tuple(row), [tuple(map(_plain, row.values()))])


def _insert(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
) -> None:
    marks = ", ".join("?" * len(columns))
    names = ", ".join(f'"{name}"' for name in columns)
    connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def _plain(value: Any) -> Any:
    """Return a value as the store's types write it on SQLite."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case Enum():
            return value.value
        case _:
            return value
