from __future__ import annotations

from typing import Any

import pytest

from azbot.channels.email.probes import ImapProbe, SmtpProbe
from azbot.channels.email.settings import ImapSettings, SmtpSettings
from azbot.ports import Finding
from azbot.testing.clock import FakeClock
from tests.servers.certificate import Certificate
from tests.servers.dovecot import Dovecot
from tests.servers.places import free_port
from tests.servers.scripted_imap import ScriptedImap
from tests.servers.smtp import SmtpSink, running_sink


def imap(server: Dovecot | ScriptedImap, **changes: Any) -> ImapSettings:
    values: dict[str, Any] = {"host": server.host, "port": server.port}
    values |= {"security": "none", "user": "probe"}
    return ImapSettings(**(values | changes))


def summary(finding: Finding) -> tuple[str, str, str]:
    assert "secret" not in repr(finding)
    assert "probe@" not in repr(finding)
    return finding.level, finding.what, finding.repair


async def test_a_mailbox_that_can_be_read_is_fine(dovecot: Dovecot) -> None:
    finding = await ImapProbe(imap(dovecot), "secret").check()

    assert summary(finding) == ("ok", "probe_imap_ok", "")
    assert dict(finding.facts)["host"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("changes", "password", "code"),
    [
        ({}, "wrong", "login"),
        ({"folder": "Nowhere"}, "secret", "folder"),
        ({"security": "starttls"}, "secret", "tls"),
        ({"port": 0}, "secret", "connect"),
    ],
)
async def test_what_is_wrong_with_a_mailbox_is_named(
    dovecot: Dovecot, changes: dict[str, Any], password: str, code: str
) -> None:
    if "port" in changes:
        changes = {"port": free_port()}
    finding = await ImapProbe(imap(dovecot, **changes), password).check()

    expected = ("failure", f"probe_imap_{code}", f"probe_repair_{code}")
    assert summary(finding) == expected


async def test_a_server_without_idle_is_worth_a_warning() -> None:
    plain = b"* CAPABILITY IMAP4rev1\r\nTAG OK done\r\n"
    async with ScriptedImap(CAPABILITY=plain).serving() as server:
        finding = await ImapProbe(imap(server), "secret").check()

    assert summary(finding) == ("warning", "probe_imap_polled", "probe_repair_idle")


async def test_a_server_that_takes_mail_is_fine(smtp_sink: SmtpSink) -> None:
    settings = SmtpSettings(host=smtp_sink.host, port=smtp_sink.port, security="none")
    finding = await SmtpProbe(settings, "", FakeClock()).check()

    assert summary(finding) == ("ok", "probe_smtp_ok", "")
    assert not smtp_sink.received


async def test_a_refused_login_is_named(certificate: Certificate) -> None:
    with running_sink("starttls", certificate, ("probe", "secret")) as sink:
        settings = SmtpSettings(
            host=sink.host, port=sink.port, user="probe", ca_file=certificate.file
        )
        finding = await SmtpProbe(settings, "wrong", FakeClock()).check()

    assert summary(finding) == ("failure", "probe_smtp_login", "probe_repair_login")


async def test_a_server_that_is_not_there_is_named() -> None:
    settings = SmtpSettings(host="127.0.0.1", port=free_port(), security="none")
    finding = await SmtpProbe(settings, "", FakeClock()).check()

    assert summary(finding) == (
        "failure",
        "probe_smtp_connect",
        "probe_repair_connect",
    )
