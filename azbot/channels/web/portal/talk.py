"""Tab « Messages »: the conversation with the desk, whatever carried it (R72, R123)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from azbot.channels.web.portal.papers import Paper, paper_of
from azbot.channels.web.portal.scene import Scene, document_of, own_lines
from azbot.channels.web.prose import Words, paragraphs
from azbot.i18n import formats
from azbot.workflow.conversation import Said, messages
from azbot.workflow.facts import short_name
from azbot.workflow.model import Party, Role


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message.

    Attributes:
        side: ``mine``, ``theirs`` (the desk) or ``ours`` (the same side, another
            person).
        lines: its text, line by line.
        edited: « modifié », possibly empty.
        origin: « Transféré de Paul Lefèvre », possibly empty.
    """

    id: int
    side: str
    who: str
    hour: str
    at: str
    lines: tuple[Words, ...]
    files: tuple[Paper, ...] = ()
    edited: str = ""
    origin: str = ""

    @property
    def pictures(self) -> tuple[Paper, ...]:
        """Its pictures, when there are several: they are shown side by side."""
        found = tuple(file for file in self.files if file.small)
        return found if len(found) > 1 else ()

    @property
    def others(self) -> tuple[Paper, ...]:
        """The other files."""
        return tuple(file for file in self.files if file not in self.pictures)


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one day."""

    label: str
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation.

    Attributes:
        expected: when an answer comes: « Réponse avant lundi 23 mars à 12 h. »
        closed: the notice outside of working hours, possibly empty.
        unread: numbers of the desk's messages since this reader last wrote.
    """

    days: tuple[Day, ...]
    expected: str = ""
    closed: str = ""
    unread: tuple[int, ...] = ()


def talk_of(scene: Scene) -> Talk:
    """Return the conversation this reader may follow."""
    said = _heard(scene)

    def day(one: Said) -> date:
        return formats.local(one.at, scene.it.zone_name).date()

    own = frozenset(line.id for line in own_lines(scene))
    days = tuple(
        Day(_label(scene, key), tuple(_bubble(scene, one, own) for one in group))
        for key, group in groupby(said, day)
    )
    if scene.it.merged_into is not None:
        return Talk(days, unread=unread_of(scene))
    return Talk(days, _expected(scene), _closed(scene), unread_of(scene))


def unread_of(scene: Scene) -> tuple[int, ...]:
    """Return what the desk wrote since this reader last did, by number.

    Looking changes nothing (ux.md X18): what was looked at is known to the browser.
    """
    own = frozenset(line.id for line in own_lines(scene))
    fresh: list[int] = []
    for one in _heard(scene):
        if one.id in own:
            fresh.clear()
        elif _is_desk(one):
            fresh.append(one.id)
    return tuple(fresh)


def _heard(scene: Scene) -> tuple[Said, ...]:
    """Return the messages of the conversation that clients read (R176)."""
    if scene.sees_all:
        return tuple(
            one
            for one in messages(scene.history)
            if one.to.includes(Party.CLIENT) and not one.is_automatic
        )
    return messages(own_lines(scene))


def _is_desk(one: Said) -> bool:
    return one.author in (Role.AGENT, Role.ADMIN, Role.SYSTEM)


def _bubble(scene: Scene, one: Said, own: frozenset[int]) -> Bubble:
    there = formats.local(one.at, scene.it.zone_name)
    is_mine = one.id in own
    found = (document_of(scene, number) for number in one.documents)
    return Bubble(
        id=one.id,
        side="theirs" if _is_desk(one) else "mine" if is_mine else "ours",
        who=_who(scene, one, is_mine=is_mine),
        hour=formats.hour(there, scene.language),
        at=one.at.isoformat(timespec="seconds"),
        lines=paragraphs(one.text),
        files=tuple(paper_of(scene, d) for d in found if d is not None),
        edited=scene.words.t("inbox.edited") if one.former else "",
        origin=scene.words.t("inbox.forwarded", name=one.forwarded_from)
        if one.forwarded_from
        else "",
    )


def _who(scene: Scene, one: Said, *, is_mine: bool) -> str:
    if is_mine:
        return scene.t("author.you")
    if not _is_desk(one):
        return one.name or scene.t("author.client")
    return short_name(one.name) or scene.words.t("role.agent")


def _label(scene: Scene, day: date) -> str:
    today = formats.local(scene.now, scene.it.zone_name).date()
    if day == today:
        return scene.t("today")
    if day == today - timedelta(days=1):
        return scene.t("yesterday")
    return formats.long_date(day, scene.language, with_year=day.year != today.year)


def _expected(scene: Scene) -> str:
    hours = scene.rules.working
    by = hours.after(scene.now, scene.rules.answer_within)
    return scene.t("talk.expected", date=scene.when(by))


def _closed(scene: Scene) -> str:
    hours = scene.rules.working
    opens = hours.next_open(scene.now)
    if opens == scene.now:
        return ""
    return scene.t("talk.closed", date=scene.when(opens))
