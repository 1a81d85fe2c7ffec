"""Step 4: who writes, how sure we are, and about which assistance. Pure.

First ``clues`` says what to look up, then ``match`` judges what was found. Unsure
means a person decides; nothing is ever guessed (email.md §3 and §6).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from azbot.messages import Alignment, Inbound, PersonId, Reason, Trust
from azbot.tokens import (
    Forged,
    Keyring,
    Purpose,
    Token,
    read_address,
    read_message_id,
    read_thread_root,
)
from azbot.workflow.model import AssistanceId, AssistanceRef, Role, StationId

_REFERENCE = re.compile(r"(?<![A-Z0-9])AS[A-Z]{2}[0-9]{8}(?![A-Z0-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Door:
    """What azbot believes about its own addresses.

    Attributes:
        mailbox: plain address of the desk.
        host: right-hand side of our Message-IDs.
        checks_authentication: our receiver's authserv-id is configured, so that
            its verdict is needed for acting.
        separator: before a sub-address.
    """

    keyring: Keyring
    mailbox: str
    host: str
    checks_authentication: bool
    separator: str = "+"


@dataclass(frozen=True, slots=True)
class Clues:
    """What a message says about its thread.

    Attributes:
        token: from a recipient address, or from one of our own Message-IDs.
        via: ``address`` or ``message_id``.
        bounce: from the return path a delivery report was sent to.
        forged: something looked like a token and proved nothing.
        ids: ancestors to look up, most likely parent first.
        root: assistance of a thread root; no proof.
        refs: public references in the subject.
        answered: number of the delivery this answers, from our Message-ID.
    """

    token: Token | None = None
    via: str = ""
    bounce: Token | None = None
    forged: Forged | None = None
    ids: tuple[str, ...] = ()
    root: AssistanceId | None = None
    refs: tuple[AssistanceRef, ...] = ()
    answered: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the sender.

    Attributes:
        roles: what the sender is in an assistance, by its number.
    """

    person: PersonId
    name: str
    role: Role
    station: StationId | None = None
    is_verified: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """One assistance a clue led to.

    Attributes:
        participants: requester, contact and the present station's contacts.
        owner: for whom the token or our mail was; None is the desk itself.
        has_proof: the clue was signed by us.
    """

    assistance: AssistanceId
    participants: frozenset[PersonId]
    owner: PersonId | None
    has_proof: bool
    how: str


@dataclass(frozen=True, slots=True)
class Match:
    """The verdict of step 4.

    Attributes:
        assistance: None: nothing is known to continue.
        sender: None: a stranger.
        how: which clue decided: ``address``, ``message_id``, ``references``,
            ``root``, ``subject``, ``none``.
        hold: why a person must look first; None: go on.
        why: catalogue key of the sentence ``azbot explain`` prints.
    """

    assistance: AssistanceId | None
    sender: Known | None
    trust: Trust
    how: str
    hold: Reason | None = None
    why: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


def clues(inbound: Inbound, door: Door) -> Clues:
    """Collect what a message says about its thread, proofs checked."""
    token, bounce, forged = _from_addresses(inbound, door)
    via, answered = ("address" if token else ""), None
    for name in inbound.references:
        found = read_message_id(door.keyring, name, door.host)
        if isinstance(found, Forged):
            forged = forged or found
        elif found is not None:
            answered = found.event if answered is None else answered
            if token is None:
                token, via = found, "message_id"
            break
    roots = (read_thread_root(name, door.host) for name in inbound.references)
    root = next((number for number in roots if number), None)
    refs = tuple(m.upper() for m in _REFERENCE.findall(inbound.subject))
    return Clues(
        token=token if token and token.assistance else None,
        via=via,
        bounce=bounce,
        forged=forged,
        ids=inbound.references,
        root=AssistanceId(root) if root else None,
        refs=tuple(AssistanceRef(r) for r in dict.fromkeys(refs)),
        answered=answered,
    )


def _from_addresses(
    inbound: Inbound, door: Door
) -> tuple[Token | None, Token | None, Forged | None]:
    reply: Token | None = None
    bounce: Token | None = None
    forged: Forged | None = None
    for recipient in inbound.recipients:
        found = read_address(
            door.keyring, door.mailbox, recipient.email, separator=door.separator
        )
        if isinstance(found, Forged):
            forged = forged or found
        elif found is not None and found.purpose is Purpose.REPLY:
            reply = reply or found
        elif found is not None and found.purpose is Purpose.BOUNCE:
            bounce = bounce or found
    return reply, bounce, forged


def match(
    inbound: Inbound,
    found: Clues,
    thread: Thread | None,
    sender: Known | None,
    door: Door,
) -> Match:
    """Judge who writes about what, from the clues and what they led to.

    Args:
        inbound: the message.
        found: its clues.
        thread: the assistance of the best clue, None when no clue led anywhere.
        sender: who has the From address, None for strangers.
        door: what we believe of our own addresses.
    """
    is_aligned = inbound.alignment is Alignment.PASS
    is_unchecked = inbound.alignment is Alignment.UNKNOWN
    is_acceptable = is_aligned or (is_unchecked and not door.checks_authentication)
    if thread is None:
        return _unthreaded(found, sender, inbound, is_acceptable=is_acceptable)
    if sender is None:
        held = Trust.HELD if thread.has_proof else Trust.NONE
        reason = (
            Reason.FOREIGN_SENDER if thread.has_proof else Reason.PROBABLE_ASSISTANCE
        )
        return Match(
            thread.assistance, None, held, thread.how, reason, "explain.stranger"
        )
    if sender.role in (Role.AGENT, Role.ADMIN):
        return _staff(thread, sender, is_acceptable=is_acceptable)
    is_owner = sender.person == thread.owner
    if thread.has_proof and is_owner and sender.person in thread.participants:
        trust = Trust.PROVEN if is_acceptable else Trust.KNOWN
        return Match(thread.assistance, sender, trust, thread.how, why="explain.owner")
    if sender.person in thread.participants and (
        thread.has_proof or inbound.alignment is not Alignment.FAIL
    ):
        why = "explain.participant"
        return Match(thread.assistance, sender, Trust.KNOWN, thread.how, why=why)
    reason = (
        Reason.UNPROVEN_SENDER
        if sender.person in thread.participants
        else Reason.FOREIGN_SENDER
        if thread.has_proof
        else Reason.PROBABLE_ASSISTANCE
    )
    trust = Trust.HELD if thread.has_proof else Trust.NONE
    return Match(
        thread.assistance, sender, trust, thread.how, reason, "explain.foreign"
    )


def _staff(thread: Thread, sender: Known, *, is_acceptable: bool) -> Match:
    """An agent answers from their own mailbox (E23): proof of thread and sender."""
    if thread.has_proof and is_acceptable:
        how, why = thread.how, "explain.agent"
        return Match(thread.assistance, sender, Trust.STAFF, how, why=why)
    return Match(
        thread.assistance,
        sender,
        Trust.HELD,
        thread.how,
        Reason.UNPROVEN_SENDER,
        "explain.unproven_agent",
    )


def _unthreaded(
    found: Clues, sender: Known | None, inbound: Inbound, *, is_acceptable: bool
) -> Match:
    if found.forged is not None:
        reason = (
            Reason.FORGED_TOKEN if found.forged.why == "mac" else Reason.EXPIRED_TOKEN
        )
        return Match(None, sender, Trust.NONE, "none", reason, "explain.forged")
    if found.refs:
        # A reference nobody has, or of somebody else: never say which.
        reason = Reason.UNKNOWN_ASSISTANCE
        return Match(None, sender, Trust.NONE, "subject", reason, "explain.unknown_ref")
    is_believed = sender is not None and inbound.alignment is not Alignment.FAIL
    trust = Trust.KNOWN if is_believed and is_acceptable else Trust.NONE
    return Match(None, sender, trust, "none", why="explain.new")
