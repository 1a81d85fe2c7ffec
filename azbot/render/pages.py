"""Pages for people, from ``templates/web``: complete HTML documents, no script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.render.compiled import Compiled
from azbot.render.voice import Lists, Voice

_COMPILED = Compiled()


@dataclass(frozen=True, slots=True)
class Look:
    """How pages show the desk.

    Attributes:
        name: of the desk, at the top of each page.
        logo: address of its picture, empty: the letters « az » stand there.
        style: address of the stylesheet with its colours, empty: azbot's own.
        is_trial: nothing leaves: every page says so.
    """

    name: str
    logo: str = ""
    style: str = ""
    is_trial: bool = False


class Pages:
    """Draws pages. Safe to share between threads.

    Every value is escaped; a name a template does not know is an error. Templates
    are compiled at their first use and kept.
    """

    def __init__(
        self,
        templates: Path,
        look: Callable[[], Look],
        words: Callable[[str], Catalogue] = catalogue,
        lists: Lists = dict,
    ) -> None:
        """Make a renderer of pages.

        Args:
            templates: the folder that holds ``web/``.
            look: gives how the desk shows itself now.
            words: gives the catalogue of a language; strict in tests.
            lists: gives the lists an administrator changed, by name.
        """
        self._look = look
        self._words = words
        self._lists = lists
        self._environment = Environment(
            loader=FileSystemLoader(templates / "web"),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=_COMPILED,
        )

    def page(self, name: str, language: str, /, **context: object) -> str:
        """Return a complete HTML document.

        Args:
            name: folder below ``templates/web``; its ``page.html.j2`` is drawn.
            language: ``fr``, ``en`` or ``es``.
            context: what the template needs.
        """
        return self.part(f"{name}/page", language, **context)

    def part(self, name: str, language: str, /, **context: object) -> str:
        """Return a part of a page, for scripts that renew it alone.

        Args:
            name: of the template below ``templates/web``, without its ending.
            language: ``fr``, ``en`` or ``es``.
            context: what the template needs.
        """
        voice, look = Voice(self._words(language), self._lists), self._look()
        template = self._environment.get_template(f"{name}.html.j2")
        return template.render(
            say=voice,
            t=voice.t,
            language=language,
            desk=look.name,
            look=look,
            **context,
        )

    @property
    def desk(self) -> str:
        """The present name of the desk."""
        return self._look().name
