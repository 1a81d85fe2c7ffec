from __future__ import annotations

import pytest

from azbot.channels.email.threads import (
    bare_subject,
    likely_parents,
    reply_subject,
    split_ids,
    subject_references,
    thread_references,
)


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ("<a@x> <b@x>", ("<a@x>", "<b@x>")),
        ("<a@x>,<b@x>, <c@x>", ("<a@x>", "<b@x>", "<c@x>")),
        ("\r\n <a@x>", ("<a@x>",)),
        ("<a@x><b@x>", ("<a@x>", "<b@x>")),
        ("a@x b@x", ("<a@x>", "<b@x>")),
        ("Your message of Monday <a@x>", ("<a@x>",)),
        ("", ()),
        ("<>", ()),
        ("<" * 50_000, ()),
    ],
)
def test_ids_are_split_however_they_were_joined(
    value: str, ids: tuple[str, ...]
) -> None:
    assert split_ids(value) == ids


def test_only_the_nearest_twenty_ancestors_count() -> None:
    value = " ".join(f"<{number}@x>" for number in range(50))

    assert split_ids(value) == tuple(f"<{number}@x>" for number in range(30, 50))


def test_the_message_answered_comes_first_then_the_newest() -> None:
    assert likely_parents("<c@x>", "<a@x> <b@x> <c@x>") == ("<c@x>", "<b@x>", "<a@x>")


def test_the_root_of_a_thread_stays_first() -> None:
    parents = [f"<{number}@x>" for number in range(40)]
    references = thread_references("<root@x>", ["<root@x>", *parents])

    assert references[0] == "<root@x>"
    assert references[1:] == tuple(parents[-19:])


@pytest.mark.parametrize(
    "subject",
    [
        "Panne",
        "Re: Panne",
        "RE : Panne",
        "Re: RE: re: Panne",
        "Re[2]: Panne",
        "Rép\u00a0: Panne",
        "TR : Re: Panne",
        "Fwd: Panne",
        "AW: WG: Panne",
        "RV: Panne",
    ],
)
def test_marks_of_replies_are_taken_off_in_any_language(subject: str) -> None:
    assert bare_subject(subject) == "Panne"
    assert reply_subject(subject) == "Re: Panne"


@pytest.mark.parametrize("subject", ["Réparation : urgent", "Info: x", "Ref 12", ""])
def test_a_subject_without_mark_stays(subject: str) -> None:
    assert bare_subject(subject) == subject


def test_references_are_found_in_a_subject() -> None:
    subject = "Re: panne · asfr26000184, ASES26000001 (ASFR26000184) xASFR26000185"

    assert subject_references(subject) == ("ASFR26000184", "ASES26000001")
