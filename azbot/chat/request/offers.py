"""What earlier requests of somebody answer already: addresses, contacts."""

from __future__ import annotations

from collections.abc import Sequence

from azbot.chat.request.drawing import ME, Known, mark
from azbot.chat.talk import Talk
from azbot.forms.places import site_key
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.store import Person
from azbot.workflow.model import Assistance

_EARLIER = 8
_MOST_OFFERED = 3
_SITE = ("address", "postcode", "town", "country")
_CONTACT = ("contact_name", "phone", "phone_2", "contact_email")


def offers(talk: Talk, question: str) -> tuple[Known, ...]:
    """Return what may be answered to a question by one press."""
    if question not in ("place", "contact"):
        return ()
    person = talk.person
    earlier = talk.uow.assistances.seen_by(person.id, _EARLIER, 0) if person else []
    if question == "place":
        return _places(earlier)
    return (*_own(person, talk.words), *_contacts(earlier, person))


def _own(person: Person | None, words: Catalogue) -> tuple[Known, ...]:
    """Offer whoever asks as the contact on site."""
    if person is None or not person.name:
        return ()
    phone = person.phones[0] if person.phones else ""
    named = ", ".join(
        filter(None, (person.name, formats.phone(phone) if phone else ""))
    )
    label = words.t("chat_request.button.me", name=named)
    texts = {"contact_name": person.name, "phone": phone, "phone_2": ""}
    return (Known(ME, label, {**texts, "contact_email": person.address}),)


def _places(earlier: Sequence[Assistance]) -> tuple[Known, ...]:
    """Offer the addresses of earlier requests, each once."""
    found: dict[str, Known] = {}
    for it in earlier:
        texts = {key: it.answer(key) for key in _SITE}
        key = site_key(texts["address"], texts["postcode"], texts["country"] or "FR")
        line = ", ".join((texts["address"], texts["town"]))
        if key:
            found.setdefault(key, Known(mark(key), line, texts))
    return tuple(found.values())[:_MOST_OFFERED]


def _contacts(
    earlier: Sequence[Assistance], person: Person | None
) -> tuple[Known, ...]:
    """Offer the contacts of earlier requests, each once, whoever asks left out."""
    found: dict[str, Known] = {}
    own = person.name if person else ""
    for it in earlier:
        texts = {key: it.answer(key) for key in _CONTACT}
        name, phone = texts["contact_name"], texts["phone"]
        if name and phone and name != own:
            label = f"{name}, {formats.phone(phone)}"
            found.setdefault(label, Known(mark(label), label, texts))
    return tuple(found.values())[:_MOST_OFFERED]
