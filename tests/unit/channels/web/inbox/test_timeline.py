"""Words that were moved stand in one place, where they were said."""

from __future__ import annotations

from azbot.channels.web.inbox.timeline import Happened, Said, Scene, days_of
from azbot.i18n.catalogue import strict_catalogue
from tests.unit.workflow.stages import LATER_AT
from tests.unit.workflow.test_relocations import (
    Told,
    merged,
    misfiled,
    moved_over,
    two,
)


def lines_of(place: Told) -> list[Said | Happened]:
    scene = Scene(place.it, strict_catalogue("fr"), "Europe/Paris", LATER_AT)
    return [line for day in days_of(place.history, (), scene) for line in day.lines]


def texts(place: Told) -> list[str]:
    return [
        "".join(piece for words in line.words for piece, _ in words)
        for line in lines_of(place)
        if isinstance(line, Said)
    ]


def test_a_moved_message_leaves_a_line_that_says_where_it_is() -> None:
    a, b = two()
    moved_over(a, b, misfiled(a))
    assert "Voici." not in texts(a)
    said = [line for line in lines_of(a) if isinstance(line, Happened)]
    assert "ASFR26000002" in str(said[-1])
    assert texts(b) == ["Il gèle.", "Voici."]
    arrived = [line for line in lines_of(b) if isinstance(line, Said)][-1]
    assert (arrived.author, arrived.side, len(arrived.files)) == (
        "Sophie Martin",
        "in",
        1,
    )


def test_merged_words_stand_among_the_others_by_the_hour() -> None:
    a, b = two()
    merged(a, b)
    hours = [line.at for line in lines_of(b)]
    assert hours == sorted(hours)
    sides = {line.side for line in lines_of(b) if isinstance(line, Said)}
    assert sides == {"in", "out", "note"}
