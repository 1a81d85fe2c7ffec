"""Assistances in which client and station use nothing but Telegram (ux.md 10).

``python -m tests.stories.telegram_alone`` writes the transcripts again after a change
made on purpose; the difference then shows in review what people will read.
"""

from __future__ import annotations

import asyncio
import io
import sys
import tempfile
from collections.abc import Container, Mapping
from dataclasses import replace
from pathlib import Path

import structlog
from PIL import Image

from azbot.store import Store, UnitOfWork, migrate, open_store
from azbot.testing.clock import FakeClock
from tests.maildesk import FORM
from tests.stories.book import Book
from tests.stories.lives import Browser, Life, lived

ROOT = Path(__file__).resolve().parents[2]
SNAPSHOTS = Path("tests", "snapshots", "lives")
WHOLE = SNAPSHOTS / "whole.fr.txt"
NAMES = [WHOLE, *(SNAPSHOTS / f"short.{language}.txt" for language in ("en", "es"))]

SOPHIE, KARIM = "Sophie", "Karim"
PHONE = "+33639981234"
STATION_PHONE = "33199001234"
COMPANY = "Froid Rhône Services"
ADDRESS = "18 rue des Charmettes, 69100 Villeurbanne"
ORDER = b"%PDF-1.7\nbon de commande 4512\n%%EOF"
TRACK = [[[100, 500], [400, 300], [900, 700]]]
SIGNATORIES = (
    ("installer", "Sophie Martin"),
    ("client", "Paul Lefèvre"),
    ("station", "Karim Benali"),
)
SENT_BY_CHAT = ("motors_labelled", "relays_labelled")
"""Points that were answered with a photo in the chat: 4 and 6."""
TOLD_SOPHIE = (
    "Une station technique est attribuée",
    "La STA a accepté la mission",
    "Votre intervention est programmée",
    "Merci, je préviens la station.",
    "Votre intervention a lieu demain",
    "Le problème est-il résolu",
    "Le rapport technique de",
)
"""What rings on the client's phone in the whole life, in order."""
DO = "chat_request.button."


def photo(tint: int) -> bytes:
    """Return a picture like no other."""
    made = io.BytesIO()
    tones = [(x * tint + y * 3) % 256 for y in range(48) for x in range(64)]
    picture = Image.new("L", (64, 48))
    picture.putdata(tones)
    picture.save(made, "JPEG")
    return made.getvalue()


async def whole(life: Life) -> str:
    """From the first word to the last, in French, with all that happens on the way."""
    sophie = life.phone(501, "Sophie Martin", "fr", PHONE.removeprefix("+"))
    karim = life.phone(601, "Karim Benali", "fr", STATION_PHONE)
    await life.store.write(lambda uow: _trusted(uow, life))
    book = Book(life, "fr", Sophie=sophie, Karim=karim)

    book.scene("Les deux relient leur compte")
    for who, person in ((SOPHIE, sophie), (KARIM, karim)):
        person.start()
        await book.sends(who, "/start")
        await book.presses(who, "Relier mon compte")
        await book.taps(who, "chat.link.share")

    book.scene("Une demande, question après question")
    await book.presses(SOPHIE, "Nouvelle demande", "Mise en service")
    await book.says(SOPHIE, ADDRESS)
    await book.presses(SOPHIE, "Régulation multizone gainable", "1", "5")
    await book.says(SOPHIE, "Daikin")
    await book.presses(SOPHIE, "Moi")
    sophie.sends_document(ORDER, "bon-de-commande.pdf")
    await book.sends(SOPHIE, "bon-de-commande.pdf")
    await book.presses(SOPHIE, "Continuer", "Envoyer")

    book.scene("Le support attribue, la station accepte et donne une date")
    await life.later(minutes=30)
    await life.assign(COMPANY)
    await book.happens("Camille attribue la demande")
    await life.later(minutes=30)
    await book.presses(KARIM, "Accepter", "mercredi", "14 h")

    book.scene("On se parle")
    await life.later(hours=1)
    await book.says(SOPHIE, "Le portail est fermé, sonnez chez Martin.")
    await life.say("Merci, je préviens la station.")
    await book.happens("Camille répond")
    await book.says(KARIM, "Y a-t-il un parking ?")
    await life.note("Pas de parking : je l’ai dit à Karim au téléphone.")
    await book.happens("Camille écrit une note interne")

    book.scene("La visite")
    visit = (await life.desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None
    for day in ("la veille", "le matin même"):
        await life.at(await life.next_timer())
        await book.happens(day)
    await life.at(visit.planned_at)
    await book.presses(KARIM, "Je suis sur place")
    karim.sends_photo(photo(5), caption="4 : étiquettes en place")
    await book.sends(KARIM, "une photo, « 4 : étiquettes en place »")
    await book.presses(KARIM, "Oui", "6")
    karim.sends_photo(photo(7))
    await book.sends(KARIM, "une photo")
    await book.presses(KARIM, "Oui", "Terminé")
    browser = life.browser()
    await browser.opens(book.link(KARIM, "Remplir le formulaire"))
    await signed(life, browser, but=SENT_BY_CHAT)
    await book.happens("le formulaire est rempli et signé trois fois")

    book.scene("La fin")
    await life.later(hours=20)
    await book.presses(SOPHIE, "Recevoir le rapport")
    await book.presses(SOPHIE, "Oui, clôturer")
    await life.later(days=3)
    await book.happens("trois jours plus tard")
    return book.text


async def short(life: Life, language: str) -> str:
    """The same without a detour, in another language."""
    sophie = life.phone(501, "Sophie Martin", language, PHONE.removeprefix("+"))
    karim = life.phone(601, "Karim Benali", language, STATION_PHONE)
    await life.store.write(lambda uow: _trusted(uow, life, language))
    book = Book(life, language, Sophie=sophie, Karim=karim)
    for who, person in ((SOPHIE, sophie), (KARIM, karim)):
        person.start()
        await book.sends(who, "/start")
        await book.presses(who, "chat.menu.link")
        await book.taps(who, "chat.link.share")
    await book.presses(SOPHIE, "chat.menu.new", "service.commissioning")
    await book.says(SOPHIE, ADDRESS)
    await book.presses(SOPHIE, "form.system.zoned_ducted", "1", "5")
    await book.says(SOPHIE, "Daikin")
    await book.presses(SOPHIE, 0, f"{DO}skip", f"{DO}send")
    await life.assign(COMPANY, override_reason="by telephone")
    await book.happens("assigned")
    await book.presses(KARIM, "chat_mission.do.accept", 2, 10)
    visit = (await life.desk.it()).visit
    assert visit is not None
    assert visit.planned_at is not None
    await life.at(visit.planned_at)
    await book.happens("the hour has come")
    await book.presses(KARIM, "chat_mission.do.arrive")
    browser = life.browser()
    await browser.opens(book.link(KARIM, "chat_mission.do.form"))
    await signed(life, browser)
    await book.happens("the form is filled in and signed")
    await book.presses(SOPHIE, "portal.card.yes")
    return book.text


async def signed(
    life: Life, browser: Browser, number: int = 1, but: Container[str] = ()
) -> None:
    """Fill in on the page what the chat does not ask, sign three times, finish.

    Args:
        life: where it happens.
        browser: holds the link of the station.
        number: of the visit.
        but: what is answered already.
    """
    await browser.opens(f"/missions/{await life.inbox.ref()}/visits/{number}")
    rest = {k: _plain(v) for k, v in FORM.items() if k not in but}
    rest |= {"action_notes": "Vanne purgée.", "solved": True}
    told = await browser.orders("answers", {"changes": rest})
    assert told["problems"] == {}
    seen = (await browser.asks("state"))["told"]["answers"]
    for role, name in SIGNATORIES:
        order = {"method": "drawn", "name": name, "strokes": TRACK, "seen": seen}
        await browser.orders(f"signatures/{role}", order)
    await browser.orders("finish", {})


def _plain(value: object) -> object:
    """Return an answer as the page sends it: of a point, its word alone."""
    return "oui" if isinstance(value, Mapping) else value


def _trusted(uow: UnitOfWork, life: Life, language: str = "fr") -> None:
    """The desk has verified the client's number, and knows what both speak."""
    people = life.desk.people
    uow.people.trust_phones(people.client, (PHONE,))
    (contact,) = uow.people.station_contacts(people.station.id)
    for person in (uow.people.get(people.client), contact):
        uow.people.update(replace(person, language=language))


async def written(life: Life, name: Path) -> str:
    """Return one transcript; the life is a new one."""
    kind, language, _ = name.name.split(".")
    text = await (whole(life) if kind == "whole" else short(life, language))
    return f"{text}\n"


async def main() -> None:
    """Write every transcript."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/azbot.db"
            migrate(url)
            clock = FakeClock()
            async with open_store(url, Path(folder, "files"), clock=clock) as store:
                text = await _lived(store, clock, Path(folder), name)
        file = ROOT / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}\n")


async def _lived(store: Store, clock: FakeClock, folder: Path, name: Path) -> str:
    async with lived(store, clock, folder) as life:
        return await written(life, name)


if __name__ == "__main__":
    asyncio.run(main())
