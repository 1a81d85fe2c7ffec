from __future__ import annotations

from dataclasses import replace

import pytest

from azbot.messages import Trust
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, Role
from azbot.workflow.policy import PERMISSIONS, permit
from tests.unit.workflow.samples import SAMPLES
from tests.unit.workflow.stages import (
    ADMIN,
    AGENT,
    CLIENT,
    CONTACT,
    OTHER_STA,
    STATION,
    STRANGER,
    SYSTEM,
    assigned,
    cancelled,
    done,
    planned,
    submitted,
)

EVERYBODY = (CLIENT, CONTACT, AGENT, ADMIN, STATION, SYSTEM)


def test_every_command_has_its_line() -> None:
    assert set(PERMISSIONS) == set(c.COMMANDS.values())


def test_more_trust_never_takes_a_permission_away() -> None:
    for command, _ in SAMPLES:
        for actor in EVERYBODY:
            allowed = [
                permit(done(), command, replace(actor, trust=trust)) is None
                for trust in Trust
            ]
            assert allowed == sorted(allowed)


def test_an_unknown_command_is_allowed_to_nobody() -> None:
    for actor in EVERYBODY:
        stop = permit(done(), object(), actor)  # type: ignore[arg-type]
        assert stop is not None
        assert stop.code == "not_allowed"


@pytest.mark.parametrize(
    "command", [s[0] for s in SAMPLES], ids=lambda s: type(s).__name__
)
def test_a_stranger_learns_nothing_and_does_nothing(command: c.Command) -> None:
    nobody = Actor(Role.CLIENT, None, "?", Trust.PROVEN, "email")
    for actor in (STRANGER, OTHER_STA, nobody):
        stop = permit(planned(), command, actor)
        assert stop is not None
        assert stop.code in ("not_yours", "not_allowed")
        assert "ref" not in stop.facts


def test_a_reply_from_another_address_with_a_valid_token_does_not_act() -> None:
    held = replace(CLIENT, trust=Trust.HELD)
    for command in (c.AddMessage("x"), c.ConfirmClosing(), c.CancelAssistance("x")):
        stop = permit(done(), command, held)
        assert stop is not None
        assert stop.code == "proof_needed"


def test_a_known_client_adds_words_but_does_not_close() -> None:
    known = replace(CLIENT, trust=Trust.KNOWN)
    stop = permit(done(), c.ConfirmClosing(), known)

    assert permit(done(), c.AddMessage("x"), known) is None
    assert stop is not None
    assert (stop.code, stop.facts) == ("proof_needed", {"needed": 3})


def test_the_contact_on_site_writes_and_asks_for_another_date_only() -> None:
    allowed = [
        type(command)
        for command, _ in SAMPLES
        if permit(planned(), command, CONTACT) is None
    ]

    assert allowed == [c.AddMessage, c.AskOtherDate]


def test_a_station_without_a_mission_owns_nothing() -> None:
    for reach in (submitted, cancelled):
        stop = permit(reach(), c.AddMessage("x"), STATION)
        assert stop is not None
        assert stop.code == "not_yours"
    assert permit(assigned(), c.AddMessage("x"), STATION) is None


def test_only_agents_and_administrators_are_staff() -> None:
    assert [a.is_staff for a in EVERYBODY] == [False, False, True, True, False, False]
