"""Drawing the pages of the visitors' own rooms, with what is wrong in their forms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from aiohttp import web

from azbot.channels.web.languages import preferred
from azbot.channels.web.pages import visit_html
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.visitors.frame import visit_frame
from azbot.forms.kinds import Problem
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.store import Person

STYLES = ("visitors/visitors.css",)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that must be put right before a form is taken (X10).

    Attributes:
        place: name of the field; empty for the form as a whole.
        key: of its sentence.
    """

    place: str
    key: str
    facts: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def told(self, words: Catalogue) -> Told:
        """Return it in words."""
        return Told(self.place, words.t(self.key, **self.facts))


def fault_of(place: str, problem: Problem) -> Fault:
    """Return why an answer cannot be taken, next to its field."""
    return Fault(place, f"error.{problem.code}", problem.facts)


@dataclass(frozen=True, slots=True)
class Told:
    """A fault as the page shows it."""

    place: str
    text: str


def words_for(request: web.Request, person: Person | None = None) -> Catalogue:
    """Return the words of somebody, or those their browser prefers."""
    if person is not None:
        return catalogue(person.language)
    return catalogue(preferred(request.headers.get("Accept-Language", "")))


class VisitPages:
    """Draws pages; a page with faults keeps every value and says what to repair."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    def draw(
        self,
        request: web.Request,
        name: str,
        /,
        *,
        person: Person | None = None,
        language: str = "",
        faults: Sequence[Fault] = (),
        status: int = 0,
        scripts: tuple[str, ...] = (),
        **context: object,
    ) -> web.Response:
        """Return a page.

        Args:
            request: asks for it.
            name: of the template below ``templates/web/visitors``.
            person: who is signed in; None: nobody is known.
            language: of who is known without being signed in.
            faults: what is wrong with the form.
            status: by default 200, and 422 with faults.
            scripts: modules by name.
            context: what the template needs.
        """
        words = catalogue(language) if language else words_for(request, person)
        page = self._deps.pages.part(
            f"visitors/{name}",
            words.language,
            frame=visit_frame(request, styles=STYLES, scripts=scripts),
            me=person,
            faults=[each.told(words) for each in faults],
            **context,
        )
        return visit_html(page, words.language, status or (422 if faults else 200))
