"""Dates, hours, numbers and names as people write them (ux.md 5.1).

Everything here is a pure function of its arguments: no clock, no locale of the
machine. No-break spaces are U+00A0, as mails and plain text need; :func:`for_web`
narrows those that may be narrow on a page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from azbot.forms.kinds import country_code

NBSP = "\u00a0"
NNBSP = "\u202f"
APOSTROPHE = "\u2019"

_WEEKDAYS = {
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "en": (
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
    ),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}  # fmt: skip
_MONTHS = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
        "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August",
        "September", "October", "November", "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto",
        "septiembre", "octubre", "noviembre", "diciembre",
    ),
}  # fmt: skip

# Names of the zones a site can lie in: after « heure », before “time”, after «hora».
_ZONE_NAMES = {
    "Europe/Paris": ("de Paris", "Paris", "de París"),
    "America/Guadeloupe": ("de la Guadeloupe", "Guadeloupe", "de Guadalupe"),
    "America/Martinique": ("de la Martinique", "Martinique", "de Martinica"),
    "America/Cayenne": ("de la Guyane", "French Guiana", "de la Guayana Francesa"),
    "Indian/Reunion": ("de La Réunion", "Réunion", "de La Reunión"),
    "America/Miquelon": (
        "de Saint-Pierre-et-Miquelon",
        "Saint Pierre and Miquelon",
        "de San Pedro y Miquelón",
    ),
    "Indian/Mayotte": ("de Mayotte", "Mayotte", "de Mayotte"),
    "Pacific/Wallis": (
        "de Wallis-et-Futuna",
        "Wallis and Futuna",
        "de Wallis y Futuna",
    ),
    "Pacific/Tahiti": ("de Tahiti", "Tahiti", "de Tahití"),
    "Pacific/Noumea": ("de Nouméa", "Nouméa", "de Numea"),
    "Europe/Madrid": ("de Madrid", "Madrid", "de Madrid"),
    "Atlantic/Canary": ("des Canaries", "Canary Islands", "de Canarias"),
    "Europe/Lisbon": ("de Lisbonne", "Lisbon", "de Lisboa"),
    "Europe/Brussels": ("de Bruxelles", "Brussels", "de Bruselas"),
    "Europe/Luxembourg": ("de Luxembourg", "Luxembourg", "de Luxemburgo"),
    "Europe/Zurich": ("de Zurich", "Zurich", "de Zúrich"),
    "Europe/Rome": ("de Rome", "Rome", "de Roma"),
    "Europe/Berlin": ("de Berlin", "Berlin", "de Berlín"),
    "Europe/Amsterdam": ("d\u2019Amsterdam", "Amsterdam", "de Ámsterdam"),
    "Europe/Andorra": ("d\u2019Andorre", "Andorra", "de Andorra"),
    "Europe/Monaco": ("de Monaco", "Monaco", "de Mónaco"),
    "Europe/London": ("de Londres", "London", "de Londres"),
    "Europe/Dublin": ("de Dublin", "Dublin", "de Dublín"),
    "Africa/Casablanca": ("de Casablanca", "Casablanca", "de Casablanca"),
    "Africa/Algiers": ("d\u2019Alger", "Algiers", "de Argel"),
    "Africa/Tunis": ("de Tunis", "Tunis", "de Túnez"),
}
_PLACE_IN_TUPLE = {"fr": 0, "en": 1, "es": 2}


def weekday(day: date, language: str) -> str:
    """Return the day's name: « mercredi », “Wednesday”, «miércoles»."""
    return _WEEKDAYS[language][day.weekday()]


def long_date(day: date, language: str, *, with_year: bool = True) -> str:
    """Return « mercredi 25 mars 2026 », « mercredi 1er avril » without year.

    Spaces are no-break between the number and the month only, so that a narrow
    column can still break the line.
    """
    name, month = weekday(day, language), _MONTHS[language][day.month - 1]
    if language == "es":
        end = f" de {day.year}" if with_year else ""
        return f"{name} {day.day}{NBSP}de {month}{end}"
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    end = f" {day.year}" if with_year else ""
    return f"{name} {number}{NBSP}{month}{end}"


def day_and_month(day: date, language: str) -> str:
    """Return « 25 mars », « 1er avril », “25 March”, «25 de marzo»."""
    words = long_date(day, language, with_year=False)
    return words.partition(" ")[2]


def month(day: date, language: str) -> str:
    """Return « mars 2026 », “March 2026”, «marzo de 2026»."""
    name = _MONTHS[language][day.month - 1]
    return f"{name} de {day.year}" if language == "es" else f"{name} {day.year}"


def short_date(day: date) -> str:
    """Return ``25/03/2026``, the same in the three languages."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def hour(moment: datetime, language: str) -> str:
    """Return « 13 h », « 13 h 05 » in French, ``13:05`` elsewhere.

    Args:
        moment: already in the zone to show.
        language: ``fr``, ``en`` or ``es``.
    """
    if language == "fr":
        minutes = f"{NBSP}{moment.minute:02d}" if moment.minute else ""
        return f"{moment.hour}{NBSP}h{minutes}"
    return f"{moment.hour}:{moment.minute:02d}"


def clock(moment: datetime) -> str:
    """Return ``13:05`` for columns; ``moment`` is already in the zone to show."""
    return f"{moment.hour:02d}:{moment.minute:02d}"


def zone_name(zone: str, language: str) -> str:
    """Return « heure de Paris », “Paris time”, «hora de París» (R125).

    Args:
        zone: IANA name; one without a name of its own is named by its city.
        language: ``fr``, ``en`` or ``es``.
    """
    names = _ZONE_NAMES.get(zone)
    city = zone.rpartition("/")[2].replace("_", " ")
    if language == "en":
        return f"{names[1] if names else city} time"
    word = "heure" if language == "fr" else "hora"
    name = names[_PLACE_IN_TUPLE[language]] if names else f"de {city}"
    return f"{word} {name}"


def local(instant: datetime, zone: str) -> datetime:
    """Return the instant on the site's clocks.

    Args:
        instant: aware.
        zone: IANA name.
    """
    return instant.astimezone(ZoneInfo(zone))


def date_and_hour(
    instant: datetime,
    zone: str,
    language: str,
    *,
    with_year: bool = True,
    with_zone: bool = False,
) -> str:
    """Return « mercredi 25 mars 2026 à 13 h ».

    Args:
        instant: aware, any zone.
        zone: the site's, IANA name.
        language: ``fr``, ``en`` or ``es``.
        with_year: say the year.
        with_zone: add « (heure de Paris) », as a first mention needs.
    """
    there = local(instant, zone)
    day = long_date(there, language, with_year=with_year)
    at = {"fr": "à", "en": "at", "es": "a las"}[language]
    if language == "es" and there.hour == 1:
        at = "a la"
    end = f" ({zone_name(zone, language)})" if with_zone else ""
    return f"{day} {at} {hour(there, language)}{end}"


def short_date_and_clock(instant: datetime, zone: str) -> str:
    """Return ``25/03/2026 13:05`` for tables."""
    there = local(instant, zone)
    return f"{short_date(there)} {clock(there)}"


def ago(elapsed: timedelta, language: str) -> str | None:
    """Return « 24 min », « 3 h », None from 24 h on: then show the date.

    Under one minute: « à l'instant ».
    """
    minutes = int(elapsed.total_seconds() // 60)
    if minutes >= 24 * 60:
        return None
    if minutes < 1:
        return {"fr": f"à l{APOSTROPHE}instant", "en": "just now", "es": "ahora mismo"}[
            language
        ]
    if minutes < 60:
        return f"{minutes}{NBSP}min"
    return f"{minutes // 60}{NBSP}h"


def number(value: int | float | str | Decimal, language: str) -> str:
    """Return « 1 250 », « 7,1 »: all digits given, grouped by three.

    Args:
        value: a float is shown as ``repr`` would, a text must be a plain number.
        language: ``fr``, ``en`` or ``es``.

    Raises:
        decimal.InvalidOperation: the text is no number.
    """
    digits = f"{Decimal(str(value)):f}"
    sign = "\u2212" if digits.startswith("-") and language != "en" else ""
    if digits.startswith("-"):
        sign = sign or "-"
        digits = digits[1:]
    whole, _, fraction = digits.partition(".")
    grouped = f"{int(whole):,}".replace(",", "," if language == "en" else NBSP)
    if language == "es" and len(whole) < 5:
        grouped = whole
    mark = "." if language == "en" else ","
    return f"{sign}{grouped}{mark + fraction if fraction else ''}"


def percent(value: int | float | Decimal, language: str) -> str:
    """Return « 64 % », “64%”, «64 %»."""
    space = "" if language == "en" else NBSP
    return f"{number(value, language)}{space}%"


def with_unit(value: int | float | str | Decimal, unit: str, language: str) -> str:
    """Return « 7,1 kW »: number and unit never parted."""
    return f"{number(value, language)}{NBSP}{unit}"


def distance(kilometres: str | int | Decimal, language: str) -> str:
    """Return « 1 250 km »; kilometres as the form keeps them."""
    return with_unit(kilometres, "km", language)


def playing_time(seconds: int) -> str:
    """Return « 0:12 », « 1:02:03 »: how long something is heard or watched."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest:02d}"
    return f"{minutes}:{rest:02d}"


def size(octets: int, language: str) -> str:
    """Return « 214 Ko », « 1,8 Mo »; “KB”, “MB” in English and Spanish.

    Units of 1024, one digit after the mark from the megabyte on, when below ten.
    """
    byte = "o" if language == "fr" else "B"
    if octets < 1024:
        unit = "octets" if language == "fr" else "bytes"
        if octets < 2:
            unit = unit[:-1]
        return f"{number(octets, language)}{NBSP}{unit}"
    amount, prefix = octets / 1024, "K"
    for larger in ("M", "G", "T"):
        # 1023.6 Ko would be written « 1 024 Ko ».
        if round(amount) < 1024:
            break
        amount, prefix = amount / 1024, larger
    digits = (
        f"{amount:.1f}".removesuffix(".0")
        if prefix != "K" and amount < 9.95
        else f"{amount:.0f}"
    )
    return with_unit(digits, f"{prefix}{byte}", language)


_OVERSEAS = {"262", "590", "594", "596"}


def phone(e164: str) -> str:
    """Return ``06 39 98 12 34`` for ``+33639981234``, no-break spaces inside.

    French and overseas numbers are shown as called in France, others with their
    country code. Anything but E.164 comes back unchanged.
    """
    if not re.fullmatch(r"\+[1-9][0-9]{5,14}", e164):
        return e164
    code = country_code(e164[1:])
    rest = e164[1 + len(code) :]
    if code == "33" and len(rest) == 9:
        return _groups("0" + rest, (2, 2, 2, 2, 2))
    if code in _OVERSEAS and len(rest) == 9:
        return _groups("0" + rest, (4, 2, 2, 2))
    sizes = (3,) * 3 if len(rest) == 9 else (2,) * (len(rest) // 2)
    return f"+{code}{NBSP}{_groups(rest, sizes)}"


def _groups(digits: str, sizes: Sequence[int]) -> str:
    pieces, start = [], 0
    for place, length in enumerate(sizes):
        end = len(digits) if place == len(sizes) - 1 else start + length
        pieces.append(digits[start:end])
        start = end
    return NBSP.join(pieces)


def full_name(first: str, last: str) -> str:
    """Return « Sophie Martin », or the one of both that is known."""
    return " ".join(part for part in (first.strip(), last.strip()) if part)


def listing(items: Sequence[str], language: str, *, word: str = "and") -> str:
    """Return « a, b et c ».

    Args:
        items: in the order to show.
        language: ``fr``, ``en`` or ``es``.
        word: ``and`` or ``or``.
    """
    joint = {
        ("fr", "and"): "et", ("en", "and"): "and", ("es", "and"): "y",
        ("fr", "or"): "ou", ("en", "or"): "or", ("es", "or"): "o",
    }[language, word]  # fmt: skip
    if len(items) < 2:
        return "".join(items)
    last = items[-1].lower()
    if joint == "y" and re.match(r"h?i(?![aeo])", last):
        joint = "e"
    if joint == "o" and re.match(r"h?o", last):
        joint = "u"
    return f"{', '.join(items[:-1])} {joint} {items[-1]}"


def address_line(street: str, postcode: str, town: str, country: str = "") -> str:
    """Return « 18 rue des Charmettes, 69100 Villeurbanne » (R33)."""
    place = " ".join(part for part in (postcode, town) if part)
    return ", ".join(part for part in (street, place, country) if part)


_BEFORE_SIGN = re.compile(r"(?<=\S) +(?=[:;!?%\u00bb](?:\s|$|[,.)\u00bb]))")
_AFTER_QUOTE = re.compile(r"(?<=\u00ab) +")
_BEFORE_UNIT = re.compile(
    r"(?<=[0-9]) (?=(?:h|min|km|kW|Ko|Mo|Go|o|octets?|pixels?|%)\b)"
)
_AFTER_HOUR = re.compile(r"(?<=[0-9]\u00a0h) (?=[0-9]{2}\b)")
_STRAIGHT = re.compile(r"(?<=\w)'(?=\w)")


def typographic(text: str) -> str:
    """Return French text with its no-break spaces and curly apostrophes.

    Changes only spaces before ``: ; ! ? %``, inside « », between a number and its
    unit, and straight apostrophes between letters. Applying it twice is the same
    as once.
    """
    text = _STRAIGHT.sub(APOSTROPHE, text)
    text = _BEFORE_SIGN.sub(NBSP, _AFTER_QUOTE.sub(NBSP, text))
    return _AFTER_HOUR.sub(NBSP, _BEFORE_UNIT.sub(NBSP, text))


_NARROW = re.compile(r"\u00a0(?=[;!?])")


def for_web(text: str) -> str:
    """Return the text with narrow no-break spaces before ``; ! ?``.

    Only pages of the web: some old mail programs show U+202F as an empty box.
    """
    return _NARROW.sub(NNBSP, text)
