"""Which passwords are taken, and how they are kept."""

from __future__ import annotations

import unicodedata

import pytest

from azbot.channels.web.passwords import (
    LONGEST,
    SHORTEST,
    Passwords,
    fault_of,
    hasher,
)
from tests.webdesk import CHEAP

NAME, ADDRESSES = "Camille Durand", ("camille.durand@sav.example",)


@pytest.mark.parametrize(
    ("plain", "fault"),
    [
        ("quatre tilleuls au vent", None),
        ("7391 8462 0558 1", None),
        ("camille aime le froid", None),
        ("été-à-Ménilmontant", None),
        ("!!!!tilleuls", None),
        ("tilleul7890", "too_short"),
        ("tilleul78901", None),
        ("x7" * 100 + "y", "too_long"),
        ("Camille Durand 26", "near"),
        ("durand camille!", None),
        ("camille.durand@sav.example", "near"),
        ("CAMILLEDURAND", "near"),
        ("motdepasse1234", "obvious"),
        ("Mot de Passe 2026", "obvious"),
        ("contraseña 2026!", "obvious"),
        ("1234567890123", "obvious"),
        ("azertyuiopqs", "obvious"),
        ("aaaaaaaaaaaa", "obvious"),
        ("abcabcabcabc", "obvious"),
        ("????????????", "obvious"),
    ],
)
def test_length_counts_and_neither_ones_own_name_nor_the_first_guess(
    plain: str, fault: str | None
) -> None:
    assert fault_of(plain, NAME, ADDRESSES) == fault


@pytest.mark.parametrize(
    ("length", "fault"),
    [
        (SHORTEST - 1, "too_short"),
        (SHORTEST, None),
        (LONGEST, None),
        (LONGEST + 1, "too_long"),
    ],
)
def test_both_sides_of_both_bounds(length: int, fault: str | None) -> None:
    plain = "qu4tre tilleuls au vent " * 10
    assert fault_of(plain[:length], NAME, ADDRESSES) == fault


def test_somebody_without_a_name_may_choose_digits() -> None:
    assert fault_of("739184620558", "", ()) is None


async def test_a_password_is_right_however_the_keyboard_wrote_its_accents() -> None:
    passwords = Passwords(CHEAP)
    stored = await passwords.hashed(unicodedata.normalize("NFC", "été à Évian"))
    typed = unicodedata.normalize("NFD", "été à Évian")
    assert (await passwords.check(stored, typed)).is_right
    assert not (await passwords.check(stored, "ete a Evian")).is_right


async def test_nobodys_password_is_never_right_and_costs_as_much() -> None:
    passwords = Passwords(CHEAP)
    for plain in ("", "anything"):
        assert not (await passwords.check("", plain)).is_right
    assert not (await passwords.check("no hash at all", "anything")).is_right


async def test_a_hash_of_other_parameters_is_outdated() -> None:
    stored = Passwords(CHEAP).hashed_now("quatre tilleuls")
    now = Passwords(hasher())
    check = await now.check(stored, "quatre tilleuls")
    assert (check.is_right, check.is_outdated) == (True, True)
    renewed = await now.hashed("quatre tilleuls")
    assert renewed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert not (await now.check(renewed, "quatre tilleuls")).is_outdated
