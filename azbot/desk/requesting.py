"""A request somebody filled in, on a page or in a talk: how it comes to the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from azbot.desk.desk import Draft
from azbot.forms.draft import thaw
from azbot.forms.filling import NOTE, REQUESTER, Reading
from azbot.forms.kinds import Value
from azbot.store import Person
from azbot.store.request_drafts import RequestDraft, RequestFile
from azbot.workflow.commands import NewDocument
from azbot.workflow.deadlines import Rules
from azbot.workflow.model import Assistance, DocumentKind, ServiceType


def profile_of(person: Person) -> dict[str, Value]:
    """Return what the request form may know of somebody."""
    first, _, last = person.name.partition(" ")
    known = {
        "email": person.address,
        "name": person.name,
        "first_name": first if last else "",
        "last_name": last or first,
        "company": person.company,
        "account_type": person.account_type or "installer",
        "phone": person.phones[0] if person.phones else "",
    }
    return {key: value for key, value in known.items() if value}


def made_by(
    person: Person, it: RequestDraft, reading: Reading, rules: Rules, country: str
) -> Draft:
    """Return the request of somebody who proved who they are, and checked it.

    Args:
        person: who asks.
        it: what they filled in.
        reading: of its texts, without problems.
        rules: how many documents go with it.
        country: of the desk.
    """
    known = profile_of(person)
    who = {key: known[key] for key in REQUESTER if key in known}
    return Draft(
        answers={**who, **answers_of(reading)},
        email=person.address,
        name=person.name,
        company=person.company,
        language=person.language,
        country=country,
        text=it.texts.get(NOTE, ""),
        documents=documents_of(it, rules),
        is_confirmed=True,
    )


def answers_of(reading: Reading) -> Mapping[str, object]:
    """Return what was filled in, in plain JSON types."""
    return {key: thaw(value) for key, value in reading.values.items()}


def documents_of(it: RequestDraft, rules: Rules) -> tuple[NewDocument, ...]:
    """Return the files of a draft, as many as a request may have (R142)."""
    return tuple(document_of(each) for each in it.files[: rules.max_documents])


def document_of(file: RequestFile) -> NewDocument:
    """Return a file as it goes with a request."""
    return NewDocument(
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        blob=file.blob,
        kind=DocumentKind.ORDER_PROOF if file.is_proof else None,
    )


def with_files(
    files: tuple[RequestFile, ...], new: Iterable[RequestFile]
) -> tuple[RequestFile, ...]:
    """Return the files with new ones; the same one twice is one file (X19)."""
    found = {each.blob: each for each in files}
    for each in new:
        found.setdefault(each.blob, each)
    return tuple(found.values())


def needs_proof(reading: Reading, required: frozenset[ServiceType]) -> bool:
    """Whether assigning will wait for the proof of the order (R140)."""
    return reading.values.get("service") in {each.value for each in required}


def lacks_proof(it: Assistance, rules: Rules) -> bool:
    """Whether a registered request still waits for the proof of its order."""
    has_proof = any(d.kind is DocumentKind.ORDER_PROOF for d in it.documents)
    return it.service in rules.proof_required and not has_proof


def answer_by(it: Assistance, rules: Rules) -> datetime:
    """Return until when the desk answers a request."""
    return rules.working.after(it.opened_at, rules.answer_within)
