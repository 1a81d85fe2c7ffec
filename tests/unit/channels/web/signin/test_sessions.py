"""Telling devices apart by what browsers say of themselves."""

from __future__ import annotations

import pytest

from azbot.channels.web.signin.sessions import device

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("client", "named"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            ("Firefox", "Linux"),
        ),
        (
            (
                f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0"
                " Safari/537.36 Edg/140.0.0.0"
            ),
            ("Edge", "Windows"),
        ),
        (
            (
                f"Mozilla/5.0 (Linux; Android 15) {WEBKIT} Chrome/140.0.0.0 Mobile"
                " Safari/537.36"
            ),
            ("Chrome", "Android"),
        ),
        (
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
                " AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148"
                " Safari/604.1"
            ),
            ("Safari", "iPhone"),
        ),
        (
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15"
                " (KHTML, like Gecko) Version/18.0 Safari/605.1.15"
            ),
            ("Safari", "macOS"),
        ),
        ("curl/8.5.0", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_device_is_named_by_browser_and_system(
    client: str, named: tuple[str, str]
) -> None:
    assert device(client) == named
