"""One client before one assistance, at one moment: all that their card is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from azbot.desk.spoken import mark_of
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.formats import NBSP, NNBSP
from azbot.i18n.site_time import SiteTime
from azbot.messages import PersonId
from azbot.render.voice import Voice
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Assistance, Party, Status
from azbot.workflow.next_step import NextStep, StepKind, next_step
from azbot.workflow.policy import sees_all
from azbot.workflow.questions import Question, question_of

_MAY_CANCEL = (Status.SUBMITTED, Status.WAITING, Status.ASSIGNED, Status.UNDERWAY)
_AMENDED_WHILE = (Status.SUBMITTED, Status.WAITING)


@dataclass(frozen=True, slots=True)
class View:
    """What one client may read and do there.

    Attributes:
        person: takes part in it.
        rules: the delays in force.
    """

    it: Assistance
    person: PersonId
    words: Catalogue
    rules: Rules
    now: datetime

    @property
    def decides(self) -> bool:
        """Whether what the requester decides is theirs to decide."""
        return self.person == self.it.requester

    @property
    def sees_all(self) -> bool:
        """Whether they read all of it; others learn of visits alone (R153)."""
        return sees_all(self.it, self.person)

    @property
    def next_step(self) -> NextStep:
        """Who acts now, and by when."""
        return next_step(
            self.it,
            self.rules,
            self.now,
            decides=self.decides,
            sees_all=self.sees_all,
        )

    @property
    def question(self) -> Question | None:
        """What they are asked."""
        return question_of(self.it, Party.CLIENT) if self.decides else None

    @property
    def mark(self) -> str:
        """What the buttons of the open question carry; empty while there is none."""
        return mark_of(self.question) if self.question else ""

    @property
    def may_move(self) -> bool:
        """Whether another date may be asked for."""
        return self.next_step.kind is StepKind.PLANNED

    @property
    def may_add_files(self) -> bool:
        """Whether documents are waited for."""
        return self.sees_all and self.it.is_open

    @property
    def may_cancel(self) -> bool:
        """Whether they may cancel, or ask the desk to (R151)."""
        it = self.it
        is_on_site = self.next_step.kind is StepKind.ON_SITE
        may_at_all = it.status in _MAY_CANCEL and not is_on_site
        return self.decides and may_at_all and not it.cancellation_asked

    @property
    def cancels_alone(self) -> bool:
        """Whether cancelling is theirs; later the desk decides (R151)."""
        return self.it.status in _AMENDED_WHILE

    @property
    def time(self) -> SiteTime:
        """The clocks of the site."""
        return SiteTime(self.it.zone_name, self.words.language, self.now)

    @property
    def voice(self) -> Voice:
        """Names of things in their language."""
        return Voice(self.words)

    def t(self, key: str, **facts: object) -> str:
        """Return words as chats show them."""
        return wide(self.words.t(key, **facts))


def wide(text: str) -> str:
    """Return words of a page as chats show them: no narrow spaces (ux.md 5.1)."""
    return text.replace(NNBSP, NBSP)
