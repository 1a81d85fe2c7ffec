"""Every notice is told to clients in chats, or left to mail for a reason."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from azbot.chat.telling import SPOKEN
from azbot.chat.telling.clients import TELLER
from azbot.workflow.decision import Audience
from azbot.workflow.decision import NoticeKind as N

_OTHERS = "clients are never told"
_OF_MAIL = "answers a mail in that mail: it asks about words written there"
_KEY = "carries a key to an address: whoever reads the chat must not get it"

BY_MAIL_ALONE: Mapping[N, str] = {
    N.MISSION: _OTHERS,
    N.MISSION_REMINDER: _OTHERS,
    N.MISSION_ACCEPTED: _OTHERS,
    N.MISSION_REFUSED: _OTHERS,
    N.MISSION_WITHDRAWN: _OTHERS,
    N.MISSION_PLANNED: _OTHERS,
    N.MISSION_OTHER_DATE: _OTHERS,
    N.FOLLOW_UP_DECIDED: _OTHERS,
    N.DATE_WANTED: _OTHERS,
    N.TODAY: _OTHERS,
    N.SIGNATURE_GIVEN: _OTHERS,
    N.DESK: _OTHERS,
    N.ALERT: _OTHERS,
    N.INVITATION: _OTHERS,
    N.PASSWORD_LOST: _OTHERS,
    N.REJECTED: _OF_MAIL,
    N.CONFIRM_WORD: _OF_MAIL,
    N.REASON_WANTED: _OF_MAIL,
    N.ACCESS_CODE: _KEY,
    N.ACCESS_LINK: _KEY,
    N.ADDRESS_CHANGED: _KEY,
    N.CHAT_LINKED: "the chat that was linked said so itself",
    N.SIGNATURE_WANTED: "goes to a bare address, which has no chat",
    N.REPORT: "goes to a bare address; the requester gets it with the end of the visit",
}


@pytest.mark.parametrize("kind", N, ids=lambda kind: str(kind.value))
def test_a_notice_is_told_in_chats_or_left_to_mail_for_a_reason(kind: N) -> None:
    assert (kind in TELLER.words) is not (kind in BY_MAIL_ALONE)


def test_what_is_for_stations_is_told_to_no_client() -> None:
    to_clients = {kind for audience, kind in SPOKEN if audience is Audience.REQUESTER}
    assert N.MISSION not in to_clients
    assert N.PLANNED in to_clients
