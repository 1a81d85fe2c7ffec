"""What a client sends: words and files, decisions, corrections (C10, C12, C13, X19)."""

from __future__ import annotations

from collections.abc import Sequence

from azbot.channels.web import uploads
from azbot.channels.web.once import Told, once, press_of
from azbot.channels.web.portal.asking import command_of
from azbot.channels.web.portal.scene import Scene
from azbot.channels.web.problems import HttpProblem
from azbot.channels.web.seams import WebDeps
from azbot.channels.web.uploads import Form, Upload
from azbot.store import UnitOfWork
from azbot.workflow.commands import AddMessage, Command


class Acting:
    """Gives what clients press to the desk, each press once."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps

    async def say(self, scene: Scene, form: Form) -> None:
        """Add a message, or files alone.

        Raises:
            Refused: a rule says no.
            HttpProblem: 400, the form has no key.
        """
        text = form.value("text").replace("\r\n", "\n").strip()
        files = (*form.uploads, *self._sent_before(scene, form))
        documents = tuple(uploads.as_document(each) for each in files)
        names = [(each.name, each.blob) for each in files]
        command = AddMessage(text, documents=documents)
        await self._do(scene, command, form.value("once"), "say", text, names)

    def _sent_before(self, scene: Scene, form: Form) -> Sequence[Upload]:
        """Return the files whose handles came along.

        Raises:
            HttpProblem: 422, one waited too long, or is another's.
        """
        found = []
        for handle in form.values.get("upload", ()):
            keyring, now = self._deps.keyring, self._deps.clock.now()
            upload = uploads.read(keyring, handle, scene.visitor.scope, now)
            if upload is None:
                raise HttpProblem(422, "upload_expired")
            found.append(upload)
        return found

    async def decide(self, scene: Scene, name: str, values: dict[str, str]) -> None:
        """Do what a page asked; errors as ``say``."""
        command = command_of(scene, name, values)
        order = sorted(values.items())
        await self._do(scene, command, values.get("once", ""), name, order)

    async def _do(
        self, scene: Scene, command: Command, key: str, *order: object
    ) -> None:
        desk, visitor = self._deps.desk, scene.visitor
        press = press_of(key, scene.it.ref, *order)

        def work(uow: UnitOfWork) -> Told:
            it = desk.load(uow, scene.it.ref)
            desk.apply(uow, it, command, visitor.actor)
            return {"ref": it.ref}

        await once(self._deps, visitor.scope, press, work)
