"""The assistances of somebody, page by page, open ones first."""

from __future__ import annotations

from collections.abc import Sequence

from azbot.chat.cases.card import ROOM, to
from azbot.chat.cases.view import View
from azbot.chat.talk import press
from azbot.i18n.catalogue import Catalogue
from azbot.screens import Button, Screen, plain
from azbot.workflow.next_step import StepKind

PAGE = 6
"""Assistances on a page."""


def page_of(
    views: Sequence[View], words: Catalogue, page: int, *, has_more: bool
) -> Screen:
    """Draw one page of the list.

    Args:
        views: those of the page.
        words: of the reader.
        page: its number, from 0.
        has_more: whether another one follows.
    """
    new = press(words.t("chat_case.list.new"), "request", "open")
    if not views:
        return Screen(words.t("chat_case.list.none"), ((new,),))
    lines = [f"<b>{words.t('chat_case.list.title')}</b>"]
    lines += [f"\n{_entry(view)}" for view in views]
    turn = [
        *(
            [press(words.t("chat_case.list.before"), ROOM, "page", page - 1)]
            if page
            else []
        ),
        *(
            [press(words.t("chat_case.list.after"), ROOM, "page", page + 1)]
            if has_more
            else []
        ),
    ]
    rows = [(_button(view),) for view in views]
    return Screen("\n".join(lines), (*rows, *([tuple(turn)] if turn else []), (new,)))


def _entry(view: View) -> str:
    it, step = view.it, view.next_step
    service = view.voice.service_name(it.service.value if it.service else "")
    what = " · ".join(filter(None, (it.ref, service, it.answer("town"))))
    state = view.t(f"status.{it.status.value}")
    if step.visit is not None and step.kind is StepKind.PLANNED:
        at = step.visit.planned_at or view.now
        state = view.t("chat_case.list.planned", status=state, when=view.time.when(at))
    elif view.question is not None:
        state = view.t("chat_case.list.asked", status=state)
    return f"{plain(what)}\n{state}"


def _button(view: View) -> Button:
    it = view.it
    label = " · ".join(filter(None, (it.ref, view.t(f"status.{it.status.value}"))))
    return to(view, label, "show")
