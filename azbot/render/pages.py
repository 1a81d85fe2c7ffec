"""Pages for people, from ``templates/web``: complete HTML documents, no script."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.render.voice import Voice


class Pages:
    """Draws pages. Safe to share between threads.

    Every value is escaped; a name a template does not know is an error. Templates
    are compiled at their first use and kept.
    """

    def __init__(
        self,
        templates: Path,
        name: str,
        words: Callable[[str], Catalogue] = catalogue,
    ) -> None:
        """Make a renderer of pages.

        Args:
            templates: the folder that holds ``web/``.
            name: of the desk, at the top of each page.
            words: gives the catalogue of a language; strict in tests.
        """
        self._words = words
        self._environment = Environment(
            loader=FileSystemLoader(templates / "web"),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.globals["desk"] = name

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
        voice = Voice(self._words(language))
        template = self._environment.get_template(f"{name}.html.j2")
        return template.render(say=voice, t=voice.t, language=language, **context)
