"""The mails of ``azbot.render.samples``, written strictly: nothing may be missing."""

from __future__ import annotations

from azbot.i18n.catalogue import strict_catalogue
from azbot.render import Brand, Renderer, Words
from azbot.render.samples import SAMPLES, Sample, links_for, reader_of, sample
from azbot.resources import data_dir

__all__ = [
    "BRAND",
    "LANGUAGES",
    "SAMPLES",
    "Sample",
    "a_renderer",
    "links_for",
    "reader_of",
    "sample",
    "write",
]

LANGUAGES = ("fr", "en", "es")

BRAND = Brand(
    name="Support technique",
    organisation="Regulia Confort",
    address="support@regulia.example",
    colour="#0b5c86",
    privacy_controller="Regulia Confort SAS",
)


def a_renderer(brand: Brand = BRAND) -> Renderer:
    """Return a renderer that raises on any missing word or fact."""
    return Renderer(data_dir("templates"), brand, strict_catalogue)


def write(one: Sample, language: str, renderer: Renderer | None = None) -> Words:
    """Write the mail of a sample."""
    return (renderer or a_renderer()).mail(
        one.kind, one.all_facts, reader_of(one, language), links_for(one)
    )
