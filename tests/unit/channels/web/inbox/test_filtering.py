"""From an address to the filters of the store."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from multidict import MultiDict

from azbot.channels.web.inbox.asked import Asked, Order, Queue, asked
from azbot.channels.web.inbox.filtering import Names, Wanted, order_of, wanted
from azbot.channels.web.inbox.query import Unknown
from azbot.messages import PersonId
from azbot.store.queries import Filters, Sort
from azbot.workflow.model import ServiceType, StationId, Status

PARIS = ZoneInfo("Europe/Paris")
TODAY = date(2026, 3, 25)
ME = PersonId(7)
NAMES = Names(
    ME,
    {ME: "Camille Roux", PersonId(8): "Julien Petit"},
    {StationId(1): "Froid Rhône Services", StationId(2): "Alpes Froid"},
)


def found(**parameters: str) -> Wanted:
    return wanted(asked(MultiDict(parameters), TODAY), NAMES, PARIS, TODAY)


def test_the_seven_filters_of_the_manual_combine() -> None:
    assert found(
        ref="184",
        type="mise",
        adresse="charmettes",
        demandee_du="2026-03-01",
        demandee_au="2026-03-05",
        programmee_du="2026-03-29",
        statut="attente",
        sta="rhone froid",
    ).filters == Filters(
        reference="184",
        services=frozenset({ServiceType.COMMISSIONING}),
        address="charmettes",
        opened_from=datetime(2026, 3, 1, tzinfo=PARIS),
        opened_before=datetime(2026, 3, 6, tzinfo=PARIS),
        planned_from=datetime(2026, 3, 29, tzinfo=PARIS),
        statuses=frozenset({Status.WAITING}),
        stations=frozenset({StationId(1)}),
    )


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        ("suivi:moi", Filters(owners=frozenset({ME}))),
        ("suivi:julien", Filters(owners=frozenset({PersonId(8)}))),
        ("suivi:personne", Filters(is_owned=False)),
        (
            "suivi:moi,personne",
            Filters(owners=frozenset({ME}), is_owned=False),
        ),
        ("sta:froid", Filters(stations=frozenset({StationId(1), StationId(2)}))),
        ("sta:froid sta:alpes", Filters(stations=frozenset({StationId(2)}))),
        ("pj:oui", Filters(has_documents=True)),
        ("de:martin de:clim", Filters(requested_by="martin clim")),
        ("tag:a tag:b", Filters(tags=frozenset({"a", "b"}))),
        ("gaine zone", Filters(words="gaine zone")),
        ("dept:69,38", Filters(departments=frozenset({"69", "38"}))),
        ("canal:mail", Filters(channels=frozenset({"email"}))),
    ],
)
def test_operators_become_filters(query: str, filters: Filters) -> None:
    assert found(q=query).filters == filters


def test_parameters_and_search_box_narrow_each_other() -> None:
    both = found(
        statut="attente,demandee", q="statut:demandee,realisee", demandee="mois"
    )
    assert both.filters is not None
    assert both.filters.statuses == {Status.SUBMITTED}
    assert both.filters.opened_from == datetime(2026, 3, 1, tzinfo=PARIS)


@pytest.mark.parametrize(
    "parameters",
    [
        {"statut": "attente", "q": "statut:realisee"},
        {"queue": "closing", "statut": "attente"},
        {"pj": "oui", "q": "pj:non"},
        {"queue": "mine", "suivi": "julien"},
    ],
)
def test_conditions_that_exclude_each_other_find_nothing(
    parameters: dict[str, str],
) -> None:
    assert found(**parameters).filters is None


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ("sta:inconnue", Unknown("sta", "inconnue")),
        ("suivi:bob", Unknown("suivi", "bob")),
        ("statut:perdue", Unknown("statut", "perdue")),
    ],
)
def test_names_that_nobody_has_are_told_and_filter_nothing(
    query: str, unknown: Unknown
) -> None:
    assert found(q=query) == Wanted(Filters(), (unknown,))


@pytest.mark.parametrize(
    ("queue", "filters"),
    [
        ("todo", Filters(needs_attention=True)),
        ("mine", Filters(owners=frozenset({ME}), is_open=True)),
        ("approvals", Filters(is_to_approve=True)),
        ("silent", Filters(is_silent=True)),
        ("closing", Filters(statuses=frozenset({Status.DONE}))),
        ("snoozed", Filters(is_snoozed=True)),
        ("all", Filters()),
    ],
)
def test_each_queue_is_a_filter(queue: str, filters: Filters) -> None:
    assert found(queue=queue).filters == filters


def test_a_filter_without_queue_looks_everywhere_and_nothing_shows_what_is_to_do() -> (
    None
):
    assert asked(MultiDict(), TODAY).queue is Queue.TO_HANDLE
    assert asked(MultiDict(statut="attente"), TODAY).queue is Queue.ALL


def test_to_do_shows_the_longest_wait_first_other_lists_what_is_newest() -> None:
    assert order_of(Asked(Queue.TO_HANDLE)) == (Sort.WAITING, False)
    assert order_of(Asked(Queue.ALL)) == (Sort.UPDATED, True)
    assert order_of(Asked(Queue.ALL, order=Order.OLDEST)) == (Sort.OPENED, False)
    assert order_of(Asked(Queue.APPROVALS)) == (Sort.PLANNED, False)
