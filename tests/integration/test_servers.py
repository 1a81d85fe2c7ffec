"""The servers that other tests rely on do what they promise."""

from __future__ import annotations

import asyncio
import imaplib
import smtplib
from collections.abc import Callable

import psycopg
import pytest

from tests.loopback import is_outside
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.smtp import Fault, Security, SmtpSink, running_sink

MAIL = b"Subject: bonjour\r\nMessage-ID: <1@client.example>\r\n\r\nOUI\r\n"


def imap(server: Dovecot, user: str) -> imaplib.IMAP4:
    client = imaplib.IMAP4(server.host, server.port, timeout=10)
    client.login(user, server.password)
    return client


def smtp(sink: SmtpSink) -> smtplib.SMTP:
    return smtplib.SMTP(sink.host, sink.port, timeout=10)


# --- loopback only ---


@pytest.mark.parametrize(
    ("address", "outside"),
    [
        (("127.0.0.1", 25), False),
        (("127.9.9.9", 25), False),
        (("::1", 25, 0, 0), False),
        (("localhost", 25), False),
        ("/run/a.socket", False),
        (None, False),
        (("192.0.2.1", 25), True),
        (("128.0.0.1", 25), True),
        (("2001:db8::1", 25, 0, 0), True),
        ("mail.example", True),
        (b"mail.example", True),
        ("localhost.example", True),
    ],
)
def test_only_loopback_is_this_machine(address: object, outside: bool) -> None:
    assert is_outside(address) is outside


# --- Dovecot ---


def test_a_delivered_mail_is_seen_by_its_account_alone(dovecot: Dovecot) -> None:
    mine, other = dovecot.new_account(), dovecot.new_account()
    dovecot.deliver(MAIL, mine)
    with imap(dovecot, mine) as client:
        assert client.select()[1] == [b"1"]
    with imap(dovecot, other) as client:
        assert client.select()[1] == [b"0"]


def test_moved_and_seen_mails_show_in_folders_and_flags(dovecot: Dovecot) -> None:
    user = dovecot.new_account()
    dovecot.deliver(MAIL, user)
    dovecot.deliver(MAIL, user)
    with imap(dovecot, user) as client:
        client.select()
        client.store("1", "+FLAGS", r"(\Seen)")
        assert client.uid("MOVE", "2", "Processed")[0] == "OK"
        client.close()
    assert dovecot.folders(user)["INBOX"] == 1
    assert dovecot.folders(user)["Processed"] == 1
    assert dovecot.flags(user) == ["S"]
    assert dovecot.mails(user, "Processed") == [MAIL]


def test_forgotten_uids_give_a_new_uidvalidity(dovecot: Dovecot) -> None:
    user = dovecot.new_account()
    dovecot.deliver(MAIL, user)
    seen = []
    for _ in range(2):
        with imap(dovecot, user) as client:
            assert client.select()[1] == [b"1"]
            seen.append(client.response("UIDVALIDITY")[1])
        dovecot.new_uidvalidity(user)
    assert seen[0] != seen[1]


def test_a_kicked_connection_is_cut(dovecot: Dovecot) -> None:
    user = dovecot.new_account()
    client = imap(dovecot, user)
    dovecot.kick(user)
    # The server's process may answer once more before it hears that it is to go.
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        all(client.noop() for _ in range(10_000))
    client.shutdown()


def test_a_frozen_server_keeps_connections_and_does_not_answer(
    dovecot: Dovecot,
) -> None:
    client = imap(dovecot, dovecot.new_account())
    client.sock.settimeout(0.05)
    with dovecot.frozen(), pytest.raises(TimeoutError):
        client.noop()
    client.shutdown()


def test_a_killed_server_comes_back_on_its_port(dovecot: Dovecot) -> None:
    port = dovecot.port
    client = imap(dovecot, dovecot.new_account())
    dovecot.kill()
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        client.noop()
    client.shutdown()
    dovecot.revive()
    assert dovecot.port == port
    imap(dovecot, dovecot.new_account()).logout()


def test_tls_is_spoken_from_the_start_or_on_demand(
    dovecot: Dovecot, certificate: Certificate
) -> None:
    context = certificate.for_client()
    with imaplib.IMAP4_SSL(
        dovecot.host, dovecot.tls_port, ssl_context=context, timeout=10
    ) as client:
        client.login("anyone", dovecot.password)
    with imaplib.IMAP4(dovecot.host, dovecot.port, timeout=10) as plain:
        plain.starttls(context)
        plain.login("anyone", dovecot.password)


# --- SMTP sink ---


def test_the_sink_keeps_the_envelope_and_the_octets(smtp_sink: SmtpSink) -> None:
    with smtp(smtp_sink) as client:
        client.sendmail("desk@maker.example", ["a@x.example", "b@x.example"], MAIL)
    (mail,) = smtp_sink.wait_here_for(1)
    assert mail.sender == "desk@maker.example"
    assert mail.recipients == ("a@x.example", "b@x.example")
    assert mail.content == MAIL
    assert mail.message["Subject"] == "bonjour"
    assert smtp_sink.to("b@x.example") == [mail]
    assert smtp_sink.connections == 1


def test_the_sink_answers_each_recipient_as_told(smtp_sink: SmtpSink) -> None:
    smtp_sink.answer("later@x.example", "451 4.7.1 Later")
    smtp_sink.answer("never@x.example", then="550 5.1.1 Unknown")
    with smtp(smtp_sink) as client:
        everyone = ["later@x.example", "never@x.example", "a@x.example"]
        first = client.sendmail("", everyone, MAIL)
        second = client.sendmail("", everyone, MAIL)
    assert {who: code for who, (code, _) in first.items()} == {
        "later@x.example": 451,
        "never@x.example": 550,
    }
    assert list(second) == ["never@x.example"]


@pytest.mark.parametrize(
    ("fault", "kept"), [(Fault.CLOSE, 0), (Fault.KEEP_AND_CLOSE, 1)]
)
def test_the_sink_cuts_after_data_with_or_without_keeping(
    smtp_sink: SmtpSink, fault: Fault, kept: int
) -> None:
    smtp_sink.answer("a@x.example", fault, stage="data")
    client = smtp(smtp_sink)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.sendmail("", ["a@x.example"], MAIL)
    client.close()
    assert len(smtp_sink.received) == kept


async def test_the_sink_holds_a_mail_back_until_it_may_pass(
    smtp_sink: SmtpSink,
) -> None:
    def send() -> None:
        with smtp(smtp_sink) as client:
            client.sendmail("", ["slow@x.example"], MAIL)

    with smtp_sink.holding("slow@x.example"):
        sending = asyncio.get_running_loop().run_in_executor(None, send)
        assert smtp_sink.received == []
    await sending
    assert len(await smtp_sink.wait_for(1)) == 1
    assert smtp_sink.most_at_once_to["x.example"] == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_the_sink_speaks_tls_and_asks_for_a_login(
    security: Security, certificate: Certificate
) -> None:
    context = certificate.for_client()
    with running_sink(security, certificate, login=("desk", "secret")) as sink:
        if security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(
                sink.host, sink.port, context=context, timeout=10
            )
        else:
            client = smtp(sink)
            client.starttls(context=context)
        with client:
            with pytest.raises(smtplib.SMTPSenderRefused, match="Authentication"):
                client.sendmail("", ["a@x.example"], MAIL)
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("desk", "wrong")
            client.login("desk", "secret")
            client.sendmail("", ["a@x.example"], MAIL)
        assert len(sink.received) == 1


def test_a_cut_connection_is_noticed(smtp_sink: SmtpSink) -> None:
    client = smtp(smtp_sink)
    client.noop()
    smtp_sink.cut()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.noop()
    client.close()


# --- PostgreSQL ---


@pytest.mark.postgres
def test_each_database_is_fresh_and_a_copy_has_its_templates_rows(
    postgres_url: Callable[..., str],
) -> None:
    first = postgres_url()
    with connect(first) as connection:
        connection.execute("create table note (words text)")
        connection.execute("insert into note values ('Œuvre à Évry')")
    copy, empty = postgres_url(template=first), postgres_url()
    with connect(copy) as connection:
        assert connection.execute("select words from note").fetchall() == [
            ("Œuvre à Évry",)
        ]
    with connect(empty) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("select words from note")


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""))
