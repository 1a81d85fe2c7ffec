"""The draft a talk is about: whose it is, how it begins, how it is found again."""

from __future__ import annotations

import secrets
from dataclasses import replace

from azbot.chat.request.asking import Asking, asking_of
from azbot.chat.request.progress import Progress
from azbot.chat.talk import Talk
from azbot.desk.requesting import profile_of
from azbot.errors import NotFound
from azbot.forms import filling
from azbot.store import PersonKind
from azbot.store.request_drafts import RequestDraft, owner_by_account, owner_of
from azbot.store.sweeper import REQUESTS_KEPT_FOR
from azbot.workflow.model import Assistance, AssistanceRef


def is_client(talk: Talk) -> bool:
    """Whether requests are theirs to make; of whoever is not known they are."""
    return talk.person is None or talk.person.kind is PersonKind.CLIENT


def begun(talk: Talk, before: Assistance | None = None) -> Asking:
    """Begin a draft with what is known of whoever asks (X11).

    Args:
        talk: the turn.
        before: an earlier request of theirs: « Refaire une demande » begins with all
            it says, and only what it left open is asked.
    """
    person, rules = talk.person, talk.desk.rules
    profile = profile_of(person) if person else {}
    texts = filling.begun(profile, rules.country, rules.lists)
    progress = Progress(is_stranger=person is None)
    if before is not None:
        said = before.answers
        texts = filling.copied(texts, profile, said, rules.lists, is_whole=True)
        progress = progress.with_passed("contact")
    draft = RequestDraft(
        _owner(talk),
        secrets.token_urlsafe(16),
        talk.now,
        texts,
        memory=progress.to_memory(),
    )
    kept = talk.uow.request_drafts.begin(draft)
    return asking_of(kept, person, rules.country, rules.lists)


def earlier(talk: Talk, ref: str) -> Assistance | None:
    """Return the earlier request of theirs that has a reference; None for any other.

    The reference comes from a button: whoever presses it must have asked for it.
    """
    if talk.person is None or not ref.isalnum():
        return None
    try:
        it = talk.uow.assistances.by_ref(AssistanceRef(ref))
    except NotFound:
        return None
    return it if talk.person.id in (it.requester, *it.joined) else None


def asking_in(talk: Talk) -> Asking | None:
    """Return the request that is begun, None when there is none."""
    draft = talk.uow.request_drafts.get(_owner(talk))
    if draft is None:
        return None
    if draft.updated_at < talk.now - REQUESTS_KEPT_FOR:
        talk.uow.request_drafts.drop(draft.owner)
        return None
    person, rules = talk.person, talk.desk.rules
    asking = asking_of(draft, person, rules.country, rules.lists)
    if person is None or not asking.progress.is_stranger:
        return asking
    # Begun before we knew them: what is known of them need not be asked.
    texts = filling.filled(draft.texts, profile_of(person), {}, rules.lists)
    known = replace(draft, texts=texts)
    asking = asking_of(known, person, rules.country, rules.lists)
    return asking.moved(replace(asking.progress, is_stranger=False))


def _owner(talk: Talk) -> str:
    """Return whose draft is meant: a person's, else the account's own."""
    if talk.person is not None:
        return owner_of(talk.person.id)
    return owner_by_account(talk.account.channel, talk.account.account)
