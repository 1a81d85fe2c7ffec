"""The card of an assistance: where it stands, who acts, what can be done (10.5)."""

from __future__ import annotations

from azbot.chat.cases.view import View
from azbot.chat.talk import press
from azbot.forms.assistance import ASSISTANCE
from azbot.i18n import formats
from azbot.screens import Button, Screen, Style, plain
from azbot.workflow.model import Intervention, Status
from azbot.workflow.next_step import NextStep, StepKind
from azbot.workflow.questions import QuestionKind

ROOM = "cases"
"""The first part of the data of these buttons."""

_MOST_NAMED = 3
"""Things named in a sentence; more make a list."""


def card(view: View, link: str) -> Screen:
    """Draw the card of the present state, for this reader.

    Args:
        view: who looks at what.
        link: opens the page; empty: there are none.
    """
    lines = [head(view), *_facts(view)]
    steps = step_lines(view)
    if steps:
        lines += ["", *steps]
    return Screen("\n".join(lines), _rows(view, link))


def head(view: View) -> str:
    """Return « ASFR26000184 · Mise en service », the reference in bold."""
    it = view.it
    service = view.voice.service_name(it.service.value if it.service else "")
    return f"<b>{it.ref}</b> · {plain(service)}"


def to(view: View, label: str, action: str, mark: str = "0") -> Button:
    """Return a button of this assistance.

    Args:
        view: which one.
        label: in words.
        action: what ``room.AssistancesRoom`` does.
        mark: of the question it answers.
    """
    return press(label, ROOM, view.it.id, mark, action)


def answers(view: View) -> tuple[tuple[Button, ...], ...]:
    """Return the buttons that answer the open question, row by row."""
    question = view.question
    if question is None:
        return ()
    mark = view.mark
    match question.kind:
        case QuestionKind.CLOSING:
            yes = to(view, view.t("portal.card.yes"), "yes", mark)
            no = to(view, view.t("portal.card.no"), "no", mark)
            return ((_main(yes), no),)
        case QuestionKind.COMPLETE:
            return ((_main(to(view, view.t("portal.card.complete"), "fill", mark)),),)
        case QuestionKind.COMPLEMENT:
            return ((_main(to(view, _answering(view), "fill", mark)),),)
        case QuestionKind.CONFIRM:
            return ((to(view, view.t("chat_case.check"), "recap", mark),),)
        case _:
            return ()


def _answering(view: View) -> str:
    items = view.it.asked_items
    if not items:
        return view.t("portal.card.reply")
    has_fields = any(key in ASSISTANCE.fields for key in items)
    return view.t("portal.card.complete" if has_fields else "mail.complement.upload")


def station_line(view: View) -> str:
    """Return « STA : Froid Rhône Services, 01 99 00 12 34 », empty without one."""
    mission = view.it.mission
    if mission is None:
        return ""
    station = mission.station
    known = [station.company]
    if station.phone:
        known.append(formats.phone(station.phone))
    return view.t("chat_case.station", station=plain(", ".join(known)))


def step_lines(view: View) -> list[str]:
    """Return what comes next, in one or two lines; none when a visit says it."""
    it, lines = view.it, _next(view, view.next_step)
    if it.is_open and it.cancellation_asked and view.decides:
        lines = [*lines, view.t("portal.ask.cancel.already")]
    return [line for line in lines if line]


def _next(view: View, step: NextStep) -> list[str]:
    it, t = view.it, view.t
    match step.kind:
        case StepKind.CHECKING:
            state = "completed" if it.is_completed else "submitted"
            by = _by(view, step, "answer_by") or t("portal.card.late")
            return [t(f"portal.card.{state}"), by]
        case StepKind.MISSING:
            return _wanted(view, step)
        case StepKind.ASKED:
            return _asked(view, step)
        case StepKind.PREPARING:
            return [t("portal.card.preparing")]
        case StepKind.CONFIRMING:
            company = it.mission.station.company if it.mission else ""
            waits = t("portal.card.assigned", station=plain(company))
            return [waits, _by(view, step, "confirms_by")]
        case StepKind.UNPLANNED:
            within = "portal.card.unplanned.within"
            promise = t(within, count=step.days) if step.days else ""
            return [t("portal.card.unplanned"), promise]
        case StepKind.NEXT_VISIT:
            return [t("portal.card.next_visit")]
        case StepKind.ON_SITE:
            then = t("portal.card.on_site.then") if view.sees_all else ""
            return [t("portal.card.on_site"), then]
        case StepKind.PLANNED:
            return []
        case StepKind.SOLVED:
            until = view.time.long_day(step.by) if step.by else ""
            silence = t("portal.card.done.until", date=until) if until else ""
            return [t("portal.card.done"), silence]
        case StepKind.ENDED:
            ended = it.done_at or it.closed_at or it.opened_at
            return [t("portal.card.closed", date=view.time.day(ended))]
        case StepKind.MERGED:
            return [t("portal.card.merged", ref=it.merged_into)]
        case StepKind.CANCELLED:
            why = it.reason if view.sees_all else ""
            reason = t("portal.card.cancelled.reason", reason=plain(why))
            return [t("portal.card.cancelled"), reason if why else ""]


def _facts(view: View) -> list[str]:
    it = view.it
    status = view.t(f"status.{it.status.value}")
    lines = [
        plain(view.voice.place(it.answers)),
        view.t("chat_case.status", status=status),
        _visit(view, it.visit),
        station_line(view),
    ]
    return [line for line in lines if line]


def _visit(view: View, visit: Intervention | None) -> str:
    if visit is None or visit.planned_at is None or visit.dated_at is None:
        return ""
    when = view.time.when(visit.planned_at, with_zone=True)
    return view.t("chat_case.visit", when=when)


def _by(view: View, step: NextStep, key: str) -> str:
    if step.by is None:
        return ""
    return view.t(f"portal.card.{key}", date=view.time.when(step.by))


def _wanted(view: View, step: NextStep) -> list[str]:
    items = [plain(view.voice.thing(key)) for key in step.items]
    if len(items) > _MOST_NAMED:
        wanted = view.t("portal.card.wanted_many", count=len(items))
        return [f"{wanted}{view.voice.colon.rstrip()}", *(f"• {one}" for one in items)]
    named = formats.listing(items, view.words.language)
    return [f"{view.t('portal.card.wanted', items=named)}."]


def _asked(view: View, step: NextStep) -> list[str]:
    lines = _wanted(view, step) if step.items else [view.t("portal.card.asked")]
    if step.comment:
        return [*lines, f"<blockquote>{plain(step.comment)}</blockquote>"]
    return [*lines, view.t("portal.card.then_assigned")]


def _rows(view: View, link: str) -> tuple[tuple[Button, ...], ...]:
    it = view.it
    work: list[Button] = []
    if view.may_add_files and not _is_asked_for_files(view):
        work.append(to(view, view.t("chat_case.add_file"), "file"))
    if view.may_move:
        work.append(to(view, view.t("chat_case.other_date"), "date"))
    talk: list[Button] = []
    if it.merged_into is None:
        talk.append(to(view, view.t("chat_case.write"), "write"))
    if link:
        talk.append(Button(view.t("chat_case.open"), url=link))
    rows = [*answers(view), *_ends(view), tuple(work), tuple(talk)]
    if view.may_cancel:
        key = "portal.cancel" if view.cancels_alone else "portal.cancel.ask"
        rows.append((to(view, view.t(key), "cancel"),))
    return tuple(row for row in rows if row)


def _is_asked_for_files(view: View) -> bool:
    question = view.question
    return question is not None and question.kind is QuestionKind.COMPLEMENT


def _ends(view: View) -> list[tuple[Button, ...]]:
    """Return what an assistance offers that has come to its end."""
    it = view.it
    if it.merged_into is not None:
        into = view.t("chat_case.into", ref=it.merged_into)
        return [(to(view, into, "into"),)]
    if it.status is Status.CANCELLED and view.decides:
        again = press(view.t("portal.card.again"), "request", "again", it.ref)
        return [(again,)]
    if it.status in (Status.DONE, Status.CLOSED) and view.sees_all and _report(view):
        return [(to(view, view.t("chat_case.report"), "report"),)]
    return []


def _report(view: View) -> bool:
    return any(visit.report is not None for visit in view.it.interventions)


def _main(button: Button) -> Button:
    return Button(button.label, button.data, style=Style.PRIMARY)
