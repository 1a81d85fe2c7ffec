"""What a chat shows: texts with buttons, in place or below. Knows no service.

A screen is a value made by a room of ``azbot.chat`` and drawn by a channel. Whatever
a room wants to happen in a chat is one of the five ``Act``s; each is one row of the
outbox, so that it is done once whatever is killed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from html import escape as _escape
from html import unescape

_TAG = re.compile(r"<[^>]+>")

ACT = "act"
"""``Delivery.kind`` of what is shown; notices have the kinds of the workflow."""

MOST_DATA = 64
"""Octets a button can carry (telegram.md §5)."""


class Style(StrEnum):
    """How much a button stands out, where the service can show it."""

    PLAIN = "plain"
    PRIMARY = "primary"
    DANGER = "danger"


class Share(StrEnum):
    """What a button under the keyboard gives when it is pressed."""

    PHONE = "phone"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Button:
    """One button: it carries data, opens an address, or shares something.

    Attributes:
        label: plain words, short.
        data: comes back as ``Tap.data``: ``<room>.<rest>``, ASCII, at most
            ``MOST_DATA`` octets. It says which thing is meant, never who may.
        url: opens a page instead.
        share: shares something instead; such buttons stand under the keyboard.
        style: where the service knows styles.

    Raises:
        ValueError: the data are too long.
    """

    label: str
    data: str = ""
    url: str = ""
    share: Share | None = None
    style: Style = Style.PLAIN

    def __post_init__(self) -> None:
        if len(self.data.encode()) > MOST_DATA:
            raise ValueError(f"button data too long: {self.data}")


@dataclass(frozen=True, slots=True)
class Screen:
    """One message of ours.

    Attributes:
        text: words with ``<b>``, ``<i>``, ``<code>``, ``<blockquote>`` and
            ``<a href="…">``; everything else was escaped by ``plain``. Of any
            length: the channel divides it.
        rows: buttons, row by row, under the last part.
        drops_keyboard: takes the keyboard of an earlier ``share`` away.
        has_preview: whether pages that are named may be shown in small.
    """

    text: str
    rows: tuple[tuple[Button, ...], ...] = ()
    drops_keyboard: bool = False
    has_preview: bool = False


def plain(text: object) -> str:
    """Return somebody's words so that they stand in a screen as they are."""
    return _escape(str(text), quote=False)


def words_of(screen: Screen) -> str:
    """Return what a screen says, without its marks."""
    return unescape(_TAG.sub("", screen.text))


@dataclass(frozen=True, slots=True)
class Say:
    """Put a new message below everything.

    Attributes:
        screen: what it says.
        reply_to: name of the message it refers to, or of a slot (``slot:card.184``);
            when that is gone the message stands alone.
        slot: the message can be found again under this name, in place of the one
            before; empty: it is never touched again.
        files: what goes with it, as ``Delivery.files`` names them.
        is_silent: arrives without a sound.
    """

    screen: Screen
    reply_to: str = ""
    slot: str = ""
    files: tuple[str, ...] = ()
    is_silent: bool = False


@dataclass(frozen=True, slots=True)
class Redraw:
    """Let the message of a slot say this now.

    Attributes:
        slot: its name; when it has no message (any more) a new one is put below.
        screen: what it says.
        is_below: put it below everything and take the old one away, so that whoever
            typed an answer sees the next question under it.
        is_only_if_there: nothing happens when the slot has no message.
    """

    slot: str
    screen: Screen
    is_below: bool = False
    is_only_if_there: bool = False


@dataclass(frozen=True, slots=True)
class Clear:
    """Take the message of a slot away."""

    slot: str


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """Answer a press: its button stops waiting.

    Attributes:
        tap: id of the press.
        text: shown for a moment, at most 200 characters; possibly empty.
        is_alert: it has to be closed by hand.
    """

    tap: str
    text: str = ""
    is_alert: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """Say which commands a chat offers.

    Attributes:
        commands: (name without slash, what it does), in order.
    """

    commands: tuple[tuple[str, str], ...]


Act = Say | Redraw | Clear | Acknowledge | Menu
"""Everything that can be done in a chat."""


@dataclass(frozen=True, slots=True)
class Post:
    """One act, on its way to the service.

    Attributes:
        chat: where.
        act: what.
        message_id: of the message that stands in the act's slot, possibly empty.
        reply_to: of the message it refers to, ``Say.reply_to`` looked up.
        files: the files of ``Say.files``, made.
        arrived: names of the first messages of it, which arrived when it was tried
            before (``TemporaryFailure.arrived``); mostly none.
    """

    chat: str
    act: Act
    message_id: str = ""
    reply_to: str = ""
    files: tuple[PostFile, ...] = ()
    arrived: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostFile:
    """One file to send.

    Attributes:
        remote_id: what the service called it when it was sent before; the octets
            need not travel again.
    """

    name: str
    media_type: str
    content: bytes
    remote_id: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """The service took it.

    Attributes:
        message_ids: names of the messages that stand there now, in order; the last
            one has the buttons. Empty when the act leaves none.
    """

    message_ids: tuple[str, ...] = ()


# --- as JSON, for the outbox ------------------------------------------------------

_ACTS: Mapping[str, type] = {
    "say": Say,
    "redraw": Redraw,
    "clear": Clear,
    "acknowledge": Acknowledge,
    "menu": Menu,
}
_NAMES = {kind: name for name, kind in _ACTS.items()}


def to_facts(act: Act) -> dict[str, object]:
    """Return an act in JSON-like values."""
    facts: dict[str, object] = {"act": _NAMES[type(act)]}
    for name in (field.name for field in fields(act)):
        value = getattr(act, name)
        facts[name] = _drawn(value) if isinstance(value, Screen) else value
    return facts


def from_facts(facts: Mapping[str, object]) -> Act:
    """Return the act of JSON-like values.

    Raises:
        KeyError: no such act.
        TypeError: something in it is missing.
    """
    kind = _ACTS[str(facts["act"])]
    names = [field.name for field in fields(kind)]
    given = {name: _read(name, facts[name]) for name in names if name in facts}
    act: Act = kind(**given)
    return act


def _drawn(screen: Screen) -> dict[str, object]:
    rows = [
        [{k: v for k in _BUTTON if (v := getattr(button, k))} for button in row]
        for row in screen.rows
    ]
    return {
        "text": screen.text,
        "rows": rows,
        "drops_keyboard": screen.drops_keyboard,
        "has_preview": screen.has_preview,
    }


_BUTTON = ("label", "data", "url", "share", "style")


def _read(name: str, value: object) -> object:
    if name == "screen" and isinstance(value, Mapping):
        rows = tuple(tuple(map(_button, row)) for row in value.get("rows", ()))
        return Screen(
            str(value["text"]),
            rows,
            bool(value.get("drops_keyboard")),
            bool(value.get("has_preview")),
        )
    if isinstance(value, list):
        return tuple(tuple(x) if isinstance(x, list) else x for x in value)
    return value


def _button(value: Mapping[str, str]) -> Button:
    share = value.get("share")
    return Button(
        value["label"],
        value.get("data", ""),
        value.get("url", ""),
        Share(share) if share else None,
        Style(value.get("style", Style.PLAIN)),
    )


def rows_of(
    buttons: Sequence[Button], across: int = 2
) -> tuple[tuple[Button, ...], ...]:
    """Return buttons in rows of so many."""
    return tuple(
        tuple(buttons[at : at + across]) for at in range(0, len(buttons), across)
    )
