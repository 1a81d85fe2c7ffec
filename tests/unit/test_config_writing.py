"""Keys set in the text of a configuration: nothing else moves."""

from __future__ import annotations

import difflib
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from azbot.config.writing import Value, flat, rewritten
from azbot.errors import ConfigError
from azbot.resources import data_file

EXAMPLE = data_file("config.example.toml").read_text("utf-8")
KEYS = (
    "service.language",
    "web.public_url",
    "web.trusted_proxies",
    "email.address",
    "email.imap.host",
    "email.imap.password",
    "email.smtp.password_env",
    "telegram.token",
    "telegram.receiver",
)
VALUES = st.one_of(
    st.text(st.characters(codec="utf-8")),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.text(st.characters(codec="utf-8"))),
)


def changed(before: str, after: str) -> list[str]:
    lines = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_a_key_that_the_example_shows_is_set_where_it_stands() -> None:
    made = rewritten(EXAMPLE, {"web.public_url": "https://sav.example.fr"}, EXAMPLE)
    assert changed(EXAMPLE, made) == [
        '- #public_url = ""',
        '+ public_url = "https://sav.example.fr"',
    ]


def test_a_key_in_a_section_that_is_only_shown_brings_its_section() -> None:
    made = rewritten(EXAMPLE, {"telegram.token_env": "TOKEN"}, EXAMPLE)
    assert changed(EXAMPLE, made) == [
        "- #[telegram]",
        "+ [telegram]",
        '- #token_env = "AZBOT_TELEGRAM_TOKEN"',
        '+ token_env = "TOKEN"',
    ]


def test_a_wish_to_change_a_value_is_gone_once_it_is_changed() -> None:
    made = rewritten(EXAMPLE, {"email.imap.host": "imap.example.fr"}, EXAMPLE)
    assert 'host = "imap.example.fr"\n' in made
    assert made.count("# CHANGE") == EXAMPLE.count("# CHANGE") - 1


def test_the_remarks_of_an_administrator_stay() -> None:
    mine = "# ours\n[web]\nport = 8080 # behind nginx #1\n\n# and so on\n"
    made = rewritten(mine, {"web.port": 8081}, EXAMPLE)
    assert made == "# ours\n[web]\nport = 8081 # behind nginx #1\n\n# and so on\n"


def test_a_sign_inside_a_value_begins_no_remark() -> None:
    mine = '[email.imap]\npassword = "a # b" # old\n'
    made = rewritten(mine, {"email.imap.password": 'c " # d'}, EXAMPLE)
    assert made == '[email.imap]\npassword = "c \\" # d" # old\n'


def test_a_secret_taken_back_leaves_nothing_of_itself() -> None:
    mine = rewritten(EXAMPLE, {"email.imap.password": "hunter2"}, EXAMPLE)
    changes = {"email.imap.password": None, "email.imap.password_env": "MAIL"}
    made = rewritten(mine, changes, EXAMPLE)
    assert "hunter2" in mine
    assert "hunter2" not in made
    assert made == rewritten(EXAMPLE, {"email.imap.password_env": "MAIL"}, EXAMPLE)


def test_a_value_over_several_lines_is_replaced_whole() -> None:
    mine = '[web]\ntrusted_proxies = [\n  "10.0.0.1", # a\n]\nport = 1\n'
    made = rewritten(mine, {"web.trusted_proxies": ["127.0.0.1"]}, EXAMPLE)
    assert made == '[web]\ntrusted_proxies = ["127.0.0.1"]\nport = 1\n'


def test_a_section_that_is_missing_comes_with_its_comments() -> None:
    made = rewritten("[web]\nport = 1\n", {"telegram.token": "1:a"}, EXAMPLE)
    assert tomllib.loads(made) == {"web": {"port": 1}, "telegram": {"token": "1:a"}}
    assert "# Better given by token_env or token_file.\n" in made


def test_a_section_nobody_described_is_made_too() -> None:
    made = rewritten("", {"kiosk.port": 1}, EXAMPLE)
    assert tomllib.loads(made) == {"kiosk": {"port": 1}}


def test_a_key_the_author_did_not_write_follows_their_last_one() -> None:
    mine = "[web]\nport = 1\n\n[store]\n"
    made = rewritten(mine, {"web.host": "0.0.0.0"}, EXAMPLE)
    assert made == '[web]\nport = 1\nhost = "0.0.0.0"\n\n[store]\n'


@pytest.mark.parametrize(
    "mine",
    [
        '[email]\nimap = { host = "a" }\n',
        'email.imap.host = "a"\n',
        '[email]\nimap.host = "a"\n',
        '["email"."imap"]\nhost = "a"\n',
    ],
)
def test_a_form_that_only_its_author_can_change_is_refused(mine: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rewritten(mine, {"email.imap.host": "b"}, EXAMPLE)
    assert [(p.path, p.code) for p in caught.value.problems] == [
        ("email.imap.host", "written_otherwise")
    ]


@given(st.dictionaries(st.sampled_from(KEYS), VALUES, min_size=1))
def test_whatever_is_set_is_read_back_and_taken_back(changes: dict[str, Value]) -> None:
    made = rewritten(EXAMPLE, changes, EXAMPLE)
    wanted = flat(tomllib.loads(EXAMPLE)) | changes
    assert flat(tomllib.loads(made)) == wanted
    again = rewritten(made, dict.fromkeys(changes), EXAMPLE)
    assert flat(tomllib.loads(again)).keys() == wanted.keys() - changes.keys()
    assert again.count("\n") == EXAMPLE.count("\n")
