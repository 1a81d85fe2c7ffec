"""The manual from its first page to its last, in three browsers (ux.md 7)."""

from __future__ import annotations

from collections import Counter

import pytest
from playwright.sync_api import Locator, Page, sync_playwright

from azbot.workflow.model import InterventionStatus, MissionStatus, Status
from tests.browser.demonstration import NO_CHROMIUM, launched
from tests.browser.manual import CHAPTERS, CLIENT, STATION, walking
from tests.browser.manualstage import ManualStage, kind_of, manual_stage

pytestmark = pytest.mark.browser


class Seen:
    """Looks at everything that has an illustration, and that it is no empty page."""

    def __init__(self) -> None:
        self.numbers: list[int] = []

    def __call__(self, number: int, what: Page | Locator) -> None:
        self.numbers.append(number)
        if isinstance(what, Locator):
            assert what.inner_text().strip(), number
            return
        assert len(what.locator("body").inner_text()) > 100, number
        wide, screen = what.evaluate(
            "[document.documentElement.scrollWidth, innerWidth]"
        )
        assert wide <= screen, number


def test_the_manual_is_played_from_its_first_page_to_its_last() -> None:
    seen = Seen()
    with sync_playwright() as playwright, manual_stage() as stage:
        browser = launched(playwright)
        if browser is None:
            pytest.skip(NO_CHROMIUM)
        with walking(browser, stage, seen) as walk:
            for chapter in CHAPTERS:
                chapter(walk)
                assert walk.faults == [], chapter.__name__
        browser.close()
        assert sorted(seen.numbers) == list(range(1, 29))
        it = stage.it
        assert it.status is Status.CLOSED
        assert [m.status for m in it.missions] == [MissionStatus.COMPLETED]
        assert [v.status for v in it.interventions] == [InterventionStatus.FINISHED] * 2
        assert [len(v.signatures) for v in it.interventions] == [3, 3]
        history = stage.write(lambda uow: uow.events.of(it.id))
        kinds = Counter(type(line.event).__name__ for line in history)
        assert {name: kinds[name] for name in ONCE} == dict.fromkeys(ONCE, 1)
        assert mails(stage, CLIENT[1]) == MAILS
        assert mails(stage, STATION) == MISSIONS


def mails(stage: ManualStage, address: str) -> Counter[str]:
    """How many mails of each kind somebody has."""
    return Counter(kind_of(one) for one in stage.stage.mailbox.sent_to(address))


ONCE = (
    "AssistanceOpened",
    "ComplementAsked",
    "ComplementReceived",
    "StationAssigned",
    "MissionAccepted",
    "InterventionApproved",
    "MissionCompleted",
    "AssistanceClosed",
)
MAILS = Counter(
    {
        **dict.fromkeys(
            ("access_code", "opened", "complement", "received", "assigned", "accepted",
             "planned", "message", "continued", "follow_up", "finished", "closed"), 1,
        ),
        "tomorrow": 2,
    }
)  # fmt: skip
MISSIONS = Counter(
    {
        **dict.fromkeys(
            ("mission", "mission_accepted", "follow_up_decided", "closed"), 1
        ),
        **dict.fromkeys(("mission_planned", "today", "report"), 2),
    }
)
