"""Twelve lives at once: an inbox in the middle of a week (ux.md 11.1).

Every status, a late one, a follow-up to approve, a refusal, a closed one with its
report, a sender who is not verified, a mail that did not arrive, notes and files.
People, companies and places of work are fictional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from azbot.channels.email.correspondent import Correspondent, File
from azbot.demo.canned import canned_answers
from azbot.demo.director import PARIS, Director, Life, Team, directed
from azbot.demo.photos import photo
from azbot.demo.stage import Stage
from azbot.demo.story import ORDER
from azbot.messages import Trust
from azbot.store import NewPerson, Person, PersonKind, StationEntry, UnitOfWork
from azbot.store.accounts import Account
from azbot.workflow import commands as c
from azbot.workflow.model import Actor, Role, Signatory

_WORKDAYS = 16
"""How long before the end the first life begins."""

_STATIONS = (
    ("Clim Azur Maintenance", "sav@clim-azur.example", "+33199002160",
     ("06", "83", "13", "84"), "plancher chauffant, radiateurs"),
    ("Thermie Île-de-France", "missions@thermie-idf.example", "+33199003312",
     ("75", "77", "78", "91", "92", "93", "94", "95"),
     "supervision, Mitsubishi Electric"),
)  # fmt: skip
_CLIENTS = (
    ("Julien Perrin", "j.perrin@bati-confort.example", "Bâti Confort Lyon",
     "+33639984107", "installer"),
    ("Nadia Haddad", "n.haddad@azur-genie-clim.example", "Azur Génie Clim",
     "+33639985526", "installer"),
    ("Claire Voisin", "c.voisin@atelier-voisin.example", "Atelier Thermique Voisin",
     "+33639987340", "distributor"),
)  # fmt: skip
_AGENTS = (
    ("Malik Roussel", "m.roussel@sav.example"),
    ("Inès Fabre", "i.fabre@sav.example"),
)
_STRANGER = ("Régis Chevalier", "r.chevalier@moe-ouest.example")


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays."""

    julien: Correspondent
    nadia: Correspondent
    claire: Correspondent
    stranger: Correspondent
    rhone: Team
    azur: Team
    seine: Team
    camille: Actor
    malik: Actor
    ines: Actor


async def seed(stage: Stage, until: datetime) -> Cast:
    """Play the twelve lives into the store of a stage, up to an instant.

    Nothing else may work on the store meanwhile.

    Args:
        stage: its people are there; its own mailbox stays as it is.
        until: present of the inbox, aware.

    Returns:
        who played; the agents among them have accounts.
    """
    settings, store = stage.app.settings, stage.app.store
    director = await directed(settings, store, until, _WORKDAYS)
    cast = await store.write(lambda uow: _cast(uow, stage, director))
    await director.play(Lives(director, cast).all)
    return cast


class Lives:
    """What happens to each of the twelve."""

    def __init__(self, director: Director, cast: Cast) -> None:
        self._director = director
        self._cast = cast

    @property
    def all(self) -> tuple[Life, ...]:
        """Every life, the oldest first."""
        return (
            self.closed(),
            self.done(),
            self.late(),
            self.to_approve(),
            self.silent(),
            self.waiting(),
            self.cancelled(),
            self.refused(),
            self.planned(),
            self.completed(),
            self.assigned(),
            self.fresh(),
        )

    async def closed(self) -> Life:
        """Commissioned, reported, closed by the client's yes."""
        on, cast = self._director, self._cast
        yield on.workday(16, "09:12")
        it = await on.opens(
            cast.julien,
            "Mise en service rue Garibaldi",
            "Bonjour,\n\nLa pose est terminée au 214 rue Garibaldi, 69003 Lyon : merci "
            "de prévoir la mise en service, 6 thermostats, unité Daikin.\n"
            "Système : multizone gainable\nNombre de systèmes : 1\n"
            "Sur place : Hugo Lambert, 06 39 98 41 10.\n"
            "Le bon de commande est joint.\n\nCordialement,\nJulien Perrin",
            _order("bon-de-commande-7731.pdf"),
        )
        yield on.workday(16, "09:40")
        on.answers(it, "OUI")
        yield on.workday(16, "11:05")
        await on.does(
            it,
            cast.camille,
            _taken_by(cast.camille),
            c.AssignStation(cast.rhone.station),
        )
        yield on.workday(16, "15:30")
        on.answers(it, f"OUI, {_day(on.workday(12, '09:30'))}", by=cast.rhone.mail)
        yield on.workday(12, "09:30")
        await on.visit(
            it,
            cast.rhone,
            _signs("Hugo Lambert", "Anne Guichard", "Karim Benali"),
            distance_km="12",
            action_notes="Débits équilibrés, six zones appairées et nommées.",
            solved=True,
        )
        yield on.workday(11, "08:50")
        on.answers(it, "Oui, tout fonctionne. Merci.")

    async def done(self) -> Life:
        """Repaired; the client has not said yet whether it may be closed."""
        on, cast = self._director, self._cast
        yield on.workday(13, "10:20")
        it = await on.opens(
            cast.nadia,
            "Panne de régulation à Nice",
            "Bonjour,\n\nDépannage hors garantie : la régulation ne répond plus depuis "
            "lundi au 27 avenue Borriglione, 06100 Nice.\n"
            "Sur place : Paul Ferrero, 06 39 98 55 31.\n"
            "Système : plancher chauffant\nNombre de systèmes : 1\n"
            "Nombre de thermostats : 5\nFabricant : Hitachi\n"
            "Numéro de série du webserveur : WS-20417\n\nNadia Haddad",
            _order("devis-accepte-2088.pdf"),
        )
        yield on.workday(13, "11:02")
        await on.does(
            it,
            cast.malik,
            c.AddMessage(
                "Bonjour Nadia,\n\nBien reçu. Une station vous appelle dans la journée "
                "pour convenir d’une date.\n\nMalik"
            ),
            _taken_by(cast.malik),
            c.SetTags(("panne bloquante",)),
            c.AssignStation(cast.azur.station, "Panne bloquante, devis accepté."),
        )
        yield on.workday(12, "09:15")
        on.answers(it, f"OUI, {_day(on.workday(3, '14:00'))}", by=cast.azur.mail)
        yield on.workday(3, "14:00")
        await on.visit(
            it,
            cast.azur,
            _signs("Nadia Haddad", "Paul Ferrero", "Marco Rinaldi"),
            distance_km="9",
            action_notes="Passerelle remplacée, paramètres restaurés.",
            solved=True,
        )

    async def late(self) -> Life:
        """Complete, and nobody has answered for days; the client insists."""
        on, cast = self._director, self._cast
        yield on.workday(6, "16:48")
        it = await on.opens(
            cast.julien,
            "Incident garantie à Villeurbanne",
            "Bonjour,\n\nIncident sous garantie au 9 rue du Docteur Ollier, "
            "69100 Villeurbanne : deux zones sur quatre ne chauffent plus.\n"
            "Sur place : Lucie Morel, 06 39 98 42 77.\n"
            "Système : multizone gainable\nNombre de systèmes : 1\n"
            "Nombre de thermostats : 4\nFabricant : Daikin\n"
            "Numéro de série du webserveur : WS-21962\n\nJulien Perrin",
        )
        yield on.workday(5, "09:20")
        await on.does(
            it,
            cast.ines,
            c.SetTags(("récidive",)),
            c.AddNote(
                "Site déjà vu en janvier : le défaut venait de l’alimentation du bus. "
                "Vérifier avant d’envoyer quelqu’un."
            ),
        )
        yield on.workday(2, "08:31")
        on.answers(
            it,
            "Bonjour,\n\nToujours sans nouvelle. Les occupants ont froid, pouvez-vous "
            "me donner une date ?\n\nJulien",
        )

    async def to_approve(self) -> Life:
        """A first visit that was not enough: the next one waits for the desk."""
        on, cast = self._director, self._cast
        yield on.workday(10, "14:05")
        it = await on.opens(
            cast.claire,
            "Mise en service résidence Vaneau",
            "Bonjour,\n\nMise en service à prévoir au 31 rue Vaneau, 75007 Paris : "
            "12 thermostats, unités Mitsubishi Electric.\n"
            "Système : plancher chauffant\nNombre de systèmes : 2\n"
            "Sur place : Denis Aubry, 06 39 98 73 52.\n\nClaire Voisin",
            _order("commande-A-1187.pdf"),
        )
        yield on.workday(10, "15:10")
        on.answers(it, "OUI")
        yield on.workday(9, "09:30")
        await on.does(
            it,
            cast.camille,
            _taken_by(cast.camille),
            c.AssignStation(cast.seine.station),
        )
        yield on.workday(9, "17:20")
        on.answers(it, f"OUI, {_day(on.workday(4, '10:00'))}", by=cast.seine.mail)
        yield on.workday(4, "10:00")
        next_at = on.workday(-4, "09:00").astimezone(PARIS)
        await on.visit(
            it,
            cast.seine,
            _signs("Denis Aubry", "Syndic Vaneau", "Élise Caron"),
            distance_km="21",
            action_notes="Collecteur du deuxième étage à raccorder par l’installateur.",
            solved=False,
            next_visit=True,
            next_visit_at=f"{next_at:%Y-%m-%dT%H:%M}",
        )
        yield on.workday(3, "09:05")
        await on.does(
            it,
            cast.camille,
            c.AddNote(
                "Attendre la confirmation du plombier avant de valider la suite."
            ),
        )

    async def silent(self) -> Life:
        """The station has said nothing, after two reminders."""
        on, cast = self._director, self._cast
        yield on.workday(8, "08:40")
        it = await on.opens(
            cast.nadia,
            "Marquage sur site à Cannes",
            "Bonjour,\n\nMarquage sur site avant travaux au 5 boulevard Carnot, "
            "06400 Cannes, villa de 8 thermostats.\nSystème : multizone gainable\n"
            "Nombre de systèmes : 1\nFabricant : Hitachi\n"
            "Sur place : Rose Delmas, 06 39 98 56 08.\n\nNadia",
            _order("commande-cannes.pdf"),
        )
        yield on.workday(8, "09:02")
        on.answers(it, "OUI")
        yield on.workday(8, "11:45")
        await on.does(
            it,
            cast.malik,
            _taken_by(cast.malik),
            c.AssignStation(cast.azur.station),
        )

    async def waiting(self) -> Life:
        """The desk has asked for what is missing."""
        on, cast = self._director, self._cast
        yield on.workday(4, "11:16")
        it = await on.opens(
            cast.nadia,
            "Mise en service Marseille",
            "Bonjour,\n\nMise en service au 118 avenue du Prado, 13008 Marseille : "
            "4 thermostats, unité Toshiba.\nSystème : multizone gainable\n"
            "Nombre de systèmes : 1\n"
            "Sur place : Samir Nouri, 06 39 98 56 90.\n\nNadia Haddad",
        )
        yield on.workday(4, "11:40")
        on.answers(it, "OUI")
        yield on.workday(3, "10:10")
        await on.does(
            it,
            cast.ines,
            _taken_by(cast.ines),
            c.AskComplement(
                "Merci de joindre le bon de commande et une photo lisible de la "
                "plaque de l’unité intérieure.",
                ("order_proof", "photo"),
            ),
        )

    async def cancelled(self) -> Life:
        """The works were stopped."""
        on, cast = self._director, self._cast
        yield on.workday(7, "13:55")
        it = await on.opens(
            cast.claire,
            "Mise en service Boulogne",
            "Bonjour,\n\nMise en service au 60 rue de Paris, 92100 "
            "Boulogne-Billancourt, 3 thermostats, unité LG.\n"
            "Système : multizone gainable\n"
            "Nombre de systèmes : 1\nSur place : Yann Le Goff, 06 39 98 74 16.\n\n"
            "Claire Voisin",
        )
        yield on.workday(5, "10:30")
        on.answers(
            it,
            "Bonjour,\n\nLe chantier est arrêté, le client renonce. Vous pouvez "
            "annuler la demande.\n\nClaire",
        )
        yield on.workday(5, "11:12")
        await on.does(
            it, cast.camille, c.CancelAssistance("Chantier arrêté par le client.")
        )

    async def refused(self) -> Life:
        """The station has declined; another one must be found."""
        on, cast = self._director, self._cast
        yield on.workday(3, "09:25")
        it = await on.opens(
            cast.julien,
            "Panne à Grenoble, sous garantie",
            "Bonjour,\n\nIncident couvert par la garantie au 17 cours Berriat, "
            "38000 Grenoble : plus aucune communication avec la passerelle.\n"
            "Sur place : Théo Masson, 06 39 98 43 29.\n"
            "Système : multizone gainable\nNombre de systèmes : 1\n"
            "Nombre de thermostats : 6\nFabricant : Daikin\n"
            "Numéro de série du webserveur : WS-22308\n\nJulien Perrin",
        )
        yield on.workday(3, "10:15")
        await on.does(it, cast.malik, c.AssignStation(cast.rhone.station))
        yield on.workday(1, "16:20")
        on.answers(
            it,
            "Non, indisponible : notre technicien est en arrêt jusqu’à la fin du mois.",
            by=cast.rhone.mail,
        )

    async def planned(self) -> Life:
        """A visit next week; the mail to the contact on site did not arrive."""
        on, cast = self._director, self._cast
        yield on.workday(5, "15:02")
        it = await on.opens(
            cast.julien,
            "Mise en service à Bourg-en-Bresse",
            "Bonjour,\n\nMise en service au 3 rue Bichat, 01000 Bourg-en-Bresse : "
            "5 thermostats, unité Daikin.\nSystème : multizone gainable\n"
            "Nombre de systèmes : 1\n"
            "Sur place : Odile Perret, 06 39 98 44 63, "
            "o.perret@scierie-perret.example\n\nJulien Perrin",
            _order("bon-de-commande-7802.pdf"),
        )
        yield on.workday(5, "15:30")
        on.answers(it, "OUI")
        yield on.workday(4, "09:10")
        await on.does(
            it,
            cast.camille,
            _taken_by(cast.camille),
            c.SetTags(("prioritaire",)),
            c.AssignStation(cast.rhone.station),
        )
        yield on.workday(2, "11:35")
        on.bounces("o.perret@scierie-perret.example", "550 5.1.1 User unknown")
        on.answers(it, f"OUI, {_day(on.workday(-3, '13:30'))}", by=cast.rhone.mail)
        yield on.workday(1, "17:05")
        cast.stranger.answer(
            "Bonjour,\n\nJe reprends le dossier pour le maître d’ouvrage. Merci "
            "d’avancer la visite à lundi matin.\n\nR. Chevalier",
            on.clock.now(),
            letter=on.newest(it, cast.julien),
        )

    async def completed(self) -> Life:
        """What was missing has come: a photo and the order."""
        on, cast = self._director, self._cast
        yield on.workday(3, "14:18")
        it = await on.opens(
            cast.claire,
            "Mise en service à Créteil",
            "Bonjour,\n\nMise en service au 8 rue Juliette Savar, 94000 Créteil : "
            "7 thermostats, unité Atlantic.\nSystème : radiateurs\n"
            "Nombre de systèmes : 1\n"
            "Sur place : Marc Vidal, 06 39 98 75 44.\n\nClaire Voisin",
        )
        yield on.workday(2, "09:45")
        await on.does(
            it,
            cast.camille,
            c.AskComplement(
                "Il manque le bon de commande. Une photo du tableau électrique "
                "nous aiderait aussi.",
                ("order_proof",),
            ),
        )
        yield on.ago(hours=3, minutes=10)
        on.answers(
            it,
            "Bonjour Camille,\n\nVoici le bon de commande et la photo demandée.\n\n"
            "Bonne journée,\nClaire",
            _order("commande-A-1203.pdf"),
            ("tableau-electrique.jpg", "image/jpeg", photo(2)),
        )

    async def assigned(self) -> Life:
        """Given to a station this morning."""
        on, cast = self._director, self._cast
        yield on.workday(1, "15:40")
        it = await on.opens(
            cast.claire,
            "Incident à Versailles",
            "Bonjour,\n\nIncident sous garantie au 22 rue de la Paroisse, "
            "78000 Versailles : le thermostat du salon affiche une erreur de bus.\n"
            "Sur place : Émilie Roche, 06 39 98 76 21.\n"
            "Système : radiateurs\nNombre de systèmes : 1\n"
            "Nombre de thermostats : 3\nFabricant : Atlantic\n"
            "Numéro de série du webserveur : WS-22571\n\nClaire Voisin",
            ("thermostat.jpg", "image/jpeg", photo(1)),
        )
        yield on.ago(hours=2, minutes=25)
        await on.does(
            it,
            cast.ines,
            _taken_by(cast.ines),
            c.AssignStation(cast.seine.station),
            c.AddMessage(
                "Bonjour Claire,\n\nMerci pour la photo : c’est le câble du bus. "
                "Thermie Île-de-France vous propose une date rapidement.\n\nInès"
            ),
        )

    async def fresh(self) -> Life:
        """Twenty minutes old."""
        on, cast = self._director, self._cast
        yield on.ago(minutes=21)
        await on.opens(
            cast.nadia,
            "Panne à Antibes, plus de climatisation",
            "Bonjour,\n\nDépannage hors garantie urgent au 14 chemin de Saint-Maymes, "
            "06600 Antibes : plus de froid dans la chambre 2 depuis ce matin. Photo "
            "et bon de commande joints.\n"
            "Sur place : Iris Blanchard, 06 39 98 57 12.\n"
            "Système : multizone gainable\nNombre de systèmes : 1\n"
            "Nombre de thermostats : 4\nFabricant : Toshiba\n"
            "Numéro de série du webserveur : WS-19880\n\nNadia Haddad",
            ("chambre-2.jpg", "image/jpeg", photo(3)),
            _order("bon-de-commande-antibes.pdf"),
        )


# --- people ------------------------------------------------------------------------


def _cast(uow: UnitOfWork, stage: Stage, director: Director) -> Cast:
    """Add whoever is not on the stage yet."""
    rhone = StationEntry(stage.station, "gainable, Daikin")
    uow.stations.update(rhone)
    azur, seine = (
        uow.stations.add(
            company, email, phone=phone, zones=zones, speciality=speciality
        )
        for company, email, phone, zones, speciality in _STATIONS
    )
    malik, ines = (
        uow.people.add(NewPerson(PersonKind.AGENT, (email,), name=name))
        for name, email in _AGENTS
    )
    for key, role in (
        (stage.agent.person, Role.AGENT),
        (malik.id, Role.AGENT),
        (ines.id, Role.ADMIN),
    ):
        if key is not None:
            uow.accounts.put(Account(key, role, director.clock.now()))
    for name, email, company, phone, account in _CLIENTS:
        client = NewPerson(
            PersonKind.CLIENT,
            (email,),
            name=name,
            company=company,
            phones=(phone,),
            account_type=account,
            is_verified=True,
        )
        uow.people.add(client)
    for answer in canned_answers(director.clock.now()):
        uow.canned_answers.add(answer)
    julien, nadia, claire = (
        Correspondent(director.mailbox, name, email) for name, email, *_ in _CLIENTS
    )
    return Cast(
        julien=julien,
        nadia=nadia,
        claire=claire,
        stranger=Correspondent(director.mailbox, *_STRANGER),
        rhone=_team(uow, rhone, director),
        azur=_team(uow, azur, director),
        seine=_team(uow, seine, director),
        camille=replace(stage.agent, channel="web"),
        malik=_agent(malik),
        ines=_agent(ines),
    )


def _team(uow: UnitOfWork, entry: StationEntry, director: Director) -> Team:
    station = entry.station
    contact = uow.people.station_contacts(station.id)[0]
    mail = Correspondent(director.mailbox, station.company, station.email)
    actor = Actor(
        Role.STATION, contact.id, station.company, Trust.PROVEN, "web", station.id
    )
    return Team(station, mail, actor)


def _agent(person: Person) -> Actor:
    return Actor(Role.AGENT, person.id, person.name, Trust.STAFF, "web")


def _taken_by(agent: Actor) -> c.ChooseOwner:
    return c.ChooseOwner(agent.person, agent.name)


# --- things ------------------------------------------------------------------------


def _order(name: str) -> File:
    return name, "application/pdf", ORDER


def _signs(installer: str, client: str, station: str) -> Mapping[Signatory, str]:
    return {
        Signatory.INSTALLER: installer,
        Signatory.CLIENT: client,
        Signatory.STATION: station,
    }


def _day(when: datetime) -> str:
    there = when.astimezone(PARIS)
    return f"le {there:%d/%m/%Y} à {there.hour} h {there:%M}"
