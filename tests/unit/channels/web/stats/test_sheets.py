"""What the page says of figures that were added up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from azbot.channels.web.stats.asking import asked
from azbot.channels.web.stats.sheets import Figures, Sheet, Sheets
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue
from azbot.i18n.formats import NBSP
from azbot.store.figures import Ended, FirstAnswers, Flow, Spread, StationFigures
from azbot.workflow.model import Party, ServiceType, StationId, Status
from azbot.workflow.worktime import DAY

HOUR = 3600
NOW = datetime(2026, 3, 12, 9, tzinfo=UTC)
MONDAY = (date(2026, 3, 9) - date(1970, 1, 1)).days


def station(number: int, company: str, answers: dict[int, int]) -> StationFigures:
    return StationFigures(
        id=StationId(number),
        company=company,
        proposed=6,
        accepted=3,
        refused={"skill": 1},
        unanswered=1,
        waiting=1,
        answers=Spread.of(answers),
    )


FIGURES = Figures(
    open_by_age={
        Status.SUBMITTED: (2, 1, 0, 0, 1),
        Status.WAITING: (0, 0, 3, 0, 0),
    },
    answers=FirstAnswers(
        answered=Spread.of({0: 1, 30 * 60: 2, 5 * HOUR: 4, 3 * DAY: 1}),
        waiting=Spread.of({HOUR: 1, 2 * DAY: 1}),
    ),
    ended=Ended(
        counts={ServiceType.MARKING: 1, None: 1},
        seconds={
            ServiceType.MARKING: {Party.DESK: DAY, Party.CLIENT: DAY, Party.STATION: 0},
            None: {Party.DESK: DAY, Party.CLIENT: 0, Party.STATION: 4 * DAY},
        },
        visits=Spread.of({1: 2, 2: 1, 7: 1}),
    ),
    flow=Flow(Spread.of({MONDAY: 3, MONDAY + 1: 1}), Spread.of({MONDAY - 1: 2})),
    stations=(
        station(1, "Froid <Rhône>", {HOUR: 3, 2 * HOUR: 1}),
        station(2, "Clim Alpes", {}),
    ),
)
EMPTY = Figures(
    open_by_age={Status.SUBMITTED: (0, 0, 0, 0, 0)},
    answers=FirstAnswers(Spread(), Spread()),
    ended=Ended(),
    flow=Flow(),
    stations=(),
)


def sheets(figures: Figures = FIGURES, language: str = "fr", **query: str) -> Sheets:
    wanted = asked(query or {"period": "7"}, NOW, "Europe/Paris")
    return Sheets(figures, wanted, DAY, strict_catalogue(language))


def shown(sheet: Sheet) -> list[list[str]]:
    return [[cell.shown.replace(NBSP, " ") for cell in row] for row in sheet.rows]


def plain(sheet: Sheet) -> list[list[str]]:
    return [[cell.plain for cell in row] for row in sheet.rows]


def test_the_few_numbers_at_the_top() -> None:
    assert shown(sheets().summary()) == [
        ["Ouvertes maintenant", "7"],
        ["Reçues", "4"],
        ["Clôturées", "2"],
        ["Première réponse, médiane", "5 h"],
        ["Première réponse, 9 sur 10", "3,0 j"],
        ["Répondues dans le délai", "78 %"],  # 7 of 8 answered and 1 late
        ["Sans première réponse", "2"],
        ["Visites par assistance", "2,8"],
    ]


def test_first_answers_stand_in_classes_that_add_up() -> None:
    found = sheets().answers()
    assert shown(found) == [
        ["< 1 h", "3", "38 %"],
        ["1–4 h", "0", "0 %"],
        ["4–8 h", "4", "50 %"],
        ["8–24 h", "0", "0 %"],
        ["1–2 j", "0", "0 %"],
        ["2–5 j", "1", "13 %"],
        ["> 5 j", "0", "0 %"],
        ["Sans réponse à ce jour", "2", "–"],
    ]
    assert f"24{NBSP}h" in found.about


def test_open_ones_have_a_column_for_each_age() -> None:
    found = sheets().open_by_age()
    assert len(found.columns) == 7
    assert shown(found)[0] == ["Demandée", "2", "1", "0", "0", "1", "4"]
    assert len(found.legend) == 5


def test_days_of_each_party_are_means_that_add_up() -> None:
    assert shown(sheets().parties()) == [
        ["Toutes", "2", "1,0 j", "0,5 j", "2,0 j", "3,5 j"],
        ["Marquage sur site", "1", "1,0 j", "1,0 j", "0,0 j", "2,0 j"],
        ["Type non précisé", "1", "1,0 j", "0,0 j", "4,0 j", "5,0 j"],
    ]


def test_visits_beyond_three_stand_together() -> None:
    counts = [row[1] for row in shown(sheets().visits())]
    assert counts == ["0", "2", "1", "0", "1"]


def test_stations_show_what_became_of_their_missions() -> None:
    found = sheets().stations()
    assert shown(found)[0] == ["Froid <Rhône>", "6", "3", "1", "1", "1", "25 %"]
    assert "Froid &lt;Rhône&gt;" in found.chart
    times = sheets().station_times()
    assert shown(times) == [["Froid <Rhône>", "4", "1 h", "2 h"]]


def test_reasons_of_refusal_are_added_up_over_the_stations() -> None:
    rows = shown(sheets().refusals())
    assert rows[0] == ["Compétence", "2", "100 %"]
    assert len(rows) == 5


def test_a_month_is_shown_by_days_and_more_by_weeks() -> None:
    days = plain(sheets().flow())
    assert days[0] == ["2026-03-06", "0", "0"]
    assert days[2:5] == [
        ["2026-03-08", "0", "2"],
        ["2026-03-09", "3", "0"],
        ["2026-03-10", "1", "0"],
    ]
    weeks = plain(sheets(period="90").flow())
    assert len(weeks) == 14
    assert weeks[-2:] == [["2026-03-02", "0", "2"], ["2026-03-09", "4", "0"]]
    assert weeks[0][0] == "2025-12-08"


def test_a_spreadsheet_gets_numbers() -> None:
    cells = [row[1:] for sheet in sheets().all for row in plain(sheet)]
    assert all(
        cell.replace(",", "", 1).isdigit() or cell == ""
        for row in cells
        for cell in row
    )


@pytest.mark.parametrize("figures", [FIGURES, EMPTY], ids=["some", "none"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_has_its_words(figures: Figures, language: str) -> None:
    for sheet in sheets(figures, language).all:
        assert sheet.title
        assert sheet.about
        assert all(len(row) == len(sheet.columns) for row in sheet.rows)
