"""A message that continues nothing: read it as a new request (ux.md 9.3). Pure."""

from __future__ import annotations

from collections.abc import Mapping

from azbot.desk import Draft
from azbot.forms.assistance import ASSISTANCE as REQUEST
from azbot.forms.draft import Draft as FormDraft
from azbot.forms.draft import prefill, thaw
from azbot.forms.form import Source
from azbot.forms.kinds import Context, Value
from azbot.forms.reading import read_request
from azbot.intake.languages import labels_of, spoken_language
from azbot.messages import Inbound, RawId, Reply
from azbot.store.records import Person
from azbot.workflow.commands import NewDocument
from azbot.workflow.model import Answers


def draft_of(
    inbound: Inbound,
    reply: Reply,
    person: Person | None,
    documents: tuple[NewDocument, ...],
    raw: RawId,
    country: str,
) -> Draft:
    """Return the request a free mail makes: what it says, then what is known."""
    if inbound.sender is None:
        raise ValueError("a request needs a sender")
    text = inbound.text if inbound.is_forward else reply.text
    subject = inbound.subject.strip()
    language = person.language if person else spoken_language(f"{subject}\n{text}")
    answers = _answers(f"{subject}\n{text}", person, inbound, country)
    return Draft(
        answers=answers,
        email=inbound.sender.email,
        name=person.name if person else inbound.sender.name,
        company=person.company if person else str(answers.get("installer") or ""),
        phone=str(answers.get("phone") or ""),
        language=language,
        country=country,
        text=text or subject,
        elided=() if inbound.is_forward else reply.elided,
        documents=documents,
        message_id=inbound.message_id,
        raw=raw,
    )


def _answers(
    text: str, person: Person | None, inbound: Inbound, country: str
) -> Answers:
    context = Context(country=country)
    language = person.language if person else spoken_language(text)
    found = read_request(text, REQUEST, labels_of(language), context).answers
    records = {Source.PROFILE: _profile(person, inbound)}
    draft = prefill(REQUEST, records, context, FormDraft(found))
    return {key: thaw(value) for key, value in draft.answers.items()}


def _profile(person: Person | None, inbound: Inbound) -> Mapping[str, Value]:
    """What is known of the writer; a stranger's claim serves for the form only."""
    sender = inbound.sender
    name = person.name if person and person.name else sender.name if sender else ""
    first, _, last = name.partition(" ")
    known: dict[str, Value] = {
        "email": sender.email if sender else "",
        "name": name,
        "first_name": first if last else "",
        "last_name": last or first,
    }
    if person is not None:
        known["company"] = person.company
        known["account_type"] = person.account_type or "installer"
        known["phone"] = person.phones[0] if person.phones else ""
    return {key: value for key, value in known.items() if value}
