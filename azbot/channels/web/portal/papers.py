"""Tab « Documents »: every file with what the desk thinks of it (R63, ux.md 7.2)."""

from __future__ import annotations

from dataclasses import dataclass

from azbot.channels.web.portal.scene import Scene, documents_of
from azbot.i18n import formats
from azbot.workflow.model import Document, DocumentKind, Review, Role


@dataclass(frozen=True, slots=True)
class Paper:
    """One file.

    Attributes:
        icon: ``file``, ``cam``, ``film`` or ``voice``, where there is no picture.
        small: address of its picture, possibly empty.
        plays: ``audio`` or ``video``; empty: it is looked at elsewhere.
        review: ``pending``, ``accepted``, ``refused``; empty where nobody judges.
        why: why it has to be made again, possibly empty.
    """

    number: int
    name: str
    note: str
    told: str
    url: str
    icon: str
    small: str = ""
    plays: str = ""
    review: str = ""
    review_label: str = ""
    why: str = ""


def papers_of(scene: Scene) -> tuple[Paper, ...]:
    """Return every file this reader may see, the newest first."""
    return tuple(_paper(scene, d) for d in reversed(documents_of(scene)))


def paper_of(scene: Scene, document: Document) -> Paper:
    """Return one file as a message shows it."""
    return _paper(scene, document)


def _paper(scene: Scene, document: Document) -> Paper:
    kind, _, sub = document.media_type.partition("/")
    size = formats.size(document.size, scene.language)
    label = scene.words.t(f"web.document.{document.kind.value}")
    # azbot's own and the desk's files need no verdict.
    is_judged = document.added_by in (Role.CLIENT, Role.STATION)
    review = document.review if is_judged and _is_asked(document) else None
    url = scene.url("documents", document.number)
    return Paper(
        number=document.number,
        name=document.name,
        note=" · ".join((label, _FORMATS.get(sub, sub.upper()), size)),
        told=scene.t(
            "document.by",
            who=_author(scene, document),
            date=scene.when(document.added_at),
        ),
        url="" if scene.is_preview else url,
        icon={"image": "cam", "video": "film", "audio": "voice"}.get(kind, "file"),
        small=f"{url}/thumbnail" if kind == "image" and not scene.is_preview else "",
        plays=kind if kind in ("audio", "video") and not scene.is_preview else "",
        review=review.value if review else "",
        review_label=scene.t(f"review.{review.value}") if review else "",
        why=document.review_reason if review is Review.REFUSED else "",
    )


_FORMATS = {"jpeg": "JPEG", "quicktime": "MOV", "x-matroska": "MKV"}


def _is_asked(document: Document) -> bool:
    """Photos of a visit are nobody's to judge."""
    return document.intervention is None and document.kind is not DocumentKind.REPORT


def _author(scene: Scene, document: Document) -> str:
    match document.added_by:
        case Role.STATION:
            return scene.words.t("role.station")
        case Role.CLIENT:
            return scene.t("author.client")
        case _:
            return scene.words.t("role.agent")
