"""Drawing the pages of the door and of one's own account."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from azbot.channels.web.frame import door_frame, frame_of
from azbot.channels.web.languages import preferred
from azbot.channels.web.pages import desk_html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.signin.forms import Fault
from azbot.channels.web.staff import staff_of
from azbot.i18n.catalogue import Catalogue, catalogue

PASSKEYS_SCRIPT = "signin/passkeys.js"


def words_for(request: web.Request) -> Catalogue:
    """Return the words of a browser nobody is known by yet."""
    return catalogue(preferred(request.headers.get("Accept-Language", "")))


class SignInPages:
    """Draws pages; a page with faults keeps every value and says what to repair."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def door(
        self,
        request: web.Request,
        name: str,
        /,
        *,
        faults: Sequence[Fault] = (),
        status: int = 0,
        scripts: tuple[str, ...] = (),
        **context: object,
    ) -> web.Response:
        """Return a page for somebody who is not in yet.

        Args:
            request: asks for it.
            name: folder below ``templates/web``.
            faults: what is wrong with the form.
            status: by default 200, and 422 with faults.
            scripts: modules by name.
            context: what the template needs.
        """
        words = words_for(request)
        page = self._deps.pages.page(
            name,
            words.language,
            frame=door_frame(request, scripts=scripts),
            faults=[each.told(words) for each in faults],
            **context,
        )
        return desk_html(page, words.language, status or (422 if faults else 200))

    def room(
        self,
        request: web.Request,
        name: str,
        /,
        *,
        faults: Sequence[Fault] = (),
        status: int = 0,
        scripts: tuple[str, ...] = (),
        **context: object,
    ) -> web.Response:
        """Return a page of somebody's own account; see ``door``."""
        staff = staff_of(request)
        page = self._deps.pages.page(
            name,
            staff.language,
            frame=frame_of(
                request, "account", styles=("signin/signin.css",), scripts=scripts
            ),
            faults=[each.told(staff.words) for each in faults],
            **context,
        )
        return desk_html(page, staff.language, status or (422 if faults else 200))
