"""The page of one assistance as a value, made from the state and its reader."""

from __future__ import annotations

from dataclasses import dataclass

from azbot.channels.web.portal.blocks import (
    AMENDED_WHILE,
    Block,
    StationTab,
    request_blocks,
    station_tab,
)
from azbot.channels.web.portal.next_step import Card, card_of
from azbot.channels.web.portal.papers import Paper, papers_of
from azbot.channels.web.portal.past import Line, past_of
from azbot.channels.web.portal.scene import Scene, documents_of
from azbot.channels.web.portal.steps import Step, steps_of
from azbot.channels.web.portal.talk import Talk, talk_of, unread_of
from azbot.channels.web.portal.visits import VisitsTab, visits_tab
from azbot.i18n import formats


@dataclass(frozen=True, slots=True)
class Tab:
    """One of the tabs.

    Attributes:
        count: how many there are of what it holds; 0 is not shown.
        unread: numbers of what is new in it, for the browser to remember.
    """

    name: str
    label: str
    url: str
    is_here: bool
    count: int = 0
    unread: tuple[int, ...] = ()
    told: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for.

    Attributes:
        tab: one of ``scene.TABS``.
        visit: number of the visit that is shown, 0 for the newest.
        oldest_first: how the history is sorted.
    """

    tab: str = "request"
    visit: int = 0
    oldest_first: bool = False


@dataclass(frozen=True, slots=True)
class PortalPage:
    """Everything the page shows; of the tabs, the one that is open.

    Attributes:
        seen: number of the newest line of the history it knows.
        once: names a press of what is on the page as it stands (X19).
        may_write: whether there is a message bar.
        cancel: label of the way to cancel; empty: there is none.
    """

    ref: str
    base: str
    title: str
    place: str
    own_number: str
    status: str
    status_label: str
    card: Card
    steps: tuple[Step, ...]
    tabs: tuple[Tab, ...]
    tab: str
    tab_label: str
    seen: int
    once: str
    may_write: bool
    is_preview: bool
    sees_all: bool
    cancel: str = ""
    blocks: tuple[Block, ...] = ()
    station: StationTab | None = None
    visits: VisitsTab | None = None
    papers: tuple[Paper, ...] = ()
    past: tuple[Line, ...] = ()
    oldest_first: bool = False
    talk: Talk | None = None


def page_of(scene: Scene, asked: Asked) -> PortalPage:
    """Return the page with one tab open; the first one for a tab that is not theirs."""
    it, words = scene.it, scene.words
    tab = asked.tab if asked.tab in scene.tabs else scene.tabs[0]
    return PortalPage(
        ref=it.ref,
        base=scene.base,
        title=words.t(f"service.{it.service.value}")
        if it.service
        else words.t("web.status.untitled"),
        place=formats.address_line(
            it.answer("address"), it.answer("postcode"), it.answer("town")
        ),
        own_number=it.answer("own_number") if scene.sees_all else "",
        status=it.status.value,
        status_label=words.t(f"status.{it.status.value}"),
        card=card_of(scene),
        steps=steps_of(scene),
        tabs=tuple(_tab(scene, name, tab) for name in scene.tabs),
        tab=tab,
        tab_label=scene.t(f"tab.{tab}"),
        seen=scene.seen,
        once=f"seen-{scene.seen:06d}",
        may_write=not scene.is_preview and it.merged_into is None,
        is_preview=scene.is_preview,
        sees_all=scene.sees_all,
        cancel=_cancel(scene),
        blocks=request_blocks(scene) if tab == "request" else (),
        station=station_tab(scene) if tab == "station" else None,
        visits=visits_tab(scene, asked.visit) if tab == "visits" else None,
        papers=papers_of(scene) if tab == "documents" else (),
        past=past_of(scene, oldest_first=asked.oldest_first)
        if tab == "history"
        else (),
        oldest_first=asked.oldest_first,
        talk=talk_of(scene) if tab == "messages" else None,
    )


def _tab(scene: Scene, name: str, here: str) -> Tab:
    is_first = name == scene.tabs[0]
    count = 0
    unread: tuple[int, ...] = ()
    match name:
        case "visits":
            count = len(scene.it.interventions)
        case "documents":
            count = len(documents_of(scene))
        case "messages":
            unread = unread_of(scene)
            count = len(unread)
        case _:
            pass
    return Tab(
        name=name,
        label=scene.t(f"tab.{name}"),
        url=scene.base if is_first else scene.url(name),
        is_here=name == here,
        count=count,
        unread=unread,
        told=scene.t(f"tab.{name}.count", count=count) if count else "",
    )


def _cancel(scene: Scene) -> str:
    """Return what cancelling is called now: alone, or by the desk (R151)."""
    it = scene.it
    if not scene.may_act or not it.is_open or it.cancellation_asked:
        return ""
    return scene.t("cancel" if it.status in AMENDED_WHILE else "cancel.ask")
