from __future__ import annotations

from azbot.messages import PersonId
from azbot.workflow.decision import Audience, Notice, NoticeKind
from azbot.workflow.routing import People, Reachable, route

SOPHIE = Reachable(PersonId(1), "sophie@martin.example", name="Sophie")
MARC = Reachable(PersonId(2), "marc@chantier.example")
PAUL, PIA = (Reachable(PersonId(n), f"sta{n}@froid.example") for n in (3, 4))
DESK, ADMIN = Reachable(None, "support@x.example"), Reachable(None, "admin@x.example")
PEOPLE = People(SOPHIE, MARC, DESK, ADMIN, {7: (PAUL, PIA)})


def sent(*notices: Notice, people: People = PEOPLE) -> list[tuple[int, str]]:
    return [(index, reader.address) for index, reader in route(notices, people)]


def to(
    audience: Audience, kind: NoticeKind = NoticeKind.PLANNED, **facts: object
) -> Notice:
    return Notice(kind, audience, facts)


def test_each_audience_is_its_people() -> None:
    notices = (
        to(Audience.REQUESTER),
        to(Audience.CONTACT),
        to(Audience.STATION, station_id=7),
        to(Audience.DESK),
        to(Audience.ADMIN),
        to(Audience.ADDRESS, to="anna@c.example", name="Anna"),
    )

    assert sent(*notices) == [
        (0, SOPHIE.address),
        (1, MARC.address),
        (2, PAUL.address),
        (2, PIA.address),
        (3, DESK.address),
        (4, ADMIN.address),
        (5, "anna@c.example"),
    ]


def test_a_contact_who_is_the_requester_is_told_once() -> None:
    same = Reachable(PersonId(1), "Sophie@Martin.example")
    people = People(SOPHIE, same, DESK, ADMIN)

    assert sent(to(Audience.REQUESTER), to(Audience.CONTACT), people=people) == [
        (0, SOPHIE.address)
    ]


def test_nobody_there_and_nowhere_to_send_is_no_error() -> None:
    nobody = People(None, None, Reachable(None, ""), ADMIN)

    assert (
        sent(
            to(Audience.REQUESTER),
            to(Audience.CONTACT),
            to(Audience.DESK),
            to(Audience.STATION, station_id=9),
            to(Audience.STATION),
            to(Audience.ADDRESS),
            people=nobody,
        )
        == []
    )


def test_stop_silences_what_is_optional_only() -> None:
    less = Reachable(PersonId(1), SOPHIE.address, wants_less=True)
    people = People(less, None, DESK, ADMIN)
    optional = Notice(NoticeKind.PLANNED, Audience.REQUESTER, is_optional=True)

    assert sent(optional, people=people) == []
    assert sent(to(Audience.REQUESTER), people=people) == [(0, SOPHIE.address)]


def test_a_report_the_requester_already_gets_is_not_sent_twice() -> None:
    own = Notice(NoticeKind.FINISHED, Audience.REQUESTER, files=("report:1",))
    facts = {"to": "SOPHIE@martin.example", "name": "Sophie"}
    again = Notice(NoticeKind.REPORT, Audience.ADDRESS, facts, files=("report:1",))
    other = Notice(NoticeKind.REPORT, Audience.ADDRESS, facts, files=("report:2",))

    assert [index for index, _ in sent(own, again, other)] == [0, 2]


def test_a_bare_address_is_written_to_in_the_language_of_the_requester() -> None:
    english = Reachable(PersonId(1), SOPHIE.address, language="en")
    notice = to(Audience.ADDRESS, to="anna@c.example", name="Anna")

    for requester, language in ((english, "en"), (None, "fr")):
        people = People(requester, None, DESK, ADMIN)
        ((_, reader),) = route([notice], people)
        assert (reader.language, reader.name, reader.person) == (language, "Anna", None)
