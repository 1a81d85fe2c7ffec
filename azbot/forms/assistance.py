"""The form of a new assistance (R38 to R57, R154 to R160)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from azbot.forms.form import Field, Form, Prefill, Section, Source
from azbot.forms.kinds import (
    Choice,
    Country,
    Email,
    Integer,
    Phone,
    Place,
    Postcode,
    Problem,
    Text,
    Value,
    french_postcode_problem,
)
from azbot.forms.lists import MAKERS, SERVICES, SYSTEMS
from azbot.forms.places import department_of
from azbot.forms.rules import ALWAYS, AllOf, Answers, Is, Known, Unanswered


def _words(fr: str = "", en: str = "", es: str = "") -> Mapping[str, tuple[str, ...]]:
    spoken = {"fr": fr, "en": en, "es": es}
    return MappingProxyType(
        {
            language: tuple(words.split("|"))
            for language, words in spoken.items()
            if words
        }
    )


def _profile(name: str, account_type: str = "") -> Prefill:
    only_if = ("account_type", account_type) if account_type else None
    return Prefill(Source.PROFILE, name, only_if)


def _previous(name: str) -> Prefill:
    return Prefill(Source.PREVIOUS, name)


def region_of(answers: Answers) -> Value | None:
    """Return the region a French postcode lies in (R157), None without one."""
    postcode = answers.get("postcode")
    if not isinstance(postcode, str) or answers.get("country", "FR") != "FR":
        return None
    department = department_of(postcode)
    return department.region if department else None


def _postcode_fits_country(answers: Answers) -> Mapping[str, Problem]:
    postcode = answers.get("postcode")
    if not isinstance(postcode, str) or answers.get("country", "FR") != "FR":
        return {}
    problem = french_postcode_problem(postcode)
    return {"postcode": problem} if problem else {}


def _phones_differ(answers: Answers) -> Mapping[str, Problem]:
    second = answers.get("phone_2")
    if second is not None and second == answers.get("phone"):
        return {"phone_2": Problem("phone_twice")}
    return {}


_REQUESTER = Section(
    "requester",
    (
        Field(
            "first_name",
            Text(80),
            prefill=(_profile("first_name"),),
            autocomplete="given-name",
            synonyms=_words("prénom du demandeur", "given name", "nombre de pila"),
        ),
        Field(
            "last_name",
            Text(80),
            prefill=(_profile("last_name"),),
            autocomplete="family-name",
            synonyms=_words("nom de famille|nom du demandeur", "surname|family name"),
        ),
        Field(
            "email",
            Email(),
            mandatory=ALWAYS,
            prefill=(_profile("email"),),
            autocomplete="email",
            synonyms=_words(
                "votre courrier électronique|votre adresse e-mail|votre e-mail",
                "your e-mail|your email",
                "su correo electrónico|su correo",
            ),
        ),
    ),
)

_ASSISTANCE = Section(
    "assistance",
    (
        Field(
            "distributor",
            Text(120),
            prefill=(
                _profile("company", "distributor"),
                _previous("distributor"),
            ),
            has_hint=True,
            autocomplete="organization",
            synonyms=_words(
                "distributeur|société de distribution|distribution|négoce",
                "distributor|distribution",
                "distribuidor|distribuidora",
            ),
        ),
        Field(
            "installer",
            Text(120),
            mandatory=Unanswered(("distributor",)),
            prefill=(_profile("company", "installer"), _previous("installer")),
            has_hint=True,
            autocomplete="organization",
            synonyms=_words(
                "installateur|société d'installation|entreprise|société|"
                "raison sociale|installation|entreprise installatrice|"
                "entreprise d'installation ou de distribution",
                "installer|company|installation",
                "instalador|empresa|instaladora|instalación",
            ),
        ),
        Field(
            "contact_name",
            Text(120),
            mandatory=ALWAYS,
            prefill=(_previous("contact_name"), _profile("name")),
            has_hint=True,
            autocomplete="name",
            synonyms=_words(
                "interlocuteur|contact|nom du contact|contact chantier|"
                "personne sur place|personne à contacter",
                "contact|contact name|person on site|name",
                "contacto|interlocutor|persona de contacto",
            ),
        ),
        Field(
            "phone",
            Phone(),
            mandatory=ALWAYS,
            prefill=(_previous("phone"), _profile("phone")),
            has_hint=True,
            autocomplete="tel",
            synonyms=_words(
                "tél|tel|portable|mobile|numéro de téléphone|n° de téléphone|gsm|"
                "téléphone du contact|téléphone mobile|téléphone portable",
                "telephone|phone number|mobile|cell|tel",
                "tel|móvil|número de teléfono",
            ),
        ),
        Field(
            "phone_2",
            Phone(),
            prefill=(_previous("phone_2"),),
            autocomplete="tel",
            synonyms=_words(
                "deuxième téléphone|second téléphone|autre téléphone|"
                "téléphone 2|tél 2|tel 2|téléphone fixe|fixe",
                "other phone|phone 2|landline",
                "otro teléfono|teléfono 2|teléfono fijo|fijo",
            ),
        ),
        Field(
            "contact_email",
            Email(),
            mandatory=ALWAYS,
            prefill=(_previous("contact_email"), _profile("email")),
            has_hint=True,
            autocomplete="email",
            synonyms=_words(
                "e-mail|email|mail|courriel|adresse e-mail|adresse mail|"
                "adresse électronique|courrier électronique|mél|e-mail du contact|"
                "mail du contact",
                "e-mail|email|mail|e-mail address|email address",
                "e-mail|email|mail|correo|correo electrónico|dirección de correo",
            ),
        ),
    ),
)

_INSTALLATION = Section(
    "installation",
    (
        Field(
            "service",
            Choice("services", SERVICES),
            mandatory=ALWAYS,
            has_hint=True,
            synonyms=_words(
                "type de service|service|type|prestation|type d'intervention|"
                "type de demande|service demandé",
                "type of service|service|type",
                "tipo de servicio|servicio|tipo",
            ),
        ),
        Field(
            "address",
            Text(200),
            mandatory=ALWAYS,
            has_hint=True,
            autocomplete="street-address",
            synonyms=_words(
                "adresse du chantier|adresse chantier|rue|lieu|chantier|"
                "adresse de l'installation|adresse du site|adresse postale",
                "site address|street|street address",
                "dirección de la obra|calle|domicilio",
            ),
        ),
        Field(
            "postcode",
            Postcode(),
            mandatory=ALWAYS,
            has_hint=True,
            autocomplete="postal-code",
            synonyms=_words(
                "cp|code postale|c.p.",
                "post code|postal code|zip|zip code",
                "cp|c.p.|código postal",
            ),
        ),
        Field(
            "town",
            Text(100),
            mandatory=ALWAYS,
            autocomplete="address-level2",
            synonyms=_words(
                "municipalité|commune|localité", "city", "ciudad|municipio"
            ),
        ),
        Field(
            "region",
            Text(100),
            # The postcode is mandatory itself and gives the region: nobody is
            # ever asked for it, and nothing waits for it.
            mandatory=AllOf((Is("country", "FR"), Known("postcode"))),
            derived=region_of,
            has_hint=True,
            autocomplete="address-level1",
            synonyms=_words("région administrative", "county|state", "provincia"),
            never_asked_by=frozenset({"email", "telegram"}),
        ),
        Field(
            "country",
            Country(),
            mandatory=ALWAYS,
            prefill=(Prefill(Source.CONSTANT, "FR"),),
            autocomplete="country",
        ),
        # Shared from a phone, never typed: where an address alone does not lead.
        Field("spot", Place()),
        Field(
            "system",
            Choice("systems", SYSTEMS, has_other=True),
            mandatory=ALWAYS,
            prefill=(_previous("system"),),
            has_hint=True,
            synonyms=_words(
                "système installé|type de système|régulation|matériel|système de "
                "régulation",
                "control system|type of system",
                "tipo de sistema|sistema de control",
            ),
        ),
        Field(
            "system_count",
            Integer(1, 99),
            mandatory=ALWAYS,
            has_hint=True,
            synonyms=_words(
                "nb de systèmes|nb systèmes|nombre systèmes|systèmes|nbre de systèmes|"
                "quantité de systèmes",
                "systems|number of control systems|no. of systems",
                "sistemas|n.º de sistemas|cantidad de sistemas",
            ),
        ),
        Field(
            "thermostat_count",
            Integer(0, 999),
            mandatory=ALWAYS,
            has_hint=True,
            synonyms=_words(
                "nb de thermostats|nb thermostats|nombre thermostats|thermostats|"
                "nbre de thermostats|quantité de thermostats|nombre de zones",
                "thermostats|no. of thermostats",
                "termostatos|n.º de termostatos|cantidad de termostatos",
            ),
        ),
        Field(
            "maker",
            Choice("makers", MAKERS, has_other=True),
            mandatory=ALWAYS,
            prefill=(_previous("maker"),),
            has_hint=True,
            synonyms=_words(
                "fabricant|marque|constructeur|marque de la machine|"
                "marque de l'unité|fabricant de l'unité|marque de la climatisation|"
                "marque de la pac|marque pac",
                "manufacturer|brand|maker|make|unit maker",
                "fabricante|marca|marca de la máquina",
            ),
        ),
        Field(
            "own_number",
            Text(60),
            has_hint=True,
            synonyms=_words(
                "votre référence|notre référence|référence chantier|réf|ref|"
                "numéro de la demande|n° de commande|numéro de commande|"
                "bon de commande|n° commande|référence|réf chantier|réf. chantier|"
                "commande|v/réf|n/réf",
                "your reference|our reference|reference|order number|order no|"
                "purchase order|po number|po",
                "su referencia|nuestra referencia|referencia|número de pedido|"
                "n.º de pedido|pedido|ref",
            ),
        ),
    ),
)

ASSISTANCE = Form(
    "assistance",
    (_REQUESTER, _ASSISTANCE, _INSTALLATION),
    checks=(_postcode_fits_country, _phones_differ),
)
"""What is asked to open an assistance."""
