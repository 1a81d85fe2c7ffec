"""Buttons as Telegram shows them: under a message, or in place of the keyboard."""

from __future__ import annotations

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from azbot.screens import Button, Screen, Share, Style

Markup = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None
"""What can hang on a message."""

_STYLES = {Style.PRIMARY: "primary", Style.DANGER: "danger"}


def under_message(screen: Screen) -> InlineKeyboardMarkup | None:
    """Return the buttons that carry data or open a page, None when there are none."""
    rows = [[_inline(b) for b in row if b.data or b.url] for row in screen.rows]
    rows = [row for row in rows if row]
    return InlineKeyboardMarkup(rows) if rows else None


def in_place_of_keyboard(screen: Screen) -> ReplyKeyboardMarkup | None:
    """Return the buttons that share something, None when there are none."""
    shares = [[_sharing(b) for b in row if b.share] for row in screen.rows]
    shares = [row for row in shares if row]
    if not shares:
        return None
    return ReplyKeyboardMarkup(shares, resize_keyboard=True, one_time_keyboard=True)


def without_pages(
    markup: InlineKeyboardMarkup | None,
) -> tuple[InlineKeyboardMarkup | None, list[tuple[str, str]]]:
    """Return the buttons without those that open a page, and label and page of each."""
    rows = markup.inline_keyboard if markup else ()
    pages = [(b.text, b.url) for row in rows for b in row if b.url]
    kept = [[b for b in row if not b.url] for row in rows]
    kept = [row for row in kept if row]
    return (InlineKeyboardMarkup(kept) if kept else None), pages


def _inline(button: Button) -> InlineKeyboardButton:
    style = _STYLES.get(button.style)
    if button.url:
        return InlineKeyboardButton(button.label, url=button.url, style=style)
    return InlineKeyboardButton(button.label, callback_data=button.data, style=style)


def _sharing(button: Button) -> KeyboardButton:
    return KeyboardButton(
        button.label,
        request_contact=button.share is Share.PHONE or None,
        request_location=button.share is Share.PLACE or None,
    )
