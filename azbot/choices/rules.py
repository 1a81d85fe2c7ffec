"""The rules of the workflow from the section an administrator may change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from azbot.config import WorkflowSettings
from azbot.forms.kinds import NO_LISTS, Lists
from azbot.workflow.deadlines import Rules, WorkingHours
from azbot.workflow.model import ServiceType


def rules_of(settings: WorkflowSettings, lists: Lists = NO_LISTS) -> Rules:
    """Return the rules of the workflow from their section."""
    hours = WorkingHours(
        opens=settings.opens,
        closes=settings.closes,
        days=settings.working_days,
        zone_name=settings.zone,
        has_french_holidays=settings.french_holidays,
        closed_on=settings.closed_on,
    )
    return Rules(
        country=settings.country,
        working=hours,
        proof_required=frozenset(ServiceType(s) for s in settings.proof_required),
        answer_within=timedelta(hours=settings.answer_hours),
        complement_reminders=_days(settings.complement_reminder_days),
        station_reminders=tuple(
            timedelta(hours=h) for h in settings.station_reminder_hours
        ),
        station_silent_after=timedelta(hours=settings.station_silent_hours),
        closing_reminder_after=timedelta(days=settings.closing_reminder_days),
        closing_after=timedelta(days=settings.closing_days),
        reopen_for=timedelta(days=settings.reopen_days),
        allow_waiver=settings.allow_waiver,
        max_documents=settings.max_documents,
        lists=lists,
    )


def _days(counts: Sequence[float]) -> tuple[timedelta, ...]:
    return tuple(timedelta(days=count) for count in counts)
