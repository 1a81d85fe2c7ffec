"""French departments and regions, countries, and time zones of sites.

Source: Code officiel géographique (departments and regions of 2016), La Poste
(first digits of postcodes), ISO 3166-1 (countries), IANA time zone database.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import NamedTuple

from azbot.forms.folding import fold


class Department(NamedTuple):
    """A French department or overseas territory."""

    code: str
    """``69``, ``2A``, ``974``."""
    name: str
    region: str


_BY_REGION = {
    "Auvergne-Rhône-Alpes": (
        "01 Ain|03 Allier|07 Ardèche|15 Cantal|26 Drôme|38 Isère|42 Loire|"
        "43 Haute-Loire|63 Puy-de-Dôme|69 Rhône|73 Savoie|74 Haute-Savoie"
    ),
    "Bourgogne-Franche-Comté": (
        "21 Côte-d\u2019Or|25 Doubs|39 Jura|58 Nièvre|70 Haute-Saône|"
        "71 Saône-et-Loire|89 Yonne|90 Territoire de Belfort"
    ),
    "Bretagne": "22 Côtes-d\u2019Armor|29 Finistère|35 Ille-et-Vilaine|56 Morbihan",
    "Centre-Val de Loire": (
        "18 Cher|28 Eure-et-Loir|36 Indre|37 Indre-et-Loire|41 Loir-et-Cher|45 Loiret"
    ),
    "Corse": "2A Corse-du-Sud|2B Haute-Corse",
    "Grand Est": (
        "08 Ardennes|10 Aube|51 Marne|52 Haute-Marne|54 Meurthe-et-Moselle|55 Meuse|"
        "57 Moselle|67 Bas-Rhin|68 Haut-Rhin|88 Vosges"
    ),
    "Hauts-de-France": "02 Aisne|59 Nord|60 Oise|62 Pas-de-Calais|80 Somme",
    "Île-de-France": (
        "75 Paris|77 Seine-et-Marne|78 Yvelines|91 Essonne|92 Hauts-de-Seine|"
        "93 Seine-Saint-Denis|94 Val-de-Marne|95 Val-d\u2019Oise"
    ),
    "Normandie": "14 Calvados|27 Eure|50 Manche|61 Orne|76 Seine-Maritime",
    "Nouvelle-Aquitaine": (
        "16 Charente|17 Charente-Maritime|19 Corrèze|23 Creuse|24 Dordogne|33 Gironde|"
        "40 Landes|47 Lot-et-Garonne|64 Pyrénées-Atlantiques|79 Deux-Sèvres|86 Vienne|"
        "87 Haute-Vienne"
    ),
    "Occitanie": (
        "09 Ariège|11 Aude|12 Aveyron|30 Gard|31 Haute-Garonne|32 Gers|34 Hérault|"
        "46 Lot|48 Lozère|65 Hautes-Pyrénées|66 Pyrénées-Orientales|81 Tarn|"
        "82 Tarn-et-Garonne"
    ),
    "Pays de la Loire": (
        "44 Loire-Atlantique|49 Maine-et-Loire|53 Mayenne|72 Sarthe|85 Vendée"
    ),
    "Provence-Alpes-Côte d\u2019Azur": (
        "04 Alpes-de-Haute-Provence|05 Hautes-Alpes|06 Alpes-Maritimes|"
        "13 Bouches-du-Rhône|83 Var|84 Vaucluse"
    ),
    "Guadeloupe": "971 Guadeloupe",
    "Martinique": "972 Martinique",
    "Guyane": "973 Guyane",
    "La Réunion": "974 La Réunion",
    "Saint-Pierre-et-Miquelon": "975 Saint-Pierre-et-Miquelon",
    "Mayotte": "976 Mayotte",
    "Saint-Barthélemy": "977 Saint-Barthélemy",
    "Saint-Martin": "978 Saint-Martin",
    "Monaco": "980 Monaco",
    "Terres australes et antarctiques françaises": (
        "984 Terres australes et antarctiques françaises"
    ),
    "Wallis-et-Futuna": "986 Wallis-et-Futuna",
    "Polynésie française": "987 Polynésie française",
    "Nouvelle-Calédonie": "988 Nouvelle-Calédonie",
}

DEPARTMENTS = MappingProxyType(
    {
        code: Department(code, name, region)
        for region, entries in _BY_REGION.items()
        for code, _, name in (entry.partition(" ") for entry in entries.split("|"))
    }
)
"""Every department, by code."""


def department_of(postcode: str) -> Department | None:
    """Return the department a French postcode lies in, None when there is none.

    Args:
        postcode: five digits.
    """
    if len(postcode) != 5 or not (postcode.isascii() and postcode.isdigit()):
        return None
    if postcode.startswith("20"):
        code = "2A" if postcode < "20200" else "2B"
    elif postcode[:2] in ("97", "98"):
        code = postcode[:3]
    else:
        code = postcode[:2]
    # Two islands kept the postcodes they had as communes of Guadeloupe.
    code = {"97133": "977", "97150": "978"}.get(postcode, code)
    return DEPARTMENTS.get(code)


_ZONES_BY_DEPARTMENT = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/Guadeloupe",
    "978": "America/Guadeloupe",
    "980": "Europe/Paris",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
_ZONES_BY_COUNTRY = {
    "FR": "Europe/Paris",
    "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon",
    "BE": "Europe/Brussels",
    "LU": "Europe/Luxembourg",
    "CH": "Europe/Zurich",
    "IT": "Europe/Rome",
    "DE": "Europe/Berlin",
    "NL": "Europe/Amsterdam",
    "AD": "Europe/Andorra",
    "MC": "Europe/Monaco",
    "GB": "Europe/London",
    "IE": "Europe/Dublin",
    "MA": "Africa/Casablanca",
    "DZ": "Africa/Algiers",
    "TN": "Africa/Tunis",
    "RE": "Indian/Reunion",
    "GP": "America/Guadeloupe",
    "MQ": "America/Martinique",
    "GF": "America/Cayenne",
    "YT": "Indian/Mayotte",
    "PM": "America/Miquelon",
    "NC": "Pacific/Noumea",
    "PF": "Pacific/Tahiti",
    "WF": "Pacific/Wallis",
}
SITE_ZONES = frozenset({*_ZONES_BY_COUNTRY.values(), "Atlantic/Canary"})
"""Every zone :func:`zone_of` can answer; each has a name in the catalogue."""


def zone_of(postcode: str, country: str = "FR") -> str:
    """Return the IANA time zone of a site (R125).

    Args:
        postcode: as kept by the form, possibly empty.
        country: two letters; unknown ones count as mainland France.
    """
    if country == "FR":
        department = department_of(postcode)
        if department is not None:
            return _ZONES_BY_DEPARTMENT.get(department.code, "Europe/Paris")
    if country == "ES" and postcode[:2] in ("35", "38"):
        return "Atlantic/Canary"
    return _ZONES_BY_COUNTRY.get(country, "Europe/Paris")


_COUNTRIES = {
    "FR": "france, france metropolitaine, republique francaise, francia",
    "ES": "espagne, spain, espana",
    "PT": "portugal",
    "BE": "belgique, belgium, belgica, belgie",
    "LU": "luxembourg, luxemburgo",
    "CH": "suisse, switzerland, suiza",
    "IT": "italie, italy, italia",
    "DE": "allemagne, germany, alemania, deutschland",
    "NL": "pays-bas, netherlands, paises bajos, holland, hollande",
    "AD": "andorre, andorra",
    "MC": "monaco, principaute de monaco",
    "GB": "royaume-uni, united kingdom, reino unido, uk, angleterre, england",
    "IE": "irlande, ireland, irlanda",
    "MA": "maroc, morocco, marruecos",
    "DZ": "algerie, algeria, argelia",
    "TN": "tunisie, tunisia, tunez",
    "RE": "la reunion, reunion",
    "GP": "guadeloupe, guadalupe",
    "MQ": "martinique, martinica",
    "GF": "guyane, guyane francaise, french guiana, guayana francesa",
    "YT": "mayotte",
    "PM": "saint-pierre-et-miquelon, saint pierre and miquelon",
    "NC": "nouvelle-caledonie, new caledonia, nueva caledonia",
    "PF": "polynesie francaise, french polynesia, polinesia francesa, tahiti",
    "WF": "wallis-et-futuna, wallis and futuna, wallis y futuna",
}
COUNTRIES = frozenset(_COUNTRIES)
"""Countries and territories the form knows, by ISO 3166-1 code."""

_COUNTRY_NAMES = MappingProxyType(
    {
        fold(name).replace("-", " "): code
        for code, names in _COUNTRIES.items()
        for name in (*names.split(", "), code)
    }
)


def country_named(text: str) -> str | None:
    """Return the two letters of a country named in French, English or Spanish."""
    return _COUNTRY_NAMES.get(fold(text[:100]).replace("-", " ").strip(" ."))


_WAYS = {
    short: whole
    for whole, shorts in {
        "allee": "all",
        "avenue": "av ave",
        "batiment": "bat",
        "boulevard": "bd bld blvd boul bvd",
        "chemin": "ch che chem",
        "faubourg": "fbg fg",
        "impasse": "imp",
        "place": "pl",
        "residence": "res",
        "route": "rte",
        "rue": "r",
        "saint": "st",
        "sainte": "ste",
        "square": "sq",
    }.items()
    for short in shorts.split()
}
_PIECES = re.compile(r"[0-9]+|[a-z]+")


def site_key(address: str, postcode: str, country: str = "FR") -> str:
    """Return what two spellings of one address share, ``FR 69100 18 rue des lilas``.

    Case, accents, punctuation and the usual abbreviations of ways say nothing; a
    floor or a building does, for another installation stands there. The town is left
    out: its postcode tells it in fewer spellings.

    Args:
        address: street, number and floor.
        postcode: as kept by the form.
        country: two letters.

    Returns:
        empty when street or postcode is missing: then nothing is known to be there.
    """
    pieces = [_WAYS.get(each, each) for each in _PIECES.findall(fold(address))]
    code = "".join(postcode.split()).upper()
    return f"{country} {code} {' '.join(pieces)}" if pieces and code else ""
