"""The words a report is made of, in three languages.

Reports use U+00A0 wherever French wants a space that must not break: some PDF
readers show U+202F as an empty box (ux.md 5.1).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from azbot.reports.content import Language


class Words(Protocol):
    """Turns a key and its facts into words of one language."""

    def __call__(self, key: str, **facts: object) -> str:
        """Return the words of ``key``.

        Raises:
            KeyError: no such key, or a fact its words need is missing.
        """
        ...


def words(language: Language) -> Words:
    """Return the words of reports in ``language``."""
    table = LABELS[language]

    def say(key: str, **facts: object) -> str:
        return table[key].format(**facts)

    return say


_FRENCH = {
    "report": "Rapport technique",
    "report_combined": "Rapport technique d’ensemble",
    "subject": "Assistance technique {reference}, visite {visit}",
    "subject_combined": "Assistance technique {reference}, {count} visites",
    "visit": "Visite {visit}",
    "visit_of": "Visite {visit} sur {visits}",
    "visit_on": "Visite {visit} · {date}",
    "visits": "Visites",
    "page": "Page {page} / {pages}",
    "fingerprint": "Empreinte",
    "fingerprint_short": "Empreinte {digits}",
    "from_to": "{start} – {end}",
    "from": "arrivée {start}",
    "planned": "programmée à {start}",
    "date_unknown": "Date inconnue",
    "solved": "Problème résolu",
    "unsolved": "Problème non résolu",
    "no_conclusion": "Sans conclusion",
    "assistance": "Assistance",
    "reference": "Référence",
    "service": "Type de service",
    "site": "Adresse du site",
    "requester": "Demandeur",
    "installer_company": "Entreprise d’installation",
    "distributor_company": "Entreprise de distribution",
    "own_number": "Votre référence",
    "station": "Station technique (STA)",
    "company": "Entreprise mandatée",
    "phone": "Téléphone",
    "email": "Courrier électronique",
    "appointment": "Rendez-vous",
    "planned_on": "Programmée le",
    "first_observations": "Observations initiales",
    "action": "Action",
    "distance": "Distance parcourue",
    "distance_value": "{distance} (aller)",
    "arrived": "Heure d’entrée",
    "left": "Heure de sortie",
    "next_day": "{time} (le lendemain)",
    "observations": "Observations sur l’action",
    "installation": "Informations sur l’installation",
    "webserver": "Webserver",
    "no_webserver": "Pas de webserver",
    "mac": "MAC Webserver",
    "serial": "S/N Webserver",
    "integration": "Intégration",
    "integration_none": "Aucune",
    "emitters": "Production et émission",
    "units": "Unité de production",
    "maker": "Fabricant de la machine",
    "model": "Modèle",
    "unit_number": "Unité {number}",
    "state": "État de l’installation",
    "point": "Point",
    "answer": "Réponse",
    "yes": "Oui",
    "no": "Non",
    "not_applicable": "Sans objet",
    "unanswered": "Sans réponse",
    "remark": "Remarque",
    "point_1": "Éléments raccordés selon la documentation",
    "point_2": "Bus séparé des câbles de puissance et d’éclairage",
    "point_3": "Câble bus conforme, RN pour les moteurs",
    "point_4": "Éléments motorisés raccordés et repérés",
    "point_5": "Passerelles raccordées selon leur notice",
    "point_6": "Sorties relais raccordées et repérées",
    "point_7": "Alimentation conforme, coupure indépendante",
    "point_8": "Unités non intégrées vérifiées",
    "point_9": "Mise en service du fabricant faite, si nécessaire",
    "material": "Matériel remplacé",
    "material_none": "Aucun",
    "material_reference": "Référence",
    "material_designation": "Désignation",
    "material_quantity": "Qté",
    "material_old": "Ancien S/N",
    "material_new": "Nouveau S/N",
    "material_guarantee": "Garantie",
    "conclusion": "Conclusion",
    "is_solved": "Problème résolu",
    "next_visit": "Prochaine intervention",
    "next_visit_on": "Prochaine intervention proposée le {date} à {time}",
    "next_visit_later": "Prochaine intervention à programmer",
    "photos": "Photos",
    "photo": "Photo {number}",
    "photo_point": "Photo {number} · point {point}",
    "photo_unreadable": "Photo illisible",
    "photo_alt": "{title}. {caption}",
    "photo_refs": "Voir photo {numbers}",
    "signatures": "Signatures",
    "role_installer": "Installateur",
    "role_client": "Client final ou promoteur",
    "role_station": "Station technique (STA)",
    "role_installer_help": (
        "Représentant de l’entreprise d’installation présent sur place"
    ),
    "role_client_help": "Utilisateur du logement, promoteur ou son représentant",
    "role_station_help": "Entreprise qui a réalisé l’intervention",
    "signed_at": "le {date} à {time}",
    "method_drawn": "Signature manuscrite sur place",
    "method_typed": "Signature au clavier",
    "method_remote": "Signature à distance, par lien",
    "method_waived": "Dispense de signature",
    "signature_missing": "Signature attendue",
    "signature_alt": "Signature de {name}, {role}",
    "reason": "Motif\u00a0: {reason}",
    "verification": "Vérification",
    "verify": (
        "Ce rapport est scellé\u00a0: toute modification de son texte, de ses photos "
        "ou de ses signatures se constate. Pour le comparer avec l’original, lisez le "
        "code ou ouvrez\u00a0:"
    ),
    "verify_file": (
        "Ce rapport est scellé\u00a0: toute modification de son texte, de ses photos "
        "ou de ses signatures se constate."
    ),
    "qr_alt": "Code QR vers {url}",
    "made_at": "Établi le {date} à {time}",
    "result": "Résultat",
    "date": "Date",
    "presence": "Présence",
    "signed_by": "Signé par",
    "moment": "{date} à {time}",
    "dash": "–",
    "altered.text": (
        "{place}\u00a0: «\u00a0{found}\u00a0» au lieu de «\u00a0{expected}\u00a0»"
    ),
    "altered.mark": "{place}\u00a0: le dessin de la réponse a changé",
    "altered.photo": "{place}\u00a0: la photo a été remplacée",
    "altered.signature": "{place}\u00a0: le tracé de la signature a changé",
    "altered.drawing": "{place}\u00a0: quelque chose a été dessiné, déplacé ou effacé",
    "altered.missing": "{place}\u00a0: «\u00a0{expected}\u00a0» a disparu",
    "altered.added": "{place}\u00a0: «\u00a0{found}\u00a0» a été ajouté",
    "altered.page_removed": "{place}\u00a0: page retirée",
    "altered.page_added": "{place}\u00a0: page ajoutée",
    "altered.page_moved": "{place}\u00a0: page déplacée",
    "altered.page_shape": (
        "{place}\u00a0: format, cadrage ou rotation de la page changé"
    ),
    "altered.annotation": (
        "{place}\u00a0: annotation ou lien modifié (avant\u00a0: {expected}, "
        "maintenant\u00a0: {found})"
    ),
    "altered.font": (
        "Les polices du document ont changé\u00a0: ce qui se lit peut différer de "
        "ce qui se voit"
    ),
    "altered.behaviour": (
        "Un formulaire, un script ou une action a été ajouté ({found})"
    ),
    "altered.attachment": (
        "Pièces jointes du PDF modifiées (avant\u00a0: {expected}, "
        "maintenant\u00a0: {found})"
    ),
    "altered.metadata": (
        "Propriété «\u00a0{place}\u00a0»\u00a0: «\u00a0{found}\u00a0» au lieu de "
        "«\u00a0{expected}\u00a0»"
    ),
    "altered.data": (
        "Données jointes, {place}\u00a0: «\u00a0{found}\u00a0» au lieu de "
        "«\u00a0{expected}\u00a0»"
    ),
    "altered.seal_missing": "Le sceau a été retiré",
    "altered.seal_unreadable": "Le sceau est illisible",
    "altered.seal_signature": "La signature du sceau ne correspond pas à ses données",
    "altered.seal_key": (
        "Le sceau vient d’une autre clé ({found} au lieu de {expected})"
    ),
    "altered.seal_other": (
        "Le sceau n’est pas celui qui a été enregistré ({found} au lieu de {expected})"
    ),
    "altered.rewritten": (
        "Le fichier a été réécrit par un autre programme\u00a0; aucun texte, photo "
        "ni tracé ne diffère"
    ),
    "altered.appended": "Des données ont été ajoutées après le sceau ({found})",
    "altered.unreadable": "Ce fichier n’est pas un PDF lisible",
}

_ENGLISH = {
    "report": "Technical report",
    "report_combined": "Combined technical report",
    "subject": "Technical assistance {reference}, visit {visit}",
    "subject_combined": "Technical assistance {reference}, {count} visits",
    "visit": "Visit {visit}",
    "visit_of": "Visit {visit} of {visits}",
    "visit_on": "Visit {visit} · {date}",
    "visits": "Visits",
    "page": "Page {page} / {pages}",
    "fingerprint": "Fingerprint",
    "fingerprint_short": "Fingerprint {digits}",
    "from_to": "{start} – {end}",
    "from": "arrived {start}",
    "planned": "planned at {start}",
    "date_unknown": "Date unknown",
    "solved": "Problem solved",
    "unsolved": "Problem not solved",
    "no_conclusion": "No conclusion",
    "assistance": "Assistance",
    "reference": "Reference",
    "service": "Service type",
    "site": "Site address",
    "requester": "Requester",
    "installer_company": "Installation company",
    "distributor_company": "Distribution company",
    "own_number": "Your reference",
    "station": "Service station (STA)",
    "company": "Appointed company",
    "phone": "Phone",
    "email": "E-mail",
    "appointment": "Appointment",
    "planned_on": "Planned for",
    "first_observations": "First observations",
    "action": "Work done",
    "distance": "Distance travelled",
    "distance_value": "{distance} (one way)",
    "arrived": "Time in",
    "left": "Time out",
    "next_day": "{time} (next day)",
    "observations": "Observations on the work",
    "installation": "About the installation",
    "webserver": "Webserver",
    "no_webserver": "No webserver",
    "mac": "Webserver MAC",
    "serial": "Webserver S/N",
    "integration": "Integration",
    "integration_none": "None",
    "emitters": "Production and emission",
    "units": "Production unit",
    "maker": "Maker of the unit",
    "model": "Model",
    "unit_number": "Unit {number}",
    "state": "State of the installation",
    "point": "Point",
    "answer": "Answer",
    "yes": "Yes",
    "no": "No",
    "not_applicable": "Not applicable",
    "unanswered": "No answer",
    "remark": "Remark",
    "point_1": "Parts wired as documented",
    "point_2": "Bus apart from power and lighting cables",
    "point_3": "Proper bus cable, RN cable for motors",
    "point_4": "Motorised elements connected and labelled",
    "point_5": "Gateways connected as documented",
    "point_6": "Relay outputs connected and labelled",
    "point_7": "Compliant supply, own disconnection",
    "point_8": "Units outside the system checked",
    "point_9": "Commissioned by the maker where needed",
    "material": "Replaced material",
    "material_none": "None",
    "material_reference": "Reference",
    "material_designation": "Description",
    "material_quantity": "Qty",
    "material_old": "Old S/N",
    "material_new": "New S/N",
    "material_guarantee": "Guarantee",
    "conclusion": "Conclusion",
    "is_solved": "Problem solved",
    "next_visit": "Next visit",
    "next_visit_on": "Next visit proposed on {date} at {time}",
    "next_visit_later": "Next visit to be planned",
    "photos": "Photos",
    "photo": "Photo {number}",
    "photo_point": "Photo {number} · point {point}",
    "photo_unreadable": "Unreadable photo",
    "photo_alt": "{title}. {caption}",
    "photo_refs": "See photo {numbers}",
    "signatures": "Signatures",
    "role_installer": "Installer",
    "role_client": "End client or developer",
    "role_station": "Service station (STA)",
    "role_installer_help": "Representative of the installation company on site",
    "role_client_help": "Occupant, property developer or representative",
    "role_station_help": "Company that carried out the visit",
    "signed_at": "{date} at {time}",
    "method_drawn": "Signed by hand on site",
    "method_typed": "Signed by typing",
    "method_remote": "Signed remotely, through a link",
    "method_waived": "Signature waived",
    "signature_missing": "Signature awaited",
    "signature_alt": "Signature of {name}, {role}",
    "reason": "Reason: {reason}",
    "verification": "Verification",
    "verify": (
        "This report is sealed: any change of its text, photos or signatures can be "
        "found. To compare it with the original, read the code or open:"
    ),
    "verify_file": (
        "This report is sealed: any change of its text, photos or signatures can be "
        "found."
    ),
    "qr_alt": "QR code to {url}",
    "made_at": "Made on {date} at {time}",
    "result": "Result",
    "date": "Date",
    "presence": "On site",
    "signed_by": "Signed by",
    "moment": "{date} at {time}",
    "dash": "–",
    "altered.text": "{place}: “{found}” instead of “{expected}”",
    "altered.mark": "{place}: the drawing of the answer has changed",
    "altered.photo": "{place}: the photo was replaced",
    "altered.signature": "{place}: the strokes of the signature have changed",
    "altered.drawing": "{place}: something was drawn, moved or erased",
    "altered.missing": "{place}: “{expected}” has gone",
    "altered.added": "{place}: “{found}” was added",
    "altered.page_removed": "{place}: page removed",
    "altered.page_added": "{place}: page added",
    "altered.page_moved": "{place}: page moved",
    "altered.page_shape": "{place}: size, crop or rotation of the page changed",
    "altered.annotation": (
        "{place}: annotation or link changed (was {expected}, is {found})"
    ),
    "altered.font": "The fonts have changed: what is read may differ from what is seen",
    "altered.behaviour": "A form, script or action was added ({found})",
    "altered.attachment": (
        "Attachments of the PDF changed (were {expected}, are {found})"
    ),
    "altered.metadata": "Property “{place}”: “{found}” instead of “{expected}”",
    "altered.data": "Attached data, {place}: “{found}” instead of “{expected}”",
    "altered.seal_missing": "The seal was removed",
    "altered.seal_unreadable": "The seal cannot be read",
    "altered.seal_signature": "The signature of the seal does not match its data",
    "altered.seal_key": (
        "The seal comes from another key ({found} instead of {expected})"
    ),
    "altered.seal_other": (
        "The seal is not the one on record ({found} instead of {expected})"
    ),
    "altered.rewritten": (
        "The file was rewritten by another program; no text, photo or stroke differs"
    ),
    "altered.appended": "Data were added after the seal ({found})",
    "altered.unreadable": "This file is not a readable PDF",
}

_SPANISH = {
    "report": "Informe técnico",
    "report_combined": "Informe técnico conjunto",
    "subject": "Asistencia técnica {reference}, visita {visit}",
    "subject_combined": "Asistencia técnica {reference}, {count} visitas",
    "visit": "Visita {visit}",
    "visit_of": "Visita {visit} de {visits}",
    "visit_on": "Visita {visit} · {date}",
    "visits": "Visitas",
    "page": "Página {page} / {pages}",
    "fingerprint": "Huella",
    "fingerprint_short": "Huella {digits}",
    "from_to": "{start} – {end}",
    "from": "llegada {start}",
    "planned": "programada a las {start}",
    "date_unknown": "Fecha desconocida",
    "solved": "Problema resuelto",
    "unsolved": "Problema no resuelto",
    "no_conclusion": "Sin conclusión",
    "assistance": "Asistencia",
    "reference": "Referencia",
    "service": "Tipo de servicio",
    "site": "Dirección de la obra",
    "requester": "Solicitante",
    "installer_company": "Empresa instaladora",
    "distributor_company": "Empresa distribuidora",
    "own_number": "Su referencia",
    "station": "Servicio técnico (STA)",
    "company": "Empresa encargada",
    "phone": "Teléfono",
    "email": "Correo electrónico",
    "appointment": "Cita",
    "planned_on": "Programada el",
    "first_observations": "Observaciones iniciales",
    "action": "Actuación",
    "distance": "Distancia recorrida",
    "distance_value": "{distance} (ida)",
    "arrived": "Hora de entrada",
    "left": "Hora de salida",
    "next_day": "{time} (día siguiente)",
    "observations": "Observaciones sobre la actuación",
    "installation": "Información de la instalación",
    "webserver": "Webserver",
    "no_webserver": "Sin webserver",
    "mac": "MAC Webserver",
    "serial": "N/S Webserver",
    "integration": "Integración",
    "integration_none": "Ninguna",
    "emitters": "Producción y emisión",
    "units": "Unidad de producción",
    "maker": "Fabricante de la máquina",
    "model": "Modelo",
    "unit_number": "Unidad {number}",
    "state": "Estado de la instalación",
    "point": "Punto",
    "answer": "Respuesta",
    "yes": "Sí",
    "no": "No",
    "not_applicable": "No procede",
    "unanswered": "Sin respuesta",
    "remark": "Observación",
    "point_1": "Elementos conectados según la documentación",
    "point_2": "Bus separado de los cables de potencia e iluminación",
    "point_3": "Cable de bus adecuado, RN para los motores",
    "point_4": "Elementos motorizados conectados e identificados",
    "point_5": "Pasarelas conectadas según su manual",
    "point_6": "Salidas de relé conectadas e identificadas",
    "point_7": "Alimentación conforme, corte independiente",
    "point_8": "Unidades no integradas verificadas",
    "point_9": "Puesta en marcha del fabricante realizada, si procede",
    "material": "Material sustituido",
    "material_none": "Ninguno",
    "material_reference": "Referencia",
    "material_designation": "Descripción",
    "material_quantity": "Cant.",
    "material_old": "N/S antiguo",
    "material_new": "N/S nuevo",
    "material_guarantee": "Garantía",
    "conclusion": "Conclusión",
    "is_solved": "Problema resuelto",
    "next_visit": "Próxima intervención",
    "next_visit_on": "Próxima intervención propuesta el {date} a las {time}",
    "next_visit_later": "Próxima intervención por programar",
    "photos": "Fotos",
    "photo": "Foto {number}",
    "photo_point": "Foto {number} · punto {point}",
    "photo_unreadable": "Foto ilegible",
    "photo_alt": "{title}. {caption}",
    "photo_refs": "Ver foto {numbers}",
    "signatures": "Firmas",
    "role_installer": "Instalador",
    "role_client": "Cliente final o promotor",
    "role_station": "Servicio técnico (STA)",
    "role_installer_help": "Representante de la empresa instaladora en la obra",
    "role_client_help": "Usuario de la vivienda, promotor o su representante",
    "role_station_help": "Empresa que ha realizado la intervención",
    "signed_at": "el {date} a las {time}",
    "method_drawn": "Firma manuscrita en la obra",
    "method_typed": "Firma con teclado",
    "method_remote": "Firma a distancia, por enlace",
    "method_waived": "Firma dispensada",
    "signature_missing": "Firma pendiente",
    "signature_alt": "Firma de {name}, {role}",
    "reason": "Motivo: {reason}",
    "verification": "Verificación",
    "verify": (
        "Este informe está sellado: se detecta cualquier cambio en su texto, sus fotos "
        "o sus firmas. Para compararlo con el original, lea el código o abra:"
    ),
    "verify_file": (
        "Este informe está sellado: se detecta cualquier cambio en su texto, sus fotos "
        "o sus firmas."
    ),
    "qr_alt": "Código QR hacia {url}",
    "made_at": "Emitido el {date} a las {time}",
    "result": "Resultado",
    "date": "Fecha",
    "presence": "Presencia",
    "signed_by": "Firmado por",
    "moment": "{date} a las {time}",
    "dash": "–",
    "altered.text": "{place}: «{found}» en lugar de «{expected}»",
    "altered.mark": "{place}: el dibujo de la respuesta ha cambiado",
    "altered.photo": "{place}: la foto fue sustituida",
    "altered.signature": "{place}: el trazo de la firma ha cambiado",
    "altered.drawing": "{place}: algo fue dibujado, movido o borrado",
    "altered.missing": "{place}: «{expected}» ha desaparecido",
    "altered.added": "{place}: «{found}» fue añadido",
    "altered.page_removed": "{place}: página retirada",
    "altered.page_added": "{place}: página añadida",
    "altered.page_moved": "{place}: página movida",
    "altered.page_shape": "{place}: tamaño, encuadre o giro de la página cambiado",
    "altered.annotation": (
        "{place}: anotación o enlace modificado (antes: {expected}, ahora: {found})"
    ),
    "altered.font": (
        "Las fuentes han cambiado: lo que se lee puede diferir de lo que se ve"
    ),
    "altered.behaviour": "Se añadió un formulario, un script o una acción ({found})",
    "altered.attachment": (
        "Adjuntos del PDF modificados (antes: {expected}, ahora: {found})"
    ),
    "altered.metadata": "Propiedad «{place}»: «{found}» en lugar de «{expected}»",
    "altered.data": "Datos adjuntos, {place}: «{found}» en lugar de «{expected}»",
    "altered.seal_missing": "El sello fue retirado",
    "altered.seal_unreadable": "El sello no se puede leer",
    "altered.seal_signature": "La firma del sello no corresponde a sus datos",
    "altered.seal_key": (
        "El sello procede de otra clave ({found} en lugar de {expected})"
    ),
    "altered.seal_other": (
        "El sello no es el registrado ({found} en lugar de {expected})"
    ),
    "altered.rewritten": (
        "Otro programa reescribió el archivo; ningún texto, foto ni trazo difiere"
    ),
    "altered.appended": "Se añadieron datos después del sello ({found})",
    "altered.unreadable": "Este archivo no es un PDF legible",
}

LABELS: Mapping[Language, Mapping[str, str]] = {
    "fr": _FRENCH,
    "en": _ENGLISH,
    "es": _SPANISH,
}
"""Every word of a report; the three tables have the same keys and the same facts."""
