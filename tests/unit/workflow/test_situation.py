from __future__ import annotations

from dataclasses import replace

from azbot.workflow import commands as c
from azbot.workflow import events as e
from azbot.workflow.lives import ASSISTANCE
from azbot.workflow.situation import Situation, barred
from tests.unit.workflow.stages import (
    AGENT,
    CLIENT,
    NOW,
    RULES,
    done,
    refused,
    submitted,
    to_approve,
)


def test_a_life_names_the_roles_of_each_step_whatever_the_permissions_say() -> None:
    client, agent = (Situation(who, NOW, RULES) for who in (CLIENT, AGENT))
    stop = barred(ASSISTANCE, submitted(), e.ComplementAsked, client)

    assert stop is not None
    assert (stop.code, stop.facts) == ("not_allowed_now", {"status": "submitted"})
    assert barred(ASSISTANCE, submitted(), e.ComplementAsked, agent) is None


def test_a_step_the_life_does_not_have_names_the_status() -> None:
    stop = barred(ASSISTANCE, done(), e.ComplementAsked, Situation(AGENT, NOW, RULES))

    assert stop is not None
    assert (stop.code, stop.facts) == ("wrong_status", {"status": "done"})


def test_a_proposal_without_a_date_cannot_be_approved() -> None:
    it = to_approve()
    bare = replace(it.interventions[1], planned_at=None)
    broken = replace(it, interventions=(it.interventions[0], bare))

    assert refused(broken, c.ApproveIntervention()).code == "date_needed"
