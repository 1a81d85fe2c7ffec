"""The draft behind ``/portal/new``: what somebody typed so far, and how it is kept."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, replace

from aiohttp import web

from azbot.channels.web import uploads
from azbot.channels.web.once import KEY
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.settings import MEGABYTE
from azbot.channels.web.uploads import Form, Upload
from azbot.channels.web.visitors.access import Access, no_link, visitor_scope
from azbot.desk.requesting import profile_of
from azbot.errors import NotFound
from azbot.forms import filling
from azbot.forms.filling import LAST, Reading, Texts
from azbot.forms.kinds import Lists
from azbot.i18n.catalogue import Catalogue, catalogue
from azbot.store import Person, PersonKind, UnitOfWork
from azbot.store.request_drafts import RequestDraft, RequestFile, owner_of
from azbot.workflow.model import Assistance, AssistanceRef

UPLOAD = "upload"
"""The field that carries handles of files sent before the form."""
_REFUSED = frozenset({"kind_refused", "file_too_large", "empty_file", "too_many"})
GONE = "request_gone"
"""The draft of a page was sent, or begun anew elsewhere."""
_REFERENCE = re.compile(r"[A-Z]{4}[0-9]{8,12}")


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who asks for something, and what they have typed so far.

    Attributes:
        stored: their draft, None while they have only looked.
        texts: of the draft, or what is known of them.
        source: reference of the earlier request the texts come from, possibly empty.
    """

    person: Person
    stored: RequestDraft | None
    texts: Texts
    source: str = ""

    @property
    def words(self) -> Catalogue:
        """The words of their language."""
        return catalogue(self.person.language)


async def client_of(access: Access, request: web.Request) -> Person:
    """Return the client who asks; whoever is none goes to the missions."""
    person = await access.require_person(request)
    if person.kind is not PersonKind.CLIENT:
        raise web.HTTPSeeOther("/missions")
    return person


class Drafts:
    """Keeps the one draft each client may have; reads what is typed by the form."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def asking(self, person: Person, ref: str) -> Asking:
        """Return what somebody has typed, or what is known before they type.

        Args:
            person: who asks.
            ref: of the earlier request to begin from, possibly empty.

        Raises:
            HttpProblem: 404: it is none of theirs.
        """
        stored = await self._deps.store.views.request_draft_of(owner_of(person.id))
        before = await self.source(person, ref)
        if ref and before is None:
            raise no_link(404)
        source = before.ref if before else ""
        if stored is not None:
            return Asking(person, stored, stored.texts, source)
        return Asking(person, None, self.begun(person, before), source)

    async def source(self, person: Person, ref: str) -> Assistance | None:
        """Return an earlier request of theirs; None for any other."""
        if not _REFERENCE.fullmatch(ref):
            return None
        try:
            it = await self._deps.store.views.by_ref(AssistanceRef(ref))
        except NotFound:
            return None
        return it if person.id in (it.requester, *it.joined) else None

    def begun(self, person: Person, before: Assistance | None) -> Texts:
        """Return what a new draft holds: the profile, and an earlier request."""
        profile, lists = profile_of(person), self.lists
        texts = filling.begun(profile, self._deps.settings.country, lists)
        if before is None:
            return texts
        return filling.copied(texts, profile, before.answers, lists, is_whole=True)

    def open(
        self, uow: UnitOfWork, person: Person, key: str, before: Assistance | None
    ) -> RequestDraft:
        """Return the draft a page shows; one that shows none yet begins it.

        Raises:
            HttpProblem: 409 ``request_gone``: it was sent, or begun anew elsewhere.
        """
        if key and not KEY.fullmatch(key):
            raise HttpProblem(400, "key_malformed")
        if not key:
            return uow.request_drafts.begin(
                RequestDraft(
                    owner_of(person.id),
                    secrets.token_urlsafe(16),
                    self._deps.clock.now(),
                    self.begun(person, before),
                )
            )
        it = uow.request_drafts.get(owner_of(person.id))
        if it is None or it.key != key:
            raise HttpProblem(409, GONE)
        return it

    def save(
        self,
        uow: UnitOfWork,
        it: RequestDraft,
        *,
        texts: Texts | None = None,
        files: tuple[RequestFile, ...] | None = None,
        step: int | None = None,
    ) -> RequestDraft:
        """Write what changed; None leaves a part as it is."""
        saved = replace(
            it,
            texts=it.texts if texts is None else texts,
            files=it.files if files is None else files,
            step=it.step if step is None else step,
            updated_at=self._deps.clock.now(),
        )
        return uow.request_drafts.save(saved)

    async def reach(self, draft: RequestDraft, step: int) -> int:
        """Note where the client is, for whichever device comes next."""
        step = min(max(step, 1), LAST)

        def work(uow: UnitOfWork) -> None:
            it = uow.request_drafts.get(draft.owner)
            if it is not None and it.key == draft.key:
                self.save(uow, it, step=step)

        if step != draft.step:
            await self._deps.store.write(work)
        return step

    def came(self, form: Form, person: Person) -> tuple[RequestFile, ...]:
        """Return the files of a form: sent with it, or before it by a script.

        A handle that is over or another's is no file; it does not stand in the way.
        """
        known = (self.handled(h, person) for h in form.values.get(UPLOAD, ()))
        sent_before = (each for each in known if each is not None)
        return (*sent_before, *map(_file, form.uploads))

    def handled(self, handle: str, person: Person) -> RequestFile | None:
        """Return the file a handle stands for, None when it is over or another's."""
        now, scope = self._deps.clock.now(), visitor_scope(person)
        upload = uploads.read(self._deps.keyring, handle, scope, now)
        return _file(upload) if upload else None

    @property
    def lists(self) -> Lists:
        """The lists in force."""
        return self._deps.desk.rules.lists

    def read(self, texts: Texts) -> Reading:
        """Return what texts say, and what is wrong with them."""
        return filling.read(texts, self._deps.settings.country, self.lists)

    def refused_in(self, request: web.Request, words: Catalogue) -> tuple[str, ...]:
        """Return why files were not taken, by the codes of an address."""
        count = self._deps.desk.rules.max_documents
        most = self._deps.settings.largest_file // MEGABYTE
        return tuple(
            words.t(f"request.refused.{code}", count=count, most=most)
            for code in request.query.getall("refused", [])
            if code in _REFUSED
        )


def _file(upload: Upload) -> RequestFile:
    return RequestFile(upload.blob, upload.name, upload.media_type, upload.size)
