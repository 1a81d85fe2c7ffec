"""Where somebody is told: in the chat, by mail, or both (ux.md 10.2, G7, G13)."""

from __future__ import annotations

from azbot.testing.chat import LocalPerson
from azbot.workflow import commands as c
from tests.chatdesk import ChatDesk
from tests.integration.chat.test_linking import link_by, offered


async def wants_less_mail(desk: ChatDesk) -> LocalPerson:
    client = await desk.linked()
    await desk.say(client, "/reglages")
    await desk.press(client, "Moins d’e-mails")
    assert "les plus importants" in client.last.text
    return client


def says(client: LocalPerson, words: str) -> bool:
    return any(words in bubble.text for bubble in client.sees)


ASKED = "Une photo de la plaque suffit."


async def asks(desk: ChatDesk) -> None:
    await desk.desk.act(c.AskComplement(ASKED))


async def test_notices_go_by_mail_and_chat_unless_somebody_chose_otherwise(
    desk: ChatDesk,
) -> None:
    """G7."""
    client = await desk.linked()
    await desk.desk.submitted()
    await asks(desk)
    assert says(client, ASKED)
    assert "complement" in desk.desk.client.kinds


async def test_who_wants_less_mail_is_told_in_the_chat_alone(desk: ChatDesk) -> None:
    await desk.desk.submitted()
    client = await wants_less_mail(desk)
    await asks(desk)
    assert says(client, ASKED)
    assert "complement" not in desk.desk.client.kinds


async def test_reports_and_ends_are_mailed_to_everybody(desk: ChatDesk) -> None:
    await desk.desk.planned()
    client = await wants_less_mail(desk)
    await desk.desk.finish_visit()
    assert "finished" in desk.desk.client.kinds
    client.says("merci")
    await desk.desk.act(c.ConfirmClosing())
    assert "closed" in desk.desk.client.kinds


async def test_after_stop_everything_is_mailed_again(desk: ChatDesk) -> None:
    """G13: and nothing is told in the chat."""
    await desk.desk.submitted()
    client = await wants_less_mail(desk)
    await desk.say(client, "/stop")
    await asks(desk)
    assert not says(client, ASKED)
    assert "complement" in desk.desk.client.kinds


async def test_what_waits_for_a_chat_that_is_stopped_is_mailed(
    desk: ChatDesk,
) -> None:
    """G13: at once means what was decided before, too."""
    await desk.desk.submitted()
    client = await wants_less_mail(desk)
    await desk.desk.app.desk.handle(
        (await desk.desk.it()).id,
        c.AskComplement(ASKED),
        desk.desk.people.staff,
    )
    client.says("/stop")
    # Whoever works on turns is quicker than the courier here.
    await desk.chat.take(desk.store)
    for intake in desk.desk.app.intakes["telegram"]:
        await intake.step(desk.clock.now())
    await desk.settle()
    assert not says(client, ASKED)
    assert desk.desk.client.kinds.count("complement") == 1


async def test_who_unlinks_is_mailed_everything_again(desk: ChatDesk) -> None:
    await desk.desk.submitted()
    client = await wants_less_mail(desk)
    await desk.press(client, "Délier ce compte", "Oui, délier")
    await asks(desk)
    assert "complement" in desk.desk.client.kinds
    assert not says(client, ASKED)
    assert (await desk.account()).mails_too


async def test_a_request_begun_before_linking_goes_on_afterwards(
    desk: ChatDesk,
) -> None:
    """Drafts follow the account."""
    await desk.desk.submitted()
    somebody = desk.stranger("501")
    await desk.say(somebody, "/nouvelle")
    await desk.press(somebody, "Mise en service")
    before = await desk.store.write(lambda uow: uow.request_drafts.get("telegram:501"))
    assert before is not None
    await link_by(desk, somebody, await offered(desk))
    person = (await desk.account()).person
    after = await desk.store.write(
        lambda uow: uow.request_drafts.get(f"person:{person}")
    )
    assert after is not None
    assert after.texts == before.texts
    assert (
        await desk.store.write(lambda uow: uow.request_drafts.get("telegram:501"))
        is None
    )
