from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from azbot.channels.email.parse import ParseSettings, parse
from azbot.messages import Automatic, Inbound, RawMessage, Reason, Unparseable

HEAD = b"From: anna@client.example\nSubject: x\nMIME-Version: 1.0\n"
MIXED = b"Content-Type: multipart/mixed; boundary=b\n\n"
JPEG = b"--b\nContent-Type: image/jpeg; name=a.jpg\n\n\xff\xd8\xff"


def raw(content: bytes, size: int | None = None) -> RawMessage:
    at = datetime(2026, 3, 12, tzinfo=UTC)
    return RawMessage("email", "imap:x", 1, content, at, size or len(content))


def read(content: bytes, settings: ParseSettings | None = None) -> Inbound:
    found = parse(raw(content), settings or ParseSettings())
    assert isinstance(found, Inbound)
    return found


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00" * 50, b"bonjour", b"a: b\n\nx"]
)
def test_octets_that_are_no_mail_are_set_aside(content: bytes) -> None:
    assert isinstance(parse(raw(content), ParseSettings()), Unparseable)


def test_a_giant_says_who_wrote_and_that_it_was_too_large() -> None:
    found = parse(raw(HEAD + b"\nx", size=40_000_000), ParseSettings())
    assert isinstance(found, Inbound)
    assert (found.suspicion, found.subject) == (Reason.TOO_LARGE, "x")
    assert read(HEAD + b"\nx").suspicion is None


def test_a_file_over_the_limit_is_named_and_left_out() -> None:
    content = HEAD + MIXED + JPEG + b"x" * 97 + b"\n--b--\n"
    assert len(read(content, ParseSettings(max_file_size=100)).files) == 1
    found = read(content, ParseSettings(max_file_size=99))
    assert (found.files, found.rejected_files[0].code) == ((), "too_large")
    assert found.rejected_files[0].size == 100


def test_the_same_file_twice_is_one() -> None:
    assert len(read(HEAD + MIXED + JPEG + b"\n" + JPEG + b"\n--b--\n").files) == 1


def test_too_many_addressees_are_suspect() -> None:
    def to(count: int) -> bytes:
        names = b", ".join(b"a%d@b.example" % n for n in range(count))
        return b"To: " + names + b"\n" + HEAD + b"\nx"

    assert read(to(100)).suspicion is None
    found = read(to(101))
    assert (found.suspicion, len(found.recipients)) == (Reason.TOO_MANY_RECIPIENTS, 100)


def test_too_many_parts_are_told_and_the_text_is_kept() -> None:
    content = HEAD + MIXED + b"--b\n\nBonjour\n" + b"--b\n\n\n" * 10_000 + b"--b--\n"
    found = read(content)
    assert (found.suspicion, found.text) == (Reason.TOO_COMPLEX, "Bonjour")


def test_a_subject_has_255_characters_at_most() -> None:
    assert len(read(b"From: a@b.fr\nSubject: " + b"x" * 300 + b"\n\n").subject) == 255


def test_a_report_about_us_is_a_bounce_before_it_is_automatic() -> None:
    content = b"Auto-Submitted: auto-replied\nX-Failed-Recipients: a@b.fr\n" + HEAD
    found = read(content + b"\n550 5.1.1 unknown")
    assert found.automatic is Automatic.BOUNCE
    assert found.bounce is not None
    assert (found.bounce.recipient, found.bounce.status) == ("a@b.fr", "5.1.1")


@pytest.mark.parametrize(
    ("line", "automatic"),
    [
        ("Auto-Submitted: no", None),
        ("Auto-Submitted: auto-generated", Automatic.AUTO_REPLY),
        ("Precedence: auto_reply", Automatic.AUTO_REPLY),
        ("Precedence: bulk", Automatic.LIST),
        ("X-Autoreply: yes", Automatic.AUTO_REPLY),
        ("X-MS-Exchange-Inbox-Rules-Loop: a@b.fr", Automatic.AUTO_REPLY),
        ("X-Auto-Response-Suppress: All", None),
        ("Feedback-ID: 1:x:y", Automatic.LIST),
        ("X-Azbot-Loop: abc", Automatic.LOOP),
        ("X-Azbot-Loop: of another desk", None),
    ],
)
def test_robots_are_known_by_their_headers(
    line: str, automatic: Automatic | None
) -> None:
    content = f"{line}\n".encode() + HEAD + b"\nBonjour"
    assert read(content, ParseSettings(instance_id="abc")).automatic is automatic


_CAMPAIGN = [
    "List-Unsubscribe: <mailto:off@shop.example>",
    "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    "X-Campaign: spring",
    "X-CampaignID: 42",
]


@pytest.mark.parametrize("line", _CAMPAIGN)
def test_an_advertisement_is_no_request(line: str) -> None:
    content = f"From: news@shop.example\r\nSubject: -20 %\r\n{line}\r\n\r\nBuy".encode()
    assert read(content).automatic is Automatic.LIST


@pytest.mark.parametrize("line", _CAMPAIGN)
def test_an_answer_of_a_company_whose_gateway_adds_list_fields_is_an_answer(
    line: str,
) -> None:
    content = (
        "From: a@b.example\r\nSubject: Re: demande\r\n"
        f"In-Reply-To: <x@desk.example>\r\n{line}\r\n\r\nOui"
    ).encode()
    assert read(content).automatic is None


@pytest.mark.parametrize(
    ("subject", "automatic"),
    [
        ("Réponse automatique : panne", Automatic.OUT_OF_OFFICE),
        ("Absence du bureau", Automatic.OUT_OF_OFFICE),
        ("Absent jusqu'au 20 mars", Automatic.OUT_OF_OFFICE),
        ("Automatic reply: panne", Automatic.OUT_OF_OFFICE),
        ("Out of Office: panne", Automatic.OUT_OF_OFFICE),
        ("Respuesta automática: avería", Automatic.OUT_OF_OFFICE),
        ("Absence de chauffage", None),
        ("Absence d'eau chaude", None),
        ("Automatic restart fails", None),
        ("Re: réponse automatique du thermostat", None),
    ],
)
def test_absences_are_known_by_their_subject(
    subject: str, automatic: Automatic | None
) -> None:
    content = b"From: a@b.fr\nSubject: " + subject.encode() + b"\n\nBonjour"
    assert read(content).automatic is automatic


@pytest.mark.parametrize(
    ("sender", "is_robot"),
    [
        ("no-reply@b.fr", True),
        ("noreply+x@b.fr", True),
        ("ne-pas-repondre@b.fr", True),
        ("postmaster@b.fr", True),
        ("norbert@b.fr", False),
        ("contact@noreply.fr", False),
    ],
)
def test_robots_are_known_by_their_name(sender: str, is_robot: bool) -> None:
    found = read(f"From: {sender}\nSubject: x\n\nBonjour".encode())
    assert (found.automatic is not None) == is_robot


HOSTILE = {
    "one header of 1 MB": b"From: a@b.fr\nSubject: " + b"x " * 500_000 + b"\n\nx",
    "100 000 headers": b"From: a@b.fr\n" + b"X-A: b\n" * 100_000 + b"\nx",
    "ids": b"From: a@b.fr\nReferences: " + b"<a@b>\n " * 140_000 + b"\n\nx",
    "addresses": b"From: a@b.fr\nTo: " + b"a@b.fr, " * 140_000 + b"\n\nx",
    "comments": b"From: " + b"(" * 1_000_000 + b"\nTo: a@b.fr\n\nx",
    "words": b"From: a@b.fr\nSubject: " + b"=?utf-8?q?a?= " * 70_000 + b"\n\nx",
    "parameters": b"From: a@b.fr\nContent-Type: x/y; " + b'a="; ' * 200_000 + b"\n\nx",
    "uuencode": HEAD + b"\n" + b"begin 644 x\n" * 80_000 + b"end\n",
    "flowed": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + b"a \n" * 300_000,
    "report": b"From: a@b.fr\nContent-Type: multipart/report; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\n"
    + b"Action: x\n\n" * 80_000
    + b"--b--\n",
    "calendar": HEAD + b"Content-Type: text/calendar\n\nATTENDEE" + b";A=b" * 250_000,
    "not a container": HEAD + MIXED + b"--b \t" * 200_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_octets_take_less_than_two_seconds(name: str) -> None:
    began = time.process_time()
    parse(raw(HOSTILE[name]), ParseSettings(receiver="m365"))
    assert time.process_time() - began < 2
