"""Why a station is proposed, in words: « Rhône », « 48 km, hors zone »."""

from __future__ import annotations

from datetime import datetime

from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.workflow.ranking import Proposal, Remark


def reasons_of(
    proposal: Proposal, words: Catalogue, zone: str = "Europe/Paris"
) -> tuple[str, ...]:
    """Return the reasons of a proposal, each in a few words, in the order to show.

    Args:
        proposal: as ranked.
        words: the reader's language.
        zone: IANA zone for days.
    """
    return tuple(_in_words(remark, words, zone) for remark in proposal.remarks)


def _in_words(remark: Remark, words: Catalogue, zone: str) -> str:
    if remark.code == "in_hand" and remark.facts["count"] == 0:
        return words.t("ranking.free")
    facts = {
        name: _fact(name, value, words, zone) for name, value in remark.facts.items()
    }
    return words.t(f"ranking.{remark.code}", **facts)


def _fact(name: str, value: object, words: Catalogue, zone: str) -> object:
    match value:
        case datetime():
            return formats.day_and_month(formats.local(value, zone), words.language)
        case int() if name == "km":
            return formats.distance(value, words.language)
        case str() if name == "reason":
            return words.t(f"reason.refusal.{value}").lower()
        case _:
            return value
