"""Ten minutes without Telegram: nobody is reached, and nothing is lost (ux.md G12)."""

from __future__ import annotations

from pathlib import Path

from azbot.store import DeliveryState, Store
from azbot.store.records import RawState
from azbot.testing.clock import FakeClock
from azbot.workflow.model import Status
from tests.integration.test_inbox import at
from tests.maildesk import ADMIN, COMPLETE
from tests.stories.book import spaced
from tests.stories.everywhere import Everywhere, News
from tests.stories.lives import Life, lived
from tests.stories.telegram_alone import COMPANY

OUTAGE = "Telegram ne répond pas depuis"
WAITS = "Telegram ne répond pas, le message partira à son retour"


async def test_ten_minutes_without_telegram_hold_up_mails_lose_and_disorder_nothing(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    async with lived(store, clock, tmp_path) as life:
        sophie = Everywhere(
            life,
            life.desk.client,
            life.phone(501, "Sophie Martin", "fr", "33639981234"),
            life.browser(),
        )
        await sophie.writes("Panne à Villeurbanne", COMPLETE)
        await sophie.follows_in_chat(sophie.mails.last)
        await sophie.says("Bonjour.")
        await sophie.news()
        assert OUTAGE not in await _list(life)

        await life.goes_down()
        for words in ("Il fait froid.", "La chambre 2 aussi.", "Merci."):
            sophie.phone.says(words)
        await life.say("Nous regardons.")
        await life.say("Une station vient.")
        await life.later(minutes=2)
        await _the_desk_sees_it(life)
        await life.assign(COMPANY, override_reason="urgence")
        assert await sophie.news() == News(mails=("assigned",))
        life.desk.station.answer(life.desk.station.newest("mission"), "OUI")
        await life.later(minutes=1)
        assert (await life.desk.it()).status is Status.UNDERWAY
        assert await sophie.news() == News(mails=("accepted",))
        assert not _alerts(life)
        await life.later(minutes=3)
        assert len(_alerts(life)) == 1

        await life.comes_back()
        assert await sophie.news() == News(
            chat=(
                "Camille D. : Nous regardons.",
                "Camille D. : Une station vient.",
                "Une station technique est attribuée",
                "La STA a accepté la mission",
            )
        )
        said = [
            one.text for one in await life.desk.messages() if one.author == "client"
        ]
        assert said == ["Bonjour.", "Il fait froid.", "La chambre 2 aussi.", "Merci."]
        await _it_is_as_if_nothing_had_been(life, sophie)


async def _the_desk_sees_it(life: Life) -> None:
    assert f"{OUTAGE} 9 h" in await _list(life)
    page = await life.inbox.html(f"/inbox/a/{await life.inbox.ref()}")
    assert WAITS in spaced(at(page, "[data-part=recipients]").text())
    async with life.inbox.client.get("/readyz") as answer:
        health = await answer.json()
    assert answer.status == 200
    (loop,) = (one for one in health["loops"] if one["name"] == "receive.telegram")
    assert loop["state"] == "waiting"


async def _it_is_as_if_nothing_had_been(life: Life, sophie: Everywhere) -> None:
    assert OUTAGE not in await _list(life)
    ledger = await life.store.views.ledger(limit=1_000)
    assert {entry.outcome.state for entry in ledger} == {RawState.APPLIED}
    rows = await life.store.views.outbox(limit=1_000)
    # What time will make a card say is due later.
    due = {row.state for row in rows if row.due_at <= life.clock.now()}
    assert due <= {DeliveryState.SENT, DeliveryState.CANCELLED}
    # One card, which shows how things stand now.
    (card,) = (one for one in sophie.phone.sees if "Statut" in one.text)
    assert "Statut : En cours" in spaced(card.text)


async def _list(life: Life) -> str:
    return spaced((await life.inbox.html("/inbox?queue=all")).text())


def _alerts(life: Life) -> list[str]:
    return [mail.kind for mail in life.desk.writer("Admin", ADMIN).mails]
