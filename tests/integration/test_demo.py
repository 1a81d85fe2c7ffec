"""``azbot demo`` as a process: it plays, serves, stays at home, leaves nothing."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import pytest
from typing_extensions import override

ROOT = Path(__file__).parents[2]
_open = build_opener(ProxyHandler({})).open

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


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``azbot demo`` with ``folder`` as home, working and temporary folder."""
    places = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(folder))
    with subprocess.Popen(
        [sys.executable, "-c", _GUARDED, "demo", "--no-open", *arguments],
        cwd=folder,
        env={**os.environ, **places, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_a_whole_life_is_played_and_counted_on_the_last_line(tmp_path: Path) -> None:
    with demo(tmp_path, "--play") as process:
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    counts = json.loads(out.splitlines()[-1])
    assert counts["status"] == "closed"
    assert counts["steps"] == len(out.splitlines()) - 1 == 10
    assert counts["reports"] == 3
    assert counts["mails"] > 20
    assert re.fullmatch(r"ASFR\d{8}", counts["ref"])
    assert list(tmp_path.iterdir()) == []


def test_everything_can_be_played_on_the_page(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "0", "--lang", "fr") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        home = _post(f"{address}/demo/next")
        assert home.count('<li class="done"') == 1
        home = _post(f"{address}/demo/all")
        assert "L’histoire est finie" in home
        assert "Assistance clôturée par le demandeur" in home
        assert home.count('<li class="done"') == 10
        metrics = _get(f"{address}/metrics")
        assert 'azbot_mails_received_total{channel="email"} 6.0' in metrics
        assert 'mails_handled_total{reason="",state="applied"} 6.0' in metrics
        assert 'deliveries_total{kind="closed",result="sent"} 2.0' in metrics
        assert "azbot_handling_seconds_count 6.0" in metrics
        assert 'method="POST",route="/demo/all",status="3xx"} 1.0' in metrics
        assert "@" not in metrics
        for path in sorted(set(re.findall(r'href="(/demo/mail/\d+)"', home))):
            mail = _get(f"{address}{path}")
            assert "<h1>" in mail
            assert "<html" in _get(f"{address}{path}/html")
            for file in re.findall(rf'href="({path}/file/\d+)"', mail):
                with _open(f"{address}{file}", timeout=20) as answer:
                    assert len(answer.read()) > 100
        home = _post(f"{address}/demo/write", subject="Panne\r\nBcc: x", text="Hors")
        assert "Panne" in home
        process.terminate()
        assert process.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def test_the_inbox_is_open_and_full_at_the_press_of_one_button(tmp_path: Path) -> None:
    with demo(tmp_path, "--port", "0", "--lang", "fr") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        home = _get(address)
        assert 'action="/demo/inbox"' in home
        with pytest.raises(HTTPError, match="403") as refused:
            _open(Request(f"{address}/demo/inbox", data=b""), timeout=60)
        refused.value.close()
        cookie = _entered(address)
        inbox = Request(f"{address}/inbox?queue=all", headers={"Cookie": cookie})
        with _open(inbox, timeout=60) as answer:
            page = answer.read().decode()
        assert len(set(re.findall(r"ASFR\d{8}", page))) == 12
        assert _entered(address) != cookie
        # The story goes on beside it, and is told alone.
        home = _post(f"{address}/demo/next")
        assert len(set(re.findall(r"ASFR\d{8}", home))) == 1
        process.terminate()
        assert process.wait(20) == 0
    assert list(tmp_path.iterdir()) == []


def _entered(address: str) -> str:
    """Press the button; gives the cookie of the session."""
    press = Request(
        f"{address}/demo/inbox", data=b"", headers={"Sec-Fetch-Site": "same-origin"}
    )
    stay = build_opener(ProxyHandler({}), _Stay())
    with pytest.raises(HTTPError) as caught:
        stay.open(press, timeout=60)
    caught.value.close()
    assert (caught.value.code, caught.value.headers["Location"]) == (303, "/inbox")
    cookie: str = caught.value.headers["Set-Cookie"].partition(";")[0]
    return cookie


class _Stay(HTTPRedirectHandler):
    """A browser that shows where it is sent and does not go."""

    @override
    def redirect_request(self, *_: object) -> None:
        return None


def _get(address: str) -> str:
    with _open(address, timeout=20) as answer:
        text: str = answer.read().decode()
    return text


def _post(address: str, **fields: str) -> str:
    """Send a form; gives the page behind the redirect."""
    with _open(address, data=urlencode(fields).encode(), timeout=120) as answer:
        assert answer.status == 200
        text: str = answer.read().decode()
    return text
