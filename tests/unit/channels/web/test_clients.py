"""Who is at the other end, and whom to believe about it."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from azbot.channels.web.clients import bearer_of, client_address, is_among, is_local

PROXY = ("10.0.0.0/8", "::1")


class Transport:
    """As much of a connection as a request looks at."""

    def __init__(self, address: str) -> None:
        self._address = address

    def get_extra_info(self, name: str, default: object = None) -> object:
        """Return the peer's address."""
        return (self._address, 1234) if name == "peername" else default


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "1.2.3.4, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::1", "2001:db8::5", "2001:db8::5"),
    ],
)
def test_only_a_trusted_proxy_is_believed(
    peer: str, forwarded: str | None, address: str
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("GET", "/", headers, transport=Transport(peer))
    assert client_address(request, PROXY) == address


@pytest.mark.parametrize(
    ("peer", "forwarded", "local"),
    [
        ("127.0.0.1", None, True),
        ("::1", None, True),
        ("203.0.113.9", None, False),
        ("127.0.0.1", "203.0.113.9", False),
        ("::1", "203.0.113.9", False),
        ("::1", "127.0.0.1", True),
    ],
)
def test_a_proxy_on_this_machine_does_not_make_everybody_local(
    peer: str, forwarded: str | None, local: bool
) -> None:
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    request = make_mocked_request("GET", "/", headers, transport=Transport(peer))
    assert is_local(request, PROXY) is local


def test_mapped_addresses_are_their_ipv4_selves() -> None:
    assert is_among("::ffff:10.1.2.3", PROXY)
    assert not is_among("hello", PROXY)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", None),
        ("Bearer", None),
        ("Bearer " + "x" * 201, None),
        ("", None),
    ],
)
def test_a_bearer_token_is_read_in_any_case(header: str, token: str | None) -> None:
    request = make_mocked_request("GET", "/", {"Authorization": header})
    assert bearer_of(request) == token
