"""Who says more at once than anybody can read is asked to slow down, once.

A talk may be quick: a hundred photos of a site, a button pressed page after page. What
goes on beyond that is kept in the ledger, has no effect, and neither fills the inbox
nor keeps others waiting (telegram.md §4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from azbot.chat.talk import Talk
from azbot.messages import Reason, TurnKind
from azbot.ports import Rate
from azbot.screens import Screen
from azbot.store.chats import ChatAccount
from azbot.store.records import RawOutcome, RawState

_RATE = Rate(timedelta(milliseconds=750), 240)
"""240 photos or presses, or 60 messages at once; then 20 messages a minute."""

_WORDS, _OTHER = 4, 1
"""What a message in words, and everything else, takes of it."""

_ONCE_IN = "%Y%m%d%H"
"""They are asked once an hour."""


def is_flooding(talk: Talk, before: ChatAccount | None) -> bool:
    """Whether somebody says more than is listened to; else what is said counts.

    Args:
        talk: the turn.
        before: the account as it was stored; None: it speaks for the first time.
    """
    turn = talk.turn
    if turn.command == "stop":
        return False
    has_words = turn.kind is TurnKind.SAID and not (turn.files or turn.spot)
    cost = _WORDS if has_words else _OTHER
    if before is None or talk.now - before.seen_at >= _RATE.every * cost:
        return False  # so slow a talk never fills the bucket
    who = talk.account.account
    return not talk.uow.paces.take(_name(talk), who, _RATE, talk.now, cost)


def slow_down(talk: Talk) -> RawOutcome:
    """Keep the turn in the ledger; ask its writer, and tell the desk, once an hour.

    Returns:
        The first one waits for an agent, who sees that there were more.
    """
    words, account = talk.words, talk.account
    talk.acknowledge(words.t("chat.too_often.press"))
    rows = talk.deliveries()
    talk.say(Screen(words.t("chat.too_often")))
    hour = talk.now.strftime(_ONCE_IN)
    key = f"flood:{account.channel}:{account.account}:{hour}"
    is_first = talk.uow.outbox.by_key(key) is None
    if is_first:
        rows.append(replace(talk.deliveries()[-1], key=key))
    talk.uow.outbox.put(rows)
    talk.uow.chats.save(account)
    state = RawState.QUARANTINED if is_first else RawState.IGNORED
    return RawOutcome(state, Reason.TOO_OFTEN)


def _name(talk: Talk) -> str:
    """Name the paces at which people write, apart from those we write at."""
    return f"{talk.account.channel}.in"
