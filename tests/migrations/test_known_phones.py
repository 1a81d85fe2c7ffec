"""Which numbers prove somebody after the upgrade: those that the desk wrote."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from sqlalchemy import insert

from azbot.store import migrate, open_store
from azbot.store.codec import encode
from azbot.store.migrate import alembic_config
from azbot.store.schema import people, stations
from tests.migrations.test_migrations import engine_of

BEFORE = "0012"


async def test_numbers_of_stations_prove_and_those_of_clients_do_not(
    empty_url: str, tmp_path: Path
) -> None:
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        connection.execute(
            insert(stations).values(
                id=1, company="Froid", email="f@sta.example", zone_name="Europe/Paris"
            )
        )
        for key, kind, phone in (
            (1, "client", "+33601020304"),
            (2, "station", "+33199001234"),
        ):
            connection.execute(
                insert(people).values(
                    id=key,
                    kind=kind,
                    phones=encode((phone, phone)),
                    station_id=1 if kind == "station" else None,
                )
            )
    engine.dispose()
    migrate(empty_url)
    async with open_store(empty_url, tmp_path) as store:
        found = [
            [one.id for one in await store.write(work)]
            for work in (
                lambda uow: uow.people.by_known_phone("+33601020304"),
                lambda uow: uow.people.by_known_phone("+33199001234"),
            )
        ]
    assert found == [[], [2]]
