"""SPF as receivers read it, asked of a real name server (RFC 7208)."""

from __future__ import annotations

import pytest

from azbot.doctor.names import Names, Unanswered
from azbot.doctor.spf import Policy
from tests.servers.names import NameServer
from tests.servers.places import free_port

ZONE = """\
mail.exemple.test. IN A 192.0.2.10
mail.exemple.test. IN AAAA 2001:db8::10
exemple.test. IN MX 10 mail.exemple.test.
inner.exemple.test. IN TXT "v=spf1 ip4:198.51.100.0/24 -all"
outer.exemple.test. IN TXT "v=spf1 include:inner.exemple.test ~all"
moved.exemple.test. IN TXT "v=spf1 redirect=inner.exemple.test"
loop.exemple.test. IN TXT "v=spf1 include:loop.exemple.test ~all"
long.exemple.test. IN TXT ( "v=spf1 ip4:192.0" ".2.77 -all" )"""


@pytest.mark.parametrize(
    ("record", "address", "result"),
    [
        ("v=spf1 ip4:192.0.2.0/28 -all", "192.0.2.10", "pass"),
        ("v=spf1 ip4:192.0.2.0/28 -all", "192.0.2.16", "fail"),
        ("v=spf1 ip6:2001:db8::/64 ~all", "2001:db8::9", "pass"),
        ("v=spf1 ip6:2001:db8::/64 ~all", "192.0.2.10", "softfail"),
        ("v=spf1 a:mail.exemple.test ?all", "2001:db8::10", "pass"),
        ("v=spf1 a:mail.exemple.test/24 ?all", "192.0.2.99", "pass"),
        ("v=spf1 mx -all", "192.0.2.10", "pass"),
        ("v=spf1 -ip4:192.0.2.10 +all", "192.0.2.10", "fail"),
        ("v=spf1 include:outer.exemple.test -all", "198.51.100.7", "pass"),
        ("v=spf1 include:outer.exemple.test -all", "192.0.2.10", "fail"),
        ("v=spf1 include:nobody.exemple.test -all", "192.0.2.10", "permerror"),
        ("v=spf1 include:loop.exemple.test -all", "192.0.2.10", "permerror"),
        ("v=spf1 redirect=moved.exemple.test", "198.51.100.7", "pass"),
        ("v=spf1", "192.0.2.10", "neutral"),
        ("v=spf1 nonsense! -all", "192.0.2.10", "permerror"),
        (" ".join(["v=spf1", *["a:mail.exemple.test"] * 11]), "1.2.3.4", "permerror"),
        ("something else", "192.0.2.10", "none"),
    ],
)
async def test_a_sending_address_is_judged(
    names: NameServer, record: str, address: str, result: str
) -> None:
    names.lines = [*ZONE.splitlines(), f'exemple.test. IN TXT "{record}"']
    policy = Policy(Names.at(names.host, names.port), "exemple.test")

    assert await policy.result(address) == result


async def test_a_record_in_pieces_is_one(names: NameServer) -> None:
    names.lines = ZONE.splitlines()
    policy = Policy(Names.at(names.host, names.port), "long.exemple.test")

    assert await policy.result("192.0.2.77") == "pass"


async def test_what_a_record_includes_is_found_at_any_depth(names: NameServer) -> None:
    names.lines = [
        *ZONE.splitlines(),
        'exemple.test. IN TXT "v=spf1 include:outer.exemple.test ~all"',
    ]
    policy = Policy(Names.at(names.host, names.port), "exemple.test")

    assert await policy.includes("inner.exemple.test")
    assert not await policy.includes("_spf.google.com")


async def test_a_silent_name_server_is_no_answer() -> None:
    with pytest.raises(Unanswered):
        await Names.at("127.0.0.1", free_port(), 0.1).texts("exemple.test")
