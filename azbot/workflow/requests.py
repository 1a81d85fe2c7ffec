"""Rules of the request: opening, filling, completing, documents, words."""

from __future__ import annotations

from dataclasses import dataclass

from azbot.forms.assistance import ASSISTANCE as FORM
from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.answers import (
    check,
    clashes,
    missing_fields,
    request_answers,
    site_country,
    site_zone,
)
from azbot.workflow.decision import Refusal
from azbot.workflow.events import Event
from azbot.workflow.lives import ASSISTANCE
from azbot.workflow.model import (
    Actor,
    Answers,
    Assistance,
    Document,
    DocumentKind,
    Hearers,
    Party,
    Review,
    Role,
    StationId,
    Status,
)
from azbot.workflow.situation import (
    Outcome,
    Situation,
    bad_answers,
    barred,
    changed,
    refuse,
    wrong_status,
)

_MAY_AMEND = (Status.SUBMITTED, Status.WAITING)


def open_assistance(command: c.OpenAssistance, situation: Situation) -> Outcome:
    """Register a request, complete or not (R9, R140)."""
    added = new_documents(None, command.documents, situation)
    if isinstance(added, Refusal):
        return added
    country = site_country(command.answers, situation.rules.country)
    given = {**command.answers, "country": command.answers.get("country") or country}
    zone = site_zone({**given, "country": country})
    checked = check(FORM, given, country, zone, situation.now, situation.rules.lists)
    if checked.problems:
        return bad_answers(checked.problems)
    answers = request_answers(checked.answers)
    if problems := clashes(answers):
        return bad_answers(problems)
    missing = missing_fields(answers)
    opened = e.AssistanceOpened(
        id=command.id,
        ref=command.ref,
        requester=command.requester,
        contact=command.contact,
        language=command.language,
        zone_name=site_zone(answers),
        via=situation.actor.channel,
        answers=answers,
        missing=missing,
        is_confirmed=command.is_confirmed and not missing,
        text=command.text,
        elided=command.elided,
        message_id=command.message_id,
        raw=command.raw,
        documents=tuple(d.document.number for d in added),
    )
    return (opened, *added)


def amend(it: Assistance, command: c.AmendRequest, situation: Situation) -> Outcome:
    """Fill or correct fields while the desk has not assigned (ux.md 7.2)."""
    if it.status not in _MAY_AMEND and not situation.actor.is_staff:
        return wrong_status(it)
    if not it.is_open:
        return wrong_status(it)
    merged = {**it.answers, **command.answers}
    country = site_country(merged, situation.rules.country)
    checked = check(
        FORM,
        command.answers,
        country,
        it.zone_name,
        situation.now,
        situation.rules.lists,
    )
    if checked.problems:
        return bad_answers(checked.problems)
    answers = _amended(it.answers, checked.answers)
    if problems := clashes(answers):
        return bad_answers(problems)
    removed = {key: None for key in it.answers if key not in answers}
    changes = changed(it.answers, {**answers, **removed})
    if "service" in changes and it.status not in _MAY_AMEND:
        return refuse("requalify_instead", "R152")
    if not changes and command.contact in (None, it.contact):
        return ()
    amended = e.RequestAmended(
        changes=tuple(e.Change(k, *pair) for k, pair in sorted(changes.items())),
        missing=missing_fields(answers),
        zone_name=site_zone(answers),
        contact=command.contact,
        by=situation.actor.role,
    )
    return (amended, *_completion(it, situation.actor))


def confirm(it: Assistance, command: c.ConfirmRequest, situation: Situation) -> Outcome:
    """Agree with the recap; nothing may be missing (ux.md 9.3)."""
    if it.status not in _MAY_AMEND:
        return wrong_status(it)
    if it.missing:
        return refuse("fields_missing", "R58", fields=list(it.missing))
    return () if it.is_confirmed else (e.RequestConfirmed(),)


def add_message(it: Assistance, command: c.AddMessage, situation: Situation) -> Outcome:
    """Add words and files; a client's answer completes a waiting request (R145).

    Refusals: ``no_station``, ``station_changed`` (an agent writes to the station), and
    those of files.
    """
    if it.merged_into is not None:
        return refuse("merged_already", "6.3", ref=it.ref, into=it.merged_into)
    talk = _talk(it, command, situation.actor)
    if isinstance(talk, Refusal):
        return talk
    added = new_documents(it, command.documents, situation, talk=talk)
    if isinstance(added, Refusal):
        return added
    if not command.text.strip() and not added:
        return refuse("empty_message", "R123")
    message = e.MessageAdded(
        text=command.text,
        elided=command.elided,
        documents=tuple(d.document.number for d in added),
        message_id=command.message_id,
        raw=command.raw,
        author=situation.actor.role,
        is_mixed=command.is_mixed,
        is_automatic=command.is_automatic,
        channel=situation.actor.channel,
        album=command.album,
        forwarded_from=command.forwarded_from,
        by_mail=command.by_mail,
        to=talk.hearers,
        station=talk.station,
    )
    completion = () if command.is_automatic else _completion(it, situation.actor)
    return (message, *added, *completion)


@dataclass(frozen=True, slots=True)
class Talk:
    """Between whom something is said: the desk, and these."""

    hearers: Hearers
    station: StationId | None = None


def _talk(it: Assistance, command: c.AddMessage, actor: Actor) -> Talk | Refusal:
    """Return who reads what somebody writes, beside the desk."""
    if actor.role is Role.STATION:
        return Talk(Hearers.STATION, actor.station)
    if not (actor.is_staff and command.to.includes(Party.STATION)):
        return Talk(Hearers.CLIENT)
    if it.mission is None:
        return refuse("no_station", "R176")
    station = it.mission.station
    if command.station not in (None, station.id):
        return refuse("station_changed", "R176", station=station.company)
    return Talk(command.to, station.id)


def add_note(it: Assistance, command: c.AddNote, situation: Situation) -> Outcome:
    """Write for agents only."""
    if not command.text.strip():
        return refuse("empty_message", "A7")
    added = new_documents(it, command.documents, situation, is_internal=True)
    if isinstance(added, Refusal):
        return added
    return (e.NoteAdded(command.text, tuple(d.document.number for d in added)), *added)


def review(it: Assistance, command: c.ReviewDocument, situation: Situation) -> Outcome:
    """Judge a document; a refusal says why (ux.md 7.2)."""
    document = it.document(command.number)
    if document is None:
        return refuse("unknown_document", "R63", number=command.number)
    if command.review is Review.REFUSED and not command.reason.strip():
        return refuse("reason_needed", "7.2")
    reviewed = e.DocumentReviewed(
        number=document.number,
        name=document.name,
        before=document.review,
        review=command.review,
        kind=command.kind or document.kind,
        reason=command.reason,
    )
    same = (document.review, document.kind, document.review_reason) == (
        reviewed.review,
        reviewed.kind,
        reviewed.reason,
    )
    return () if same else (reviewed,)


def ask_complement(
    it: Assistance, command: c.AskComplement, situation: Situation
) -> Outcome:
    """Send the request back with a comment (R10); again while it waits."""
    if stop := barred(ASSISTANCE, it, e.ComplementAsked, situation):
        return stop
    if not command.comment.strip():
        return refuse("comment_needed", "R10")
    return (e.ComplementAsked(command.items, command.comment.strip()),)


def remind_client(
    it: Assistance, command: c.RemindClient, situation: Situation
) -> Outcome:
    """Ask again by hand (« Relancer »)."""
    if it.status is Status.WAITING or (it.status is Status.SUBMITTED and it.missing):
        return (e.ClientReminded(it.reminded + 1, situation.actor.role),)
    return wrong_status(it)


def requalify(it: Assistance, command: c.Requalify, situation: Situation) -> Outcome:
    """Change the service type with a reason (R152)."""
    if not it.is_open:
        return wrong_status(it)
    if not command.reason.strip():
        return refuse("reason_needed", "R152")
    if command.service == it.service:
        return ()
    missing = missing_fields({**it.answers, "service": command.service.value})
    return (
        e.Requalified(it.service, command.service, command.reason.strip(), missing),
    )


def missing_prerequisites(it: Assistance, situation: Situation) -> tuple[str, ...]:
    """Return what assignment still needs: fields, and the order proof (R140)."""
    proof = DocumentKind.ORDER_PROOF
    needs_proof = it.service in situation.rules.proof_required
    has_proof = any(
        d.kind is proof and d.review is not Review.REFUSED for d in it.present_documents
    )
    return it.missing + ((proof.value,) if needs_proof and not has_proof else ())


def _amended(before: Answers, new: Answers) -> dict[str, object]:
    """Merge, and derive again what the form derives from a changed answer."""
    merged = {k: v for k, v in {**before, **new}.items() if v is not None}
    if {"postcode", "country"} & set(new) and "region" not in new:
        merged.pop("region", None)
    return request_answers(merged)


def _completion(it: Assistance, actor: Actor) -> tuple[Event, ...]:
    is_answer = actor.role is Role.CLIENT and it.status is Status.WAITING
    return (e.ComplementReceived(),) if is_answer else ()


def new_documents(
    it: Assistance | None,
    new: tuple[c.NewDocument, ...],
    situation: Situation,
    *,
    is_internal: bool = False,
    talk: Talk | None = None,
) -> tuple[e.DocumentAdded, ...] | Refusal:
    """Number new files; refuse more than an assistance may have (R142).

    Args:
        it: the state, None when it is new.
        new: what came.
        situation: who brings it, and when.
        is_internal: it came with a note.
        talk: it came with these words. What a client sends belongs to the assistance.
    """
    present = it.documents if it else ()
    limit = situation.rules.max_documents
    # Reports are made by azbot: they take no place from anybody's files.
    kept = it.present_documents if it else ()
    count = sum(d.kind is not DocumentKind.REPORT for d in kept)
    if new and count + len(new) > limit:
        return refuse("too_many_documents", "R142", limit=limit)
    visits = {i.number for i in it.interventions} if it else set()
    for d in new:
        if d.intervention is not None and d.intervention not in visits:
            return refuse("unknown_visit", "R19", number=d.intervention)
    is_client = situation.actor.role is Role.CLIENT
    asked = it.asked_items if it and it.status is Status.WAITING else ()
    return tuple(
        e.DocumentAdded(
            Document(
                number=number,
                name=d.name,
                media_type=d.media_type,
                size=d.size,
                blob=d.blob,
                kind=d.kind or _kind(d, asked),
                added_by=situation.actor.role,
                added_at=situation.now,
                review=Review.ACCEPTED if situation.actor.is_staff else Review.PENDING,
                intervention=d.intervention,
                point=d.point,
                is_internal=is_internal,
                hearers=said.hearers if said else None,
                station=said.station if said else None,
                seconds=d.seconds,
            )
        )
        for number, d in enumerate(new, start=len(present) + 1)
        for said in (None if is_client or _is_filed(d) else talk,)
    )


def _is_filed(document: c.NewDocument) -> bool:
    """Whether somebody said what a file is: it belongs to the assistance then."""
    return document.intervention is not None or document.kind is not None


def invite_colleague(
    it: Assistance, command: c.InviteColleague, situation: Situation
) -> Outcome:
    """Let one more person in, once (ux.md 7.1)."""
    if command.person in (it.requester, *it.colleagues):
        return refuse("already_in", "7.1", name=command.name)
    return (e.ColleagueInvited(command.person, command.name.strip()),)


_PROOF_WORDS = ("commande", "order", "pedido", "purchase", "devis signe", "bdc")


def _kind(document: c.NewDocument, asked: tuple[str, ...]) -> DocumentKind:
    """Guess what a file is for; the desk checks every guess (« à vérifier »)."""
    name = document.name.casefold()
    if DocumentKind.ORDER_PROOF.value in asked or any(w in name for w in _PROOF_WORDS):
        return DocumentKind.ORDER_PROOF
    if document.media_type.startswith("image/"):
        return DocumentKind.PHOTO
    return DocumentKind.OTHER
