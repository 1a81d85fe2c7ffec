"""``azbot trial`` beside an azbot that runs, with a real mailbox behind it."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

import pytest

from azbot.cli import main
from azbot.testing.patience import PATIENCE
from tests.processes import configure, running
from tests.servers.dovecot import Dovecot
from tests.servers.places import free_port
from tests.servers.smtp import SmtpSink
from tests.trialdesk import until

_MAIL = (
    b"From: Sophie Martin <sophie@clim-martin.example>\r\nTo: desk@sav.example\r\n"
    b"Subject: Panne du zonage\r\nMessage-ID: <1@clim-martin.example>\r\n\r\n"
    b"Le zonage ne demarre plus au 18 rue des Charmettes, 69100 Villeurbanne.\r\n"
)


def test_real_mail_waits_untouched_until_the_switch_and_is_read_then(
    tmp_path: Path,
    dovecot: Dovecot,
    smtp_sink: SmtpSink,
    capsys: pytest.CaptureFixture[str],
) -> None:
    user, port = dovecot.new_account(), free_port()
    configure(
        tmp_path,
        f"""
        [web]
        port = {port}
        public_url = "https://sav.example"
        [store]
        url = "sqlite:///data/azbot.db"
        [email]
        address = "desk@sav.example"
        [email.imap]
        host = "{dovecot.host}"
        port = {dovecot.port}
        security = "none"
        user = "{user}"
        password = "{dovecot.password}"
        after = "seen"
        [email.smtp]
        host = "{smtp_sink.host}"
        port = {smtp_sink.port}
        security = "none"
        """,
    )
    dovecot.deliver(_MAIL, user)
    config = ["--config", str(tmp_path / "azbot.toml"), "--lang", "fr"]
    assert main(["trial", "on", *config]) == 0
    capsys.readouterr()
    # Mailed, it would be read by nobody.
    assert main(["user", "add", "Inès", "ines@sav.example", *config]) == 0
    assert capsys.readouterr().out.startswith("https://sav.example/")
    with running(tmp_path, "run") as service:
        address = service.address()
        until(lambda: "azbot trial off" in service.err)
        with urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE) as answer:
            assert json.load(answer)["trial_since_at"]
        assert main(["trial", "on", *config]) == 1
        assert dovecot.flags(user) == [""]
        assert (smtp_sink.connections, smtp_sink.received) == (0, [])

        assert main(["trial", "off", *config]) == 1
        assert main(["trial", "off", "--yes", *config]) == 0
        (answered,) = smtp_sink.wait_here_for(1)
        assert answered.recipients == ("sophie@clim-martin.example",)
        until(lambda: dovecot.flags(user) == ["S"])
        assert "L’essai est terminé" in service.out
        with urllib.request.urlopen(f"{address}/healthz", timeout=PATIENCE) as answer:
            assert json.load(answer)["trial_since_at"] is None
        assert service.stop()[0] == 0
    told = capsys.readouterr()
    assert "Le service est ouvert" in told.out
    assert "--yes" in told.err
    assert main(["trial", "status", "--json", *config]) == 0
    assert json.loads(capsys.readouterr().out) == {"since": None}
    assert main(["trial", "on", *config]) == 1
    assert "Trop tard" in capsys.readouterr().err
