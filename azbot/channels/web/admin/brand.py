"""How the desk shows itself: name, company, colour, logo."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from aiohttp import web

from azbot.channels.web.admin.forms import FAULTS, NOTHING, Wrong
from azbot.channels.web.admin.forms import wrong_of as in_words
from azbot.channels.web.admin.previews import framed, written
from azbot.channels.web.admin.room import Room
from azbot.channels.web.directory import Hand
from azbot.channels.web.form import Question
from azbot.channels.web.posted import File, Posted, read_posted
from azbot.choices import Unfit, choose, revert
from azbot.choices.change import choose_logo
from azbot.choices.look import renderer_of
from azbot.config import BrandSettings, checked
from azbot.errors import ConfigError, Problem
from azbot.i18n.catalogue import LANGUAGES
from azbot.media import Picture, PictureError, media_type_of, safe_name, thumbnail
from azbot.render import Brand
from azbot.render.samples import SAMPLES
from azbot.resources import data_dir
from azbot.store import UnitOfWork

LARGEST_LOGO = 200_000
_SIDE = 480
_PICTURES = frozenset({"image/png", "image/jpeg", "image/webp"})
"""Never SVG: it is a program in a picture's clothes."""


class BrandRoom:
    """``/admin/brand``."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def add_to(self, app: web.Application) -> None:
        """Serve the page."""
        app.router.add_get("/admin/brand", self.show)
        app.router.add_post("/admin/brand", self.save)
        app.router.add_post("/admin/brand/logo", self.save_logo)
        app.router.add_get("/admin/brand/preview", self.preview)
        app.router.add_post("/admin/brand/preview", self.preview)

    async def show(self, request: web.Request) -> web.Response:
        """Return the present brand."""
        return self._page(request, None, NOTHING)

    async def save(self, request: web.Request) -> web.Response:
        """Take name and colour, or one of them back."""
        form = await read_posted(request)
        in_force = self._room.deps.in_force

        def work(uow: UnitOfWork, by: Hand) -> str:
            file, now = in_force.file.brand, in_force.choices.brand
            key = form.text("revert")
            if key in BrandSettings.model_fields:
                if revert(uow, f"brand.{key}"):
                    _note(uow, by, {key: (getattr(now, key), getattr(file, key))})
                return "/admin/brand?said=reverted"
            wanted = _wanted(form, now)
            changes: dict[str, tuple[object, object]] = {}
            for key in BrandSettings.model_fields:
                value = getattr(wanted, key)
                if value == getattr(now, key):
                    continue
                changes[key] = (getattr(now, key), value)
                if value == getattr(file, key):
                    revert(uow, f"brand.{key}")
                else:
                    choose(uow, f"brand.{key}", value)
            _note(uow, by, changes)
            return "/admin/brand?said=saved"

        try:
            await in_force.renew()
            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return self._page(request, form, wrong)

    async def preview(self, request: web.Request) -> web.Response:
        """Return a mail with a brand that is not saved yet, in the language asked."""
        form = await read_posted(request) if request.method == "POST" else None
        words, choices = self._room.words(request), self._room.deps.in_force.choices
        asked = form.text("language") if form else request.query.get("language", "")
        language = asked if asked in LANGUAGES else words.language
        if form is not None:
            try:
                wanted = _wanted(form, choices.brand)
            except ConfigError as fault:
                text = self._room.deps.pages.part(
                    "admin/brand_wrong",
                    words.language,
                    lines=[
                        (words.t(f"admin.brand.{key}"), why)
                        for key, why in in_words(fault, words).items()
                    ],
                )
                return framed(text, words.language)
            brand = replace(choices.brand, **wanted.model_dump())
            choices = replace(choices, brand=brand)
        renderer = renderer_of(data_dir("templates"), choices)
        mail = await asyncio.to_thread(written, renderer, SAMPLES[0], language)
        return framed(mail.html, language)

    async def save_logo(self, request: web.Request) -> web.Response:
        """Take a picture, or do without."""
        form = await read_posted(request)
        before = self._room.deps.in_force.choices.logo
        old = before.name if before else None

        async def drawn() -> tuple[Picture, str] | None:
            if "remove" in form:
                return None
            return await asyncio.to_thread(logo_of, form.files.get("logo"))

        try:
            found = await drawn()

            def work(uow: UnitOfWork, by: Hand) -> str:
                if found is None:
                    if revert(uow, "brand.logo"):
                        _note(uow, by, {"logo": (old, None)})
                    return "/admin/brand?said=saved"
                picture, name = found
                choose_logo(uow, picture.content, picture.media_type, name)
                _note(uow, by, {"logo": (old, name)})
                return "/admin/brand?said=saved"

            raise await self._room.change(request, form, work)
        except FAULTS as fault:
            wrong = in_words(fault, self._room.words(request))
            return self._page(request, None, wrong)

    def _page(
        self, request: web.Request, form: Posted | None, wrong: Wrong
    ) -> web.Response:
        words, in_force = self._room.words(request), self._room.deps.in_force
        now, file = in_force.choices.brand, in_force.file.brand

        def asked(key: str, control: str) -> Question:
            return Question(
                key,
                words.t(f"admin.brand.{key}"),
                control,
                form.text(key) if form else getattr(now, key),
                words.t(f"admin.brand.{key}.hint"),
                is_required=key != "organisation",
                autocomplete="off",
                why=wrong.get(key, ""),
            )

        chosen = in_force.choices.chosen
        return self._room.page(
            request,
            "brand",
            "brand",
            questions=tuple(asked(key, "text") for key in BrandSettings.model_fields),
            languages=LANGUAGES,
            seen={key: getattr(now, key) for key in BrandSettings.model_fields},
            file_values={
                key: getattr(file, key)
                for key in BrandSettings.model_fields
                if f"brand.{key}" in chosen
            },
            logo=in_force.choices.logo,
            logo_question=Question(
                "logo",
                words.t("admin.brand.logo"),
                "file",
                hint=words.t("admin.brand.logo.hint"),
                why=wrong.get("logo", ""),
            ),
            has_address=bool(in_force.file.public_url),
            wrong=wrong,
        )


def _wanted(form: Posted, now: Brand) -> BrandSettings:
    """Return the brand a form asks for; what nobody touched stays as it is now.

    Raises:
        ConfigError: with every value that cannot be.
    """
    given = {
        key: getattr(now, key)
        if form.text(key) == form.text(f"seen.{key}")
        else form.text(key)
        for key in BrandSettings.model_fields
    }
    return checked("brand", BrandSettings, given)


def logo_of(upload: File | None) -> tuple[Picture, str]:
    """Return a picture drawn anew, and the name of the file it came from.

    Raises:
        Unfit: none was chosen, it is too large, of another kind, or cannot be read.
    """
    if upload is None or not upload.content:
        raise Unfit([Problem("logo", None, "no_picture")])
    if len(upload.content) > LARGEST_LOGO:
        raise Unfit([Problem("logo", None, "picture_large")])
    media_type = media_type_of(upload.content)
    if media_type not in _PICTURES:
        raise Unfit([Problem("logo", None, "picture_kind")])
    try:
        picture = thumbnail(upload.content, _SIDE)
    except PictureError as error:
        raise Unfit([Problem("logo", None, "picture_unread")]) from error
    return picture, safe_name(upload.name, media_type)


def _note(uow: UnitOfWork, by: Hand, changes: dict[str, tuple[object, object]]) -> None:
    if changes:
        uow.audit.add(
            by.actor,
            by.now,
            "brand.changed",
            before={key: pair[0] for key, pair in changes.items()},
            after={key: pair[1] for key, pair in changes.items()},
        )
