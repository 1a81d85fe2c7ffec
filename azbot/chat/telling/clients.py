"""What clients are told in chats: short, and with the buttons that answer (10.5).

The words are those of mails where they say the same; a chat says less, since the card
it refers to shows the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from azbot.chat.cases.card import answers, card, to
from azbot.chat.cases.recap import confirming, known_lines
from azbot.chat.cases.view import View, wide
from azbot.chat.telling import relayed
from azbot.chat.telling.seams import Teller, Telling, Words
from azbot.i18n.site_time import SiteTime
from azbot.render.facts import ready
from azbot.render.tellings import Teller as Voice
from azbot.screens import Button, Say, Screen, plain
from azbot.store.chats import card_slot
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import Role, Status
from azbot.workflow.questions import ASKED_BY, QuestionKind

_DATED = frozenset({N.PLANNED, N.MOVED, N.TOMORROW, N.FOLLOW_UP})
"""What tells the date of a visit: another one may be asked for."""

_SILENT = frozenset({N.RECEIVED, N.OTHER_DATE, N.CANCELLATION_ASKED, N.PREFERENCE})
"""What only says that something of theirs arrived."""


@dataclass(frozen=True, slots=True)
class News:
    """One notice on its way into words.

    Attributes:
        given: its facts, complete and clean, instants in the zone of the site.
        view: the reader before the assistance; None when it is about none, or they
            take no part in it any more.
    """

    kind: N
    given: Mapping[str, object]
    telling: Telling
    view: View | None

    @property
    def say(self) -> Voice:
        """Names of things in the reader's language."""
        rules = self.telling.house.rules()
        return Voice(self.telling.words, lambda: rules.lists)

    @property
    def time(self) -> SiteTime:
        """The clocks of the site."""
        zone = str(self.given["zone"])
        return SiteTime(zone, self.telling.words.language, self.telling.now)

    def t(self, key: str, **facts: object) -> str:
        """Return the words of a key; every fact stands as it is."""
        safe = {k: v if isinstance(v, int) else plain(v) for k, v in facts.items()}
        return wide(self.telling.words.t(key, **safe))

    def text(self, fact: str) -> str:
        """Return a fact as text."""
        return str(self.given.get(fact) or "")

    def at(self, fact: str) -> datetime | None:
        """Return a fact that is an instant."""
        value = self.given.get(fact)
        return value if isinstance(value, datetime) else None

    def when(self, fact: str, *, with_zone: bool = True) -> str:
        """Return « mercredi 25 mars à 13 h (heure de Paris) »; empty: unknown."""
        at = self.at(fact)
        return self.time.when(at, with_zone=with_zone) if at else ""

    def day(self, fact: str) -> str:
        """Return « mercredi 25 mars »; empty: unknown."""
        at = self.at(fact)
        return self.time.long_day(at) if at else ""

    def quoted(self, fact: str, label: str = "") -> str:
        """Return somebody's own words as such, below what they are."""
        words = self.text(fact)
        if not words:
            return ""
        quoted = f"<blockquote>{plain(words)}</blockquote>"
        return f"{self.t(label)}\n{quoted}" if label else quoted

    def following(self, key: str, **facts: object) -> str:
        """Return a sentence that follows a colon in mails, standing alone."""
        return self.say.capital(self.t(key, **facts))


Lines = Callable[[News], Iterator[str]]
"""Yields the title, then line after line; empty ones are left out."""


# --- the request ------------------------------------------------------------------


def _opened(news: News) -> Iterator[str]:
    is_new = bool(news.given["is_new"])
    yield news.t("mail.opened.title" if is_new else "mail.opened.title_complete")
    when = news.when("answer_by", with_zone=False)
    if not news.given["is_confirmed"]:
        answers_given = news.given["answers"]
        if isinstance(answers_given, Mapping):
            yield from known_lines(news.say, answers_given)
        yield news.t("chat_case.exact")
    yield (
        news.following("mail.opened.next", when=when)
        if when
        else news.following("mail.opened.next_no_date")
    )


def _incomplete(news: News) -> Iterator[str]:
    wanted = news.say.asked(_texts(news.given["missing"]))
    yield news.t("mail.incomplete.title", count=len(wanted))
    yield from (f"• {plain(label)}" for label in news.say.label_list(wanted))
    yield _until(news) if news.given["step"] else ""


def _until(news: News) -> str:
    day = news.day("decide_by")
    return news.t("mail.complement_reminder.preheader", day=day) if day else ""


def _received(news: News) -> Iterator[str]:
    what = news.text("what")
    yield news.t(f"mail.received.title.{what}")
    yield news.following(f"mail.received.next.{what}")


def _complement(news: News) -> Iterator[str]:
    yield news.t("mail.complement.title")
    yield from _asked(news)


def _reminded(news: News) -> Iterator[str]:
    yield news.t("mail.complement_reminder.title")
    yield from _asked(news)
    yield _until(news)


def _asked(news: News) -> Iterator[str]:
    yield news.quoted("comment")
    things = news.say.thing_list(_texts(news.given["items"]))
    yield from (f"• {plain(thing)}" for thing in things)


def _requalified(news: News) -> Iterator[str]:
    yield news.t("mail.requalified.title")
    before, after = news.text("before"), news.say.service_name(news.text("service"))
    was = news.say.service_name(before) if before else ""
    yield f"{plain(was)} → {plain(after)}" if was else plain(after)
    yield news.quoted("reason", "mail.reason")


def _merged(news: News) -> Iterator[str]:
    yield news.t("mail.merged.title")
    yield news.t("mail.merged.lead", ref=news.text("ref"), into=news.text("into"))


def _invited(news: News) -> Iterator[str]:
    yield news.t("mail.colleague_invited.title")
    actor = news.given["actor"]
    name = str(actor.get("name", "")) if isinstance(actor, Mapping) else ""
    yield news.t("mail.colleague_invited.lead", name=name, ref=news.text("ref"))


# --- the station and its visits ---------------------------------------------------


def _assigned(news: News) -> Iterator[str]:
    yield news.t("mail.assigned.title")
    yield _station(news)
    day = news.day("date_by")
    yield (
        news.following("mail.assigned.next", day=day)
        if day
        else news.following("mail.assigned.next_no_date")
    )


def _accepted(news: News) -> Iterator[str]:
    yield news.t("mail.accepted.title")
    yield news.following("mail.accepted.next", day=news.day("date_by"))


def _planned(news: News) -> Iterator[str]:
    yield news.t("mail.planned.title")
    yield from _visit(news)


def _follow_up(news: News) -> Iterator[str]:
    rank = news.given["rank"]
    visit = news.say.visit_name(rank if isinstance(rank, int) else 1)
    yield news.t("mail.follow_up.title", visit=visit)
    yield from _visit(news)
    yield news.quoted("remaining", "mail.remaining")


def _tomorrow(news: News) -> Iterator[str]:
    yield news.t("mail.tomorrow.title")
    yield from _visit(news)


def _moved(news: News) -> Iterator[str]:
    yield news.t("mail.moved.title")
    when, *rest = _visit(news)
    yield from (when, _was(news, "before"), *rest)
    yield news.quoted("reason", "mail.reason")


def _visit(news: News) -> Iterator[str]:
    yield news.when("planned_at")
    yield _station(news)
    prepare = news.t("mail.prepare")
    prepare = prepare[:1].lower() + prepare[1:]
    yield f"{news.t('mail.row.prepare')}{news.say.colon}{prepare}"
    yield news.quoted("note", "mail.station_note")


def _was(news: News, fact: str) -> str:
    """Return « Initialement le mercredi 25 mars à 13 h »."""
    when = news.when(fact, with_zone=False)
    return news.t("mail.moved.struck", when=when) if when else ""


def _visit_cancelled(news: News) -> Iterator[str]:
    yield news.t("mail.visit_cancelled.title")
    yield _was(news, "planned_at")
    yield news.quoted("reason", "mail.reason")
    yield news.following("mail.visit_cancelled.next")


def _other_date(news: News) -> Iterator[str]:
    yield news.t("mail.other_date_asked.title")
    yield news.t("mail.other_date_asked.lead", station=news.text("station"))


def _continued(news: News) -> Iterator[str]:
    yield news.t("mail.continued.title")
    facts = {"station": news.text("station"), "day": _took_place(news)}
    yield news.t("mail.continued.lead", **facts)
    yield news.quoted("remaining", "mail.remaining")
    yield news.following("mail.continued.next")


def _station(news: News) -> str:
    known = (news.text("station"), news.say.phone(news.text("station_phone")))
    names = ", ".join(filter(None, known))
    return news.t("chat_case.station", station=names) if names else ""


def _took_place(news: News) -> str:
    return news.day("planned_at") or news.day("finished_at")


# --- the ends ---------------------------------------------------------------------


def _finished(news: News) -> Iterator[str]:
    is_reminder = bool(news.given["is_reminder"])
    key = "mail.finished.subject_reminder" if is_reminder else "mail.finished.title"
    yield news.t(key)
    day, station = _took_place(news), news.text("station")
    yield (
        news.t("mail.finished.lead", station=station, day=day)
        if day and station
        else news.t("mail.finished.lead_plain", ref=news.text("ref"))
    )
    end = news.day("closes_at")
    yield news.t("mail.finished.silence", day=end) if end else ""


def _closed(news: News) -> Iterator[str]:
    yield news.t("mail.closed.title")
    by = news.text("by")
    if by in ("agent", "silence"):
        yield news.t(f"mail.closed.by.{by}", ref=news.text("ref"))
    days = news.given["days"]
    yield news.t("chat_case.reopens", count=days) if isinstance(days, int) else ""


def _cancelled(news: News) -> Iterator[str]:
    yield news.t("mail.cancelled.title")
    is_own = news.view is not None and news.view.decides
    if news.text("by") != Role.CLIENT:
        yield news.t("mail.cancelled.by.agent", ref=news.text("ref"))
    elif not is_own:
        yield news.t("mail.cancelled.by.client", ref=news.text("ref"))
    yield _was(news, "planned_at")
    yield news.quoted("reason", "mail.reason")


def _cancellation_asked(news: News) -> Iterator[str]:
    yield news.t("mail.cancellation_asked.title")
    yield news.t("mail.cancellation_asked.lead", ref=news.text("ref"))


def _reopened(news: News) -> Iterator[str]:
    yield news.t("mail.reopened.title")
    is_underway = news.text("status") == Status.UNDERWAY
    yield news.following(
        f"mail.reopened.next.{'underway' if is_underway else 'submitted'}"
    )
    yield news.quoted("reason", "mail.reason")


def _preference(news: News) -> Iterator[str]:
    way = "off" if news.given["wants_less"] else "on"
    yield news.t(f"mail.preference.title_{way}")
    yield news.t(f"mail.preference.lead_{way}")


LINES: Mapping[N, Lines] = MappingProxyType(
    {
        N.OPENED: _opened,
        N.INCOMPLETE: _incomplete,
        N.RECEIVED: _received,
        N.COMPLEMENT: _complement,
        N.COMPLEMENT_REMINDER: _reminded,
        N.REQUALIFIED: _requalified,
        N.MERGED: _merged,
        N.COLLEAGUE_INVITED: _invited,
        N.ASSIGNED: _assigned,
        N.ACCEPTED: _accepted,
        N.PLANNED: _planned,
        N.FOLLOW_UP: _follow_up,
        N.TOMORROW: _tomorrow,
        N.MOVED: _moved,
        N.VISIT_CANCELLED: _visit_cancelled,
        N.OTHER_DATE: _other_date,
        N.CONTINUED: _continued,
        N.FINISHED: _finished,
        N.CLOSED: _closed,
        N.CANCELLED: _cancelled,
        N.CANCELLATION_ASKED: _cancellation_asked,
        N.REOPENED: _reopened,
        N.PREFERENCE: _preference,
    }
)
"""What a client is told of each notice."""


# --- the message ------------------------------------------------------------------


def _notice(telling: Telling) -> Say:
    """Make one message of everything one occasion tells."""
    kind = N(telling.row.kind)
    first = News(kind, ready(kind, telling.facts), telling, _view(telling))
    text = "\n".join(_paragraph(first, is_first=True))
    for other in _others(first):
        text += "\n\n" + "\n".join(_paragraph(other, is_first=False))
    key = telling.row.assistance_id
    if key is None:
        return Say(Screen(text), is_silent=kind in _SILENT)
    rows, is_question = _buttons(first)
    return Say(
        Screen(text, rows),
        reply_to=f"slot:{card_slot(key)}",
        slot=telling.ask_slot if is_question else "",
        files=(*_reports(first), *telling.calendar),
        is_silent=kind in _SILENT,
    )


def _others(first: News) -> Iterator[News]:
    """Yield what else is told; that something arrived is said by the rest."""
    also = first.telling.facts.get("also")
    for kind, facts in also if isinstance(also, list | tuple) else ():
        if kind != N.RECEIVED and N(kind) in LINES:
            yield News(N(kind), ready(N(kind), facts), first.telling, first.view)


def _paragraph(news: News, *, is_first: bool) -> Iterator[str]:
    title, *lines = LINES[news.kind](news)
    yield f"<b>{title}</b>"
    if is_first and (ref := news.text("ref")):
        yield plain(" · ".join(filter(None, (ref, news.text("town")))))
    yield from filter(None, lines)


def _buttons(news: News) -> tuple[tuple[tuple[Button, ...], ...], bool]:
    """Return the buttons that answer, and whether they answer the open question."""
    view = news.view
    if view is None:
        return (), False
    question = view.question
    if question is not None and ASKED_BY.get(news.kind) is question.kind:
        if question.kind is QuestionKind.CONFIRM:
            return confirming(view), True
        return answers(view), True
    if news.kind in _DATED and view.may_move:
        return ((to(view, view.t("chat_case.other_date"), "date"),),), False
    if news.kind is N.MERGED and view.it.merged_into is not None:
        label = view.t("chat_case.into", ref=view.it.merged_into)
        return ((to(view, label, "into"),),), False
    return (), False


def _reports(news: News) -> tuple[str, ...]:
    """Return the reports that are sent along, those that were sent before left out."""
    files = news.telling.row.files
    if news.kind is N.CLOSED:
        return tuple(file for file in files if file == "report:0")
    if news.given.get("is_reminder"):
        return ()
    return tuple(file for file in files if file.startswith("report:"))


# --- cards and questions ----------------------------------------------------------


def _card(telling: Telling) -> Screen:
    view, person, it = _view(telling), telling.person, telling.it
    if view is None or person is None or it is None:
        return Screen(telling.words.t("chat_case.gone"))
    link = telling.house.link(telling.uow, it.id, person.id, telling.now)
    return card(view, link)


def _answered(telling: Telling) -> Screen:
    """Draw what became of a question, without its buttons."""
    view, facts = _view(telling), telling.facts
    if view is None:
        return Screen(telling.words.t("chat_case.gone"))
    kind = QuestionKind(str(facts["question"]))
    title = view.t(f"chat_case.question.{kind.value}")
    outcome = _outcome(view, kind, facts) if facts["is_over"] else "again"
    text = view.t(f"chat_case.outcome.{outcome}")
    through = str(facts["through"])
    if facts["is_own"] and through in ("email", "web"):
        text += f" ({view.t(f'chat_case.through.{through}')})"
    return Screen(f"<b>{title}</b>\n{view.it.ref}\n{text}")


def _outcome(view: View, kind: QuestionKind, facts: Mapping[str, object]) -> str:
    """Return the key of what became of a question."""
    it, is_own = view.it, facts["by"] == Role.CLIENT
    if it.status is Status.CANCELLED:
        return "cancelled"
    match kind:
        case QuestionKind.CLOSING if it.status is Status.CLOSED:
            return {"client": "yes", "system": "silence"}.get(
                str(facts["by"]), "closed"
            )
        case QuestionKind.CLOSING:
            return "no" if is_own else "resumed"
        case QuestionKind.CONFIRM:
            return "confirmed" if it.is_confirmed else "changed"
        case QuestionKind.COMPLETE if not it.missing:
            return "completed"
        case QuestionKind.COMPLETE:
            return "changed" if it.status is Status.SUBMITTED else "needless"
        case _:
            return "answered" if is_own else "needless"


def _view(telling: Telling) -> View | None:
    it, person = telling.it, telling.person
    if it is None or person is None:
        return None
    rules = telling.house.rules()
    return View(it, person.id, telling.words, rules, telling.now)


def _texts(value: object) -> Sequence[str]:
    return [str(one) for one in value] if isinstance(value, list | tuple) else []


WORDS: Mapping[N, Words] = {**dict.fromkeys(LINES, _notice), N.MESSAGE: relayed.said}

TELLER = Teller(WORDS, _card, _answered)
"""Notices clients are told, their cards, their questions."""
