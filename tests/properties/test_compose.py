from __future__ import annotations

import email
import email.policy
import re
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import parseaddr, unquote

from hypothesis import example, given
from hypothesis import strategies as st

from azbot.channels.email.compose import compose
from azbot.channels.email.folding import ids_header, parameterised, text_header
from azbot.channels.email.settings import EmailSettings
from azbot.messages import Address, Outbound, OutboundFile

DESK = EmailSettings(address="support@example.fr")
# What a person can type in a line; other control characters become spaces.
lines = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=300
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=2_000)
ids = st.lists(
    st.from_regex(r"<[!-;=?-~]{1,120}>", fullmatch=True), min_size=1, max_size=20
)


def both_readers(content: bytes) -> tuple[Message, EmailMessage]:
    modern = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(modern, EmailMessage)
    return email.message_from_bytes(content), modern


def assert_lines_are_legal(head: str) -> None:
    for line in head.split("\r\n"):
        assert "\r" not in line
        assert "\n" not in line
        assert len(line) <= 998
    assert not re.search(r"\r\n[ \t]*\r\n.", head, re.DOTALL)
    assert all(len(word) <= 75 for word in re.findall(r"=\?utf-8\?[qb]\?\S*\?=", head))


@given(lines)
def test_a_subject_reads_back_as_it_was_written(subject: str) -> None:
    head = text_header("Subject", subject)
    old, modern = both_readers(head.encode("ascii") + b"\r\n")

    assert_lines_are_legal(head)
    assert str(make_header(decode_header(old["Subject"]))) == subject
    if subject == " ".join(subject.split()):
        assert modern["Subject"] == subject


@given(lines)
def test_a_display_name_reads_back_as_it_was_written(name: str) -> None:
    content = _mail(name=name)
    old, modern = both_readers(content)

    assert modern["To"].addresses[0].addr_spec == "jo@client.example"
    shown = parseaddr(str(old["To"]))[0]
    # the modern reader puts a space between encoded words of a name
    assert str(make_header(decode_header(shown))) == name.strip()
    assert_lines_are_legal(content.decode("ascii").partition("\r\n\r\n")[0])


@given(ids)
def test_ids_are_only_folded_between_words(many: list[str]) -> None:
    head = ids_header("References", " ".join(many))
    old, _ = both_readers(head.encode("ascii") + b"\r\n")

    assert_lines_are_legal(head)
    assert old["References"].split() == many


@given(lines.map(str.strip).filter(bool))
@example("<>")
@example("<é>")
def test_a_file_name_reads_back_in_both_readers(name: str) -> None:
    head = parameterised("Content-Disposition", "attachment", (("filename", name),))
    old, modern = both_readers(head.encode("ascii") + b"\r\n")

    assert_lines_are_legal(head)
    assert modern["Content-Disposition"].params["filename"] == name
    # Python takes a pair of quotes or angles off what it has decoded already.
    assert old.get_filename() in (name, unquote(name))


@given(texts, texts, st.binary(max_size=300))
def test_any_content_arrives_octet_for_octet(
    text: str, html: str, content: bytes
) -> None:
    wire = _mail(text=text, html=html, file=content)
    old, modern = both_readers(wire)

    alternative, attached = modern.iter_parts()
    plain, marked = alternative.iter_parts()
    for part, words in ((plain, text), (marked, html)):
        assert part.get_payload(decode=True) == _wire_text(words)
    assert attached.get_payload(decode=True) == content
    assert [part.get_content_type() for part in old.walk()] == [
        part.get_content_type() for part in modern.walk()
    ]
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", wire)
    assert max(map(len, wire.split(b"\r\n"))) <= 78


def _wire_text(words: str) -> bytes:
    return re.sub(r"\r\n|\r|\n", "\r\n", words).encode()


def _mail(
    name: str = "Jo", text: str = "x", html: str = "<p>", file: bytes | None = None
) -> bytes:
    attached = OutboundFile("a.bin", "application/octet-stream", file or b"")
    outbound = Outbound(
        key="1",
        sender=Address("support@example.fr"),
        to=Address("jo@client.example", name),
        reply_to=Address("support@example.fr"),
        envelope_from="support@example.fr",
        message_id="<1@example.fr>",
        subject="x",
        text=text,
        html=html,
        date=datetime(2026, 3, 25, tzinfo=UTC),
        files=() if file is None else (attached,),
    )
    return compose(outbound, DESK).content
