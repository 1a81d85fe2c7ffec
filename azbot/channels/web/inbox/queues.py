"""The queues at the left of the inbox, each with how much lies in it (ux.md 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from azbot.channels.web.inbox.asked import Asked, Queue
from azbot.channels.web.inbox.fields import Field
from azbot.channels.web.inbox.query import Condition
from azbot.i18n.catalogue import Catalogue
from azbot.messages import PersonId
from azbot.ports import Clock
from azbot.store.desk_views import QueueCounts
from azbot.store.saved_views import SavedView
from azbot.store.views import Views
from azbot.workflow.model import Status

ENDED = (Status.CLOSED, Status.CANCELLED)
_COUNTED_EVERY = timedelta(seconds=60)


class Tally:
    """Counts the queues; what has ended, and is many, at most once a minute."""

    def __init__(self, views: Views, clock: Clock) -> None:
        self._views = views
        self._clock = clock
        self._ended: dict[Status, int] = {}
        self._counted_at: datetime | None = None

    async def counts(self, person: PersonId) -> QueueCounts:
        """Return how much lies in each queue, in one statement."""
        now = self._clock.now()
        is_fresh = self._counted_at and now - self._counted_at < _COUNTED_EVERY
        statuses = [s for s in Status if not (is_fresh and s in ENDED)]
        found = await self._views.queue_counts(person, statuses)
        if is_fresh:
            return replace(found, statuses={**found.statuses, **self._ended})
        self._ended = {status: found.statuses[status] for status in ENDED}
        self._counted_at = now
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the queues.

    Attributes:
        icon: of ``_frame/icons``; empty for a status, which is shown as its chip.
        is_hot: something here is late.
    """

    name: str
    label: str
    href: str
    count: int | None
    is_current: bool = False
    icon: str = ""
    is_hot: bool = False


@dataclass(frozen=True, slots=True)
class ViewLine:
    """One saved view.

    Attributes:
        by: the colleague who shares it; empty for one's own.
    """

    id: int
    name: str
    href: str
    is_current: bool
    is_shared: bool
    by: str = ""


@dataclass(frozen=True, slots=True)
class Queues:
    """Everything at the left."""

    todo: tuple[Line, ...]
    aside: tuple[Line, ...]
    statuses: tuple[Line, ...]
    views: tuple[ViewLine, ...] = field(default_factory=tuple)


_ICONS = {
    Queue.TO_HANDLE: "inbox",
    Queue.MINE: "user",
    Queue.APPROVALS: "cal",
    Queue.SILENT: "warn",
    Queue.CLOSING: "check",
}


def queues_of(
    asked: Asked,
    counts: QueueCounts,
    views: Sequence[SavedView],
    names: dict[PersonId, str],
    me: PersonId,
    words: Catalogue,
) -> Queues:
    """Return the queues as they are shown.

    Args:
        asked: where the agent looks.
        counts: how much lies where.
        views: saved ones, the agent's own first.
        names: of colleagues, for what they share.
        me: who looks.
        words: their language.
    """
    numbers = {
        Queue.TO_HANDLE: counts.todo,
        Queue.MINE: counts.mine,
        Queue.APPROVALS: counts.approvals,
        Queue.SILENT: counts.silent,
        Queue.CLOSING: counts.statuses[Status.DONE],
    }
    is_bare = not asked.is_filtered
    return Queues(
        todo=tuple(
            Line(
                queue.value,
                title_of(queue, words),
                Asked(queue).url(),
                number,
                is_bare and asked.queue is queue,
                _ICONS[queue],
                queue is Queue.SILENT and number > 0,
            )
            for queue, number in numbers.items()
        ),
        aside=(
            Line(
                "snoozed",
                title_of(Queue.SNOOZED, words),
                Asked(Queue.SNOOZED).url(),
                counts.snoozed,
                is_bare and asked.queue is Queue.SNOOZED,
                "clock",
            ),
            _page("held", "shield", counts.held, words),
            _page("dead", "warn", counts.dead, words),
        ),
        statuses=tuple(_status(s, counts.statuses[s], asked, words) for s in Status),
        views=tuple(_view(each, asked, names, me) for each in views),
    )


def title_of(queue: Queue, words: Catalogue) -> str:
    """Return what a queue is called."""
    return words.t(f"list.queue.{queue.value}")


def _page(name: str, icon: str, count: int, words: Catalogue) -> Line:
    label = words.t(f"list.queue.{name}")
    return Line(name, label, f"/inbox/{name}", count, icon=icon, is_hot=count > 0)


def _status(status: Status, count: int, asked: Asked, words: Catalogue) -> Line:
    alone = Condition(Field.STATUS, (status,))
    is_current = asked.filters == (alone,) and not (asked.text or asked.view)
    href = Asked(Queue.ALL, (alone,)).url()
    return Line(
        status.value, words.t(f"status.{status.value}"), href, count, is_current
    )


def _view(
    it: SavedView, asked: Asked, names: dict[PersonId, str], me: PersonId
) -> ViewLine:
    by = "" if it.person == me else names.get(it.person, "")
    mark = "&" if it.query else ""
    href = f"/inbox?{it.query}{mark}vue={it.id}"
    return ViewLine(it.id, it.name, href, asked.view == it.id, it.is_shared, by)
