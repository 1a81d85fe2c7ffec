"""Lines of a history in sentences (R171): what happened, to what, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.form import Form
from azbot.forms.intervention import INTERVENTION
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.store.chats import MAY_HAVE_ARRIVED
from azbot.store.restored import SET_ASIDE
from azbot.workflow import events as e
from azbot.workflow.events import Event
from azbot.workflow.model import (
    Document,
    Invited,
    RefusalReason,
    ServiceType,
    Signature,
    Station,
)

_SHOWN = 3
"""Labels named of a form that many answers changed."""


def sentence_of(
    event: Event, words: Catalogue, zone: str, *, for_desk: bool = True
) -> str:
    """Return what happened, in one sentence, with its reason when there is one.

    Args:
        event: what happened.
        words: the reader's language.
        zone: IANA zone of the site, for dates.
        for_desk: with reasons that are the desk's own business.
    """
    facts = {
        name: _fact(event, name, value, words, zone)
        for name, value in _fields(event).items()
    }
    sentence = words.t(_key(event, for_desk=for_desk), **facts)
    why = _why(event, words) if for_desk or not _is_discreet(event) else ""
    if not why:
        return sentence
    return words.t("web.event.with_words", sentence=sentence.rstrip("."), words=why)


def _fields(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__dataclass_fields__}


def _key(event: Event, *, for_desk: bool) -> str:
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(event).__name__).lower()
    match event:
        case e.AssistanceClosed(by=by):
            return f"web.event.{name}.{by.value}"
        case e.MessageArrived(author=author) if not for_desk:
            return f"web.event.message_added.{author.value}"
        case e.MessageAdded(author=author) | e.MessageArrived(author=author):
            return f"web.event.{name}.{author.value}"
        case e.DocumentReviewed(review=review):
            return f"web.event.{name}.{review.value}"
        case e.InterventionFinished(is_concluded=is_concluded):
            return f"web.event.{name}.{'solved' if is_concluded else 'unsolved'}"
        case e.SignatureGiven(signature=signature):
            return f"web.event.{name}.{signature.method.value}"
        case e.VisitReminded(which=which, is_too_late=is_too_late):
            return f"web.event.{name}.{which}{'.too_late' if is_too_late else ''}"
        case e.ReportRecorded(number=None):
            return f"web.event.{name}.combined"
        case e.OwnerChosen(owner=None):
            return f"web.event.{name}.nobody"
        case e.OwnerChosen(before=None) | e.TagsSet(before=()):
            return f"web.event.{name}.first"
        case e.TagsSet(after=()):
            return f"web.event.{name}.none"
        case _:
            return f"web.event.{name}"


EVENT_KEYS = (
    "assistance_closed.client",
    "assistance_closed.agent",
    "assistance_closed.silence",
    "message_added.client",
    "message_added.station",
    "message_added.agent",
    "message_added.admin",
    "message_added.system",
    "message_arrived.client",
    "message_arrived.station",
    "message_arrived.agent",
    "message_arrived.admin",
    "message_arrived.system",
    "document_reviewed.pending",
    "document_reviewed.accepted",
    "document_reviewed.refused",
    "intervention_finished.solved",
    "intervention_finished.unsolved",
    "signature_given.drawn",
    "signature_given.typed",
    "signature_given.remote",
    "signature_given.waived",
    "visit_reminded.day_before",
    "visit_reminded.morning",
    "visit_reminded.day_before.too_late",
    "visit_reminded.morning.too_late",
    "report_recorded",
    "report_recorded.combined",
    "owner_chosen",
    "owner_chosen.first",
    "owner_chosen.nobody",
    "tags_set",
    "tags_set.first",
    "tags_set.none",
)
"""The events that have several sentences; all others have one."""


_WORDS = (
    e.AssistanceOpened,
    e.MessageAdded,
    e.NoteAdded,
    e.MessageArrived,
    e.NoteArrived,
    e.MessageEdited,
    e.FilesJoined,
)
"""What they say has its own place."""


def _why(event: Event, words: Catalogue) -> str:
    """Return what a person gave as reason, in one line; texts stay in the data."""
    if isinstance(event, _WORDS):
        return ""
    if isinstance(event, e.MissionRefused):
        label = words.t(f"reason.refusal.{event.reason.value}")
        return f"{label}, {event.comment}" if event.comment else label
    if isinstance(event, e.DeliveryFailed):
        return failure_words(event.reason, words)
    for name in ("comment", "reason", "text", "remaining", "override_reason", "note"):
        said = getattr(event, name, "")
        if isinstance(said, str) and said.strip():
            return " ".join(said.split())[:300]
    return ""


def failure_words(reason: str, words: Catalogue) -> str:
    """Return why something did not arrive: our own reasons in the reader's language."""
    if reason == MAY_HAVE_ARRIVED:
        return words.t("inbox.delivery.doubtful")
    if reason == SET_ASIDE:
        return words.t("inbox.delivery.restored")
    return " ".join(reason.split())[:300]


def _is_discreet(event: Event) -> bool:
    """Why the desk assigned before everything was there is not the station's."""
    return isinstance(event, e.StationAssigned)


def _fact(
    event: Event, name: str, value: object, words: Catalogue, zone: str
) -> object:
    match value:
        case datetime():
            return formats.date_and_hour(value, zone, words.language)
        case Station():
            return value.company
        case Document():
            return value.name
        case Signature() | Invited():
            return words.t(
                "web.event.signatory",
                name=value.name,
                role=words.t(f"role.signatory.{value.role.value}"),
            )
        case ServiceType():
            return words.t(f"service.{value.value}")
        case RefusalReason():
            return words.t(f"reason.refusal.{value.value}")
        case Enum():
            return value.value
        case str() if name == "via":
            label = f"inbox.channel.{value}"
            return words.t(label) if label in words else value
        case tuple() if name == "changes":
            return _some([change.field for change in value], _form(event), words)
        case tuple() if name in ("items", "missing"):
            return _labels([str(each) for each in value], ASSISTANCE, words)
        case tuple() if name in ("names", "before", "after"):
            return formats.listing([str(each) for each in value], words.language)
        case _:
            return value


def _form(event: Event) -> Form:
    saved = isinstance(event, e.InterventionFormSaved)
    return INTERVENTION if saved else ASSISTANCE


def _some(keys: Sequence[str], form: Form, words: Catalogue) -> str:
    """Return the labels in the order of the form; of many, the first three."""
    place = {key: at for at, key in enumerate(form.fields)}
    ordered = sorted(keys, key=lambda key: place.get(key, len(place)))
    if len(ordered) <= _SHOWN + 1:
        return _labels(ordered, form, words)
    labels = (label_of(key, form, words) for key in ordered[:_SHOWN])
    return words.t(
        "web.event.and_more",
        items=", ".join(labels),
        count=len(ordered) - _SHOWN,
    )


def _labels(keys: Sequence[str], form: Form, words: Catalogue) -> str:
    return formats.listing([label_of(key, form, words) for key in keys], words.language)


def label_of(key: str, form: Form, words: Catalogue) -> str:
    """Return the label of a field or of a kind of document, else its key."""
    if key in form.fields:
        return words.t(form.label(key))
    document = f"web.document.{key}"
    return words.t(document) if document in words else key
