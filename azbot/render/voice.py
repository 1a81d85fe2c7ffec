"""What templates of one language may call: words, dates, names of things."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from azbot.forms.assistance import ASSISTANCE
from azbot.forms.intervention import INTERVENTION
from azbot.forms.kinds import Context, Option
from azbot.forms.places import department_of
from azbot.i18n import formats
from azbot.i18n.answers import answer_words
from azbot.i18n.catalogue import Catalogue
from azbot.render.fitting import elastic

Lists = Callable[[], Mapping[str, tuple[Option, ...]]]
"""Gives the lists an administrator changed, by name (R159)."""

Row = tuple[str, str, str]
"""Label, value and where the value leads (``tel:``, ``mailto:``, empty)."""

_FORMS = {form.key: form for form in (ASSISTANCE, INTERVENTION)}
_DOCUMENTS = frozenset({"order_proof", "photo", "report", "other"})


class Voice:
    """Dates, hours and names of things in one language.

    Moments are aware datetimes in the zone to show.

    Attributes:
        language: ``fr``, ``en`` or ``es``.
        t: words of a catalogue key.
        colon: what stands between a label and its value.
    """

    def __init__(self, words: Catalogue, lists: Lists = dict) -> None:
        self._words = words
        self._lists = lists
        self.language = words.language
        self.t = words.t
        self._has = words.__contains__
        self.colon = f"{formats.NBSP}: " if self.language == "fr" else ": "

    def day(self, moment: datetime) -> str:
        """« mercredi 25 mars 2026 »."""
        return formats.long_date(moment.date(), self.language)

    def day_short(self, moment: datetime) -> str:
        """« mercredi 25 mars »."""
        return formats.long_date(moment.date(), self.language, with_year=False)

    def date_short(self, moment: datetime) -> str:
        """« 25 mars »."""
        return formats.day_and_month(moment.date(), self.language)

    def hour(self, moment: datetime) -> str:
        """« 13 h »."""
        return formats.hour(moment, self.language)

    def moment(self, moment: datetime) -> str:
        """« mercredi 25 mars 2026 à 13 h »."""
        return self._moment(moment, with_year=True)

    def moment_short(self, moment: datetime) -> str:
        """« mercredi 25 mars à 13 h »."""
        return self._moment(moment, with_year=False)

    def zone(self, moment: datetime) -> str:
        """« heure de Paris »."""
        return formats.zone_name(str(moment.tzinfo), self.language)

    def _moment(self, moment: datetime, *, with_year: bool) -> str:
        day = formats.long_date(moment.date(), self.language, with_year=with_year)
        return f"{day} {self.at_hour(moment)}"

    def at_hour(self, moment: datetime) -> str:
        """« à 13 h », never parted at the end of a line."""
        at = {"fr": "à", "en": "at", "es": "a las"}[self.language]
        if self.language == "es" and moment.hour == 1:
            at = "a la"
        return f"{at}{formats.NBSP}{self.hour(moment)}"

    def date_note(self, moment: datetime, seconds: int) -> str:
        """« heure de Paris, durée prévue 1 h 30 »."""
        zone = self.zone(moment)
        if not seconds:
            return zone
        length = self.lasting(seconds)
        return self.t("mail.zone_and_length", zone=zone, length=length)

    def lasting(self, seconds: int) -> str:
        """« 1 h 30 », « 45 min »."""
        hours, minutes = divmod(seconds // 60, 60)
        nbsp = formats.NBSP
        if not hours:
            return f"{minutes}{nbsp}min"
        if self.language == "fr":
            end = f"{nbsp}{minutes:02d}" if minutes else ""
        else:
            end = f" {minutes}{nbsp}min" if minutes else ""
        return f"{hours}{nbsp}h{end}"

    def size(self, octets: int) -> str:
        """« 1,8 Mo »."""
        return formats.size(octets, self.language)

    def joined(self, items: Sequence[str]) -> str:
        """« a, b et c »."""
        return formats.listing(items, self.language)

    def phone(self, number: str) -> str:
        """« 01 99 00 12 34 »."""
        return formats.phone(number)

    def tel(self, number: str) -> str:
        """The link that calls a number; empty for what is not one."""
        return f"tel:{number}" if number.startswith("+") else ""

    def mailto(self, address: str) -> str:
        """The link that writes to an address."""
        return f"mailto:{address}" if "@" in address else ""

    def label(self, key: str) -> str:
        """The label of a field of the request: « Nombre de thermostats »."""
        return self.t(f"form.assistance.{key}.label")

    def label_list(self, keys: Sequence[str]) -> list[str]:
        """The labels of fields, for a list."""
        return [self.label(key) for key in keys]

    def labels(self, keys: Sequence[str]) -> str:
        """The labels of fields in a sentence: « Système, nombre de thermostats »."""
        names = ", ".join(self.thing(key) for key in keys)
        return names[:1].upper() + names[1:]

    def reason(self, reason: str) -> str:
        """A reason in words: its name when it is one of the lists."""
        for key in (f"reason.refusal.{reason}", f"reason.{reason}"):
            if self._has(key):
                return self.t(key)
        return reason

    def thing(self, key: str) -> str:
        """What is asked for, inside a sentence: « bon de commande »."""
        if key in _DOCUMENTS:
            return self.t(f"mail.thing.{key}")
        label = self.label(key) if key in ASSISTANCE.fields else key
        return label[:1].lower() + label[1:] if label[1:2].islower() else label

    def thing_list(self, keys: Sequence[str]) -> list[str]:
        """The things asked for, one line each."""
        names = [self.thing(key) for key in keys]
        return [name[:1].upper() + name[1:] for name in names]

    def has_document(self, keys: Sequence[str]) -> bool:
        """Whether a file is among the things asked for."""
        return not _DOCUMENTS.isdisjoint(keys)

    def field_name(self, key: str, form: str = "") -> str:
        """The label of a field of either form, its key when it has none."""
        for one in (form,) if form else ("assistance", "intervention"):
            label = _FORMS[one].label(key)
            if self._has(label):
                return self.t(label)
        return key

    def things(self, keys: Sequence[str]) -> str:
        """« bon de commande et nombre de thermostats »."""
        return self.joined([self.thing(key) for key in keys])

    def service_name(self, service: str) -> str:
        """« Mise en service », « Assistance technique » while it is unknown."""
        return self.t(f"service.{service}" if service else "mail.assistance")

    def visit_name(self, rank: int) -> str:
        """« Deuxième visite »."""
        return self.t(f"mail.visit.{rank}" if rank <= 5 else "mail.visit.n", n=rank)

    def place(self, facts: Mapping[str, object]) -> str:
        """« 18 rue des Charmettes, 69100 Villeurbanne » from any facts."""
        keys = ("address", "postcode", "town", "country")
        street, postcode, town, country = (str(facts.get(key) or "") for key in keys)
        abroad = self.country(country) if country not in ("", "FR") else ""
        place = formats.NBSP.join(part for part in (postcode, town) if part)
        return formats.address_line(street, "", place, abroad)

    def in_town(self, town: str) -> str:
        """« à Villeurbanne », « au Mans », as an elastic part of a subject."""
        joint, name = self.t("mail.in"), town
        if self.language == "fr":
            for article, contracted in (("Le ", "au"), ("Les ", "aux")):
                if town.startswith(article):
                    joint, name = contracted, town.removeprefix(article)
        return elastic(f" {joint} ", name)

    def department(self, postcode: str) -> str:
        """« 69 », empty for a postcode that is not French."""
        found = department_of(postcode) if postcode else None
        return found.code if found else ""

    def country(self, code: str) -> str:
        """A country's name, or its code when nobody knows it."""
        key = f"form.country.{code.upper()}"
        return self.t(key) if self._has(key) else code

    def shown(self, key: str, value: object) -> str:
        """One answer of the request as a person reads it."""
        field = ASSISTANCE.fields.get(key)
        if field is None or not isinstance(value, str | int):
            return str(value)
        lists = Context(catalogues=self._lists())
        return answer_words(field, value, self._words, lists)
