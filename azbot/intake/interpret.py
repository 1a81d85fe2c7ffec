"""Step 5: from what a message says to what its writer wants. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from azbot.forms.assistance import ASSISTANCE as REQUEST
from azbot.forms.draft import thaw
from azbot.forms.kinds import NO_LISTS, Context, Lists
from azbot.forms.places import country_named
from azbot.forms.reading import read_lines
from azbot.i18n.moments import Moment, read_moment
from azbot.intake.languages import labels_of
from azbot.intake.words import Said, Word, recognise, without_courtesy, words_of
from azbot.messages import Reply
from azbot.workflow import commands as c
from azbot.workflow.commands import Command
from azbot.workflow.decision import NoticeKind as N
from azbot.workflow.model import (
    Actor,
    Assistance,
    InterventionStatus,
    MissionStatus,
    RefusalReason,
    Role,
    Status,
)


@dataclass(frozen=True, slots=True)
class Question:
    """What the very mail that is answered asked.

    Attributes:
        kind: notice of that mail.
        facts: its facts: the date to confirm, the word that wants a reason.
    """

    kind: N
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to send back to the writer before anything happens."""

    kind: N
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Preference:
    """STOP or REPRENDRE: about the person, not about an assistance."""

    wants_less: bool


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is wanted.

    Attributes:
        commands: to apply in order; when a rule refuses an acting one, the whole
            text becomes a message instead, so that nothing is lost.
        asks: questions to the writer.
        preference: set by STOP and REPRENDRE.
        unread: labels whose value could not be taken: field → (value, code, facts).
        said: the word that was recognised, for ``azbot explain``.
        is_message: the text itself must be kept as a message.
    """

    commands: tuple[Command, ...] = ()
    asks: tuple[Ask, ...] = ()
    preference: Preference | None = None
    unread: Mapping[str, tuple[str, str, Mapping[str, str]]] = field(
        default_factory=dict
    )
    said: Said | None = None
    is_message: bool = False
    is_mixed: bool = False


_WITHOUT_WORDS = frozenset({"empty", "only-quotation", "only-signature"})


def has_words(reply: Reply) -> bool:
    """Whether its writer said anything: a photo may come above a quotation alone.

    The text of a reply is whole then (``channels.email.quoting.separate``): it is
    ours, or a signature, and says nothing of what its writer wants.
    """
    return bool(reply.text.strip()) and reply.rule not in _WITHOUT_WORDS


_MESSAGE = Meaning(is_message=True)
_MIXED = Meaning(is_message=True, is_mixed=True)


def interpret(
    it: Assistance,
    actor: Actor,
    reply: Reply,
    question: Question | None,
    now: datetime,
    lists: Lists = NO_LISTS,
) -> Meaning:
    """Say what an answer to an assistance wants.

    Args:
        it: its present state.
        actor: who writes.
        reply: the new text, apart from quotations.
        question: what the answered mail asked, when that is known.
        now: for dates without a year.
        lists: of the form, those an administrator changed.
    """
    if actor.is_staff or not has_words(reply):
        return _MESSAGE
    said = recognise(reply.text, (actor.name,))
    if actor.role is Role.STATION:
        return _station(it, reply.text, said, question, now)
    return _client(it, reply.text, said, question, lists)


def _client(
    it: Assistance,
    text: str,
    said: Said | None,
    question: Question | None,
    lists: Lists,
) -> Meaning:
    if said is not None and said.word in (Word.STOP, Word.RESUME):
        return Meaning(preference=Preference(said.word is Word.STOP), said=said)
    if _wants_reason(question) and (said is None or said.word is Word.NO):
        return _reason((said.rest if said else "") or text, question)
    has_form = it.status in (Status.SUBMITTED, Status.WAITING)
    if has_form and (said is None or said.word in (Word.MIXED, Word.NO)):
        found = _fields(it, text, lists)
        if said is None or found.commands or found.unread:
            return found
    return _MESSAGE if said is None else _client_word(it, said, question)


def _client_word(it: Assistance, said: Said, question: Question | None) -> Meaning:
    is_done = it.status is Status.DONE and _may_ask(question, _CLOSING)
    match said.word:
        case Word.YES if question and question.kind is N.CONFIRM_WORD:
            return _confirmed(question, said)
        case Word.YES if is_done:
            return Meaning((c.ConfirmClosing(),), said=said)
        case Word.YES if _wants_reason(question):
            return _MIXED
        case Word.YES if (
            it.status is Status.SUBMITTED
            and _may_ask(question, _RECAP)
            and not (it.missing or it.is_confirmed)
        ):
            return Meaning((c.ConfirmRequest(),), said=said)
        case Word.NO if is_done and said.rest:
            return Meaning((c.RefuseClosing(said.rest),), said=said)
        case Word.NO if is_done:
            ask = Ask(N.REASON_WANTED, {"word": "refuse_closing"})
            return Meaning(asks=(ask,), said=said)
        case Word.OTHER_DATE if it.is_dated:
            return Meaning((c.AskOtherDate(said.rest),), said=said)
        case Word.CANCEL if it.is_open:
            facts = {"word": "cancel", "reason": said.rest}
            return Meaning(asks=(Ask(N.CONFIRM_WORD, facts),), said=said)
        case Word.MIXED:
            return _MIXED
        case _:
            return Meaning(is_message=True, said=said)


_CLOSING = (N.FINISHED,)
_RECAP = (N.OPENED, N.INCOMPLETE)
_ORDER = (N.MISSION, N.MISSION_REMINDER)


def _may_ask(question: Question | None, kinds: tuple[N, ...]) -> bool:
    """Whether a yes can be meant for what such a mail asks.

    « Oui » under a message of the desk answers the message, nothing else; when it
    is not known which mail is answered, the question that is pending is meant.
    """
    return question is None or question.kind in kinds


def _station(
    it: Assistance,
    text: str,
    said: Said | None,
    question: Question | None,
    now: datetime,
) -> Meaning:
    mission = it.mission
    is_proposed = mission is not None and mission.status is MissionStatus.PROPOSED
    if said is not None and said.word in (Word.STOP, Word.RESUME):
        return Meaning(preference=Preference(said.word is Word.STOP), said=said)
    if said is not None and said.word is Word.YES:
        if question and question.kind is N.CONFIRM_WORD:
            return _confirmed(question, said)
        if is_proposed and _may_ask(question, _ORDER):
            return Meaning((c.AcceptMission(),), said=said)
        return _MESSAGE
    if said is not None and said.word is Word.NO and is_proposed:
        if not said.rest:
            ask = Ask(N.REASON_WANTED, {"word": "refuse_mission"})
            return Meaning(asks=(ask,), said=said)
        return Meaning((_refusal(said.rest),), said=said)
    if is_proposed and _wants_reason(question):
        return _reason(text, question)
    if is_proposed and (found := _accepted_with_date(it, text, now)):
        return found
    if any(visit.status in _DATE_WANTED for visit in it.open_visits):
        moment = _moment(it, _first_line(text), now)
        if moment is not None:
            return _dated(moment, (), text.strip())
    return _MIXED if said and said.word is Word.MIXED else _MESSAGE


_DATE_WANTED = (
    InterventionStatus.UNPLANNED,
    InterventionStatus.TO_APPROVE,
    InterventionStatus.PLANNED,
)


def _accepted_with_date(it: Assistance, text: str, now: datetime) -> Meaning | None:
    """« OUI, mercredi 14 h 30 » accepts and plans in one go; so does a bare date."""
    first = _first_line(text)
    head, _, tail = first.partition(",")
    is_yes = (said := recognise(head)) is not None and said.word is Word.YES
    moment = _moment(it, tail if is_yes else first, now)
    if moment is None:
        return None
    if moment.is_ambiguous:
        return _dated(moment, (c.AcceptMission(),))
    return Meaning((c.AcceptMission(moment.start),), said=said)


def _dated(moment: Moment, before: tuple[Command, ...], text: str = "") -> Meaning:
    """Plan; a visit that moves gives the station's own words as the reason."""
    if moment.is_ambiguous:
        start = moment.start.isoformat()
        facts = {"word": "date", "planned_at": start, "reason": text}
        return Meaning(before, asks=(Ask(N.CONFIRM_WORD, facts),))
    return Meaning((*before, c.ScheduleIntervention(moment.start, reason=text)))


def _moment(it: Assistance, line: str, now: datetime) -> Moment | None:
    return read_moment(line, now, it.zone_name, it.language)


def _first_line(text: str) -> str:
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _confirmed(question: Question, said: Said) -> Meaning:
    """OUI to « voulez-vous vraiment… »: do what was asked then."""
    match question.facts.get("word"):
        case "cancel":
            reason = str(question.facts.get("reason") or "") or _CANCEL_WORD
            return Meaning((c.CancelAssistance(reason),), said=said)
        case "date":
            at = datetime.fromisoformat(str(question.facts["planned_at"]))
            reason = str(question.facts.get("reason") or "")
            return Meaning((c.ScheduleIntervention(at, reason=reason),), said=said)
        case _:
            return _MESSAGE


_CANCEL_WORD = "ANNULER"
"""The reason of a client who gave no other."""


def _wants_reason(question: Question | None) -> bool:
    return question is not None and question.kind is N.REASON_WANTED


def _reason(text: str, question: Question | None) -> Meaning:
    word = question.facts.get("word") if question else None
    if word == "refuse_mission":
        return Meaning((_refusal(text),))
    return Meaning((c.RefuseClosing(text.strip()),))


_REASONS = {
    RefusalReason.OUT_OF_ZONE: ("zone", "secteur", "loin", "distance", "area", "lejos"),
    RefusalReason.UNAVAILABLE: (
        "disponib",
        "indisponib",
        "complet",
        "conge",
        "planning",
        "unavailable",
        "busy",
        "ocupad",
    ),
    RefusalReason.SKILL: ("competen", "habilit", "formation", "skill", "capacit"),
    RefusalReason.MATERIAL: ("materiel", "outil", "piece", "stock", "equipment"),
}


def _refusal(text: str) -> c.RefuseMission:
    folded = words_of(text)
    for reason, stems in _REASONS.items():
        if any(word.startswith(stem) for word in folded for stem in stems):
            return c.RefuseMission(reason, text.strip())
    return c.RefuseMission(RefusalReason.OTHER, text.strip())


def _fields(it: Assistance, text: str, lists: Lists) -> Meaning:
    """Read « Label : value » lines; what is left of the text stays a message."""
    country = it.answer("country") or "FR"
    context = Context(country=country, zone=it.zone_name, catalogues=lists)
    read = read_lines(text, REQUEST, labels_of(it.language), context)
    if not read.found and not read.problems:
        return _MESSAGE
    unread = {
        one.key: (one.given, one.problem.code, one.problem.facts)
        for one in read.problems
    }
    answers = {key: thaw(value) for key, value in read.answers.items()}
    spans = [f.span for f in read.found] + [u.span for u in read.problems]
    return Meaning(
        (c.AmendRequest(answers),) if answers else (),
        unread=unread,
        is_message=bool(_left_over(text, spans)),
    )


def _left_over(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return what the answered lines leave, greetings and thanks not counted.

    Words after the value on its line are left too, but for the name of a country.
    """
    left, at = [], 0
    for line in text.splitlines(keepends=True):
        end = at + len(line)
        read_to = [last for first, last in spans if first < end and last > at]
        rest = line[min(max(read_to), end) - at :] if read_to else line
        if not read_to or country_named(rest.strip(" \r\n,;.()-")) is None:
            left.append(rest)
        at = end
    return without_courtesy(" ".join(left))
