"""A client who takes another channel at each step, and a station that changes once.

Each of them is told everything once: an agent's words in one place, a notice once in
each of the places they have, and in the chat alone after « Moins d’e-mails ». The desk
reads one timeline, whole and in order.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from azbot.store import DeliveryState, Store
from azbot.store.records import RawState
from azbot.testing.clock import FakeClock
from azbot.workflow import events as e
from azbot.workflow.model import Status
from tests.logbook import logbook
from tests.stories.book import spaced
from tests.stories.everywhere import Everywhere, News
from tests.stories.lives import Life, lived
from tests.stories.secrets import told_in
from tests.stories.telegram_alone import COMPANY, ORDER, signed
from tests.stories.test_whole_life import FREE_TEXT

CARD = "ASFR26000001 · Mise en service"
WELCOME = "Vous écrivez au support technique de Régulation Exemple."
NOTHING = News()
ASKED_AGAIN = "Quel jour passez-vous"
"""What a chat asks more than once, since it is answered more than once."""
TIMELINE = (
    "Demande créée par e-mail",
    "Nous terminons un chantier",
    "Demande complétée ou corrigée",
    "Complément demandé au demandeur",
    "bon.pdf",
    "Demande complétée, de retour",
    "Merci, tout est là.",
    "Prévenez-moi la veille.",
    "Entendu.",
    "Et le samedi ?",
    "Non, pas le samedi.",
    "Mission proposée à",
    "Mission acceptée par la STA",
    "Visite 1 programmée le mercredi",
    "plutôt jeudi matin",
    "Visite 1 déplacée",
    "Rappel de la veille envoyé pour la visite 1",
    "La STA est sur place pour la visite 1",
    "Visite 1 terminée, problème résolu",
    "Le demandeur ne souhaite pas clôturer",
    "Visite 2 proposée",
    "Visite 2 validée",
    "Visite 2 terminée, problème résolu",
    "Assistance clôturée par le demandeur",
    "OUI",
)
"""What the agent reads, each once, in this order."""


def both(mail: str, *chat: str) -> News:
    """One notice, in the two places somebody has."""
    return News((mail,), chat)


async def test_a_client_changes_channel_at_each_step_and_is_told_everything_once(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    with logbook() as log:
        async with lived(store, clock, tmp_path) as life:
            await _live(life)
    assert told_in(log.getvalue(), life) == []


async def _live(life: Life) -> None:
    sophie = Everywhere(
        life,
        life.desk.client,
        life.phone(501, "Sophie Martin", "fr", "33639981234"),
        life.browser(),
    )
    karim = Everywhere(
        life,
        life.desk.station,
        life.phone(601, "Karim Benali", "fr", "33199001234"),
        life.browser(),
    )
    await _asked_by_mail_completed_in_the_chat(life, sophie)
    await _document_by_the_page(life, sophie)
    await _words_by_mail_then_in_the_chat(life, sophie)
    await _station_accepts_in_the_chat_and_plans_by_mail(life, sophie, karim)
    await _other_date_by_the_page(sophie, karim)
    await _visit(life, sophie, karim)
    await _no_by_mail(life, sophie, karim)
    await _less_mail_and_second_visit(life, sophie, karim)
    await _closed_by_the_page_and_again_by_mail(life, sophie, karim)
    await _nothing_was_lost_or_doubled(life, sophie, karim)


async def _asked_by_mail_completed_in_the_chat(life: Life, sophie: Everywhere) -> None:
    await sophie.writes("Mise en service à Villeurbanne", FREE_TEXT)
    assert await sophie.news() == News(mails=("incomplete",))
    await sophie.follows_in_chat(sophie.mails.last)
    news = await sophie.news()
    assert news.mails == ("chat_linked",)
    assert news.chat[0] == WELCOME
    assert news.chat[2].startswith("✓ Ce compte est relié à s.martin@")
    assert news.chat[3:] == (CARD,)
    await sophie.presses("Compléter la demande", "Régulation multizone gainable")
    await sophie.says("1")
    news = await sophie.news()
    assert news.mails == ("opened",)
    assert news.chat[-1] == "Modifications enregistrées."
    assert (await life.desk.it()).missing == ()


async def _document_by_the_page(life: Life, sophie: Everywhere) -> None:
    await life.press("complement", comment="Votre bon, merci.", items="order_proof")
    told = both("complement", "Il nous manque un complément")
    assert await sophie.news() == told
    assert "Envoyer le document" in sophie.labels
    await sophie.opens_page(sophie.mails.last)
    await sophie.browser.joins("/documents", "bon.pdf", ORDER)
    assert await sophie.news() == both(
        "received", "Merci, votre complément est bien reçu"
    )
    # What was asked in the chat is answered there as well.
    assert "Envoyer le document" not in sophie.labels
    assert (await life.desk.it()).is_completed


async def _words_by_mail_then_in_the_chat(life: Life, sophie: Everywhere) -> None:
    await life.say("Merci, tout est là.")
    assert await sophie.news() == News(mails=("message",))
    await sophie.answers("message", "Prévenez-moi la veille.")
    await life.say("Entendu.")
    assert await sophie.news() == News(mails=("message",))
    await sophie.says("Et le samedi ?")
    await life.say("Non, pas le samedi.")
    assert await sophie.news() == News(
        chat=("→ ASFR26000001 · Villeurbanne", "Camille D. : Non, pas le samedi.")
    )


async def _station_accepts_in_the_chat_and_plans_by_mail(
    life: Life, sophie: Everywhere, karim: Everywhere
) -> None:
    await life.assign(COMPANY)
    assert await sophie.news() == both(
        "assigned", "Une station technique est attribuée"
    )
    assert await karim.news() == News(mails=("mission",))
    await karim.follows_in_chat(karim.mails.last)
    news = await karim.news()
    assert news.mails == ("chat_linked",)
    # The mission its mail was about is shown at once, with its buttons.
    assert news.chat[-1] == CARD
    await karim.presses("Accepter")
    assert await karim.news() == both("mission_accepted", CARD)
    assert await sophie.news() == both("accepted", "La STA a accepté la mission")
    await karim.answers("mission_accepted", "mercredi 14 h 30")
    assert await karim.news() == both("mission_planned", CARD)
    assert await sophie.news() == both("planned", "Votre intervention est programmée")


async def _other_date_by_the_page(sophie: Everywhere, karim: Everywhere) -> None:
    await sophie.opens_page(sophie.mails.last)
    await sophie.browser.opens(f"{sophie.browser.path}/other-date")
    await sophie.browser.sends("", words="plutôt jeudi matin")
    assert await sophie.news() == both(
        "other_date", "Votre demande d’autre date est transmise"
    )
    assert await karim.news() == both("mission_other_date", CARD)
    await karim.presses("Déplacer", "jeudi", "10 h", "À la demande")
    # What was decided comes with its calendar file, in place of the question.
    assert await karim.news() == both("mission_planned", CARD, CARD)
    assert not any("Quel jour" in one.text for one in karim.phone.sees)
    assert spaced(karim.phone.last.text).startswith(f"{CARD}\n✓ Visite programmée")
    assert await sophie.news() == both("moved", "Votre intervention change de date")


async def _visit(life: Life, sophie: Everywhere, karim: Everywhere) -> None:
    await life.at(await life.next_timer())
    assert await sophie.news() == both("tomorrow", "Votre intervention a lieu demain")
    await life.at(await life.next_timer())
    assert await karim.news() == both("today", CARD)
    await _on_site(life, karim, 1)
    assert await karim.news() == NOTHING
    assert await sophie.news() == both("finished", "Le problème est-il résolu ?")
    assert "Oui, clôturer" in sophie.labels


async def _no_by_mail(life: Life, sophie: Everywhere, karim: Everywhere) -> None:
    await sophie.answers("finished", "NON, la chambre 2 ne chauffe toujours pas")
    assert "Oui, clôturer" not in sophie.labels
    assert await sophie.news() == both("received", "Votre demande reste ouverte")
    assert await karim.news() == both("date_wanted", CARD)
    assert (await life.desk.it()).status is Status.UNDERWAY


async def _less_mail_and_second_visit(
    life: Life, sophie: Everywhere, karim: Everywhere
) -> None:
    await sophie.says("/reglages")
    await sophie.presses("Moins d’e-mails")
    await sophie.news()
    await karim.presses("Programmer", "lundi", "9 h")
    await karim.news()
    await life.press("approve")
    assert await karim.news() == both("follow_up_decided", CARD)
    assert await sophie.news() == News(chat=("Deuxième visite programmée",))
    await life.at(await life.next_timer())
    assert await sophie.news() == News(chat=("Votre intervention a lieu demain",))
    await life.at(await life.next_timer())
    assert await karim.news() == both("today", CARD)
    await _on_site(life, karim, 2)
    # A report is kept for years: it is mailed to whoever else reads less mail.
    assert await sophie.news() == both("finished", "Le problème est-il résolu ?")


async def _closed_by_the_page_and_again_by_mail(
    life: Life, sophie: Everywhere, karim: Everywhere
) -> None:
    await sophie.opens_page(sophie.mails.last)
    await sophie.browser.opens(f"{sophie.browser.path}/close")
    pressed_at = life.clock.now()
    await sophie.browser.sends("")
    await life.rest()
    assert life.clock.now() - pressed_at <= timedelta(seconds=5)
    assert "Oui, clôturer" not in sophie.labels
    assert await sophie.news() == both("closed", "Votre demande est clôturée")
    assert await karim.news() == both("closed", CARD)
    closed = await life.desk.it()
    await sophie.answers("finished", "OUI")
    assert await sophie.news() == NOTHING
    assert (await life.desk.it()).closed_at == closed.closed_at


async def _on_site(life: Life, karim: Everywhere, number: int) -> None:
    visit = (await life.desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None
    await life.at(visit.planned_at)
    await karim.opens_page(karim.mails.newest("today"))
    await karim.browser.opens(f"{karim.browser.path}/visits/{number}")
    await karim.browser.orders("arrival", {})
    await signed(life, karim.browser, number)


async def _nothing_was_lost_or_doubled(
    life: Life, sophie: Everywhere, karim: Everywhere
) -> None:
    it = await life.desk.it()
    assert it.status is Status.CLOSED
    assert [
        (m.author.value, m.channel, m.text) for m in await life.desk.messages()
    ] == [
        ("client", "web", ""),
        ("agent", "web", "Merci, tout est là."),
        ("client", "email", "Prévenez-moi la veille."),
        ("agent", "web", "Entendu."),
        ("client", "telegram", "Et le samedi ?"),
        ("agent", "web", "Non, pas le samedi."),
        ("client", "email", "OUI"),
    ]
    ledger = await life.store.views.ledger(limit=1_000)
    assert {entry.outcome.state for entry in ledger} == {RawState.APPLIED}
    rows = await life.store.views.outbox(limit=1_000)
    assert {r.state for r in rows} == {DeliveryState.SENT, DeliveryState.CANCELLED}
    assert all(press.answer for press in life.bot.presses.values())
    # Nobody was told in so many words what they had read before.
    for somebody in (sophie, karim):
        names = Counter(mail.id for mail in somebody.mails.mails)
        assert set(names.values()) == {1}
        said = Counter(
            call.words
            for call in somebody.phone.history
            if call.method.startswith("send")
        )
        assert all(ASKED_AGAIN in words for words, times in said.items() if times > 1)
    await _the_timeline_is_whole_and_in_order(life)


async def _the_timeline_is_whole_and_in_order(life: Life) -> None:
    page = await life.inbox.html(f"/inbox/a/{await life.inbox.ref()}")
    for folded in page.css(".tl details"):
        folded.decompose()
    lines = [" ".join(node.text(separator=" ").split()) for node in page.css(".tl > *")]
    places = []
    for words in TIMELINE:
        found = [n for n, line in enumerate(lines) if words in line]
        assert len(found) == 1, (words, found)
        places += found
    assert places == sorted(places)
    kinds = [type(event) for event in await life.desk.events()]
    once = (e.ComplementReceived, e.StationAssigned, e.MissionAccepted)
    assert all(kinds.count(kind) == 1 for kind in (*once, e.AssistanceClosed))
