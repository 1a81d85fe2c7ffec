"""A message that continues nothing: read it as a new request (ux.md 9.3). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from azbot.desk import Draft
from azbot.forms.assistance import ASSISTANCE as REQUEST
from azbot.forms.draft import Draft as FormDraft
from azbot.forms.draft import prefill, thaw
from azbot.forms.form import Source
from azbot.forms.kinds import NO_LISTS, Context, Lists, Value
from azbot.forms.reading import read_request
from azbot.intake.languages import labels_of, spoken_language
from azbot.messages import Address, Inbound, RawId, Reply
from azbot.store.records import Person
from azbot.workflow.commands import NewDocument
from azbot.workflow.model import Answers, Assistance


def draft_of(
    inbound: Inbound,
    reply: Reply,
    person: Person | None,
    documents: tuple[NewDocument, ...],
    raw: RawId,
    country: str,
    unfit: frozenset[str] = frozenset(),
    lists: Lists = NO_LISTS,
) -> Draft:
    """Return the request a free mail makes: what it says, then what is known.

    Args:
        inbound: the mail.
        reply: its new text.
        person: the sender, when known.
        documents: what came with it, stored.
        raw: its row in the ledger.
        country: of the desk, two letters.
        unfit: fields to leave out: what was read there cannot be taken.
        lists: of the form, those an administrator changed.
    """
    if inbound.sender is None:
        raise ValueError("a request needs a sender")
    text = inbound.text if inbound.is_forward else reply.text
    subject = inbound.subject.strip()
    language = person.language if person else spoken_language(f"{subject}\n{text}")
    context = Context(country=country, catalogues=lists)
    found = _answers(f"{subject}\n{text}", person, inbound, context)
    answers = {key: value for key, value in found.items() if key not in unfit}
    return Draft(
        answers=answers,
        email=inbound.sender.email,
        name=person.name if person else inbound.sender.name,
        company=person.company if person else str(answers.get("installer") or ""),
        phone=str(answers.get("phone") or ""),
        language=language,
        country=country,
        text=_headed(subject, text),
        elided=() if inbound.is_forward else reply.elided,
        documents=documents,
        message_id=inbound.message_id,
        raw=raw,
    )


def _headed(subject: str, text: str) -> str:
    """Return the words under what the sender named them.

    People write what matters in the subject and a greeting below it; an agent who
    scans the list reads the first line. A subject that the words already begin
    with is not said twice.
    """
    if not subject or text.casefold().startswith(subject.casefold()):
        return text or subject
    return f"{subject}\n\n{text}".rstrip()


_SAME_CASE_ONLY = frozenset({"own_number", "service"})
"""Answers of an ended request that say nothing of the one that follows it."""


def continued(draft: Draft, before: Assistance) -> Draft:
    """Return the request of a reply that came too late to reopen (email.md §3).

    The site is the same; the reference of the old one stands above the words, so
    that reading and searching lead there.
    """
    site = {k: v for k, v in before.answers.items() if k not in _SAME_CASE_ONLY}
    return replace(
        draft,
        answers={**site, **draft.answers},
        text=f"({before.ref})\n\n{draft.text}",
    )


def referring(draft: Draft, before: Assistance) -> Draft:
    """Return the request of a reply to what has left everyday work.

    The reference stands above the words, so that an administrator is led there;
    nothing else of what is archived comes back by a mail.
    """
    return replace(draft, text=f"({before.ref})\n\n{draft.text}")


_FORWARDED_FROM = re.compile(
    r"^[>\s*]*(?:de|from|von|da)\s*\*?\s?:\s?\*?\s*(?P<name>[^<\n]{0,80})"
    r"<(?:mailto:)?(?P<email>[^\s<>@]{1,64}@[^\s<>@]{1,190})>",
    re.IGNORECASE | re.MULTILINE,
)
_LOOKED_AT = 20_000


def original_sender(inbound: Inbound) -> Address | None:
    """Return whom a forwarded mail says it is from; a claim, never a proof."""
    if not inbound.is_forward:
        return None
    found = _FORWARDED_FROM.search(inbound.text[:_LOOKED_AT])
    if found is None:
        return None
    return Address(found["email"], found["name"].strip(" \"'*\t"))


def _answers(
    text: str, person: Person | None, inbound: Inbound, context: Context
) -> Answers:
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
