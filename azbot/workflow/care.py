"""Rules of the desk's own side: who looks after it, what waits, and until when."""

from __future__ import annotations

from datetime import timedelta

from azbot.forms.folding import clean_line, fold
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.decision import Refusal
from azbot.workflow.model import Assistance, Attention, Waiting
from azbot.workflow.situation import Outcome, Situation, refuse

_LONGEST_SNOOZE = timedelta(days=366)
_MOST_TAGS = 20
_LONGEST_TAG = 40
_MARK = "|"
"""Stands between two tags in lists, so it is in none."""


def choose_owner(
    it: Assistance, command: c.ChooseOwner, situation: Situation
) -> Outcome:
    """Give it to an agent, or to nobody."""
    name = clean_line(command.name) if command.owner is not None else ""
    if (command.owner, name) == (it.owner, it.owner_name):
        return ()
    return (e.OwnerChosen(it.owner, it.owner_name, command.owner, name),)


def mark_handled(
    it: Assistance, command: c.MarkHandled, situation: Situation
) -> Outcome:
    """Take it out of « À traiter », snoozed or not."""
    if it.attention is None and it.snoozed_until is None:
        return ()
    return (e.Handled(_waiting(it)),)


def bring_back(it: Assistance, command: c.BringBack, situation: Situation) -> Outcome:
    """Put it where it was before « Traité »; else it begins to wait now."""
    present = _waiting(it)
    if present and it.snoozed_until is None:
        return ()
    again = present or it.handled or Waiting(Attention.BY_HAND, situation.now)
    return (e.BroughtBack(again),)


def snooze(it: Assistance, command: c.Snooze, situation: Situation) -> Outcome:
    """Hide it until an hour to come; at any status (ux.md 6.3)."""
    if command.until == it.snoozed_until:
        return ()
    if command.until <= situation.now:
        return refuse("date_past", "A16", date=command.until.isoformat())
    if command.until > situation.now + _LONGEST_SNOOZE:
        return refuse("date_too_far", "A16", date=command.until.isoformat())
    return (e.Snoozed(it.snoozed_until, command.until),)


def end_snooze(it: Assistance, command: c.EndSnooze, situation: Situation) -> Outcome:
    """Take a snooze back; whoever waited goes on waiting."""
    return () if it.snoozed_until is None else (e.SnoozeEnded(it.snoozed_until),)


def set_tags(it: Assistance, command: c.SetTags, situation: Situation) -> Outcome:
    """Replace the tags."""
    tags = _clean(command.tags)
    if isinstance(tags, Refusal):
        return tags
    return () if tags == it.tags else (e.TagsSet(it.tags, tags),)


def _waiting(it: Assistance) -> Waiting | None:
    if it.attention is None or it.attention_since is None:
        return None
    return Waiting(it.attention, it.attention_since)


def _clean(given: tuple[str, ...]) -> tuple[str, ...] | Refusal:
    """Return the tags in the order given, each once, spaces and marks tidied."""
    found: dict[str, str] = {}
    for tag in given:
        line = clean_line(tag.replace(_MARK, " "))
        if len(line) > _LONGEST_TAG:
            return refuse("tag_too_long", "6.4", tag=line, limit=_LONGEST_TAG)
        if key := fold(line):
            found.setdefault(key, line)
    if len(found) > _MOST_TAGS:
        return refuse("too_many_tags", "6.4", limit=_MOST_TAGS)
    return tuple(found.values())
