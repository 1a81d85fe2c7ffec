"""The story of the sandbox goes on from whatever its people have done by hand."""

from __future__ import annotations

from datetime import timedelta

from azbot.demo.sandbox import unseen
from azbot.demo.story import STEPS, steps_done
from azbot.workflow.model import DocumentKind, Status

_PORT = 8765
"""What links name; nobody listens there."""
_AT_ONCE = timedelta()


async def test_after_a_no_the_story_goes_on_to_a_second_visit_and_its_end() -> None:
    async with unseen(_PORT) as play:
        stage, story = play.stage, play.story
        # By hand: the mail of the client, and the press of the technician.
        await play.until(1, _AT_ONCE)
        await play.until(2, _AT_ONCE)
        play.phones.each["station"].presses("Accepter")
        await stage.work()
        assert steps_done(await story.assistance()) == 3
        await play.until(4, _AT_ONCE)
        stage.client.answer("Non, la chambre 2 ne chauffe pas", stage.clock.now())
        await stage.work()
        assert steps_done(await story.assistance()) == 3
        acts: list[str] = []
        await play.until(len(STEPS), _AT_ONCE, lambda act: acts.append(act.key))
        assert play.problem == ""
        assert acts == [
            "station_plans",
            "desk_approves",
            "station_arrives",
            "station_fills",
            "all_sign",
            "station_leaves",
            "client_closes",
        ]
        it = await story.assistance()
        assert it is not None
        assert it.status is Status.CLOSED
        reports = [d for d in it.documents if d.kind is DocumentKind.REPORT]
        assert len(reports) == 3, "one of each visit, one of both"


async def test_an_act_that_does_not_fit_any_more_says_so_and_stops() -> None:
    async with unseen(_PORT) as play:
        await play.until(2, _AT_ONCE)
        telephone = play.phones.each["station"]
        telephone.deletes(telephone.with_text("Acceptez-vous")[-1])
        for message in telephone.with_text("Nouvelle mission"):
            telephone.deletes(message)
        await play.until(len(STEPS), _AT_ONCE)
        assert "Accepter" in play.problem
        assert not play.is_on
        assert steps_done(await play.story.assistance()) == 2
