"""What is believed of where a browser is."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from azbot.channels.web.settings import WebSettings
from azbot.channels.web.signin.addresses import (
    Relying,
    is_loopback_name,
    keeps_cookies,
    next_address,
    relying_on,
)

HERE = WebSettings()
PUBLIC = WebSettings(public_url="https://sav.example.org")
NUMBERED = WebSettings(public_url="https://192.0.2.7")
PLAIN = WebSettings(public_url="http://sav.example.org")


@pytest.mark.parametrize(
    ("settings", "host", "relying"),
    [
        (PUBLIC, "evil.example", Relying("sav.example.org", "https://sav.example.org")),
        (NUMBERED, "192.0.2.7", None),
        (PLAIN, "sav.example.org", None),
    ],
)
def test_passkeys_are_bound_to_the_public_domain_over_https(
    settings: WebSettings, host: str, relying: Relying | None
) -> None:
    request = make_mocked_request("GET", "/signin", headers={"Host": host})
    assert relying_on(request, settings) == relying


@pytest.mark.parametrize(
    ("settings", "host", "keeps"),
    [
        (HERE, "localhost:8080", True),
        (HERE, "127.0.0.1:8080", True),
        (HERE, "[::1]:8080", True),
        (HERE, "192.0.2.7:8080", False),
        (PLAIN, "sav.example.org", False),
        (PUBLIC, "sav.example.org", True),
    ],
)
def test_a_secure_cookie_is_kept_over_https_or_on_this_machine(
    settings: WebSettings, host: str, *, keeps: bool
) -> None:
    request = make_mocked_request("GET", "/signin", headers={"Host": host})
    assert keeps_cookies(request, settings) is keeps


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        ("localhost", True),
        ("localhost:8080", True),
        ("127.0.0.2:1", True),
        ("localhost.evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("", False),
    ],
)
def test_a_name_of_this_machine(host: str, *, is_here: bool) -> None:
    assert is_loopback_name(host) is is_here


@pytest.mark.parametrize("text", ["/inbox", "/inbox/c/ASFR26000001?x=1#a", "/account"])
def test_a_path_of_a_room_is_the_way_on(text: str) -> None:
    assert next_address(text) == text


@pytest.mark.parametrize("text", ["/inbox" + "x" * 2000, "/inbox\u2028", "inbox", "/"])
def test_anything_else_leads_to_the_inbox(text: str) -> None:
    assert next_address(text) == "/inbox"
