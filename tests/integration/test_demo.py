"""``azbot demo`` as a process: it plays, serves, stays at home, leaves nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import pytest
from typing_extensions import override

from tests.sandbox import Sandbox, demonstrated

ROOT = Path(__file__).parents[2]

# The command itself, in a process that cannot leave this machine; an attempt that
# was hidden is told at the end.
_GUARDED = """
import atexit, os, runpy, sys
from tests import loopback
loopback.pytest_configure()
atexit.register(lambda: loopback._attempts and os._exit(97))
sys.argv[0] = "azbot"
runpy.run_module("azbot", run_name="__main__", alter_sys=True)
"""
_COMMAND = (sys.executable, "-c", _GUARDED)
# Of a network without any way out there is the loopback alone, and it is down.
_CUT = 'ip link set lo up && exec "$@"'
_OF_THE_STORY = r"ASFR\d{2}000013"


def _home(folder: Path) -> dict[str, str]:
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(folder))
    return {**places, "PYTHONPATH": str(ROOT)}


def _run(folder: Path, *command: str, **environ: str) -> tuple[int, str, str]:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **_home(folder), **environ},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_whole_life_is_played_with_the_network_cut_beside_a_real_service(
    tmp_path: Path,
) -> None:
    # D4: what a real service is configured with lies right there, and is not read.
    url = f"sqlite:///{tmp_path}/real.db"
    (tmp_path / "azbot.toml").write_text(f'[store]\nurl = "{url}"\n')
    play = (*_cut(tmp_path), *_COMMAND, "demo", "--play", "--lang", "fr")
    code, out, err = _run(tmp_path, *play, AZBOT_STORE__URL=url)
    assert code == 0, err
    *told, last = out.splitlines()
    counts = json.loads(last)
    assert counts["status"] == "closed"
    assert counts["steps"] == 5
    assert counts["acts"] == len(told) == 11
    assert counts["reports"] == 1
    assert counts["mails"] > 15
    assert counts["chats"] > 15
    assert re.fullmatch(r"ASFR\d{8}", counts["ref"])
    assert [path.name for path in tmp_path.iterdir()] == ["azbot.toml"]


def _cut(folder: Path) -> tuple[str, ...]:
    """Return what runs a command without a network (D1), as far as one may.

    Where nobody is given a network of their own, the guard inside the process remains.
    """
    apart = ("unshare", "--map-root-user", "--net", "sh", "-c", _CUT, "sh")
    has_both = shutil.which("unshare") and shutil.which("ip")
    return apart if has_both and not _run(folder, *apart, "true")[0] else ()


def test_a_configuration_is_refused(tmp_path: Path) -> None:
    code, _, err = _run(tmp_path, *_COMMAND, "demo", "--config", "azbot.toml")
    assert code == 2
    assert "--config" in err


def test_the_page_plays_begins_anew_and_opens_the_inbox(tmp_path: Path) -> None:
    with demonstrated(*_COMMAND, **_home(tmp_path)) as box:
        _is_played(box)
        _gives_every_mail(box)
        _is_measured(box)
        _begins_anew(box)
        _inbox_is_full(box)
    assert list(tmp_path.iterdir()) == []


def _is_played(box: Sandbox) -> None:
    assert "La cliente" not in box.get().decode(), "the stream brings what is shown"
    box.play_all()
    desk = box.shown("desk", "Clôturée", "Assistance clôturée par le demandeur")
    assert desk.count("signée par") == 3
    assert "/demo/go/report" in desk
    assert box.get("/demo/go/report").startswith(b"%PDF-")
    for where in ("portal", "mission"):
        assert "/a/" in _led(Request(f"{box.address}/demo/go/{where}"))["Location"]
    assert box.shown("guide", "done").count('<li class="done"') == 5
    phones = box.shown("phones", "Je suis sur place")
    assert phones.count("<img") == 2


def _gives_every_mail(box: Sandbox) -> None:
    mails = box.shown("mails", "clôturée")
    keys = sorted(set(re.findall(r'data-mail="([si]\d+)"', mails)))
    assert len(keys) > 15
    for key in keys:
        shown = box.get(f"/demo/mail/{key}").decode()
        assert "<h3>" in shown
        assert box.get(f"/demo/mail/{key}/source").count(b"Message-ID:") >= 1
        if "iframe" in shown:
            assert b"<html" in box.get(f"/demo/mail/{key}/html")
        for file in re.findall(rf'href="(/demo/mail/{key}/file/\d+)"', shown):
            assert len(box.get(file)) > 100


def _is_measured(box: Sandbox) -> None:
    metrics = box.get("/metrics").decode()
    assert 'azbot_mails_received_total{channel="email"} 4.0' in metrics
    assert 'deliveries_total{kind="closed",result="sent"}' in metrics
    assert 'method="POST",route="/demo/play",status="2xx"} 1.0' in metrics
    assert "@" not in metrics


def _begins_anew(box: Sandbox) -> None:
    # D4; `dev.py bench demo` says how long it takes.
    assert box.post("/demo/restart") == 204
    guide = box.shown("guide", "now")
    assert "done" not in guide
    assert "data-mail=" not in box.shown("mails", "data-list")
    assert "ASFR" not in box.shown("desk", "log")
    assert "Avant la mise en route" not in box.shown("phones", "Karim")
    box.play_all()
    assert re.search(_OF_THE_STORY, box.shown("desk", "Clôturée"))


def _inbox_is_full(box: Sandbox) -> None:
    unsafe = Request(f"{box.address}/demo/inbox", data=b"")
    with pytest.raises(HTTPError, match="403") as refused:
        build_opener(ProxyHandler({})).open(unsafe, timeout=60)
    refused.value.close()
    cookie = _entered(box.address)
    inbox = Request(f"{box.address}/inbox?queue=all", headers={"Cookie": cookie})
    with build_opener(ProxyHandler({})).open(inbox, timeout=60) as answer:
        page = answer.read().decode()
    assert len(set(re.findall(r"ASFR\d{8}", page))) == 13
    assert _entered(box.address) != cookie
    # A second agent comes by the other name of this machine, beside the first.
    second = Request(box.address.replace("127.0.0.1", "localhost") + "/demo/second")
    secrets = {cookie, _let_in(second)}
    assert len(secrets) == 2


def _entered(address: str) -> str:
    """Press the button; gives the cookie of the session."""
    same = {"Sec-Fetch-Site": "same-origin"}
    return _let_in(Request(f"{address}/demo/inbox", data=b"", headers=same))


def _let_in(request: Request) -> str:
    """Ask for the inbox; gives the cookie of the session."""
    headers = _led(request)
    assert headers["Location"].startswith("/inbox")
    cookie: str = headers["Set-Cookie"].partition(";")[0]
    return cookie


def _led(request: Request) -> Message:
    """Ask for what leads elsewhere; gives the headers of the answer."""
    stay = build_opener(ProxyHandler({}), _Stay())
    with pytest.raises(HTTPError) as caught:
        stay.open(request, timeout=60)
    caught.value.close()
    assert caught.value.code == 303
    return caught.value.headers


class _Stay(HTTPRedirectHandler):
    """A browser that shows where it is sent and does not go."""

    @override
    def redirect_request(self, *_: object) -> None:
        return None
