"""Rules that refuse, as sentences: what is wrong, and how to repair it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from azbot.i18n.catalogue import Catalogue
from azbot.render.voice import Voice


def refusal_sentence(
    catalogue: Catalogue,
    code: str,
    facts: Mapping[str, object],
    zone: str = "Europe/Paris",
) -> str:
    """Return why a rule refused, in words.

    Args:
        catalogue: the reader's language.
        code: of the ``Refusal``.
        facts: of the ``Refusal``, JSON-like.
        zone: IANA zone of the site.
    """
    voice = Voice(catalogue)
    return catalogue.t(f"refusal.{code}", **refusal_facts(voice, code, facts, zone))


def refusal_facts(
    voice: Voice, code: str, facts: Mapping[str, object], zone: str = "Europe/Paris"
) -> dict[str, str]:
    """Return the facts of a refusal, each in words."""
    return {
        name: _in_words(voice, code, name, value, zone) for name, value in facts.items()
    }


_STATUS_OF = {"already_answered": "mission", "wrong_visit_status": "intervention"}


def _in_words(voice: Voice, code: str, name: str, value: object, zone: str) -> str:
    match name:
        case "status":
            return voice.t(f"{_STATUS_OF.get(code, 'status')}.{value}")
        case "role":
            return voice.t(f"role.{value}")
        case "items":
            return voice.things(_texts(value))
        case "fields":
            form = "intervention" if code == "form_incomplete" else "assistance"
            return voice.joined([voice.field_name(key, form) for key in _texts(value)])
        case "problems":
            return voice.joined([voice.field_name(key) for key in _texts(value)])
        case "roles":
            names = [voice.t(f"role.signatory.{role}") for role in _texts(value)]
            return voice.joined(names)
        case "names":
            return voice.joined(_texts(value))
        case "date":
            when = datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone))
            return voice.moment(when)
        case _:
            return str(value)


def _texts(value: object) -> Sequence[str]:
    if isinstance(value, Mapping | Sequence) and not isinstance(value, str):
        return [str(one) for one in value]
    return [str(value)]
