from __future__ import annotations

from dataclasses import replace

import pytest

from azbot.intake.match import Clues, Door, Known, Match, Thread, clues, match
from azbot.messages import Address, Alignment, Inbound, PersonId, Reason, Trust
from azbot.tokens import (
    Forged,
    Keyring,
    Purpose,
    issue_address,
    issue_message_id,
    thread_root,
)
from azbot.workflow.model import AssistanceId, AssistanceRef, Role, StationId

NEW, OLD, GONE = (bytes([n]) * 32 for n in (1, 2, 3))
RING = Keyring((("k2", NEW), ("k1", OLD)))
DESK = "support@sav.example"
HOST = "sav.example"
DOOR = Door(RING, DESK, HOST, checks_authentication=True)
CASE, OTHER_CASE = AssistanceId(184), AssistanceId(7)
SOPHIE, MARC, PAUL, CAMILLE, EVE = (PersonId(n) for n in (1, 2, 3, 4, 5))
EVERYBODY = frozenset({SOPHIE, MARC, PAUL})

CLIENT = Known(SOPHIE, "Sophie Martin", Role.CLIENT)
CONTACT = Known(MARC, "Marc Roy", Role.CLIENT)
STATION = Known(PAUL, "Paul Noir", Role.STATION, StationId(7))
AGENT = Known(CAMILLE, "Camille Dupont", Role.AGENT)
STRANGER = Known(EVE, "Eve", Role.CLIENT)


def reply_to(
    person: PersonId = SOPHIE, ring: Keyring = RING, purpose: Purpose = Purpose.REPLY
) -> str:
    return issue_address(ring, DESK, purpose, CASE, person)


def damaged(address: str) -> str:
    """Change the last characters of the signature."""
    local, _, domain = address.partition("@")
    return f"{local[:-4]}aaaa@{domain}"


def mail(
    *recipients: str,
    references: tuple[str, ...] = (),
    subject: str = "Re: votre demande",
    alignment: Alignment = Alignment.PASS,
) -> Inbound:
    return Inbound(
        channel="email",
        message_id="<1@client.example>",
        sender=Address("sophie@martin.example"),
        recipients=tuple(Address(r) for r in recipients) or (Address(DESK),),
        references=references,
        subject=subject,
        alignment=alignment,
    )


def thread(
    owner: PersonId | None = SOPHIE, *, has_proof: bool = True, how: str = "address"
) -> Thread:
    return Thread(CASE, EVERYBODY, owner, has_proof, how)


def judge(
    sender: Known | None,
    found: Thread | None,
    alignment: Alignment = Alignment.PASS,
    door: Door = DOOR,
) -> Match:
    inbound = mail(reply_to(), alignment=alignment)
    return match(inbound, clues(inbound, door), found, sender, door)


# --- clues ----------------------------------------------------------------------


def test_a_token_in_any_recipient_address_is_found() -> None:
    found = clues(mail("boss@martin.example", DESK, reply_to()), DOOR)

    assert found.token is not None
    assert (found.token.assistance, found.token.person) == (CASE, SOPHIE)
    assert found.via == "address"


def test_the_most_trustworthy_address_comes_first() -> None:
    """Delivered-To carries the token; To was rewritten to another person's."""
    found = clues(mail(reply_to(SOPHIE), reply_to(MARC)), DOOR)

    assert found.token is not None
    assert found.token.person == SOPHIE


def test_a_token_survives_capitals_and_a_key_that_only_verifies() -> None:
    old = reply_to(ring=Keyring((("k1", OLD),)))

    for address in (reply_to().upper(), old, old.upper()):
        found = clues(mail(address), DOOR)
        assert found.token is not None
        assert found.forged is None


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (damaged(reply_to()), "mac"),
        (reply_to(ring=Keyring((("k0", GONE),))), "key"),
        (reply_to(purpose=Purpose.UNSUB), None),
    ],
)
def test_a_token_that_proves_nothing_is_no_token(address: str, why: str | None) -> None:
    found = clues(mail(address), DOOR)

    assert found.token is None
    assert (found.forged.why if found.forged else None) == why


def test_a_bounce_address_is_no_reply() -> None:
    found = clues(mail(reply_to(purpose=Purpose.BOUNCE)), DOOR)

    assert found.token is None
    assert found.bounce is not None
    assert found.bounce.assistance == CASE


def test_our_own_message_id_brings_the_thread_back() -> None:
    ours = issue_message_id(RING, HOST, CASE, 12, SOPHIE)
    found = clues(mail(references=("<x@y>", ours)), DOOR)

    assert found.token is not None
    assert (found.token.assistance, found.via, found.answered) == (
        CASE,
        "message_id",
        12,
    )
    assert found.ids == ("<x@y>", ours)


def test_the_mail_that_is_answered_is_the_nearest_of_ours() -> None:
    near, far = (issue_message_id(RING, HOST, CASE, n, SOPHIE) for n in (12, 9))

    assert clues(mail(references=(near, far)), DOOR).answered == 12


def test_the_address_wins_over_the_message_id_but_the_answer_is_still_known() -> None:
    ours = issue_message_id(RING, HOST, OTHER_CASE, 12, SOPHIE)
    found = clues(mail(reply_to(), references=(ours,)), DOOR)

    assert found.token is not None
    assert (found.token.assistance, found.via, found.answered) == (CASE, "address", 12)


def test_a_forged_message_id_is_noticed_and_another_hosts_is_not_ours() -> None:
    ours = issue_message_id(RING, HOST, CASE, 12, SOPHIE)
    local = ours.partition("@")[0]
    forged = clues(mail(references=(f"{local[:-3]}aaa@{HOST}>",)), DOOR)
    foreign = clues(mail(references=(f"{local}@other.example>",)), DOOR)

    assert forged.forged == Forged("mac")
    assert foreign.forged is None
    assert foreign.token is None


def test_a_thread_root_is_a_hint_and_no_proof() -> None:
    found = clues(mail(references=(thread_root(CASE, HOST),)), DOOR)

    assert found.root == CASE
    assert found.token is None


@pytest.mark.parametrize(
    ("subject", "refs"),
    [
        ("Re: Bien reçu · ASFR26000184", ["ASFR26000184"]),
        ("asfr26000184 et ASES26000003", ["ASFR26000184", "ASES26000003"]),
        ("ASFR26000184 ASFR26000184", ["ASFR26000184"]),
        ("[ASFR26000184]", ["ASFR26000184"]),
        ("XASFR26000184", []),
        ("ASFR260001845", []),
        ("ASFR2600018", []),
    ],
)
def test_references_in_the_subject_are_read_whole(
    subject: str, refs: list[str]
) -> None:
    assert list(clues(mail(subject=subject), DOOR).refs) == refs


def test_a_draft_without_an_assistance_is_no_thread() -> None:
    address = issue_address(RING, DESK, Purpose.REPLY, 0, SOPHIE)

    assert clues(mail(address), DOOR).token is None


def test_another_separator_is_honoured() -> None:
    door = replace(DOOR, separator="-")
    address = issue_address(RING, DESK, Purpose.REPLY, CASE, SOPHIE, separator="-")

    assert clues(mail(address), door).token is not None
    assert clues(mail(address), DOOR).token is None


# --- the verdict (email.md §6) ----------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "alignment", "trust", "hold"),
    [
        (CLIENT, Alignment.PASS, Trust.PROVEN, None),
        (CLIENT, Alignment.UNKNOWN, Trust.KNOWN, None),
        (CLIENT, Alignment.FAIL, Trust.KNOWN, None),
        (CONTACT, Alignment.PASS, Trust.KNOWN, None),
        (STATION, Alignment.PASS, Trust.KNOWN, None),
        (STRANGER, Alignment.PASS, Trust.HELD, Reason.FOREIGN_SENDER),
        (None, Alignment.PASS, Trust.HELD, Reason.FOREIGN_SENDER),
        (AGENT, Alignment.PASS, Trust.STAFF, None),
        (AGENT, Alignment.UNKNOWN, Trust.HELD, Reason.UNPROVEN_SENDER),
        (AGENT, Alignment.FAIL, Trust.HELD, Reason.UNPROVEN_SENDER),
    ],
)
def test_with_a_token_of_the_client(
    sender: Known | None, alignment: Alignment, trust: Trust, hold: Reason | None
) -> None:
    verdict = judge(sender, thread(), alignment)

    assert (verdict.trust, verdict.hold) == (trust, hold)
    assert verdict.assistance == CASE
    assert verdict.why.startswith("explain.")


@pytest.mark.parametrize(
    ("sender", "alignment", "trust", "hold"),
    [
        (CLIENT, Alignment.PASS, Trust.KNOWN, None),
        (CLIENT, Alignment.UNKNOWN, Trust.KNOWN, None),
        (CLIENT, Alignment.FAIL, Trust.NONE, Reason.UNPROVEN_SENDER),
        (STRANGER, Alignment.PASS, Trust.NONE, Reason.PROBABLE_ASSISTANCE),
        (None, Alignment.PASS, Trust.NONE, Reason.PROBABLE_ASSISTANCE),
        (AGENT, Alignment.PASS, Trust.HELD, Reason.UNPROVEN_SENDER),
    ],
)
def test_with_a_reference_in_the_subject_only(
    sender: Known | None, alignment: Alignment, trust: Trust, hold: Reason | None
) -> None:
    hint = thread(None, has_proof=False, how="subject")
    verdict = judge(sender, hint, alignment)

    assert (verdict.trust, verdict.hold) == (trust, hold)


def test_the_stations_own_token_lets_it_act() -> None:
    assert judge(STATION, thread(PAUL)).trust is Trust.PROVEN


def test_a_participant_with_somebody_elses_token_writes_and_does_not_act() -> None:
    assert judge(CLIENT, thread(PAUL)).trust is Trust.KNOWN


def test_a_token_does_not_outlive_the_part_somebody_had() -> None:
    """A station whose mission was withdrawn keeps its mails."""
    left = Thread(CASE, frozenset({SOPHIE}), PAUL, has_proof=True, how="address")
    verdict = judge(STATION, left)

    assert (verdict.trust, verdict.hold) == (Trust.HELD, Reason.FOREIGN_SENDER)


def test_without_a_configured_receiver_the_token_alone_proves() -> None:
    door = replace(DOOR, checks_authentication=False)

    assert judge(CLIENT, thread(), Alignment.UNKNOWN, door).trust is Trust.PROVEN
    assert judge(CLIENT, thread(), Alignment.FAIL, door).trust is Trust.KNOWN


# --- nothing to continue -----------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "alignment", "trust"),
    [
        (CLIENT, Alignment.PASS, Trust.KNOWN),
        (CLIENT, Alignment.UNKNOWN, Trust.NONE),
        (CLIENT, Alignment.FAIL, Trust.NONE),
        (None, Alignment.PASS, Trust.NONE),
    ],
)
def test_a_new_request_discloses_nothing_to_who_is_not_known(
    sender: Known | None, alignment: Alignment, trust: Trust
) -> None:
    inbound = mail(subject="Mise en service", alignment=alignment)
    verdict = match(inbound, clues(inbound, DOOR), None, sender, DOOR)

    assert (verdict.assistance, verdict.trust, verdict.hold) == (None, trust, None)


@pytest.mark.parametrize(
    ("why", "hold"),
    [("mac", Reason.FORGED_TOKEN), ("key", Reason.EXPIRED_TOKEN)],
)
def test_a_forged_token_is_set_aside(why: str, hold: Reason) -> None:
    verdict = match(mail(), Clues(forged=Forged(why)), None, CLIENT, DOOR)

    assert (verdict.trust, verdict.hold, verdict.assistance) == (Trust.NONE, hold, None)


def test_an_unknown_reference_is_set_aside_without_a_word_about_it() -> None:
    found = Clues(refs=(AssistanceRef("ASFR26999999"),))
    verdict = match(mail(), found, None, STRANGER, DOOR)

    assert verdict.hold is Reason.UNKNOWN_ASSISTANCE
    assert verdict.assistance is None
    assert verdict.facts == {}


def test_a_forged_token_beside_a_true_thread_does_not_stop_the_client() -> None:
    inbound = mail(reply_to(), DESK.replace("@", "+a.b.c@"))
    found = clues(inbound, DOOR)
    verdict = match(inbound, found, thread(), CLIENT, DOOR)

    assert found.forged is not None
    assert verdict.trust is Trust.PROVEN
