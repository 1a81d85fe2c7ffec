"""Codes of a telephone: whose they are, when they are right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from azbot.channels.web.signin.second_factor import (
    grouped,
    is_totp_secret,
    new_totp_secret,
    provisioning,
    step_of,
)

# The seed and the codes of RFC 6238, appendix B, for SHA-1, its last six digits.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
AT = datetime(2009, 2, 13, 23, 31, 30, tzinfo=UTC)
CODE, STEP = "005924", 41152263


def test_the_code_of_the_specification_belongs_to_its_step() -> None:
    assert step_of(SECRET, CODE, AT) == STEP
    assert step_of(SECRET, " 005 924 ", AT) == STEP


@pytest.mark.parametrize(
    ("seconds", "found"), [(-31, None), (-30, STEP), (59, STEP), (60, None)]
)
def test_a_code_is_right_one_step_early_and_one_step_late(
    seconds: int, found: int | None
) -> None:
    assert step_of(SECRET, CODE, AT + timedelta(seconds=seconds)) == found


@pytest.mark.parametrize("code", ["", "05924", "0005924", "٠٠٥٩٢٤", "abcdef", "005925"])
def test_what_is_no_code_is_wrong(code: str) -> None:
    assert step_of(SECRET, code, AT) is None


def test_a_secret_has_160_bits_and_is_new_each_time() -> None:
    secrets = {new_totp_secret() for _ in range(50)}
    assert len(secrets) == 50
    assert all(map(is_totp_secret, secrets))
    assert not is_totp_secret("A" * 31)
    assert not is_totp_secret("a" * 32)
    assert grouped(SECRET).replace(" ", "") == SECRET


def test_the_telephone_is_told_whose_codes_these_are() -> None:
    uri = urlsplit(provisioning(SECRET, "camille@sav.example", "Support: Lyon"))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert unquote(uri.path) == "/Support  Lyon:camille@sav.example"
    assert parse_qs(uri.query) == {"secret": [SECRET], "issuer": ["Support  Lyon"]}
