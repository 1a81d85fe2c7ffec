"""A request that was begun and left: its writer is reminded, once (ux.md 10.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from azbot.chat.house import House
from azbot.chat.request import drawing
from azbot.chat.request.asking import Asking, asking_of
from azbot.chat.request.drawing import ROOM, View
from azbot.chat.talk import PROMPT, Talk
from azbot.errors import NotFound
from azbot.i18n.catalogue import catalogue
from azbot.screens import Redraw
from azbot.store import UnitOfWork
from azbot.store.chats import LEFT
from azbot.store.records import Delivery, NewDelivery
from azbot.store.request_drafts import owner_by_account, owner_of
from azbot.store.sweeper import REQUESTS_KEPT_FOR

_LEFT_FOR = timedelta(hours=24)


def reminder(talk: Talk, asking: Asking) -> NewDelivery:
    """Return the row that reminds of a request, unless it goes on before.

    Each answer puts it off; once it has left, nothing brings it back.
    """
    account = talk.account
    return NewDelivery(
        key=f"{LEFT}:{asking.draft.key}:{account.channel}:{account.account}",
        kind=LEFT,
        address=account.chat,
        channel=account.channel,
        due_at=talk.desk.rules.working.next_open(talk.now + _LEFT_FOR),
        facts={"draft": asking.draft.key},
        person=account.person,
        language=account.language,
        is_growing=True,
    )


def reminded(
    uow: UnitOfWork, row: Delivery, house: House, now: datetime
) -> Redraw | None:
    """Return the reminder, in place of the question that is open.

    None: the request was sent or given up, it goes on elsewhere, or something else
    is asked in the chat.
    """
    account = uow.chats.in_chat(row.channel, row.address)
    if account is None or account.room not in ("", ROOM):
        return None
    owner = (
        owner_of(account.person)
        if account.person is not None
        else owner_by_account(account.channel, account.account)
    )
    draft = uow.request_drafts.get(owner)
    if draft is None or draft.key != row.facts.get("draft"):
        return None
    if now - draft.updated_at < _LEFT_FOR:
        return None
    try:
        person = None if account.person is None else uow.people.get(account.person)
    except NotFound:
        return None
    rules, words = house.rules(), catalogue(account.language)
    asking = asking_of(draft, person, rules.country, rules.lists)
    if not asking.is_touched:
        return None
    until = draft.updated_at + REQUESTS_KEPT_FOR
    zone = rules.working.zone_name
    screen = drawing.left(View(asking, words), until, zone)
    return Redraw(PROMPT, screen, is_below=True)
