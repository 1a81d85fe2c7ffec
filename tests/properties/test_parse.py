from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

from hypothesis import example, given, settings
from hypothesis import strategies as st

from azbot.channels.email.headers import (
    decode_words,
    read_addresses,
    read_date,
    read_parameters,
)
from azbot.channels.email.layout import html_to_text
from azbot.channels.email.mime import Limits, Unusual, read_lean, read_stdlib
from azbot.channels.email.parse import ParseSettings, parse
from azbot.channels.email.quoting import separate
from azbot.channels.email.sender import read_verdict
from azbot.messages import Inbound, RawMessage, Unparseable
from tests.trees import shape

SETTINGS = ParseSettings(
    own_addresses=frozenset({"support@desk.example"}),
    own_domain="desk.example",
    receiver="m365",
)
PIECES = (
    *(b"From: ", b"To: ", b"Subject: ", b"a@b.fr", b"<a@b.fr>", b'"', b"=?utf-8?q?=C3"),
    *(b"=?utf-8?b?w6k=?=", b"?=", b"\r\n", b"\n", b"\n\n", b"\r", b" ", b"\t", b"\x00"),
    *(b"Content-Type: multipart/mixed; boundary=b\n\n", b"--b\n", b"--b--\n", b"; "),
    *(b"Content-Type: multipart/alternative; boundary=c\n\n", b"--c\n", b"--c--\n"),
    *(b"Content-Type: text/html\n\n", b"Content-Type: text/plain; charset=utf-7\n\n"),
    *(b"Content-Type: message/rfc822\n\n", b"Content-Type: multipart/report; "),
    *(
        b"Content-Type: message/delivery-status\n\n",
        b"Action: failed\n",
        b"boundary=b\n",
    ),
    *(b"Content-Type: application/ms-tnef\n\n\x78\x9f\x3e\x22", b"begin 644 x\n"),
    *(
        b"Content-Transfer-Encoding: base64\n",
        b"AAAA",
        b"Content-Disposition: attachment",
    ),
    *(
        b"; filename*0*=utf-8''%C3",
        b"; filename*1=x",
        b"\xe9",
        b"\xed\xa0\x80",
        b"&#55296;",
    ),
    *(b"<div>", b"</div>", b"<blockquote>", b'<div class="gmail_quote">', b"<", b">"),
    *(b"X-Azbot-Loop: x\n", b"Authentication-Results: spf=pass (\n", b"List-Id: x\n"),
    *(
        b"text/calendar; method=REPLY\n\n",
        b"BEGIN:VEVENT\nUID:x\nATTENDEE:y\nEND:VEVENT",
    ),
    *(
        b"> ",
        b"On 1/1/2020 a wrote:\n",
        b"-- \n",
        b"\xff\xd8\xff",
        b"Date: 1 Jan 99999\n",
    ),
    *(b"Message-ID: <", b"References: ,,<a@b>", b"Return-Path: <>\n", b"e" * 80),
)
octets = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join),
)


def raw(content: bytes) -> RawMessage:
    at = datetime(2026, 3, 12, tzinfo=UTC)
    return RawMessage("email", "imap:x", 1, content, at, len(content))


@settings(max_examples=400)
@given(octets)
@example(b"From: \xed\xa0\x80\n\n\xed\xa0\x80")
@example(b"From: a@b\nContent-Type: text/plain; charset=idna\n\n\xff")
def test_any_octets_are_understood_or_set_aside(content: bytes) -> None:
    found = parse(raw(content), SETTINGS)
    if isinstance(found, Unparseable):
        assert found.detail
        return
    said = [found.text, found.subject, found.marked or "", *map(str, found.recipients)]
    for text in said:
        assert "\x00" not in text
        text.encode("utf-8")
    assert "\r" not in found.text
    assert "\n" not in found.subject
    assert len(found.references) <= 20
    if found.marked is not None:
        assert found.text.startswith(found.marked)
    reply = separate(found.text, found.marked, (), found.is_forward)
    assert bool(reply.text) == bool(found.text.strip())


@settings(max_examples=100)
@given(octets)
def test_the_same_octets_say_the_same(content: bytes) -> None:
    assert parse(raw(content), SETTINGS) == parse(raw(content), SETTINGS)


texts = st.text(
    st.characters(
        blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"
    ),
    max_size=60,
)
lines = st.lists(texts, max_size=8).map("\n".join)
names = st.text("abcdefgh éàü-_ ", min_size=1, max_size=20).map(str.strip).filter(bool)


@st.composite
def mails(draw: st.DrawFn) -> EmailMessage:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = f"{draw(st.sampled_from(['Anna', 'Ren']))} <anna@client.example>"
    mail["To"] = "support+x@desk.example"
    mail["Subject"] = draw(st.text("abc é€ü", max_size=100)).strip()
    mail["Message-ID"] = "<1@client.example>"
    encoding = draw(st.sampled_from(["quoted-printable", "base64", "8bit"]))
    mail.set_content(draw(lines) + "\n", cte=encoding)
    if draw(st.booleans()):
        mail.add_alternative(f"<p>{draw(names)}</p>", subtype="html")
    for _ in range(draw(st.integers(0, 3))):
        content = b"\xff\xd8\xff" + draw(st.binary(max_size=200))
        name = draw(names) + ".jpg"
        mail.add_attachment(content, maintype="image", subtype="jpeg", filename=name)
    return mail


@given(mails())
def test_an_ordinary_mail_is_read_lean_and_as_the_stdlib_reads_it(
    mail: EmailMessage,
) -> None:
    content = mail.as_bytes()
    lean = read_lean(content, Limits())
    assert shape(lean) == shape(read_stdlib(content, Limits()))


@given(mails())
def test_what_was_written_is_read(mail: EmailMessage) -> None:
    found = parse(raw(mail.as_bytes()), SETTINGS)
    assert isinstance(found, Inbound)
    assert found.subject == " ".join(str(mail["Subject"]).split(" ")).strip()
    body = mail.get_body(("plain",))
    assert body is not None
    written = str(body.get_content())
    if not found.has_html:
        assert found.text.split() == _composed(written).split()
    kept = {file.content for file in found.files}
    assert kept == {part.get_content() for part in mail.iter_attachments()}


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


@settings(max_examples=200)
@given(octets)
def test_readers_agree_wherever_the_lean_one_is_sure(content: bytes) -> None:
    # Parts the stdlib reads deeper (message/*) or differently by design are left out.
    if re.search(rb"message/|\r(?!\n)|digest", content):
        return
    try:
        lean = read_lean(content, Limits())
    except Unusual:
        return
    other = read_stdlib(content, Limits())
    kinds = [part.media_type for part in lean.walk()]
    assert kinds == [part.media_type for part in other.walk()]


@given(st.text(max_size=300))
def test_small_readers_take_any_text(text: str) -> None:
    decode_words(text)
    read_addresses(text)
    read_date(text)
    read_parameters(text)
    read_verdict(text)


@settings(max_examples=150)
@given(st.lists(st.sampled_from([p.decode("latin-1") for p in PIECES]), max_size=30))
def test_html_of_any_shape_gives_text(pieces: list[str]) -> None:
    whole, head = html_to_text("".join(pieces))
    assert head is None or whole.startswith(head)
