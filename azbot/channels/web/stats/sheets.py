"""Figures as they are shown: each one a chart, a table, and what it counts in words.

The measures, so that a number means the same on the page, in the file and in a talk:

* **Open by age**: what is open now, by status and by days since the request. Days of
  the calendar: so long the client has been waiting. The period says nothing here.
* **First answer**: of the requests opened in the period, the time until somebody of
  the desk first wrote, asked for a complement or assigned a station. In time of work,
  where 24 h are one working day (``azbot.workflow.worktime``): it is compared with the
  target, which counts so, and nobody is late for a Sunday. Within the target: those
  answered in time, of those answered or already late; who still has time counts for
  nothing.
* **Whose turn**: of the assistances closed in the period, how long each party was
  awaited. Days of the calendar, nights and Sundays included, because the three add up
  to what the client lived through. Means, because means add up.
* **Visits**: visits that were not cancelled, of the assistances closed in the period.
* **Stations**: missions proposed in the period, by what became of the proposal; the
  time until yes or no in time of work, as the reminders of stations count.
* **Received and closed**: by the local day of the desk; a week begins on Monday.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from azbot.channels.web.stats import charts
from azbot.channels.web.stats.asking import Asked
from azbot.i18n import formats
from azbot.i18n.catalogue import Catalogue
from azbot.i18n.formats import NBSP
from azbot.store.figures import (
    AGES,
    Ended,
    FirstAnswers,
    Flow,
    OpenByAge,
    Spread,
    StationFigures,
)
from azbot.workflow.model import Party, RefusalReason, ServiceType, Status
from azbot.workflow.worktime import DAY

_HOUR = 3600
_EPOCH = date(1970, 1, 1)
_DAILY_UP_TO = 31
"""Periods of more days are shown by weeks."""
_STATIONS_DRAWN = 12
_MOST_VISITS = 4
_WAITS = (_HOUR, 4 * _HOUR, 8 * _HOUR, DAY, 2 * DAY, 5 * DAY)
"""Upper bounds of the classes of first answers; the last class has none."""
_SHORT_WAITS = (f"<{NBSP}1", "1–4", "4–8", "8–24")
_LONG_WAITS = ("1–2", "2–5", f">{NBSP}5")
"""How the classes are written, in hours and in days."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the database added up for one page."""

    open_by_age: OpenByAge
    answers: FirstAnswers
    ended: Ended
    flow: Flow
    stations: tuple[StationFigures, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a table: as people read it, and as a spreadsheet does."""

    shown: str
    plain: str
    is_number: bool = True


_NOTHING = Cell("–", "")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One figure of the page.

    Attributes:
        key: its name in addresses.
        about: what it counts, in words.
        chart: SVG; empty when there is nothing to draw.
        legend: a sample and a name for each series.
        columns: the first names the rows.
    """

    key: str
    title: str
    about: str
    chart: str
    legend: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


class Sheets:
    """Makes the sheets of a page from its figures.

    Args:
        figures: as the database added them up.
        asked: what is looked at.
        target: seconds of work until the first answer.
        words: the reader's language.
    """

    def __init__(
        self, figures: Figures, asked: Asked, target: int, words: Catalogue
    ) -> None:
        self._figures = figures
        self._asked = asked
        self._target = target
        self._t = words.t
        self._language = words.language

    @property
    def all(self) -> tuple[Sheet, ...]:
        """Every sheet, in the order of the page."""
        return (
            self.summary(),
            self.flow(),
            self.open_by_age(),
            self.answers(),
            self.parties(),
            self.visits(),
            self.stations(),
            self.station_times(),
            self.refusals(),
        )

    def summary(self) -> Sheet:
        """The few numbers at the top."""
        figures = self._figures
        answers = figures.answers
        kept, of_all = answers.within(self._target)
        open_now = sum(map(sum, figures.open_by_age.values()))
        ended = figures.ended.visits
        visits = sum(held.value * held.many for held in ended.held)
        values = (
            ("open", self._count(open_now)),
            ("opened", self._count(figures.flow.opened.count)),
            ("closed", self._count(figures.flow.closed.count)),
            ("median", self._worked(answers.answered.median)),
            ("p90", self._worked(answers.answered.quantile(0.9))),
            ("within", self._share(kept, of_all)),
            ("unanswered", self._count(answers.waiting.count)),
            ("visits", self._mean(visits, ended.count)),
        )
        rows = tuple((self._name(self._t(f"stats.kpi.{k}")), v) for k, v in values)
        return self._sheet("summary", ("measure", "value"), rows)

    def flow(self) -> Sheet:
        """Received and closed, by day or by week."""
        opened, closed = self._figures.flow.opened, self._figures.flow.closed
        starts = self._starts()
        columns = [self._bucketed(spread, starts) for spread in (opened, closed)]
        labels = [f"{day.day:02d}/{day.month:02d}" for day in starts]
        names = [self._t("stats.column.opened"), self._t("stats.column.closed")]
        frame = self._frame("flow", opened=opened.count, closed=closed.count)
        series = [
            charts.Series(name, tuple(map(float, values)))
            for name, values in zip(names, columns, strict=True)
        ]
        rows = tuple(
            (self._day(day), *(self._count(n) for n in counts))
            for day, *counts in zip(starts, *columns, strict=True)
        )
        step = "day" if self._is_daily else "week"
        return self._sheet(
            "flow",
            (step, "opened", "closed"),
            rows,
            charts.line(frame, labels, series),
            tuple((charts.sample(n), name) for n, name in enumerate(names)),
        )

    def open_by_age(self) -> Sheet:
        """What is open now, by status and age."""
        found = self._figures.open_by_age
        total = sum(map(sum, found.values()))
        old = sum(classes[-1] for classes in found.values())
        frame = self._frame("open", count=total, old=old, days=AGES[-1])
        ages = self._ages()
        bars = [
            charts.Bar(self._status(status), classes, self._number(sum(classes)))
            for status, classes in found.items()
        ]
        rows = tuple(
            (
                self._name(self._status(status)),
                *(self._count(n) for n in classes),
                self._count(sum(classes)),
            )
            for status, classes in found.items()
        )
        sheet = self._sheet(
            "open",
            ("status", "total"),
            rows,
            charts.bars(frame, bars),
            self._legend(frame, ages),
        )
        return _with_columns(sheet, ages)

    def answers(self) -> Sheet:
        """How long the first answer took."""
        answers = self._figures.answers
        counts = _in_classes(answers.answered, _WAITS)
        names = [self._t("stats.hours", span=span) for span in _SHORT_WAITS]
        names += [self._t("stats.days", span=span) for span in _LONG_WAITS]
        total = sum(counts)
        kept, of_all = answers.within(self._target)
        frame = self._frame(
            "answers",
            median=self._worked(answers.answered.median).shown,
            p90=self._worked(answers.answered.quantile(0.9)).shown,
            share=self._share(kept, of_all).shown,
            target=self._span(self._target),
        )
        bars = [
            charts.Bar(name, (n,), self._number(n))
            for name, n in zip(names, counts, strict=True)
        ]
        rows = [
            (self._name(name), self._count(n), self._share(n, total))
            for name, n in zip(names, counts, strict=True)
        ]
        waiting = self._name(self._t("stats.answers.waiting"))
        rows.append((waiting, self._count(answers.waiting.count), _NOTHING))
        return self._sheet(
            "answers",
            ("wait", "assistances", "share"),
            tuple(rows),
            charts.histogram(frame, bars),
        )

    def parties(self) -> Sheet:
        """Whose turn it was, in days of the calendar."""
        ended = self._figures.ended
        services: list[ServiceType | None] = [
            s for s in ServiceType if ended.counts.get(s)
        ]
        if ended.counts.get(None):
            services.append(None)
        totals = {
            p: sum(by_party.get(p, 0) for by_party in ended.seconds.values())
            for p in Party
        }
        lines = [(self._t("stats.parties.all"), sum(ended.counts.values()), totals)]
        if len(services) > 1:
            lines += [
                (self._service(s), ended.counts[s], dict(ended.seconds[s]))
                for s in services
            ]
        parties = [self._t(f"stats.column.party_{p.value}") for p in Party]
        frame = self._frame("parties", count=lines[0][1])
        bars, rows = [], []
        for name, many, seconds in lines:
            means = tuple(seconds.get(p, 0) / many if many else 0.0 for p in Party)
            cells = [self._days(mean) for mean in (*means, sum(means))]
            bars.append(charts.Bar(name, means, cells[-1].shown))
            rows.append((self._name(name), self._count(many), *cells))
        return self._sheet(
            "parties",
            ("service", "closed", *(f"party_{p.value}" for p in Party), "total"),
            tuple(rows),
            charts.bars(frame, bars),
            self._legend(frame, parties),
        )

    def stations(self) -> Sheet:
        """What stations answered."""
        stations = self._figures.stations
        outcomes = ("accepted", "refused", "unanswered", "waiting")
        names = [self._t(f"stats.column.{outcome}") for outcome in outcomes]
        proposed = sum(s.proposed for s in stations)
        frame = self._frame("stations", count=proposed, stations=len(stations))
        bars, rows = [], []
        for s in stations:
            parts = (s.accepted, s.refusals, s.unanswered, s.waiting)
            bars.append(charts.Bar(s.company, parts, self._number(s.proposed)))
            rate = self._share(s.refusals, s.accepted + s.refusals)
            counts = [self._count(n) for n in (s.proposed, *parts)]
            rows.append((self._name(s.company), *counts, rate))
        return self._sheet(
            "stations",
            ("station", "proposed", *outcomes, "refusal_rate"),
            tuple(rows),
            charts.bars(frame, bars[:_STATIONS_DRAWN]),
            self._legend(frame, names),
        )

    def station_times(self) -> Sheet:
        """How fast stations answered: the same stations, in the same order."""
        answered = [s for s in self._figures.stations if s.answers.count]
        took = Counter[int]()
        for s in answered:
            took.update({held.value: held.many for held in s.answers.held})
        together = Spread.of(took)
        median = self._worked(together.median)
        frame = self._frame("station_times", median=median.shown)
        bars = [
            charts.Bar(
                s.company,
                (s.answers.median or 0,),
                self._worked(s.answers.median).shown,
            )
            for s in answered[:_STATIONS_DRAWN]
        ]
        all_of_them = [(s.company, s.answers) for s in answered]
        if len(answered) > 1:
            all_of_them.insert(0, (self._t("stats.parties.all"), together))
        rows = tuple(
            (
                self._name(name),
                self._count(spread.count),
                self._worked(spread.median),
                self._worked(spread.quantile(0.9)),
            )
            for name, spread in all_of_them
        )
        return self._sheet(
            "station_times",
            ("station", "answers", "median", "p90"),
            rows,
            charts.bars(frame, bars),
        )

    def refusals(self) -> Sheet:
        """Why stations declined."""
        stations = self._figures.stations
        counts = {
            reason: sum(s.refused.get(reason.value, 0) for s in stations)
            for reason in RefusalReason
        }
        total = sum(counts.values())
        frame = self._frame("refusals", count=total)
        named = [
            (self._t(f"reason.refusal.{reason.value}"), n)
            for reason, n in sorted(counts.items(), key=lambda item: -item[1])
        ]
        bars = [charts.Bar(name, (n,), self._number(n)) for name, n in named]
        rows = tuple(
            (self._name(name), self._count(n), self._share(n, total))
            for name, n in named
        )
        return self._sheet(
            "refusals", ("reason", "refusals", "share"), rows, charts.bars(frame, bars)
        )

    def visits(self) -> Sheet:
        """How many visits it took."""
        spread = self._figures.ended.visits
        classes = range(_MOST_VISITS)
        counts = _in_classes(spread, classes)
        names = [*map(str, classes), self._t("stats.or_more", span=_MOST_VISITS)]
        once = counts[1]
        frame = self._frame("visits", share=self._share(once, spread.count).shown)
        bars = [
            charts.Bar(name, (n,), self._number(n))
            for name, n in zip(names, counts, strict=True)
        ]
        rows = tuple(
            (self._name(name), self._count(n), self._share(n, spread.count))
            for name, n in zip(names, counts, strict=True)
        )
        return self._sheet(
            "visits",
            ("visits", "assistances", "share"),
            rows,
            charts.histogram(frame, bars),
        )

    # -- days and weeks --------------------------------------------------------------

    @property
    def _is_daily(self) -> bool:
        return (self._asked.last - self._asked.first).days < _DAILY_UP_TO

    def _starts(self) -> list[date]:
        """Return the first day of each point: every day, or every Monday."""
        first, last = self._asked.first, self._asked.last
        step = 1 if self._is_daily else 7
        if not self._is_daily:
            first -= timedelta(days=first.weekday())
        return [
            first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)
        ]

    def _bucketed(self, spread: Spread, starts: Sequence[date]) -> list[int]:
        step = 1 if self._is_daily else 7
        counts = [0] * len(starts)
        for held in spread.held:
            at = (_EPOCH + timedelta(days=held.value) - starts[0]).days // step
            counts[at] += held.many
        return counts

    # -- in words --------------------------------------------------------------------

    def _sheet(
        self,
        key: str,
        columns: Iterable[str],
        rows: tuple[tuple[Cell, ...], ...],
        chart: str = "",
        legend: tuple[tuple[str, str], ...] = (),
    ) -> Sheet:
        return Sheet(
            key,
            self._t(f"stats.{key}.title"),
            self._t(f"stats.{key}.about", target=self._span(self._target)),
            chart,
            legend,
            tuple(self._t(f"stats.column.{name}") for name in columns),
            rows,
        )

    def _frame(self, key: str, **facts: object) -> charts.Frame:
        shown = {
            name: value if name == "count" else self._told(value)
            for name, value in facts.items()
        }
        said = self._t(f"stats.{key}.said", **shown)
        return charts.Frame(f"chart-{key}", self._t(f"stats.{key}.title"), said)

    def _told(self, value: object) -> object:
        return self._number(value) if isinstance(value, int) else value

    def _legend(
        self, frame: charts.Frame, names: Iterable[str]
    ) -> tuple[tuple[str, str], ...]:
        return tuple((charts.swatch(frame, n), name) for n, name in enumerate(names))

    def _ages(self) -> list[str]:
        """Name the classes of age: « < 1 j », « 1–3 j », « > 30 j »."""
        between = [f"{low}–{high}" for low, high in pairwise(AGES)]
        spans = [f"<{NBSP}{AGES[0]}", *between, f">{NBSP}{AGES[-1]}"]
        return [self._t("stats.days", span=span) for span in spans]

    def _status(self, status: Status) -> str:
        return self._t(f"status.{status.value}")

    def _service(self, service: ServiceType | None) -> str:
        return self._t(f"service.{service.value}" if service else "stats.no_service")

    def _number(self, value: int) -> str:
        return formats.number(value, self._language)

    def _decimal(self, value: float) -> str:
        return formats.number(f"{value:.1f}", self._language)

    def _span(self, seconds: int) -> str:
        """Return « 45 min », « 16 h 20 », « 3,5 j »; a day has 24 h."""
        if seconds < _HOUR:
            return self._t("stats.minutes", count=seconds // 60)
        if seconds < 2 * DAY:
            hours, rest = divmod(seconds // 60, 60)
            minutes = f"{NBSP}{rest:02d}" if rest else ""
            return self._t("stats.hours", span=f"{hours}") + minutes
        return self._t("stats.days", span=self._decimal(seconds / DAY))

    # -- cells -----------------------------------------------------------------------

    def _name(self, words: str) -> Cell:
        return Cell(words, words, is_number=False)

    def _day(self, day: date) -> Cell:
        return Cell(formats.short_date(day), day.isoformat(), is_number=False)

    def _count(self, value: int) -> Cell:
        return Cell(self._number(value), str(value))

    def _worked(self, seconds: int | None) -> Cell:
        if seconds is None:
            return _NOTHING
        return Cell(self._span(seconds), self._decimal(seconds / _HOUR))

    def _days(self, seconds: float) -> Cell:
        days = self._decimal(seconds / DAY)
        return Cell(self._t("stats.days", span=days), days)

    def _share(self, part: int, of_all: int) -> Cell:
        """Return whole percents, a half rounded up."""
        if not of_all:
            return _NOTHING
        share = (200 * part + of_all) // (2 * of_all)
        return Cell(formats.percent(share, self._language), str(share))

    def _mean(self, total: int, count: int) -> Cell:
        if not count:
            return _NOTHING
        mean = self._decimal(total / count)
        return Cell(mean, mean)


def _with_columns(sheet: Sheet, names: Sequence[str]) -> Sheet:
    """Put columns between the first one and the others."""
    first, *others = sheet.columns
    return replace(sheet, columns=(first, *names, *others))


def _in_classes(spread: Spread, bounds: Sequence[int]) -> list[int]:
    """Count the values up to each bound and beyond the one before; then the rest."""
    below = [spread.up_to(bound) for bound in bounds]
    return [more - less for less, more in pairwise((0, *below, spread.count))]
