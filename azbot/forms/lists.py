"""Lists as delivered; an administrator changes them while azbot runs (R159).

Makers are named as they name themselves. Systems, models and integrations are
kinds of products, so that the list serves before anybody has edited it.
"""

from __future__ import annotations

from azbot.forms.kinds import Option

SERVICES = (
    Option(
        "marking",
        label="service.marking",
        synonyms=(
            "marquage sur site", "marquage des travaux", "marquage du chantier",
            "marquage chantier", "marquage", "repérage", "repérage sur site",
            "repérage des travaux", "implantation", "visite avant travaux",
            "on-site marking", "site marking", "marking", "marking out",
            "works marking", "marcado en obra", "marcaje en obra", "marcaje",
            "marcado", "replanteo",
        ),
    ),
    Option(
        "commissioning",
        label="service.commissioning",
        synonyms=(
            "mise en service", "mise en route", "mise en marche",
            "démarrage de l'installation", "mise en fonctionnement",
            "premier démarrage", "commissioning", "start-up", "startup",
            "start up", "puesta en marcha", "puesta en servicio",
        ),
    ),
    Option(
        "incident_warranty",
        label="service.incident_warranty",
        synonyms=(
            "incident couvert par la garantie", "incident sous garantie",
            "incident garantie", "panne sous garantie", "panne garantie",
            "dépannage sous garantie", "sav sous garantie", "sous garantie",
            "encore sous garantie", "couvert par la garantie",
            "incident covered by the warranty", "incident under warranty",
            "warranty incident", "under warranty", "covered by warranty",
            "incidencia cubierta por la garantía", "incidencia en garantía",
            "avería en garantía", "en garantía",
        ),
    ),
    Option(
        "incident",
        label="service.incident",
        synonyms=(
            "incident hors garantie", "panne hors garantie", "hors garantie",
            "dépannage hors garantie", "plus sous garantie",
            "n'est plus sous garantie", "pas sous garantie", "dépannage",
            "incident out of warranty", "out of warranty incident",
            "out of warranty", "not under warranty", "no longer under warranty",
            "incident not covered by the warranty",
            "incidencia fuera de garantía", "avería fuera de garantía",
            "fuera de garantía", "sin garantía",
        ),
    ),
)  # fmt: skip
"""The four service types (R6), the other name of the first included (R127)."""

SYSTEMS = (
    Option(
        "zoned_ducted",
        label="form.system.zoned_ducted",
        synonyms=(
            "multizone gainable", "régulation multizone gainable", "gainable",
            "gainable multizone", "plénum motorisé", "plénum", "zoning gainable",
            "ducted zoning", "zoned ducted", "ducted", "conductos",
            "zonificación por conductos", "plenum",
        ),
    ),
    Option(
        "zoned_hydronic",
        label="form.system.zoned_hydronic",
        synonyms=(
            "plancher chauffant", "plancher chauffant-rafraîchissant", "plancher",
            "régulation plancher", "hydraulique multizone", "multizone hydraulique",
            "underfloor heating", "underfloor", "hydronic zoning",
            "suelo radiante", "zonificación hidráulica",
        ),
    ),
    Option(
        "zoned_mixed",
        label="form.system.zoned_mixed",
        synonyms=(
            "mixte", "air et eau", "air et plancher", "multizone mixte",
            "régulation mixte", "mixed air and water", "air and water",
            "aire y agua", "mixto",
        ),
    ),
    Option(
        "radiators",
        label="form.system.radiators",
        synonyms=(
            "radiateurs", "régulation de radiateurs", "têtes thermostatiques",
            "radiator control", "radiators", "radiadores",
        ),
    ),
    Option(
        "single_unit",
        label="form.system.single_unit",
        synonyms=(
            "pilotage individuel", "pilotage d'une unité",
            "pilotage d'une seule unité", "control de una sola unidad",
            "mono-zone", "monozone",
            "passerelle wi-fi", "passerelle wifi", "single unit control",
            "single zone", "control individual", "unidad individual",
        ),
    ),
    Option(
        "ventilation",
        label="form.system.ventilation",
        synonyms=(
            "ventilation", "vmc", "qualité d'air", "qualité de l'air",
            "air quality", "ventilación", "calidad del aire",
        ),
    ),
    Option(
        "gateway",
        label="form.system.gateway",
        synonyms=(
            "supervision", "gtb", "gtc", "passerelle bms", "bms", "bacnet",
            "modbus", "knx", "building management", "gestión técnica",
        ),
    ),
)  # fmt: skip
"""Control systems, by what they drive."""

MAKERS = tuple(
    Option(key, name=name, synonyms=tuple(filter(None, synonyms.split("|"))))
    for key, name, synonyms in (
        ("aermec", "Aermec", ""),
        ("aldes", "Aldes", ""),
        ("ariston", "Ariston", ""),
        ("atlantic", "Atlantic", ""),
        ("bosch", "Bosch", ""),
        ("carrier", "Carrier", ""),
        ("chaffoteaux", "Chaffoteaux", ""),
        ("ciat", "CIAT", ""),
        ("daikin", "Daikin", "daiken|dakin|altherma"),
        ("de_dietrich", "De Dietrich", "dedietrich"),
        ("frisquet", "Frisquet", ""),
        ("fujitsu", "Fujitsu", "fujitsu general"),
        ("general", "General", ""),
        ("gree", "Gree", ""),
        ("haier", "Haier", ""),
        ("hisense", "Hisense", ""),
        ("hitachi", "Hitachi", "yutaki"),
        ("lg", "LG", "lg electronics|therma v"),
        ("midea", "Midea", ""),
        ("mitsubishi_electric", "Mitsubishi Electric", "mitsubishi élec|ecodan"),
        ("mitsubishi_heavy", "Mitsubishi Heavy Industries", "mitsubishi heavy|mhi"),
        ("panasonic", "Panasonic", "aquarea"),
        ("samsung", "Samsung", ""),
        ("saunier_duval", "Saunier Duval", "saunier"),
        ("sharp", "Sharp", ""),
        ("technibel", "Technibel", ""),
        ("toshiba", "Toshiba", "toshiba carrier|estia"),
        ("trane", "Trane", ""),
        ("vaillant", "Vaillant", ""),
        ("viessmann", "Viessmann", ""),
        ("wolf", "Wolf", ""),
        ("york", "York", ""),
    )
)
"""Makers of heating and cooling units."""

INTEGRATIONS = (
    Option(
        "none",
        label="form.integration.none",
        synonyms=("aucune", "aucun", "pas d'intégration", "none", "ninguna"),
    ),
    Option("bacnet", name="BACnet"),
    Option("knx", name="KNX"),
    Option("modbus", name="Modbus", synonyms=("modbus rtu", "modbus tcp")),
    Option("lutron", name="Lutron"),
    Option("control4", name="Control4"),
    Option("api", name="API", synonyms=("api locale", "local api", "api cloud")),
    Option(
        "voice",
        label="form.integration.voice",
        synonyms=("assistant vocal", "voice assistant", "asistente de voz"),
    ),
)
"""What the control system talks to (R95)."""

EMITTERS = (
    Option(
        "cold_air",
        label="form.emitter.cold_air",
        synonyms=("air froid", "froid", "cold air", "aire frío"),
    ),
    Option(
        "warm_air",
        label="form.emitter.warm_air",
        synonyms=("air chaud", "chaud", "warm air", "hot air", "aire caliente"),
    ),
    Option(
        "heating_cooling_floor",
        label="form.emitter.heating_cooling_floor",
        synonyms=(
            "plancher chauffant-rafraîchissant", "plancher chauffant rafraîchissant",
            "plancher réversible", "heating and cooling floor",
            "suelo radiante-refrescante", "suelo radiante refrescante",
        ),
    ),
    Option(
        "cooling_floor",
        label="form.emitter.cooling_floor",
        synonyms=("plancher rafraîchissant", "cooling floor", "suelo refrescante"),
    ),
    Option(
        "heating_floor",
        label="form.emitter.heating_floor",
        synonyms=("plancher chauffant", "heating floor", "suelo radiante"),
    ),
    Option(
        "radiators",
        label="form.emitter.radiators",
        synonyms=("radiateurs", "radiateur", "radiators", "radiadores"),
    ),
)  # fmt: skip
"""Production and emission units (R96), with the floor that was missing (R165)."""

MODELS = (
    Option(
        "ducted_indoor_unit",
        label="form.model.ducted_indoor_unit",
        synonyms=("unité intérieure gainable", "gainable", "ducted indoor unit"),
    ),
    Option(
        "wall_unit",
        label="form.model.wall_unit",
        synonyms=("unité murale", "mural", "split", "wall unit", "unidad mural"),
    ),
    Option(
        "cassette",
        label="form.model.cassette",
        synonyms=("cassette", "casete"),
    ),
    Option(
        "console",
        label="form.model.console",
        synonyms=("console", "floor unit", "consola"),
    ),
    Option(
        "vrf",
        label="form.model.vrf",
        synonyms=("vrf", "vrv", "drv"),
    ),
    Option(
        "air_water_heat_pump",
        label="form.model.air_water_heat_pump",
        synonyms=(
            "pompe à chaleur air-eau", "pac air-eau", "pac air/eau", "pac",
            "air-to-water heat pump", "aerotermia", "bomba de calor aire-agua",
        ),
    ),
    Option(
        "geothermal_heat_pump",
        label="form.model.geothermal_heat_pump",
        synonyms=("pac géothermique", "géothermie", "geotermia", "ground source"),
    ),
    Option(
        "boiler",
        label="form.model.boiler",
        synonyms=("chaudière", "boiler", "caldera"),
    ),
    Option(
        "fan_coil",
        label="form.model.fan_coil",
        synonyms=("ventilo-convecteur", "ventiloconvecteur", "fan coil", "fancoil"),
    ),
)  # fmt: skip
"""Kinds of production units, until an administrator lists models (R159)."""
