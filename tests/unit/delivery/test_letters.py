"""Who writes to whom, in which thread, with which links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from azbot.delivery.letters import Letters, Postmark
from azbot.messages import Address, Outbound, PersonId
from azbot.render import Brand, Renderer
from azbot.resources import data_dir
from azbot.store import Delivery, DeliveryState
from azbot.store.records import DeliveryId
from azbot.tokens import (
    Keyring,
    Purpose,
    Token,
    read_address,
    read_message_id,
    thread_root,
)
from azbot.workflow.model import AssistanceId

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
RING = Keyring((("1", b"k" * 32),))
DESK = "support@sav.example"
FACTS = {
    "ref": "ASFR26000005",
    "audience": "requester",
    "text": "x",
    "planned_at": NOW.isoformat(),
}


def letters(
    *, public_url: str = "https://sav.example", has_sub_addresses: bool = True
) -> Letters:
    brand = Brand("Support technique", "Régulation Exemple", DESK, "#0b5c86")
    mark = Postmark(
        Address(DESK, "Support technique"),
        "sav.example",
        public_url,
        RING,
        brand,
        has_sub_addresses,
    )
    renderer = Renderer(data_dir("templates"), brand)
    return Letters(lambda: renderer, lambda: mark)


def delivery(
    kind: str = "message",
    *,
    assistance: int | None = 5,
    person: int | None = 7,
    is_optional: bool = False,
    **facts: object,
) -> Delivery:
    return Delivery(
        id=DeliveryId(31),
        key="k",
        kind=kind,
        address="s@client.example",
        channel="email",
        due_at=NOW,
        facts={**FACTS, **facts},
        files=(),
        assistance_id=None if assistance is None else AssistanceId(assistance),
        event_id=None,
        person=None if person is None else PersonId(person),
        is_optional=is_optional,
        language="fr",
        group_key="",
        state=DeliveryState.PENDING,
    )


def write(row: Delivery, by: Letters | None = None) -> Outbound:
    return (by or letters()).write(row, None, (), (), NOW)


def test_the_same_delivery_is_written_the_same_way_every_time() -> None:
    assert write(delivery()) == write(delivery())


def test_answers_return_with_a_token_of_case_and_reader() -> None:
    mail = write(delivery())
    token = read_address(RING, DESK, mail.reply_to.email)

    assert isinstance(token, Token)
    assert (token.purpose, token.assistance, token.person) == (Purpose.REPLY, 5, 7)


def test_bounces_return_with_a_token_of_their_own() -> None:
    mail = write(delivery())
    token = read_address(RING, DESK, mail.envelope_from)

    assert isinstance(token, Token)
    assert token.purpose is Purpose.BOUNCE
    assert mail.envelope_from != mail.reply_to.email


def test_its_name_says_which_delivery_it_is() -> None:
    token = read_message_id(RING, write(delivery()).message_id, "sav.example")

    assert isinstance(token, Token)
    assert (token.assistance, token.person, token.event) == (5, 7, 31)


def test_every_mail_hangs_on_the_root_and_on_what_it_answers() -> None:
    mail = write(delivery(message_id="<c@client.example>"))

    assert mail.references == (thread_root(5, "sav.example"), "<c@client.example>")
    assert mail.in_reply_to == "<c@client.example>"


def test_what_an_agent_wrote_is_signed_and_no_robots_mail() -> None:
    mail = write(delivery(agent="Camille D."))

    assert mail.sender == Address(DESK, "Camille D., Support technique")
    assert not mail.is_automatic


@pytest.mark.parametrize("kind", ["opened", "planned", "desk", "alert"])
def test_everything_else_is_the_desks_and_automatic(kind: str) -> None:
    mail = write(delivery(kind, agent="Camille D."))

    assert mail.sender.name == "Support technique"
    assert mail.is_automatic


def test_a_service_that_drops_sub_addresses_gets_plain_ones() -> None:
    mail = write(delivery(), letters(has_sub_addresses=False))

    assert mail.reply_to.email == DESK
    assert mail.envelope_from == DESK


def test_what_is_about_no_assistance_has_no_thread() -> None:
    mail = write(delivery("alert", assistance=None, person=None, what="disk", ref=""))

    assert mail.references == ()
    assert mail.reply_to.email == DESK


def test_links_are_personal_and_only_where_there_is_a_person() -> None:
    assert "https://sav.example/a/" in write(delivery()).text
    assert "https://sav.example/a/" not in write(delivery(person=None)).text
    assert "https://" not in write(delivery(), letters(public_url="")).text


@pytest.mark.parametrize(
    ("kind", "asks"),
    [("finished", True), ("mission", True), ("message", False), ("planned", False)],
)
def test_yes_and_no_stand_ready_where_they_are_asked(kind: str, *, asks: bool) -> None:
    mail = write(delivery(kind, closes_at=NOW.isoformat()))

    assert ("body=OUI" in mail.html) is asks


def test_optional_mails_say_so() -> None:
    assert write(delivery("planned", is_optional=True)).is_optional
    assert not write(delivery("planned")).is_optional


def test_a_notice_nobody_knows_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="nothing"):
        write(delivery("nothing"))


def test_where_a_date_is_told_nothing_says_until_when_it_will_be_proposed() -> None:
    accepted = delivery("accepted", date_by="2026-12-02T08:00:00+00:00")
    planned = delivery("planned", planned_at="2026-12-01T08:00:00+00:00")
    alone = write(accepted)
    together = letters().write(planned, None, (), (accepted,), NOW)

    assert "Prochaine étape" in alone.text
    assert "Votre intervention est programmée" in together.text
    assert "La STA a accepté la mission" in together.text
    assert "Prochaine étape" not in together.text
