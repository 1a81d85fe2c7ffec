from __future__ import annotations

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.header import decode_header, make_header
from email.message import EmailMessage, Message

import pytest

from azbot.channels.email.compose import compose
from azbot.channels.email.settings import EmailSettings
from azbot.messages import Address, Outbound, OutboundFile

DESK = EmailSettings(address="support@example.fr")
SES_ID = f"<{'0' * 17}{'a' * 8}-{'b' * 36}-000000@eu-west-1.amazonses.example.com>"
CALENDAR = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n"


def a_mail(**changes: object) -> Outbound:
    mail = Outbound(
        key="event-7/person-2",
        sender=Address("support@example.fr", "Support technique"),
        to=Address("sophie@client.example", "Sophie Martin"),
        reply_to=Address("support+1.2.k1abcdefghijklmnop@example.fr"),
        envelope_from="support+1.2.k1bbbbbbbbbbbbbbbb@example.fr",
        message_id="<az.1.7.2.k1abcdefghijklmnop@example.fr>",
        subject="Bien reçu : mise en service à Évry · ASFR26000184",
        text="Bonjour,\n\nVotre demande est enregistrée.\n",
        html="<!doctype html><html lang=fr><p>Enregistrée</p></html>\n",
        date=datetime(2026, 3, 25, 12, tzinfo=UTC),
        references=("<az.1@example.fr>",),
        kind="created",
        reference="ASFR26000184",
    )
    return replace(mail, **changes)  # type: ignore[arg-type]


def octets(mail: Outbound) -> bytes:
    return compose(mail, DESK).content


def modern(mail: Outbound) -> EmailMessage:
    parsed = email.message_from_bytes(octets(mail), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert not parsed.defects
    for part in parsed.walk():
        assert not part.defects
        assert not any(value.defects for value in part.values())
    return parsed


def old(mail: Outbound) -> Message:
    return email.message_from_bytes(octets(mail))


def test_people_and_programs_find_their_headers() -> None:
    parsed = modern(a_mail())

    assert parsed["From"] == "Support technique <support@example.fr>"
    assert parsed["To"] == "Sophie Martin <sophie@client.example>"
    assert parsed["Reply-To"] == "support+1.2.k1abcdefghijklmnop@example.fr"
    assert parsed["Subject"] == "Bien reçu : mise en service à Évry · ASFR26000184"
    assert parsed["Date"] == "Wed, 25 Mar 2026 12:00:00 +0000"
    assert parsed["Message-ID"] == "<az.1.7.2.k1abcdefghijklmnop@example.fr>"
    assert parsed["References"] == "<az.1@example.fr>"
    assert parsed["In-Reply-To"] is None
    assert parsed["X-Azbot-Reference"] == "ASFR26000184"
    assert parsed["X-Azbot-Kind"] == "created"
    assert parsed["X-Azbot-Loop"] == DESK.loop_mark
    assert parsed["List-Id"] == "<support.example.fr>"
    assert parsed["Content-Language"] == "fr"


def test_text_and_html_are_alternatives() -> None:
    parsed = modern(a_mail())

    assert parsed.get_content_type() == "multipart/alternative"
    plain, html = parsed.iter_parts()
    assert plain.get_content_type() == "text/plain"
    text = "Bonjour,\r\n\r\nVotre demande est enregistrée.\r\n"
    assert plain.get_content() == text
    assert html.get_content_type() == "text/html"
    assert "<p>Enregistrée</p>" in html.get_content()


def test_the_envelope_has_the_return_path_and_the_bare_recipient() -> None:
    envelope = compose(a_mail(), DESK)

    assert envelope.key == "event-7/person-2"
    assert envelope.sender == "support+1.2.k1bbbbbbbbbbbbbbbb@example.fr"
    assert envelope.recipient == "sophie@client.example"


def test_the_same_message_gives_the_same_octets() -> None:
    assert octets(a_mail()) == octets(a_mail())
    assert octets(a_mail()) != octets(a_mail(key="another"))


def test_a_notice_says_that_a_program_wrote_it() -> None:
    assert modern(a_mail())["Auto-Submitted"] == "auto-generated"
    answer = modern(a_mail(in_reply_to="<1@client.example>"))
    assert answer["Auto-Submitted"] == "auto-replied"
    assert answer["X-Auto-Response-Suppress"] == "OOF, AutoReply"


def test_a_mail_written_by_an_agent_looks_like_one() -> None:
    parsed = modern(a_mail(is_automatic=False))

    for name in ("Auto-Submitted", "X-Auto-Response-Suppress", "List-Id", "Precedence"):
        assert parsed[name] is None
    assert parsed["X-Azbot-Loop"] == DESK.loop_mark


def test_an_optional_mail_says_how_to_stop_it() -> None:
    parsed = modern(a_mail(is_optional=True))

    reply = "support+1.2.k1abcdefghijklmnop@example.fr"
    assert parsed["List-Unsubscribe"] == f"<mailto:{reply}?subject=STOP>"
    assert parsed["List-Unsubscribe-Post"] is None


def test_one_click_is_claimed_for_an_https_address() -> None:
    both = f"<https://sav.example.fr/u/{'x' * 120}>, <mailto:a@example.fr>"
    parsed = old(a_mail(is_optional=True, headers={"List-Unsubscribe": both}))

    assert " ".join(parsed["List-Unsubscribe"].split()) == both
    assert parsed["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_mail_that_cannot_be_stopped_does_not_offer_it() -> None:
    parsed = old(a_mail(headers={"List-Unsubscribe": "<https://sav.example.fr/u>"}))

    assert parsed["List-Unsubscribe"] is None


def test_long_ids_stay_whole_on_the_wire() -> None:
    parents = tuple(f"<{number:080}@mail.example.com>" for number in range(40))
    mail = a_mail(in_reply_to=SES_ID, references=("<az.1@example.fr>", *parents))
    parsed = old(mail)

    assert len(SES_ID) > 86
    assert parsed["In-Reply-To"] == SES_ID
    references = parsed["References"].split()
    assert references == ["<az.1@example.fr>", *parents[-18:], SES_ID]
    head = octets(mail).partition(b"\r\n\r\n")[0]
    ids = re.search(rb"References:.*?\r\n(?! )", head, re.DOTALL)
    assert ids is not None
    assert b"=?" not in ids[0]


def test_ids_no_program_could_have_written_are_left_out() -> None:
    mail = a_mail(in_reply_to="<two words@x>", references=("<é@x>", "<ok@x>", "x"))
    parsed = old(mail)

    assert parsed["In-Reply-To"] is None
    assert parsed["References"] == "<ok@x>"


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\0"])
@pytest.mark.parametrize(
    "place", ["subject", "in_reply_to", "references", "name", "email", "kind", "header"]
)
def test_a_line_break_in_a_header_is_refused(break_: str, place: str) -> None:
    evil = f"a{break_}Bcc: everybody@example.com"
    changes: dict[str, object] = {place: evil}
    if place == "references":
        changes = {"references": (evil,)}
    elif place == "name":
        changes = {"to": Address("sophie@client.example", evil)}
    elif place == "email":
        changes = {"to": Address(f"{evil}@client.example")}
    elif place == "header":
        changes = {"headers": {"X-Other": evil}}
    with pytest.raises(ValueError, match=r"line break|address"):
        octets(a_mail(**changes))


def test_a_line_break_in_a_file_name_is_refused() -> None:
    file = OutboundFile("a\r\nX: b.pdf", "application/pdf", b"%PDF")

    with pytest.raises(ValueError, match="line break"):
        octets(a_mail(files=(file,)))


def test_known_headers_cannot_be_replaced() -> None:
    with pytest.raises(ValueError, match="itself"):
        octets(a_mail(headers={"BCC": "other@example.com"}))
    with pytest.raises(ValueError, match="header name"):
        octets(a_mail(headers={"X Other": "1"}))


def test_other_headers_are_added() -> None:
    parsed = modern(a_mail(headers={"X-Test": "a b", "Comments": "été"}))

    assert parsed["X-Test"] == "a b"
    assert parsed["Comments"] == "été"


def test_a_naive_date_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        octets(a_mail(date=datetime(2026, 3, 25, 12)))  # noqa: DTZ001


def test_a_message_id_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="Message-ID"):
        octets(a_mail(message_id="az.1@example.fr"))


def test_files_follow_the_alternatives() -> None:
    files = (
        OutboundFile("rapport.pdf", "application/pdf", b"%PDF" + bytes(500)),
        OutboundFile("Chaudière 2 — été \u202e\u4e2d.jpg", "image/jpeg", b"\xff\xd8"),
        OutboundFile(f"{'très long ' * 20}.txt", "text/plain", b"a\nb\n"),
        OutboundFile("vide.bin", "application/octet-stream", b""),
        OutboundFile('a "b" \\c.eml', "message/rfc822", b"From: a\r\n\r\n.\r\n"),
    )
    parsed = modern(a_mail(files=files))

    assert parsed.get_content_type() == "multipart/mixed"
    alternative, *attached = parsed.iter_parts()
    assert alternative.get_content_type() == "multipart/alternative"
    for part, file in zip(attached, files, strict=True):
        assert part.get_filename() == file.name
        assert part.get_content_disposition() == "attachment"
        assert part.get_payload(decode=True) == file.content
    assert attached[0].get_content_type() == "application/pdf"


def test_an_older_reader_finds_the_same_file_names() -> None:
    name = f"{'été ' * 40}.pdf"
    parsed = old(a_mail(files=(OutboundFile(name, "application/pdf", b"x"),)))

    part = parsed.get_payload(1)
    assert isinstance(part, Message)
    assert part.get_filename() == name


def test_a_media_type_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="media type"):
        octets(a_mail(files=(OutboundFile("a", "pdf; x=1", b""),)))


def test_an_invitation_is_an_alternative_and_a_file() -> None:
    file = OutboundFile("visite.ics", "text/calendar", CALENDAR, "REQUEST")
    parsed = modern(a_mail(files=(file,)))

    alternative, attached = parsed.iter_parts()
    calendar = list(alternative.iter_parts())[-1]
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == "REQUEST"
    assert calendar.get_payload(decode=True) == CALENDAR
    assert attached.get_content_type() == "application/ics"
    assert attached.get_payload(decode=True) == CALENDAR


def test_an_invitation_of_another_method_is_refused() -> None:
    file = OutboundFile("visite.ics", "text/calendar", CALENDAR, "CANCEL")

    with pytest.raises(ValueError, match="METHOD"):
        octets(a_mail(files=(file,)))


def test_plain_text_leaves_as_it_is_written() -> None:
    assert b"7bit\r\n\r\nBonjour Anna\r\n" in octets(a_mail(text="Bonjour Anna\n"))


@pytest.mark.parametrize(
    "text",
    [
        "From here on\nFrom the start\n",
        ".\n..\n",
        "-- \nsignature\n",
        "x" * 3_000,
        "é" * 3_000 + "\n",
        "日本語の本文" * 200,
        "NUL \0 and \x1b and \x85\n",
        "--=_az_00\n",
        "no line end",
        "trailing space ",
        "",
        "\n\n\n",
        "From " + "é" * 30 + "x" * 80,
    ],
)
def test_any_text_arrives_as_it_was_written(text: str) -> None:
    wire = octets(a_mail(text=text))

    plain, _ = modern(a_mail(text=text)).iter_parts()
    payload = plain.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert payload.decode().replace("\r\n", "\n") == text
    lines = wire.split(b"\r\n")
    assert all(b"\n" not in line and b"\r" not in line for line in lines)
    assert max(map(len, lines)) <= 78


def test_a_lone_surrogate_does_not_keep_a_mail_from_leaving() -> None:
    mail = a_mail(subject="a \ud83d b", text="c \udce9 d")

    assert modern(mail)["Subject"] == "a ? b"


def test_a_long_subject_is_folded_into_short_words() -> None:
    subject = "Été à Évry, " * 30
    wire = octets(a_mail(subject=subject)).decode("ascii")

    assert all(len(word) <= 75 for word in re.findall(r"=\?\S+\?=", wire))
    assert modern(a_mail(subject=subject))["Subject"] == subject
    parsed = old(a_mail(subject=subject))
    assert str(make_header(decode_header(parsed["Subject"]))) == subject


def test_names_with_punctuation_are_quoted() -> None:
    name = 'Dupont, "Jo" (SARL) \\ co'
    parsed = modern(a_mail(to=Address("jo@client.example", name)))

    to = parsed["To"].addresses
    assert [(one.display_name, one.addr_spec) for one in to] == [
        (name, "jo@client.example")
    ]


def test_an_accented_domain_is_written_in_ascii() -> None:
    envelope = compose(a_mail(to=Address("jo@clémentine.example")), DESK)

    assert envelope.recipient == "jo@xn--clmentine-c4a.example"
    assert envelope.content.isascii()


def test_an_accented_local_part_stays_for_servers_that_take_it() -> None:
    envelope = compose(a_mail(to=Address("éva@client.example")), DESK)

    assert envelope.recipient == "éva@client.example"
    assert "To: éva@client.example\r\n".encode() in envelope.content


@pytest.mark.parametrize("bare", ["", "a", "a b@x.fr", "a@x.fr, b@y.fr", "<a@x.fr>"])
def test_an_address_that_is_none_is_refused(bare: str) -> None:
    with pytest.raises(ValueError, match="address"):
        compose(a_mail(to=Address(bare)), DESK)


def test_an_empty_return_path_stays_empty() -> None:
    assert compose(a_mail(envelope_from=""), DESK).sender == ""
