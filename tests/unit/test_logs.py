"""What a log line says, and what it never says."""

from __future__ import annotations

import io
import json
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from azbot.errors import TemporaryFailure
from azbot.logs import Style, cover, set_up
from azbot.messages import Address, Inbound
from azbot.tokens import Keyring, Purpose, issue_address, issue_link, issue_message_id

KEYRING = Keyring((("1", b"k" * 32),))
SPOKEN = "Bonjour, ma PAC est en panne"
WHO = "sophie.martin@exemple.fr"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """A stream that gets the logs; the process's set-up comes back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield io.StringIO()
    root.handlers = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def logger() -> structlog.typing.FilteringBoundLogger:
    made: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return made


def test_a_line_names_time_level_and_event_first(log: io.StringIO) -> None:
    set_up("info", "json", log)
    logger().info("outbox.sent", delivery=12, kind="opened")
    (line,) = lines(log)
    assert list(line) == ["at", "level", "event", "delivery", "kind"]
    assert (line["level"], line["event"], line["delivery"]) == (
        "info",
        "outbox.sent",
        12,
    )
    assert datetime.fromisoformat(str(line["at"])).tzinfo is not None


def test_ids_of_the_context_stand_in_each_line(log: io.StringIO) -> None:
    set_up("info", "json", log)
    with structlog.contextvars.bound_contextvars(raw=4711):
        logger().info("intake.done")
    logger().info("intake.done")
    assert [line.get("raw") for line in lines(log)] == [4711, None]


def test_lines_below_the_level_are_not_written(log: io.StringIO) -> None:
    set_up("warning", "json", log)
    logger().info("quiet")
    logger().warning("loud")
    assert [line["event"] for line in lines(log)] == ["loud"]


def test_on_a_terminal_a_line_is_readable(log: io.StringIO) -> None:
    set_up("info", "console", log)
    logger().info("outbox.sent", delivery=12)
    assert log.getvalue()[8:] == " info    outbox.sent              delivery=12\n"


@pytest.mark.parametrize(("style", "is_json"), [("auto", True), ("console", False)])
def test_without_a_terminal_lines_are_json(
    log: io.StringIO, style: Style, *, is_json: bool
) -> None:
    set_up("info", style, log)
    logger().info("outbox.sent")
    assert log.getvalue().startswith("{") is is_json


# --- what is never said -------------------------------------------------------------

ADDRESSES = [
    issue_address(KEYRING, "sav@exemple.fr", Purpose.REPLY, 12, 34),
    issue_address(KEYRING, "sav@exemple.fr", Purpose.BOUNCE, 12, 34, "="),
]
LINK = issue_link(KEYRING, Purpose.LINK, 12, 34, datetime(2027, 1, 1, tzinfo=UTC))
MESSAGE_ID = issue_message_id(KEYRING, "exemple.fr", 12, 3, 4)

# A text, and the part of it that must not be written.
TOKENS = [
    ("azbot_" + "aB3-_" * 8 + "xyz", "aB3-_"),
    ("Authorization: Bearer aGVsbG8=.x", "aGVsbG8"),
    ("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw_", "AAHdqTcv"),
    *((address, address[10:-12]) for address in ADDRESSES),
    (MESSAGE_ID, MESSAGE_ID[8:-12]),
    (LINK, LINK[-30:]),
    (f"GET /r/{LINK.upper()} HTTP/1.1", LINK.upper()[-30:]),
    ("postgresql://azbot:sesame@db.example/azbot", "sesame"),
    ("-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----", "MC4CAQ"),
]


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
@pytest.mark.parametrize(("text", "secret"), TOKENS)
def test_a_token_is_never_written(
    log: io.StringIO, text: str, secret: str, level: int
) -> None:
    assert secret in text
    set_up("debug", "json", log)
    logger().log(level, "event", detail=f"before {text} after")
    assert secret not in log.getvalue()
    assert "before" in log.getvalue()


@pytest.mark.parametrize(
    "facts",
    [
        {"text": SPOKEN},
        {"body": SPOKEN.encode()},
        {"message": {"text": SPOKEN}},
        {"found": {"reply": SPOKEN, "to": WHO}},
        {"found": [{"subject": SPOKEN}, {"sender": WHO}]},
        {"sender": WHO},
        {"detail": f"refused by <{WHO}>: no"},
        {"source": f"imap:{WHO}/INBOX;1700000000"},
        {"inbound": Inbound("email", "", Address(WHO, "Sophie"), text=SPOKEN)},
        {"error": ValueError(SPOKEN, WHO)},
        {"octets": f"{SPOKEN} {WHO}".encode()},
        {"deep": [[[[[[SPOKEN]]]]]]},
    ],
)
def test_above_debug_neither_text_nor_address_is_written(
    log: io.StringIO, facts: dict[str, object]
) -> None:
    set_up("debug", "json", log)
    logger().info("event", **facts)
    logger().error("event", **facts)
    written = log.getvalue()
    assert len(lines(log)) == 2
    assert "panne" not in written
    assert "sophie" not in written.lower()


def test_at_debug_an_address_helps_whoever_looks(log: io.StringIO) -> None:
    set_up("debug", "json", log)
    logger().debug("event", sender=WHO, text=SPOKEN, password="sesame")
    (line,) = lines(log)
    assert (line["sender"], line["text"]) == (WHO, SPOKEN)
    assert line["password"] == "[secret]"


@pytest.mark.parametrize(
    "name", ["password", "imap_password", "api_token", "Authorization", "secret_key"]
)
def test_what_is_called_a_secret_is_covered(log: io.StringIO, name: str) -> None:
    set_up("debug", "json", log)
    logger().debug("event", **{name: "hello"})
    assert lines(log)[0][name] == "[secret]"


def break_with(failure: Exception, because: Exception | None) -> None:
    raise failure from because


def test_a_foreign_exception_is_told_by_class_and_place(log: io.StringIO) -> None:
    set_up("info", "json", log)
    try:
        break_with(ValueError(SPOKEN), because=KeyError(WHO))
    except ValueError:
        logger().exception("intake.crashed", raw=3)
    (line,) = lines(log)
    assert line["failure"] == "ValueError < KeyError"
    assert re.fullmatch(
        # The folder of the checkout may be called anything, azbot included.
        r"\['[\w/]*unit/test_logs.py:\d+ test_\w+', "
        r"'[\w/]*unit/test_logs.py:\d+ break_with'\]",
        str(line["where"]),
    )
    assert "panne" not in log.getvalue()


def test_an_error_of_ours_is_told_in_its_words_without_addresses(
    log: io.StringIO,
) -> None:
    set_up("info", "json", log)
    failure = TemporaryFailure(f"450 greylisted for {WHO}")
    logger().error("loop.failed", exc_info=ExceptionGroup("all", [failure]))
    (line,) = lines(log)
    told = "TemporaryFailure: 450 greylisted for [address]"
    assert line["failure"] == f"ExceptionGroup({told})"


def test_a_library_is_quoted_without_its_data(log: io.StringIO) -> None:
    set_up("info", "json", log)
    library = logging.getLogger("aioimaplib")
    library.info("not loud enough")
    library.error("cannot parse line %s", f"BODY[] {SPOKEN}")
    try:
        break_with(ValueError(SPOKEN), because=None)
    except ValueError:
        library.exception("lost")
    first, second = lines(log)
    assert (first["library"], first["said"]) == ("aioimaplib", "cannot parse line %s")
    assert second["failure"] == "ValueError"
    assert "panne" not in log.getvalue()


def test_a_line_stays_one_line(log: io.StringIO) -> None:
    set_up("info", "console", log)
    logger().info("event", detail="a\r\nerror forged\x1b[31m\u2028x")
    assert len(log.getvalue().splitlines()) == 1
    assert "\x1b" not in log.getvalue()


def test_numbers_states_and_instants_are_kept(log: io.StringIO) -> None:
    @dataclass(frozen=True)
    class Thing:
        text: str

    set_up("info", "json", log)
    at = datetime(2026, 11, 23, 8, tzinfo=UTC)
    logger().info(
        "event", count=3, share=0.5, is_late=True, none=None, at_all=at, it=Thing("x")
    )
    (line,) = lines(log)
    assert (line["count"], line["share"], line["is_late"], line["none"]) == (
        3,
        0.5,
        True,
        None,
    )
    assert line["at_all"] == "2026-11-23 08:00:00+00:00"
    assert line["it"] == "[Thing]"


@given(st.text(max_size=400))
def test_covering_is_total_and_leaves_one_line(text: str) -> None:
    assert len(cover(text).splitlines()) <= 1


@given(st.from_regex(r"\A[a-z.]{1,20}@[a-z]{1,10}\.(fr|com)\Z"), st.text(max_size=20))
def test_no_address_survives(address: str, around: str) -> None:
    assert address not in cover(f"{around} {address} {around}")


def test_covering_a_hostile_text_takes_no_time() -> None:
    began = time.process_time()
    for text in (
        "a" * 10**6,
        "@" * 10**6,
        "1." * 10**6,
        "://" * 10**5,
        "a.b.c" * 10**5,
    ):
        cover(text)
    assert time.process_time() - began < 4
