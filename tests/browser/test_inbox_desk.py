"""The desk that browser tests look at is a whole one."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.inboxdesk import InboxDesk

pytestmark = pytest.mark.browser


def test_a_desk_has_assistances_in_every_early_status(desk: InboxDesk) -> None:
    found = {
        name: desk.write(lambda uow, ref=ref: uow.assistances.by_ref(ref).status.value)  # type: ignore[misc]
        for name, ref in desk.refs.items()
    }
    assert found == {
        "new": "submitted",
        "incomplete": "submitted",
        "waiting": "waiting",
        "assigned": "assigned",
        "planned": "underway",
        "done": "done",
    }


def test_chromium_keeps_the_session_on_this_machine(
    desk: InboxDesk, page: Page
) -> None:
    """Chromium takes a Secure cookie from http://127.0.0.1: it trusts loopback."""
    desk.signed_in(page, "camille")
    cookies = page.context.cookies(desk.address.replace("http:", "https:"))
    assert [cookie["name"] for cookie in cookies] == ["__Host-azbot"]
