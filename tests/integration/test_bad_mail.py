"""Broken and hostile mail: each has its clear end, and nothing is lost."""

from __future__ import annotations

import base64

import pytest

from tests.maildesk import DESK, STRANGER, MailDesk

HEAD = f"From: Jean <{STRANGER}>\nTo: {DESK}\nMessage-ID: <bad@x.example>\n"
BODY = "\nBonjour, une panne à Lyon.\n"


def mail(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def multipart(parts: str, boundary: str = "b") -> bytes:
    head = HEAD + f'Content-Type: multipart/mixed; boundary="{boundary}"\n'
    return mail(f"{head}\n{parts}")


def part(content: bytes, media_type: str, name: str) -> str:
    encoded = base64.encodebytes(content).decode()
    return (
        f"--b\nContent-Type: {media_type}\nContent-Transfer-Encoding: base64\n"
        f'Content-Disposition: attachment; filename="{name}"\n\n{encoded}\n'
    )


TEXT = "--b\nContent-Type: text/plain\n\nBonjour, une panne à Lyon.\n"

BROKEN: dict[str, tuple[bytes, str, str]] = {
    "nothing at all": (b"", "quarantined", "no_sender"),
    "only line ends": (b"\r\n" * 50, "quarantined", "no_sender"),
    "random octets": (bytes(range(256)) * 20, "quarantined", "no_sender"),
    "no From": (mail(f"To: {DESK}\n{BODY}"), "quarantined", "no_sender"),
    "an empty From": (mail(f"From: \nTo: {DESK}\n{BODY}"), "quarantined", "no_sender"),
    "From without an address": (
        mail(f"From: Jean Dupont\nTo: {DESK}\n{BODY}"),
        "quarantined",
        "no_sender",
    ),
    "two From headers": (
        mail(HEAD + f"From: autre@x.example\n{BODY}"),
        "quarantined",
        "several_senders",
    ),
    "two senders in one From": (
        mail(f"From: a@x.example, b@x.example\nTo: {DESK}\n{BODY}"),
        "quarantined",
        "several_senders",
    ),
    "an address in the display name": (
        mail(f'From: "patron@client.example" <{STRANGER}>\nTo: {DESK}\n{BODY}'),
        "quarantined",
        "disguised_sender",
    ),
    "our own address as sender": (
        mail(f"From: {DESK}\nTo: {DESK}\n{BODY}"),
        "quarantined",
        "own_address",
    ),
    "an empty message": (mail(HEAD + "\n"), "quarantined", "empty"),
    "only spaces": (mail(HEAD + "\n   \n \n"), "quarantined", "empty"),
    "an encrypted message": (
        mail(
            HEAD + "Content-Type: multipart/encrypted; boundary=b; "
            'protocol="application/pgp-encrypted"\n\n--b\nContent-Type: '
            "application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: "
            "application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--b--\n"
        ),
        "quarantined",
        "encrypted",
    ),
    "a forged token": (
        mail(
            f"From: Jean <{STRANGER}>\nDelivered-To: "
            f"support+1.1.k1aaaaaaaaaaaaaaaa@sav.example\n{BODY}"
        ),
        "quarantined",
        "expired_token",
    ),
    "a reference nobody has": (
        mail(HEAD + f"Subject: ASFR26999999\n{BODY}"),
        "quarantined",
        "unknown_assistance",
    ),
    "an advert from a list": (
        mail(HEAD + f"List-Id: <pub.example>\nPrecedence: bulk\n{BODY}"),
        "ignored",
        "not_a_request",
    ),
    "an absence without thread": (
        mail(HEAD + f"Auto-Submitted: auto-replied\n{BODY}"),
        "ignored",
        "not_a_request",
    ),
    "a bounce of nothing we sent": (
        mail(f"From: MAILER-DAEMON@x.example\nTo: {DESK}\nReturn-Path: <>\n{BODY}"),
        "ignored",
        "not_a_request",
    ),
    "an unknown charset": (
        mail(HEAD + f"Content-Type: text/plain; charset=klingon-8\n{BODY}"),
        "applied",
        "",
    ),
    "octets that are not of their charset": (
        mail(HEAD + "Content-Type: text/plain; charset=utf-8\n\nPanne ")
        + "à Lyon".encode("cp1252"),
        "applied",
        "",
    ),
    "NUL in the text": (mail(HEAD + "\nBonjour\x00 une panne\n"), "applied", ""),
    "broken base64": (
        mail(HEAD + "Content-Transfer-Encoding: base64\n\n@@@ Qm9uam91cg=\n"),
        "applied",
        "",
    ),
    "a boundary that never comes": (multipart("Bonjour, une panne.\n"), "applied", ""),
    "a multipart without its end": (multipart(TEXT), "applied", ""),
    "a subject of many encoded words": (
        mail(HEAD + f"Subject: {'=?utf-8?q?=C3=A9?= ' * 300}\n{BODY}"),
        "applied",
        "",
    ),
    "a date in 1970": (
        mail(HEAD + f"Date: Thu, 1 Jan 1970 00:00:00 +0000\n{BODY}"),
        "applied",
        "",
    ),
    "a date that is none": (mail(HEAD + f"Date: demain\n{BODY}"), "applied", ""),
    "a header line without colon": (
        mail(HEAD + f"ceci n'est pas un en-tête\n{BODY}"),
        "applied",
        "",
    ),
    "a program under the name of a photo": (
        multipart(TEXT + part(b"MZ\x90\x00" * 40, "image/jpeg", "photo.jpg") + "--b--"),
        "applied",
        "",
    ),
    "a name that climbs": (
        multipart(
            TEXT
            + part(b"%PDF-1.4\n" * 9, "application/pdf", "../../etc/passwd.pdf")
            + "--b--"
        ),
        "applied",
        "",
    ),
    "twenty thousand nested tags": (
        mail(HEAD + "Content-Type: text/html\n\n" + "<div>" * 20_000 + "panne"),
        "applied",
        "",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broken_mail_has_its_clear_end(desk: MailDesk, name: str) -> None:
    octets, state, reason = BROKEN[name]
    desk.mailbox.deliver(octets, STRANGER)
    await desk.settle()
    (entry,) = await desk.ledger()
    found = entry.outcome.reason.value if entry.outcome.reason else ""
    assert (entry.outcome.state.value, found) == (state, reason)
    kept = await desk.store.write(lambda uow: uow.raw.content(entry.id))
    assert kept.endswith(octets)

    desk.client.write("Bonjour, une mise en service à Lyon.")
    await desk.settle()
    assert (await desk.states())[-1] == "applied"
