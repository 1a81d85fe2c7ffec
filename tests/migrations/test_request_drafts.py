"""What clients had begun before anybody could begin something is theirs after it."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command

from azbot.messages import PersonId
from azbot.store import migrate, open_store
from azbot.store.migrate import alembic_config
from azbot.store.request_drafts import RequestDraft, owner_of
from azbot.store.schema import UtcDateTime
from tests.migrations.test_migrations import engine_of
from tests.migrations.test_upgrades import everybody
from tests.stores import NOW

BEFORE = "0011"


async def test_drafts_of_before_belong_to_their_people(
    empty_url: str, tmp_path: Path
) -> None:
    engine = engine_of(empty_url)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), BEFORE)
        everybody(connection)
        add = sa.text(
            "INSERT INTO request_drafts"
            " (person_id, key, answers, step, files, updated_at)"
            " VALUES (2, 'k2', '{\"town\":\"Lyon\"}', 3, '[]', :now)"
        ).bindparams(sa.bindparam("now", type_=UtcDateTime))
        connection.execute(add, {"now": NOW})
    engine.dispose()
    migrate(empty_url)
    owner = owner_of(PersonId(2))
    async with open_store(empty_url, tmp_path / "blobs") as store:
        found = await store.views.request_draft_of(owner)
    assert found == RequestDraft(owner, "k2", NOW, {"town": "Lyon"}, step=3)
