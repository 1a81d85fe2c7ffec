from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from azbot.channels.email.headers import Headers, read_headers
from azbot.channels.email.sender import (
    align,
    is_aligned,
    mixes_scripts,
    read_sender,
    read_verdict,
    verify_dkim,
)
from azbot.messages import Address, Alignment, Reason

ANNA = Address("anna@client.example")
HOST = "mail.desk.example"


def headers(*lines: str) -> Headers:
    found = read_headers("\n".join(lines).encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("value", "suspicion"),
    [
        ("Anna <anna@client.example>", None),
        ('"anna@client.example" <anna@client.example>', None),
        ("Anna (direction) <anna@client.example>", None),
        ("anna@client.example, b@evil.example", Reason.SEVERAL_SENDERS),
        ('"b@desk.example" <anna@evil.example>', Reason.DISGUISED_SENDER),
        ('"b\uff20desk.example" <anna@evil.example>', Reason.DISGUISED_SENDER),
        ("=?utf-8?q?b=40desk=2Eexample?= <a@evil.example>", Reason.DISGUISED_SENDER),
        ("Equipe: anna@client.example;", Reason.DISGUISED_SENDER),
        ("Anna <anna@cli\u0435nt.example>", Reason.DISGUISED_SENDER),
        ("Anna <anna@xn--clint-9ya.example>", None),
        ("Anna", Reason.NO_SENDER),
        ("", Reason.NO_SENDER),
    ],
)
def test_from_is_one_believable_mailbox(value: str, suspicion: Reason | None) -> None:
    assert read_sender(headers(f"From: {value}")).suspicion == suspicion


def test_scripts_that_look_alike_are_not_mixed() -> None:
    assert mixes_scripts("p\u0430ypal")
    assert not mixes_scripts("évry")
    assert not mixes_scripts("почта")


def test_microsofts_form_has_no_server_and_stray_domains() -> None:
    verdict = read_verdict(
        "spf=pass (sender IP is 1.2.3.4) smtp.mailfrom=a.example; b.example; "
        "dkim=none (message not signed) header.d=none;dmarc=pass action=none "
        "header.from=a.example;compauth=pass reason=100"
    )
    assert verdict.server == ""
    assert [(r.method, r.value) for r in verdict.results] == [
        ("spf", "pass"),
        ("dkim", "none"),
        ("dmarc", "pass"),
        ("compauth", "pass"),
    ]


def test_comments_and_quotes_hide_no_result() -> None:
    verdict = read_verdict(
        'x.example 1 (a (b) ; dmarc=pass) ; spf=fail reason="; dmarc=pass" (\\))'
    )
    assert verdict.server == "x.example"
    assert (verdict.results[0].method, verdict.results[0].value) == ("spf", "fail")
    assert "dmarc" not in {r.method for r in verdict.results}


@pytest.mark.parametrize(
    ("results", "alignment"),
    [
        ("dmarc=pass header.from=client.example", Alignment.PASS),
        ("dmarc=pass header.from=evil.example", Alignment.UNKNOWN),
        ("dmarc=pass", Alignment.UNKNOWN),
        ("dmarc=fail header.from=client.example; spf=pass", Alignment.FAIL),
        ("dkim=pass header.d=client.example", Alignment.PASS),
        ("dkim=pass header.i=@mail.client.example", Alignment.PASS),
        ("dkim=pass header.d=evil.example", Alignment.UNKNOWN),
        ("dkim=pass header.d=notclient.example", Alignment.UNKNOWN),
        ("dkim=pass header.d=example", Alignment.UNKNOWN),
        ("spf=pass smtp.mailfrom=bounce@client.example", Alignment.PASS),
        ("spf=pass smtp.mailfrom=evil.example", Alignment.UNKNOWN),
        ("spf=softfail smtp.mailfrom=client.example", Alignment.FAIL),
        ("spf=none smtp.mailfrom=client.example", Alignment.UNKNOWN),
        ("none", Alignment.UNKNOWN),
    ],
)
def test_only_what_is_aligned_with_from_counts(
    results: str, alignment: Alignment
) -> None:
    found = headers(
        f"Authentication-Results: {HOST}; {results}",
        f"Received: from x by {HOST}; now",
        "From: anna@client.example",
    )
    assert align(found, ANNA, "authserv-id", HOST) == alignment


@pytest.mark.parametrize("receiver", ["authserv-id", "m365", "gmail", "none"])
def test_a_field_of_a_foreign_server_says_nothing(receiver: str) -> None:
    found = headers(
        "Authentication-Results: evil.example; dmarc=pass header.from=client.example",
        f"Received: from x by {HOST}; now",
        "From: anna@client.example",
    )
    assert align(found, ANNA, receiver, HOST) == Alignment.UNKNOWN


def test_a_field_below_a_foreign_received_is_not_ours() -> None:
    found = headers(
        f"Received: from evil by {HOST}; now",
        "Received: from x by evil.example; before",
        f"Authentication-Results: {HOST}; dmarc=pass header.from=client.example",
        f"Received: from y by {HOST}; forged",
        "From: anna@client.example",
    )
    assert align(found, ANNA, "authserv-id", HOST) == Alignment.UNKNOWN


def test_several_fields_of_our_own_are_read_together() -> None:
    found = headers(
        f"Received: by {HOST} (LMTP)",
        f"Authentication-Results: {HOST}; spf=fail smtp.mailfrom=client.example",
        f"Authentication-Results: {HOST}; dkim=pass header.d=client.example",
        "Received: from x by mx1.desk.example; now",
        "From: anna@client.example",
    )
    assert align(found, ANNA, "authserv-id", HOST) == Alignment.PASS


def test_alignment_is_relaxed_to_subdomains_only() -> None:
    assert is_aligned("mail.client.example", "client.example")
    assert is_aligned("client.example", "news.client.example")
    assert not is_aligned("client.example", "evilclient.example")
    assert not is_aligned("", "client.example")


# --- DKIM checked here ---------------------------------------------------------------

KEY = rsa.generate_private_key(65537, 1024)  # quick, for a test only
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.TraditionalOpenSSL,
    serialization.NoEncryption(),
)
RECORD = b"v=DKIM1; k=rsa; p=" + base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
)
MAIL = (
    b"From: anna@client.example\r\nTo: support@desk.example\r\n"
    b"Subject: Panne\r\n\r\nBonjour\r\n"
)


def dns(name: bytes, timeout: int = 5) -> bytes:
    return RECORD if name == b"s1._domainkey.client.example." else b""


def signed(domain: bytes = b"client.example", *, length: bool = False) -> bytes:
    return bytes(dkim.sign(MAIL, b"s1", domain, PEM, length=length)) + MAIL


def check(content: bytes) -> Alignment:
    found = read_headers(content.partition(b"\r\n\r\n")[0])
    assert found is not None
    return verify_dkim(content, found, ANNA, dns)


def test_a_signature_can_be_checked_without_a_receiver() -> None:
    assert check(signed()) == Alignment.PASS
    assert check(signed().replace(b"Bonjour", b"Bonsoir")) == Alignment.FAIL
    assert check(MAIL) == Alignment.UNKNOWN


def test_a_signature_of_a_part_of_the_body_is_a_fail() -> None:
    assert check(signed(length=True)) == Alignment.FAIL


def test_a_signature_of_another_domain_says_nothing() -> None:
    assert check(signed(b"evil.example")) == Alignment.UNKNOWN


def test_a_doubled_subject_is_not_vouched_for() -> None:
    assert check(b"Subject: Autre\r\n" + signed()) == Alignment.UNKNOWN
