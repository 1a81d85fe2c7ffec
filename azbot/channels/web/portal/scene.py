"""What the page of an assistance is made from: the state, and who reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from azbot.channels.web.visitors.access import Visitor
from azbot.forms.kinds import Context
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.site_time import SiteTime
from azbot.workflow.conversation import moved
from azbot.workflow.deadlines import Rules
from azbot.workflow.decision import Recorded
from azbot.workflow.model import Assistance, Document, DocumentKind, Party
from azbot.workflow.next_step import NextStep, next_step

TABS = ("request", "station", "visits", "documents", "history", "messages")
"""The six tabs of R65, in the order of ux.md 7.2; each is the end of an address."""

_OF_CONTACT = frozenset({"request", "station", "visits", "messages"})


@dataclass(frozen=True, slots=True)
class Scene:
    """One reader before one assistance, at one moment.

    Attributes:
        history: its lines for clients, oldest first; see ``heard_by_client``.
        rules: the delays in force.
        base: address of the page; everything of it is below.
        is_preview: an agent looks at what the client sees: nothing can be pressed.
        lists: the lists in force and the site's zone, for answers in words.
    """

    visitor: Visitor
    history: tuple[Recorded, ...]
    rules: Rules
    now: datetime
    base: str
    is_preview: bool = False
    lists: Context = field(default_factory=Context)

    @property
    def it(self) -> Assistance:
        """The assistance."""
        return self.visitor.it

    @property
    def words(self) -> Catalogue:
        """The words of the reader's language."""
        return self.visitor.words

    @property
    def language(self) -> str:
        """Of the reader."""
        return self.words.language

    @property
    def sees_all(self) -> bool:
        """Whether they see all of it; others learn of visits alone (R153)."""
        return not self.visitor.is_contact

    @property
    def may_act(self) -> bool:
        """Whether what is decided by the requester is offered."""
        return self.visitor.is_requester and not self.is_preview

    @property
    def next_step(self) -> NextStep:
        """Who acts now, and by when."""
        return next_step(
            self.it,
            self.rules,
            self.now,
            decides=self.visitor.is_requester,
            sees_all=self.sees_all,
        )

    @property
    def tabs(self) -> tuple[str, ...]:
        """The tabs there are for this reader."""
        if self.sees_all:
            return TABS
        return tuple(tab for tab in TABS if tab in _OF_CONTACT)

    @property
    def seen(self) -> int:
        """Number of the newest line of the history, 0 when there is none."""
        return self.history[-1].id if self.history else 0

    def t(self, key: str, **facts: object) -> str:
        """Return the words of a key of this area, ``portal.<key>``."""
        return formats.for_web(self.words.t(f"portal.{key}", **facts))

    def url(self, *parts: object) -> str:
        """Return an address below the page."""
        return "/".join((self.base, *map(str, parts)))

    @property
    def time(self) -> SiteTime:
        """The clocks of the site."""
        return SiteTime(self.it.zone_name, self.language, self.now)

    def when(self, at: datetime, *, with_zone: bool = False) -> str:
        """Return « jeudi 2 avril à 9 h », with the year when it is not this one."""
        return self.time.when(at, with_zone=with_zone)

    def day(self, at: datetime) -> str:
        """Return « 2 avril », with the year when it is not this one."""
        return self.time.day(at)

    def long_day(self, at: datetime) -> str:
        """Return « jeudi 2 avril », with the year when it is not this one."""
        return self.time.long_day(at)

    def hour(self, at: datetime) -> str:
        """Return « 9 h » on the clocks of the site."""
        return self.time.hour(at)


def documents_of(scene: Scene) -> tuple[Document, ...]:
    """Return the files this reader may look at, in the order they came.

    Those of internal notes and those said between desk and station are none of them
    (ux.md A7, R176); whoever learns of visits alone
    sees what they sent themselves.
    """
    found = tuple(d for d in scene.it.present_documents if d.is_for(Party.CLIENT))
    if scene.sees_all:
        return found
    own = {number for line in own_lines(scene) for number in _numbers(line)}
    return tuple(d for d in found if d.number in own)


def document_of(scene: Scene, number: int) -> Document | None:
    """Return one of them."""
    return next((d for d in documents_of(scene) if d.number == number), None)


def report_of(scene: Scene, number: int) -> Document | None:
    """Return the report of a visit, 0 for the combined one; None: not there yet."""
    if not scene.sees_all:
        return None
    if number:
        visit = scene.it.intervention(number)
        return scene.it.document(visit.report) if visit and visit.report else None
    combined = (
        d
        for d in reversed(scene.it.present_documents)
        if d.kind is DocumentKind.REPORT and d.intervention is None
    )
    ends = [i.finished_at for i in scene.it.interventions if i.finished_at is not None]
    # One that was made before the latest visit does not tell of it.
    return next(
        (d for d in combined if len(ends) > 1 and d.added_at >= max(ends)), None
    )


def own_lines(scene: Scene) -> tuple[Recorded, ...]:
    """Return what this reader said, moved messages left out."""
    gone = moved(scene.history)
    return tuple(
        line
        for line in scene.history
        if line.actor.person == scene.visitor.person.id and line.id not in gone
    )


def _numbers(line: Recorded) -> tuple[int, ...]:
    numbers: tuple[int, ...] = getattr(line.event, "documents", ())
    return numbers
