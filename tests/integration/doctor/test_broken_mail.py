"""Mail set up wrongly, with real servers; what the doctor shows, pasted, repairs it.

D5 (ux.md 11.4): the right line, and a repair that works.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from typing_extensions import override

from azbot.channels.email.settings import EmailSettings, ImapSettings
from azbot.clock import SystemClock
from azbot.doctor.imap import ImapProbe
from azbot.doctor.roundtrip import RoundTripProbe
from azbot.doctor.servers import fault_notes, in_clear, login_repairs
from azbot.doctor.words import advised
from azbot.i18n.catalogue import strict_catalogue
from tests.doctoring import Setup
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.places import free_port
from tests.servers.postman import Postman, postman
from tests.servers.scripted_imap import ScriptedImap
from tests.servers.smtp import SmtpSink, running_sink

DESK = {"address": "desk@exemple.test"}
ADDRESS = DESK["address"]


def imap(server: Dovecot | ScriptedImap, **changes: Any) -> dict[str, Any]:
    keys = {"host": "localhost", "port": server.port, "security": "none"}
    return keys | {"user": "desk", "password": "secret"} | changes


def smtp(server: SmtpSink, **changes: Any) -> dict[str, Any]:
    return {"host": "localhost", "port": server.port, "security": "none"} | changes


# --- IMAP ---


async def test_a_wrong_password_of_the_mailbox_is_typed_again(
    setup: Setup, dovecot: Dovecot
) -> None:
    setup.write(email=DESK, email__imap=imap(dovecot, password="nor-this-one"))

    (seen,) = await setup.look("imap")

    assert (seen.level, seen.codes) == ("failure", ["login"])
    assert seen.words == f"localhost:{dovecot.port}, identifiants refusés"
    await setup.paste(seen, typing="secret")
    (seen,) = await setup.look("imap")
    assert (seen.level, seen.codes) == ("ok", [])
    assert (setup.folder / "imap.password").stat().st_mode & 0o777 == 0o600


async def test_tls_on_a_port_that_greets_in_clear_becomes_starttls(
    setup: Setup, dovecot: Dovecot, certificate: Certificate
) -> None:
    keys = imap(dovecot, security="tls", ca_file=str(certificate.file))
    setup.write(email=DESK, email__imap=keys)

    (seen,) = await setup.look("imap")

    assert (seen.level, seen.codes) == ("failure", ["other_security"])
    await setup.paste(seen)
    (seen,) = await setup.look("imap")
    assert (seen.level, seen.words) == (
        "ok",
        f"localhost:{dovecot.port}, STARTTLS, nouveautés annoncées",
    )


async def test_starttls_on_a_port_of_tls_becomes_tls(
    setup: Setup, dovecot: Dovecot
) -> None:
    """Both sides wait for the other to begin."""
    keys = imap(dovecot, port=dovecot.tls_port, security="starttls")
    probe = ImapProbe(ImapSettings(**keys), "secret", setup.folder, patience=0.5)

    finding = await probe.check()

    assert [note.what for note in finding.notes] == ["other_security"]
    assert finding.repairs[0].paste == '[email.imap]\nsecurity = "tls"'


async def test_a_closed_port_is_replaced_by_the_one_that_answers(
    setup: Setup, dovecot: Dovecot, certificate: Certificate
) -> None:
    """The usual ports belong to the system: here the server has others."""
    usual = ((free_port(), "tls"), (dovecot.tls_port, "tls"))
    keys: dict[str, Any] = {"host": "localhost", "user": "desk"}
    settings = ImapSettings(port=free_port(), ca_file=certificate.file, **keys)

    finding = await ImapProbe(settings, "secret", setup.folder, usual).check()  # type: ignore[arg-type]

    assert [note.what for note in finding.notes] == ["refused"]
    (repair,) = finding.repairs
    assert repair.paste == (
        f'[email.imap]\nport = {dovecot.tls_port}\nsecurity = "tls"'
    )
    assert repair.into == "config"


async def test_a_self_signed_certificate_is_kept_and_believed(
    setup: Setup, dovecot: Dovecot
) -> None:
    keys = imap(dovecot, port=dovecot.tls_port, security="tls")
    setup.write(email=DESK, email__imap=keys)

    (seen,) = await setup.look("imap")

    assert (seen.level, seen.codes) == ("failure", ["certificate_self_signed"])
    await setup.paste(seen)
    (seen,) = await setup.look("imap")
    assert seen.level == "ok"


async def test_a_folder_that_is_not_there_gives_way_to_the_inbox(
    setup: Setup, dovecot: Dovecot
) -> None:
    setup.write(email=DESK, email__imap=imap(dovecot, folder="Assistance"))

    (seen,) = await setup.look("imap")

    assert "le dossier « Assistance » n’existe pas" in seen.words.replace("\u00a0", " ")
    await setup.paste(seen)
    (seen,) = await setup.look("imap")
    assert seen.level == "ok"


async def test_a_server_without_idle_is_asked_more_often(setup: Setup) -> None:
    plain = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
    server = ScriptedImap(CAPABILITY=plain)
    server.greeting = b"* OK ready\r\n"
    async with server.serving():
        setup.write(email=DESK, email__imap=imap(server))

        (seen,) = await setup.look("imap")

        assert (seen.level, seen.codes) == ("warning", ["imap_no_idle"])
        await setup.paste(seen)
        (seen,) = await setup.look("imap")
        assert (seen.level, seen.codes) == ("ok", [])


async def test_a_server_that_takes_no_password_in_clear_gets_starttls(
    setup: Setup,
) -> None:
    offered = b"CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED"
    server = ScriptedImap(CAPABILITY=b"* " + offered + b"\r\nTAG OK done\r\n")
    server.greeting = b"* OK [" + offered + b"] ready\r\n"
    async with server.serving():
        setup.write(email=DESK, email__imap=imap(server))

        (seen,) = await setup.look("imap")

    assert (seen.level, seen.codes) == ("failure", ["login_closed"])
    assert seen.repairs[0]["paste"] == '[email.imap]\nsecurity = "starttls"'
    assert not any(line.startswith(b"LOGIN") for line in server.heard)


@pytest.mark.parametrize(
    ("host", "user", "is_warned"),
    [
        ("mail.exemple.test", "desk", True),
        ("mail.exemple.test", "", False),
        ("localhost", "desk", False),
    ],
)
def test_a_password_in_clear_is_warned_of_where_somebody_hears_it(
    host: str, user: str, is_warned: bool
) -> None:
    settings = ImapSettings(host=host, user=user, security="none")

    assert (in_clear(ImapProbe.section, settings) is not None) is is_warned


async def test_a_mistyped_server_is_named(setup: Setup) -> None:
    settings = ImapSettings(host="imap.gmial.com")

    (note,) = await fault_notes(ImapProbe.section, settings, "name", (), setup.folder)

    assert note.repairs[0].paste == '[email.imap]\nhost = "imap.gmail.com"'


@pytest.mark.parametrize(
    ("host", "how", "word"),
    [
        ("imap.gmail.com", "login_gmail", "mot de passe d’application"),
        ("outlook.office365.com", "login_microsoft", "SMTP AUTH"),
        ("ssl0.ovh.net", "login_ovh", "adresse entière"),
        ("mail.exemple.test", "login", "tapez de nouveau"),
    ],
)
def test_each_house_has_its_own_words_for_a_refused_login(
    setup: Setup, host: str, how: str, word: str
) -> None:
    settings = ImapSettings(host=host)

    first = login_repairs(ImapProbe.section, settings, setup.folder, "imap")[0]

    assert first.how == how
    assert word in advised(first, strict_catalogue("fr"))


# --- SMTP ---


async def test_a_wrong_password_of_the_sender_is_typed_again(
    setup: Setup, certificate: Certificate
) -> None:
    with running_sink("starttls", certificate, ("desk", "opens-the-door")) as sink:
        keys = {"security": "starttls", "user": "desk", "password": "nor-this-one"}
        keys["ca_file"] = str(certificate.file)
        setup.write(email=DESK, email__smtp=smtp(sink, **keys))

        (seen,) = await setup.look("smtp")

        assert (seen.level, seen.codes) == ("failure", ["login"])
        await setup.paste(seen, typing="opens-the-door")
        (seen,) = await setup.look("smtp")
        assert (seen.level, seen.words) == (
            "ok",
            f"localhost:{sink.port}, STARTTLS, expéditeur accepté",
        )
        assert not sink.received


async def test_a_server_that_wants_starttls_gets_it(
    setup: Setup, certificate: Certificate
) -> None:
    with running_sink("starttls", certificate) as sink:
        keys = {"security": "tls", "ca_file": str(certificate.file)}
        setup.write(email=DESK, email__smtp=smtp(sink, **keys))

        (seen,) = await setup.look("smtp")

        assert (seen.level, seen.codes) == ("failure", ["other_security"])
        await setup.paste(seen)
        (seen,) = await setup.look("smtp")
        assert seen.level == "ok"


async def test_files_leave_as_links_where_mails_must_be_small(setup: Setup) -> None:
    with running_sink(largest=10_000_000) as sink:
        setup.write(email=DESK, email__smtp=smtp(sink))

        (seen,) = await setup.look("smtp")

        assert (seen.level, seen.codes) == ("warning", ["smtp_size"])
        await setup.paste(seen)
        (seen,) = await setup.look("smtp")
        assert seen.level == "ok"
        assert "10 Mo au plus" in seen.words.replace("\u00a0", " ")


async def test_a_refused_sender_is_told_in_the_words_of_the_server(
    setup: Setup, smtp_sink: SmtpSink
) -> None:
    smtp_sink.answer(ADDRESS, then="553 5.7.1 Sender address rejected: not owned")
    setup.write(email=DESK, email__smtp=smtp(smtp_sink))

    (seen,) = await setup.look("smtp")

    assert (seen.level, seen.codes) == ("failure", ["recipient_refused"])
    assert "553 5.7.1 Sender address rejected" in seen.words


async def test_a_relay_without_accounts_is_given_none(
    setup: Setup, smtp_sink: SmtpSink
) -> None:
    keys = {"user": "desk", "password": "nor-this-one"}
    setup.write(email=DESK, email__smtp=smtp(smtp_sink, **keys))

    (seen,) = await setup.look("smtp")

    assert (seen.level, seen.codes) == ("failure", ["no_login"])
    await setup.paste(seen)
    (seen,) = await setup.look("smtp")
    assert seen.level == "ok"


async def test_a_server_that_asks_for_an_account_is_understood(
    setup: Setup, certificate: Certificate
) -> None:
    with running_sink("tls", certificate, ("desk", "opens-the-door")) as sink:
        keys = {"security": "tls", "ca_file": str(certificate.file)}
        setup.write(email=DESK, email__smtp=smtp(sink, **keys))

        (seen,) = await setup.look("smtp")

    assert (seen.level, seen.codes) == ("failure", ["needs_login"])
    assert seen.repairs[0]["paste"] == '[email.smtp]\nuser = "desk@exemple.test"'


class Jealous(SmtpSink):
    """A server where an account writes in its own name alone."""

    @override
    async def handle_MAIL(
        self,
        server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        if address != "boite@exemple.test":
            return f"553 5.7.1 <{address}>: Sender address rejected: not owned"
        return await super().handle_MAIL(server, session, envelope, address, options)


async def test_an_account_writes_in_its_own_name(
    setup: Setup, certificate: Certificate
) -> None:
    login = ("boite@exemple.test", "opens-the-door")
    sink = Jealous("starttls", certificate, login)
    sink.start()
    try:
        keys = {"security": "starttls", "user": login[0], "password": login[1]}
        keys["ca_file"] = str(certificate.file)
        setup.write(email=DESK, email__smtp=smtp(sink, **keys))

        (seen,) = await setup.look("smtp")

        assert (seen.level, seen.codes) == ("failure", ["sender_refused"])
        # Addresses in the words of servers are nobody's business.
        assert "553 5.7.1 <…>" in seen.words
        await setup.paste(seen)
        (seen,) = await setup.look("smtp")
        assert seen.level == "ok"
    finally:
        sink.stop()


# --- the round trip ---


@pytest.fixture
def mail(setup: Setup, dovecot: Dovecot) -> Any:
    """A mailbox that gets what is sent; its account is new for each test."""
    user = dovecot.new_account()
    with postman(dovecot, user) as post:
        setup.write(
            email={"address": f"{user}@exemple.test"},
            email__imap=imap(dovecot, user=user),
            email__smtp=smtp(post),
        )
        yield post


async def test_a_letter_comes_back_and_is_removed(
    setup: Setup, dovecot: Dovecot, mail: Postman
) -> None:
    dovecot.deliver(b"Subject: somebody else's\r\n\r\n", mail.user)

    (seen,) = await setup.look("roundtrip")

    assert (seen.level, seen.codes) == ("ok", [])
    (letter,) = mail.received
    assert letter.recipients[0].startswith(f"{mail.user}+")
    assert len(dovecot.mails(mail.user)) == 1


async def test_a_letter_that_is_late_is_waited_for_again_and_leaves_nothing(
    setup: Setup, dovecot: Dovecot, mail: Postman
) -> None:
    mail.holds = True
    keys = {"imap": imap(dovecot, user=mail.user), "smtp": smtp(mail)}
    address = f"{mail.user}@exemple.test"
    email = EmailSettings.model_validate({"address": address, **keys})
    hasty = RoundTripProbe(email, "secret", "", SystemClock(), timedelta(0))

    (late,) = (await hasty.check()).notes
    assert (late.what, late.level) == ("roundtrip_late", "warning")
    (repair,) = late.repairs
    assert repair.paste == "azbot doctor --only roundtrip"
    mail.release()
    # Somebody else may write about it.
    dovecot.deliver(b"Subject: azbot doctor finds nothing\r\n\r\n", mail.user)
    (seen,) = await setup.look("roundtrip")

    assert (seen.level, seen.codes) == ("ok", [])
    assert "celui d’avant est revenu" in seen.words
    (left,) = dovecot.mails(mail.user)
    assert b"finds nothing" in left


async def test_a_lost_token_leads_to_references(setup: Setup, mail: Postman) -> None:
    mail.drops_tokens = True

    (seen,) = await setup.look("roundtrip")

    assert (seen.level, seen.codes) == ("warning", ["token_lost"])
    assert seen.words.endswith("mais le suffixe +jeton a disparu")
    await setup.paste(seen)
    (seen,) = await setup.look("roundtrip")
    assert (seen.level, seen.codes) == ("ok", [])


async def test_a_letter_among_unwanted_mail_is_found_there(
    setup: Setup, dovecot: Dovecot, mail: Postman
) -> None:
    mail.folder = "Junk"

    (seen,) = await setup.look("roundtrip")

    assert (seen.level, seen.codes) == ("warning", ["spam"])
    assert "Junk" in seen.words
    assert not dovecot.mails(mail.user, "Junk")


async def test_a_letter_that_azbot_was_faster_to_move_is_found_too(
    setup: Setup, mail: Postman
) -> None:
    mail.folder = "Processed"

    (seen,) = await setup.look("roundtrip")

    assert (seen.level, seen.codes) == ("ok", [])


@pytest.mark.parametrize(
    ("verdict", "receiver"),
    [
        (
            b"mx.exemple.test; spf=pass",
            '"authserv-id"\nauthserv_id = "mx.exemple.test"',
        ),
        (b"mx.google.com; dkim=pass", '"gmail"'),
        (b"spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=exemple.test", '"m365"'),
    ],
)
async def test_who_vouches_for_senders_is_learned_from_the_letter(
    setup: Setup, mail: Postman, verdict: bytes, receiver: str
) -> None:
    mail.verdict = b"Authentication-Results: " + verdict + b"\r\n"

    (seen,) = await setup.look("roundtrip")

    assert (seen.level, seen.codes) == ("warning", ["receiver_unset"])
    assert seen.repairs[0]["paste"] == f"[email]\nreceiver = {receiver}"
    await setup.paste(seen)
    (seen,) = await setup.look("roundtrip")
    assert (seen.level, seen.codes) == ("ok", [])


async def test_nothing_is_sent_where_it_could_not_be_read(
    setup: Setup, dovecot: Dovecot, mail: Postman
) -> None:
    keys = imap(dovecot, user=mail.user, password="wrong")
    setup.write(email=DESK, email__imap=keys, email__smtp=smtp(mail))

    (seen,) = await setup.look("roundtrip")

    assert seen.level == "skipped"
    assert not mail.received


async def test_the_letter_is_announced_before_it_leaves(
    setup: Setup, mail: Postman
) -> None:
    await setup.look("roundtrip")

    told = setup.shown.replace("\u00a0", " ")
    assert f"part vers {mail.user}@exemple.test, sa propre adresse" in told


# --- the loop guard ---


async def test_an_account_azbot_does_not_know_as_its_own_is_declared(
    setup: Setup, dovecot: Dovecot
) -> None:
    keys = imap(dovecot, user="boite@exemple.test")
    setup.write(email=DESK, email__imap=keys, service={"desk": ADDRESS})

    (seen,) = await setup.look("loop")

    assert (seen.level, seen.codes) == ("failure", ["loop_missing", "loop_reader"])
    await setup.paste(seen)
    (seen,) = await setup.look("loop")
    assert (seen.level, seen.codes) == ("ok", [])
