"""What was registered, to be agreed with (ux.md 9.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from azbot.chat.cases.card import head, to
from azbot.chat.cases.view import View
from azbot.render.tellings import Teller
from azbot.screens import Button, Screen, plain

Facts = Mapping[str, object]


def recap(view: View) -> Screen:
    """Draw what is registered now, with the buttons that agree or correct."""
    teller = Teller(view.words, lambda: view.rules.lists)
    lines = known_lines(teller, view.it.answers)
    asked = view.t("chat_case.exact")
    return Screen("\n".join((head(view), "", *lines, "", asked)), confirming(view))


def known_lines(teller: Teller, answers: Facts) -> Iterator[str]:
    """Yield « Système : Airzone » for each answer that is known."""
    for label, value, _ in teller.recap(answers):
        yield f"{plain(label)}{teller.colon}{plain(value)}"


def confirming(view: View) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons below a recap."""
    yes = to(view, view.t("mail.opened.yes"), "yes", view.mark)
    fix = to(view, view.t("chat_case.correct"), "fix", view.mark)
    return ((yes, fix),)
