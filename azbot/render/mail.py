"""Notices → mails: one Jinja2 environment, words of the catalogue, two parts.

A notice has a folder ``templates/mail/<notice>/``: ``subject.txt.j2`` gives the
subject and the preheader, ``body.j2`` what the mail says, once. It is drawn twice,
with the blocks of ``_frame/blocks.txt.j2`` and of ``_frame/blocks.html.j2``, so that
both parts carry the same facts (ux.md M1). A folder may hold ``body.txt.j2`` or
``body.html.j2`` where one part must differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from jinja2 import (
    Environment,
    FunctionLoader,
    StrictUndefined,
    Template,
    TemplateError,
    select_autoescape,
)
from markupsafe import Markup

from azbot.errors import AzbotError
from azbot.i18n.catalogue import Catalogue, MissingWords, catalogue
from azbot.render import fitting
from azbot.render.colours import palette
from azbot.render.compiled import Compiled
from azbot.render.facts import ready
from azbot.render.tellings import Teller
from azbot.render.values import DEFAULT_NAME, Brand, Links, Reader, Words
from azbot.render.voice import Lists
from azbot.workflow.decision import NoticeKind

LARGEST_HTML = 20 * 1024
"""Octets; Gmail cuts copies that add up to 102 KB (ux.md 9.1)."""

# What a wrong fact makes of Jinja2, the catalogue and our own functions: a date that
# is no date, a list that is none.
_UNFIT = (
    TemplateError,
    MissingWords,
    ValueError,
    KeyError,
    AttributeError,
    TypeError,
)

_COMPILED = Compiled()
_FONT = "Arial,Helvetica,sans-serif"

Grouped = Sequence[tuple[NoticeKind, Mapping[str, object]]]


class CannotWrite(AzbotError):
    """A notice cannot be put into words; trying again gives the same.

    Args:
        kind: the notice.
        fault: what is wrong: a fact, a template, a missing translation.
    """

    def __init__(self, kind: NoticeKind, fault: str) -> None:
        super().__init__(f"notice {kind.value}: {fault}")
        self.kind = kind
        self.fault = fault


_LOOK = re.compile(r"\{\{ look\.(\w+) \}\}")


def _reader(root: Path, look: Mapping[str, str]) -> Callable[[str], str | None]:
    """Return what reads ``<notice>/body.html.j2``, or ``body.j2`` in its place.

    ``{{ look.text }}`` and its like are filled in here, once, not with every mail.
    """

    def read(template: str) -> str | None:
        folder, _, name = template.rpartition("/")
        names = [name, "body.j2"] if name.startswith("body.") else [name]
        paths = (root / folder / one for one in names)
        found = next((path for path in paths if path.is_file()), None)
        if found is None:
            return None
        text = found.read_text(encoding="utf-8")
        return _LOOK.sub(lambda named: look[named[1]], text)

    return read


class Renderer:
    """Writes the mails of one desk. Safe to share between threads.

    Templates are compiled at their first use and kept.
    """

    def __init__(
        self,
        templates: Path,
        brand: Brand,
        words: Callable[[str], Catalogue] = catalogue,
        lists: Lists = dict,
    ) -> None:
        """Make a renderer.

        Args:
            templates: the folder that holds ``mail/``.
            brand: whose desk writes.
            words: gives the catalogue of a language; strict in tests.
            lists: gives the lists an administrator changed, by name.

        Raises:
            ValueError: the brand's colour is not ``#rrggbb``.
        """
        self._brand = brand
        self._words = words
        self._lists = lists
        self._voices: dict[str, _Parts] = {}
        look = {"font": _FONT, **palette(brand.colour)}
        self._environment = Environment(
            loader=FunctionLoader(_reader(templates / "mail", look)),
            undefined=StrictUndefined,
            autoescape=select_autoescape(("html.j2",), default=False),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
            bytecode_cache=_COMPILED,
        )
        self._environment.globals.update(
            brand=brand,
            look=look,
            elastic=fitting.elastic,
            first_words=fitting.first_words,
            beginning=fitting.beginning,
        )
        self._environment.filters["paragraphs"] = paragraphs

    def mail(
        self,
        kind: NoticeKind,
        facts: Mapping[str, object],
        reader: Reader,
        links: Links,
        also: Grouped = (),
    ) -> Words:
        """Write one mail.

        Args:
            kind: what it tells; its fact is the subject.
            facts: of the notice, JSON-like.
            reader: for whom.
            links: where its buttons lead.
            also: further notices of the same assistance, told by the same mail.

        Raises:
            CannotWrite: a fact cannot be read, or a template asks for one that
                no notice of this kind carries.
        """
        try:
            return self._mail(kind, facts, reader, links, also)
        except _UNFIT as fault:
            raise CannotWrite(kind, f"{type(fault).__name__}: {fault}") from fault

    def _mail(
        self,
        kind: NoticeKind,
        facts: Mapping[str, object],
        reader: Reader,
        links: Links,
        also: Grouped,
    ) -> Words:
        parts = self._parts(reader.language)
        context = {**parts.facts(kind, facts), "reader": reader, "links": links}
        context["kind"] = kind.value
        subject, preheader = self._subject(parts, kind, context)
        context |= {"headline": subject, "preheader": preheader}
        others = [(one, {**context, **parts.facts(one, more)}) for one, more in also]
        text = self._part(parts.text, "txt", kind, context, others)
        html = self._part(parts.html, "html", kind, context, others)
        if len(html) > LARGEST_HTML * 3 // 4:
            html = self._smaller(html, parts, kind, context, others)
        return Words(subject, preheader, fitting.wrap(text), html)

    def _parts(self, language: str) -> _Parts:
        if language not in self._voices:
            say = Teller(self._words(language), self._lists)
            self._voices[language] = _Parts(self._environment, say, self._brand)
        return self._voices[language]

    def _subject(
        self, parts: _Parts, kind: NoticeKind, context: Mapping[str, object]
    ) -> tuple[str, str]:
        template = self._environment.get_template(f"{kind.value}/subject.txt.j2")
        spoken = template.new_context({**parts.voice, **context})
        subject, preheader = (
            "".join(template.blocks[block](spoken)).strip()
            for block in ("subject", "preheader")
        )
        return (
            fitting.fit_subject(subject, str(context["ref"])),
            fitting.fit_preheader(preheader, parts.filler),
        )

    def _part(
        self,
        names: Mapping[str, object],
        part: str,
        kind: NoticeKind,
        context: Mapping[str, object],
        others: Iterable[tuple[NoticeKind, Mapping[str, object]]],
    ) -> str:
        told = [
            self._told(names, part, one, {**context, **facts}) for one, facts in others
        ]
        template = self._environment.get_template(f"{kind.value}/body.{part}.j2")
        return template.render(names, **context, also=told)

    def _told(
        self,
        names: Mapping[str, object],
        part: str,
        kind: NoticeKind,
        context: Mapping[str, object],
    ) -> tuple[str, str]:
        """Return title and facts of a notice told inside another's mail."""
        template = self._environment.get_template(f"{kind.value}/body.{part}.j2")
        spoken = template.new_context({**names, **context})
        title, facts = (
            "".join(template.blocks[block](spoken)).strip()
            for block in ("title", "facts")
        )
        return (Markup(title), Markup(facts)) if part == "html" else (title, facts)  # noqa: S704

    def _smaller(
        self,
        html: str,
        parts: _Parts,
        kind: NoticeKind,
        context: Mapping[str, object],
        others: Sequence[tuple[NoticeKind, Mapping[str, object]]],
    ) -> str:
        """Shorten long texts in the HTML part until it keeps to its budget.

        The plain part stays complete, and the shortened one says so.
        """
        for longest in (8000, 4000, 2000, 1000, 400, 120):
            if len(html.encode()) <= LARGEST_HTML:
                break
            shorter = _shortened(context, longest, parts.cut)
            rest = [(one, _shortened(more, longest, parts.cut)) for one, more in others]
            html = self._part(parts.html, "html", kind, shorter, rest)
        return html


class _Parts:
    """What templates of one language are given, for either part."""

    def __init__(self, environment: Environment, say: Teller, brand: Brand) -> None:
        self._environment = environment
        self._voice = say
        t = say.t
        name = t("mail.desk") if brand.name == DEFAULT_NAME else brand.name
        signature = t("mail.signature") if brand.name == DEFAULT_NAME else brand.name
        self.voice: Mapping[str, object] = {
            "t": t,
            "say": say,
            "language": say.language,
            "desk_name": name,
            "signature": signature,
        }
        self.filler = t("mail.preheader.filler")
        self.cut = t("mail.cut")

    def facts(self, kind: NoticeKind, facts: Mapping[str, object]) -> dict[str, object]:
        """Return what a template of this kind may ask for."""
        whole = ready(kind, facts)
        return {**whole, **self._voice.common(whole)}

    @cached_property
    def text(self) -> Mapping[str, object]:
        return self._with("txt", "_frame/mail.txt.j2")

    @cached_property
    def html(self) -> Mapping[str, object]:
        return self._with("html", "_frame/mail.html.j2")

    def _with(self, part: str, frame: str) -> Mapping[str, object]:
        blocks: Template = self._environment.get_template(f"_frame/blocks.{part}.j2")
        ui: ModuleType | Any = blocks.make_module(dict(self.voice))
        return {**self.voice, "ui": ui, "frame": frame}


def paragraphs(text: str) -> list[list[str]]:
    """Return the paragraphs of a text, each as its lines."""
    blocks = (block.split("\n") for block in text.split("\n\n"))
    return [[line for line in block if line.strip()] for block in blocks if any(block)]


def _shortened(
    context: Mapping[str, object], longest: int, notice: str
) -> dict[str, object]:
    return {
        key: f"{value[:longest]}{fitting.ELLIPSIS}\n\n{notice}"
        if isinstance(value, str) and len(value) > longest
        else value
        for key, value in context.items()
    }
