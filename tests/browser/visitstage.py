"""Visits under way at a running desk, and the phones of their stations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, ViewportSize

from azbot.desk import Draft
from azbot.messages import Trust
from azbot.tokens import Purpose, issue_link
from azbot.workflow import commands as c
from azbot.workflow.decision import Recorded
from azbot.workflow.model import Actor, Assistance, AssistanceRef, Intervention, Role
from tests.browser.inboxdesk import CLIENT, InboxDesk
from tests.webdesk import REQUEST

PHONE = ViewportSize(width=390, height=844)


@dataclass(frozen=True)
class Visit:
    """One visit of the station of a desk.

    Attributes:
        link: what the mail to the station leads to.
        url: the form.
    """

    desk: InboxDesk
    ref: AssistanceRef
    link: str
    number: int = 1

    @property
    def url(self) -> str:
        return f"{self.desk.address}/missions/{self.ref}/visits/{self.number}"

    @property
    def it(self) -> Assistance:
        return self.desk.write(lambda uow: uow.assistances.by_ref(self.ref))

    @property
    def now(self) -> Intervention:
        visit = self.it.intervention(self.number)
        assert visit is not None
        return visit

    @property
    def history(self) -> list[Recorded]:
        key = self.it.id
        return list(self.desk.write(lambda uow: uow.events.of(key)))

    @property
    def station(self) -> Actor:
        it = self.desk.station
        return Actor(Role.STATION, None, it.company, Trust.PROVEN, "web", it.id)

    def held_by(self, context: BrowserContext) -> None:
        """Let a browser hold the link of the mail."""
        context.request.get(self.desk.address + self.link, max_redirects=0)

    def opened(self, page: Page) -> Page:
        """Open the form and wait until its scripts have drawn it."""
        self.held_by(page.context)
        page.goto(self.url)
        page.wait_for_selector("body[data-ready]")
        return page


def visit_of(desk: InboxDesk, *, is_arrived: bool = True, **answers: object) -> Visit:
    """Bring a new assistance to its first visit."""
    it = desk.write(lambda uow: uow.assistances.by_ref(desk.refs["new"]))
    client = Actor(Role.CLIENT, it.requester, CLIENT[0], Trust.PROVEN, "email")
    request = Draft({**REQUEST, **answers}, CLIENT[1], text="La zone salon est froide.")
    ref = desk.run(desk.app.desk.open(request, client)).assistance.ref
    desk.do(
        ref, c.AssignStation(desk.station, "par téléphone"), by=desk.actor("camille")
    )
    start = desk.app.clock.now().replace(minute=0, second=0, microsecond=0)
    contacts = desk.write(lambda uow: uow.people.station_contacts(desk.station.id))
    until = desk.app.clock.now() + timedelta(days=30)
    made = desk.write(lambda uow: uow.assistances.by_ref(ref))
    token = issue_link(
        desk.app.door.keyring, Purpose.LINK, made.id, contacts[0].id, until
    )
    visit = Visit(desk, ref, f"/a/{token}")
    desk.do(
        ref,
        c.AcceptMission(),
        c.ScheduleIntervention(start + timedelta(hours=1)),
        by=visit.station,
    )
    if is_arrived:
        desk.do(ref, c.ArriveOnSite(1), by=visit.station)
    return visit
