"""Whose link a page was opened by, and the way out for whoever it was forwarded to.

Every page that a link alone opens says it (ux.md 7.1): « Vous consultez la demande de
Sophie Martin », « Ce n’est pas moi », « Inviter un collègue ».
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.access import Access, Visitor
from azbot.channels.web.visitors.drawing import VisitPages
from azbot.channels.web.visitors.links import forget
from azbot.workflow.model import AssistanceRef

NOT_ME = "/portal/not-me"


@dataclass(frozen=True, slots=True)
class Whose:
    """What ``visitors/_whose`` draws.

    Attributes:
        text: whose request, or by whose link.
        refuse: address of « Ce n’est pas moi »; empty: a code proved who this is.
        invite: address of « Inviter un collègue »; empty: not theirs to do.
    """

    text: str
    refuse: str = ""
    invite: str = ""


def whose_of(visitor: Visitor) -> Whose:
    """Return whose link a page was opened by."""
    person, t, ref = visitor.person, visitor.words.t, visitor.it.ref
    is_own = person.id == visitor.it.requester
    name = person.name or person.company
    if not name:
        text = t("visitor.whose.nameless")
    else:
        text = t("visitor.whose.own" if is_own else "visitor.whose.link", name=name)
    return Whose(
        text,
        "" if visitor.is_known else f"/portal/{ref}/not-me",
        f"/portal/{ref}/invite" if is_own else "",
    )


class NotMe:
    """Lets a browser forget a link that was somebody else's."""

    def __init__(self, deps: WebDeps, pages: VisitPages) -> None:
        self._access = Access(deps)
        self._pages = pages

    def add_to(self, app: web.Application) -> None:
        """Serve the button and the page after it."""
        app.router.add_get(NOT_ME, self.show)
        app.router.add_post("/portal/{ref}/not-me", self.forget)

    async def forget(self, request: web.Request) -> web.Response:
        """Forget the link, on this browser alone, and explain what to do."""
        response = web.Response(status=303, headers={"Location": NOT_ME})
        forget(request, response, AssistanceRef(request.match_info["ref"]))
        return response

    async def show(self, request: web.Request) -> web.Response:
        """Say how to get an access of one’s own."""
        return self._pages.draw(request, "not_me")
