"""The keyboard of the inbox, once: the sheet, the palette and the scripts read it.

Letters by the character they produce, so that they are the same on AZERTY, QWERTY and
BÉPO; no digit and none of ``/ # [ ]``, which need AltGr or Shift (ux.md 6.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from azbot.i18n.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Key:
    """One line of the sheet.

    Attributes:
        keys: as printed, ``–`` between alternatives.
        label: what it does.
        run: name of the command for the palette, empty when it makes no sense there.
    """

    keys: tuple[str, ...]
    label: str
    run: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Some lines under one title."""

    label: str
    rows: tuple[Key, ...]


_SHEET: tuple[tuple[str, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "move",
        (
            ("J – K", "next", ""),
            ("enter – esc", "open", ""),
            ("G T", "todo", "go-todo"),
            ("G M", "mine", "go-mine"),
            ("G V", "approvals", "go-approvals"),
            ("ctrl K", "palette", ""),
            ("I", "side", "side"),
            ("?", "sheet", "sheet"),
        ),
    ),
    (
        "write",
        (
            ("R", "reply", "reply"),
            ("T", "reply_station", "reply-station"),
            ("N", "note", "note"),
            ("ctrl enter", "send", "send"),
            (";", "canned", ""),
            ("Z", "undo", "undo"),
        ),
    ),
    (
        "do",
        (
            ("A", "assign", "assign"),
            ("D", "complement", "complement"),
            ("V", "validate", "validate"),
            ("C", "close", "close"),
            ("E", "handled", "handled"),
            ("S", "snooze", "snooze"),
            ("M", "take", "take"),
            ("U", "unread", "unread"),
        ),
    ),
    ("bulk", (("X", "select", "select"), ("shift J – shift K", "extend", ""))),
)


def sheet_of(words: Catalogue) -> tuple[Group, ...]:
    """Return the whole keyboard in words."""
    return tuple(
        Group(
            words.t(f"inbox.keys.{name}"),
            tuple(
                Key(_printed(keys, words), words.t(f"inbox.key.{label}"), run)
                for keys, label, run in rows
            ),
        )
        for name, rows in _SHEET
    )


def _printed(keys: str, words: Catalogue) -> tuple[str, ...]:
    named = {"enter", "esc", "ctrl", "shift"}
    return tuple(
        words.t(f"inbox.key.name.{key}") if key in named else key
        for key in keys.split()
    )
