"""What is shown about where words went, and asked when nobody knows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from azbot.chat.relay.moving import Moved
from azbot.chat.talk import press
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.site_time import SiteTime
from azbot.messages import RawId
from azbot.screens import Button, Screen, plain, rows_of
from azbot.workflow.deadlines import Rules
from azbot.workflow.events.fact import one_line
from azbot.workflow.model import Assistance

ROOM = "relay"
WHERE = "where"
"""The slot of the question where words belong, and of its answer."""

A_PAGE = 6
"""Choices shown at once."""

_DAY = timedelta(days=1)


def do(label: str, raw: RawId, *action: object) -> Button:
    """Return a button about a message; the ledger says what became of it."""
    return press(label, ROOM, raw, *action)


def arrow(it: Assistance) -> str:
    """Return « → ASFR26000184 · Villeurbanne »."""
    town = it.answer("town")
    place = f" · {plain(town)}" if town else ""
    return f"→ <b>{it.ref}</b>{place}"


def question(
    raw: RawId,
    quoted: Sequence[str],
    choices: Sequence[Assistance],
    words: Catalogue,
    *,
    is_open: bool = True,
    is_placed: bool = False,
    page: int = 0,
    has_more: bool = False,
    may_ask: bool = True,
) -> Screen:
    """Ask where words belong.

    Args:
        raw: the first of the messages that wait.
        quoted: what they say.
        choices: what may be meant, ``A_PAGE`` at most.
        words: of their writer's language.
        is_open: whether anything is that may be meant.
        is_placed: whether they stand somewhere already.
        page: counts from 0.
        has_more: whether there are choices on later pages.
        may_ask: whether a new request can be made of them.
    """
    lines = [] if is_open else [words.t("chat_relay.none_open")]
    lines.append(words.t("chat_relay.which"))
    lines += [f"<blockquote>{plain(one_line(text))}</blockquote>" for text in quoted]
    rows = [(do(_label(it, words), raw, "to", it.id),) for it in choices]
    turns = []
    if page:
        turns.append(do(words.t("chat_relay.newer"), raw, "page", page - 1))
    if has_more:
        turns.append(do(words.t("chat_relay.older"), raw, "page", page + 1))
    last = []
    if may_ask:
        last.append(do(words.t("chat_relay.new"), raw, "new"))
    if is_placed:
        last.append(do(words.t("chat_relay.stays"), raw, "stays"))
    return Screen("\n".join(lines), (*rows, *rows_of(turns), *rows_of(last)))


def _label(it: Assistance, words: Catalogue) -> str:
    status = "" if it.is_open else words.t(f"status.{it.status.value}")
    return " · ".join(filter(None, (it.ref, status or it.answer("town"))))


def chosen(it: Assistance, raw: RawId, words: Catalogue) -> Screen:
    """Say where words go now, and for how long."""
    text = f"{arrow(it)}\n{words.t('chat_relay.holds')}"
    return Screen(text, ((do(words.t("chat_relay.wrong"), raw, "wrong"),),))


def moved(done: Moved, raw: RawId, words: Catalogue, *, may_undo: bool) -> Screen:
    """Say that messages stand elsewhere now, perhaps with the way back."""
    told = words.t("chat_relay.moved", count=done.count, ref=done.source.ref)
    undo = do(words.t("chat_relay.undo"), raw, "to", done.source.id)
    return Screen(f"{arrow(done.target)}\n{told}", ((undo,),) if may_undo else ())


def receipt(rules: Rules, zone: str, now: datetime, words: Catalogue) -> str:
    """Say that the desk has it, and when it usually answers (ux.md 10.6)."""
    hours = rules.working
    opens = hours.next_open(now)
    if opens != now:
        when = SiteTime(zone, words.language, now).when(opens)
        return words.t("chat_relay.sent_closed", date=when)
    return words.t("chat_relay.sent", delay=_delay(rules.answer_within, words))


def _delay(within: timedelta, words: Catalogue) -> str:
    if within >= _DAY:
        return words.t("chat_relay.days", count=round(within / _DAY))
    return words.t(
        "chat_relay.hours", count=max(round(within.total_seconds() / 3600), 1)
    )
