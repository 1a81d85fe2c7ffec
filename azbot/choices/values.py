"""The choices in force as one frozen value, made of the file and of stored rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from azbot.choices.lists import STARTERS, Entry, entry_from, list_in_force
from azbot.choices.rules import rules_of
from azbot.choices.texts import Texts, catalogue_with
from azbot.config import BrandSettings, WorkflowSettings
from azbot.forms.kinds import NO_LISTS, Lists
from azbot.i18n.catalogue import Catalogue
from azbot.render import Brand
from azbot.workflow.deadlines import Rules

PREFIX = "choice."
"""Begins the name of each choice among the store's named values."""

FIXED = frozenset({"country", "zone"})
"""Keys of ``[workflow]`` an installation is born with: references and hours kept
since then would change their meaning."""


@dataclass(frozen=True, slots=True)
class FromFile:
    """What counts where nobody chose.

    Attributes:
        brand: without logo, which only an administrator gives.
        public_url: base of the logo's address in mails, empty without pages.
    """

    workflow: WorkflowSettings
    brand: Brand
    public_url: str = ""


@dataclass(frozen=True, slots=True)
class Logo:
    """The picture of the desk.

    Attributes:
        digest: SHA-256 of its octets, their name among the blobs.
        media_type: ``image/png`` or ``image/jpeg``.
        name: of the file it came from.
    """

    digest: str
    media_type: str
    name: str = ""

    @property
    def path(self) -> str:
        """Where the web serves it; another picture has another address."""
        ending = "jpg" if self.media_type == "image/jpeg" else "png"
        return f"/brand/{self.digest}.{ending}"


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything an administrator may choose, as it is now.

    Attributes:
        workflow: delays and hours.
        rules: the same for the workflow, with the lists.
        brand: for mails and pages.
        logo: None while there is none.
        lists: those that were changed; every other is as delivered.
        texts: sentences of mails that were replaced.
        chosen: the stored values by name, ``workflow.answer_hours``.
        unfit: names that were chosen and no longer go with the file: they do not
            count until somebody chooses again.
    """

    workflow: WorkflowSettings
    rules: Rules
    brand: Brand
    logo: Logo | None = None
    lists: Lists = field(default_factory=lambda: NO_LISTS)
    texts: Texts = field(default_factory=dict)
    chosen: Mapping[str, object] = field(default_factory=dict)
    unfit: tuple[str, ...] = ()

    def words(self, language: str) -> Catalogue:
        """Return the words of mails in a language."""
        return catalogue_with(language, self.texts)


def read(raw: Mapping[str, str], file: FromFile) -> Choices:
    """Return the choices in force.

    Args:
        raw: JSON by name, the names without ``PREFIX``.
        file: what counts where nobody chose.
    """
    chosen = {name: json.loads(value) for name, value in raw.items()}
    workflow, unfit = _workflow(chosen, file.workflow)
    lists = lists_of(chosen)
    logo = _logo(chosen.get("brand.logo"))
    brand, unfit_brand = _brand(chosen, file)
    if logo is not None and file.public_url:
        brand = replace(brand, logo_url=f"{file.public_url}{logo.path}")
    return Choices(
        workflow=workflow,
        rules=rules_of(workflow, lists),
        brand=brand,
        logo=logo,
        lists=lists,
        texts=_texts(chosen),
        chosen=chosen,
        unfit=(*unfit, *unfit_brand),
    )


def lists_of(chosen: Mapping[str, object]) -> Lists:
    """Return the lists somebody changed, from all values by name."""
    entries: dict[str, dict[str, Entry]] = {}
    for name, value in sorted(chosen.items(), key=_place):
        area, _, rest = name.partition(".")
        listed, _, key = rest.partition(".")
        if area == "list" and listed in STARTERS and isinstance(value, Mapping):
            entries.setdefault(listed, {})[key] = entry_from(value)
    return {name: list_in_force(name, found) for name, found in entries.items()}


def _place(named: tuple[str, object]) -> tuple[int, str]:
    """New entries stand in the order they were added in."""
    name, value = named
    rank = value.get("rank") if isinstance(value, Mapping) else None
    return (rank if isinstance(rank, int) else 0, name)


def _below(chosen: Mapping[str, object], area: str) -> dict[str, object]:
    prefix = f"{area}."
    return {
        name.removeprefix(prefix): value
        for name, value in chosen.items()
        if name.startswith(prefix)
    }


def _workflow(
    chosen: Mapping[str, object], file: WorkflowSettings
) -> tuple[WorkflowSettings, Iterable[str]]:
    """The file may change below a choice that went with the former one."""
    known = WorkflowSettings.model_fields.keys() - FIXED
    own = {k: v for k, v in _below(chosen, "workflow").items() if k in known}
    if not own:
        return file, ()
    try:
        table = {**file.model_dump(mode="json"), **own}
        return WorkflowSettings.model_validate(table), ()
    except ValidationError:
        return file, (f"workflow.{key}" for key in own)


def _brand(chosen: Mapping[str, object], file: FromFile) -> tuple[Brand, Iterable[str]]:
    own = _below(chosen, "brand")
    known = BrandSettings.model_fields
    own = {key: value for key, value in own.items() if key in known}
    if not own:
        return file.brand, ()
    try:
        given = {key: getattr(file.brand, key) for key in known}
        found = BrandSettings.model_validate({**given, **own})
    except ValidationError:
        return file.brand, (f"brand.{key}" for key in own)
    return replace(file.brand, **found.model_dump()), ()


def _logo(value: object) -> Logo | None:
    if not isinstance(value, Mapping):
        return None
    return Logo(
        digest=str(value["digest"]),
        media_type=str(value["media_type"]),
        name=str(value.get("name", "")),
    )


def _texts(chosen: Mapping[str, object]) -> Texts:
    texts: dict[str, dict[str, tuple[str, ...]]] = {}
    for name, value in _below(chosen, "mail").items():
        language, _, key = name.partition(".")
        if isinstance(value, list):
            texts.setdefault(language, {})[key] = tuple(map(str, value))
    return texts
