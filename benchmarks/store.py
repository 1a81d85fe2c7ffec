"""Units of work per second, beside bare sqlite3 in the same run.

One unit: load an assistance, save it, append two events, put one delivery, move one
timer. Bare is the same work as eight statements on one sqlite3 connection, without
decoding, checks or threads: the ceiling of this machine at this minute. Figures of
different runs do not compare; their ratios do.

    python benchmarks/store.py [--units 2000] [--postgresql URL]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from azbot.messages import PersonId, Trust
from azbot.store import (
    NewDelivery,
    NewPerson,
    PersonKind,
    Store,
    UnitOfWork,
    migrate,
    open_store,
)
from azbot.store.codec import encode
from azbot.workflow.decision import Recorded, Timer
from azbot.workflow.events import (
    AssistanceOpened,
    ClientReminded,
    MessageAdded,
    evolve,
)
from azbot.workflow.model import Actor, AssistanceId, Role

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ACTOR = Actor(Role.CLIENT, PersonId(1), "Anne Dupont", Trust.KNOWN, "email")
ANSWERS = {
    "service": "incident", "address": "18 rue des Œillets", "postcode": "69100",
    "town": "Villeurbanne", "country": "FR", "system": "Airzone", "system_count": 1,
    "thermostat_count": 5, "maker": "Daikin", "contact_name": "Paul Martin",
    "phone": "+33601020304", "contact_email": "paul@example.org",
}  # fmt: skip
FACTS = {"reference": "ASFR26000001", "address": "18 rue des Œillets", "text": "x" * 80}
FOLK = 200


def seed(uow: UnitOfWork) -> list[AssistanceId]:
    """Two hundred assistances of one person."""
    person = uow.people.add(NewPerson(PersonKind.CLIENT, ("anne@example.org",)))
    keys = []
    for _ in range(FOLK):
        key, ref = uow.assistances.new_identity("FR", 2026)
        opened = AssistanceOpened(
            id=key,
            ref=ref,
            requester=person.id,
            contact=None,
            language="fr",
            zone_name="Europe/Paris",
            via="email",
            answers=ANSWERS,
            missing=(),
            is_confirmed=True,
        )
        uow.assistances.add(evolve(None, opened, NOW))
        keys.append(key)
    return keys


def unit(number: int, keys: list[AssistanceId]) -> Callable[[UnitOfWork], None]:
    """The unit of work that is measured."""

    def work(uow: UnitOfWork) -> None:
        it = uow.assistances.get(keys[number % FOLK])
        said = MessageAdded(f"Bonjour, la suite numéro {number}")
        saved = uow.assistances.save(evolve(it, said, NOW))
        lines = [
            Recorded(each, NOW, ACTOR, saved.status, saved.status)
            for each in (said, ClientReminded(1))
        ]
        uow.events.append(saved.id, lines)
        to = f"client{number % FOLK}@example.org"
        row = NewDelivery(f"{number}", "received", to, "email", NOW, FACTS)
        uow.outbox.put([replace(row, assistance_id=saved.id)])
        uow.timers.replace(saved.id, [Timer("x", 0, NOW + timedelta(seconds=number))])

    return work


async def measured(
    store: Store, keys: list[AssistanceId], units: int, together: int, start: int
) -> float:
    """Return units per second with so many callers at once."""
    numbers = iter(range(start, start + units))

    async def caller() -> None:
        for number in numbers:
            await store.write(unit(number, keys))

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(together)))
    return units / (time.perf_counter() - began)


def bare(file: Path, units: int, start: int) -> float:
    """Return units per second of the same statements on bare sqlite3."""
    db = sqlite3.connect(file, isolation_level=None)
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        db.execute(f"PRAGMA {pragma}")
    at, facts, line = NOW.isoformat(), encode(FACTS), encode(MessageAdded("x" * 40))
    began = time.perf_counter()
    for number in range(start, start + units):
        key = number % FOLK + 1
        db.execute("BEGIN IMMEDIATE")
        was, document = db.execute(
            "SELECT version, state FROM assistances WHERE id = ?", (key,)
        ).fetchone()
        db.execute(
            "UPDATE assistances SET version = ?, updated_at = ?, state = ?"
            " WHERE id = ? AND version = ?",
            (was, at, document, key, was),
        )
        (last,) = db.execute(
            "SELECT max(seq) FROM events WHERE assistance_id = ?", (key,)
        ).fetchone()
        for step in (1, 2):
            db.execute(
                "INSERT INTO events (assistance_id, seq, kind, at, role, actor, trust,"
                " channel, after, comment, data) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
                (key, (last or 0) + step, "MessageAdded", at, "client", "Anne", 2,
                 "email", "submitted", "x" * 40, line),
            )  # fmt: skip
        db.execute(
            "INSERT INTO search_texts (id, assistance_id, event_id, folded)"
            " VALUES (?,?,?,?)",
            ((key << 20) + (last or 0) + 1, key, 1, f"bonjour la suite {number}"),
        )
        db.execute(
            "INSERT INTO outbox (key, kind, address, channel, language, facts, state,"
            " due_at) VALUES (?,?,?,?,?,?,?,?)",
            (str(number), "received", "a@b", "email", "fr", facts, "pending", at),
        )
        db.execute("DELETE FROM timers WHERE assistance_id = ?", (key,))
        db.execute(
            "INSERT INTO timers (assistance_id, kind, subject, due_at)"
            " VALUES (?,?,?,?)",
            (key, "x", 0, at),
        )
        db.execute("COMMIT")
    rate = units / (time.perf_counter() - began)
    db.close()
    return rate


async def run(units: int, rounds: int, postgresql: str | None) -> dict[str, object]:
    """Measure in turns, so that all meet the same machine; return medians."""
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/azbot.db"
        migrate(url)
        stores = {"sqlite": open_store(url, Path(folder) / "blobs")}
        if postgresql:
            migrate(postgresql)
            stores["postgresql"] = open_store(postgresql, Path(folder) / "blobs")
        keys = {name: await store.write(seed) for name, store in stores.items()}
        start = 0
        for _ in range(rounds):
            for name, store in stores.items():
                for together in (1, 16):
                    rate = await measured(store, keys[name], units, together, start)
                    found.setdefault(f"{name}_{together}", []).append(rate)
                    start += units
            rate = bare(Path(folder) / "azbot.db", units, start)
            found.setdefault("bare_sqlite3", []).append(rate)
            start += units
        for store in stores.values():
            await store.aclose()
    rates = {name: round(statistics.median(each)) for name, each in found.items()}
    ratios = {
        name: round(rate / rates["bare_sqlite3"], 3)
        for name, rate in rates.items()
        if name != "bare_sqlite3"
    }
    return {"units_per_second": rates, "ratio_to_bare": ratios, "units": units}


def main() -> None:
    """Print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", metavar="URL")
    given = parser.parse_args()
    outcome = asyncio.run(run(given.units, given.rounds, given.postgresql))
    json.dump(outcome, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
