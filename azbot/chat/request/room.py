"""/nouvelle: a request, question by question, in one message (ux.md 10.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from azbot.chat.cases.here import Here
from azbot.chat.house import House
from azbot.chat.relay.routing import among, named, theirs
from azbot.chat.request import drawing, taking
from azbot.chat.request.asking import EMAIL, Asking
from azbot.chat.request.beginning import asking_in, begun, earlier, is_client
from azbot.chat.request.drawing import KEY, ROOM, View
from azbot.chat.request.hearing import is_request, volunteered
from azbot.chat.request.offers import offers
from azbot.chat.request.pressing import Pressed, Wish, cancel, meant_by, press
from azbot.chat.request.reminding import reminder
from azbot.chat.request.sending import NotSent, may_ask, send
from azbot.chat.request.taking import Taken
from azbot.chat.talk import PROMPT, Talk
from azbot.desk.requesting import (
    answer_by,
    lacks_proof,
    needs_proof,
)
from azbot.errors import Refused
from azbot.forms.kinds import Context
from azbot.i18n import formats
from azbot.intake.files import documents_of
from azbot.intake.languages import labels_of
from azbot.messages import Trust, TurnKind
from azbot.render.phrases import refusal_sentence
from azbot.screens import Screen, Share
from azbot.store.request_drafts import RequestFile
from azbot.tokens import upload_link
from azbot.workflow.commands import AddMessage
from azbot.workflow.model import Actor, Assistance, AssistanceId, Role

_MOST_OPEN = 3
"""Assistances that words may be meant for, besides the request itself."""


class RequestRoom:
    """Asks for what a request needs, and sends it."""

    name = ROOM
    commands: Mapping[str, str] = {
        "nouvelle": "new",
        "new": "new",
        "nueva": "new",
        "annuler": "cancel",
        "cancel": "cancel",
        "cancelar": "cancel",
    }

    def __init__(self, house: House) -> None:
        self._house = house

    def command(self, talk: Talk, name: str) -> None:
        """Begin a request, or give one up."""
        asking = asking_in(talk)
        if name == "new":
            self._open(talk, asking)
        elif asking is None:
            talk.ask(drawing.gone(talk.words))
        else:
            self._do(talk, cancel(asking))

    def tapped(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer a press: of this very state, or of one that is over."""
        asking = asking_in(talk)
        match parts:
            case ["open"]:
                self._open(talk, asking)
                return
            case ["again", ref]:
                self._open(talk, asking, earlier(talk, ref))
                return
        if asking is None:
            self._over(talk, parts)
            return
        key, revision, *rest = (*parts, "", "")
        if key != asking.draft.key[:KEY] or revision != str(asking.draft.revision):
            talk.acknowledge(talk.words.t("chat.already"))
            self._draw(talk, self._view(talk, asking))
            return
        action, *args = [each for each in rest if each] or [""]
        self._act(talk, asking, action, args)

    def said(self, talk: Talk) -> bool:
        """Take an answer, or words that begin a request."""
        is_asking = talk.account.room == self.name
        asking = asking_in(talk)
        if asking is None:
            if is_asking and self._is_late(talk):
                return True
            if is_asking:
                talk.leave()
            return self._begins(talk)
        is_elsewhere = named(talk, *talk.inbound.references) is not None
        if is_elsewhere or (not is_asking and self._is_relayed(talk)):
            return False
        if talk.turn.kind is TurnKind.EDITED:
            return self._edited(talk, asking)
        self._given(talk, asking)
        return True

    # --- beginning ----------------------------------------------------------------

    def _open(
        self, talk: Talk, asking: Asking | None, before: Assistance | None = None
    ) -> None:
        """Begin, anew or from an earlier one (X11).

        What was begun before is never emptied unasked.
        """
        if not is_client(talk):
            talk.ask(Screen(talk.words.t("chat_request.clients_only")))
            return
        if asking is None:
            self._begin(talk, before)
        elif asking.is_touched:
            source = before.ref if before else ""
            progress = replace(asking.progress, aside="restart", source=source)
            self._show(talk, asking.moved(progress))
        elif before is not None:
            talk.uow.request_drafts.drop(asking.draft.owner)
            self._begin(talk, before)
        else:
            self._show(talk, asking)

    def _begin(self, talk: Talk, before: Assistance | None) -> None:
        said = "chat_request.from"
        told = [talk.words.t(said, reference=before.ref)] if before else []
        self._show(talk, begun(talk, before), told)

    def _begins(self, talk: Talk) -> bool:
        """Begin with words or files that were sent out of the blue.

        While something is open they are about that (telegram.md §2.4): who means
        another thing says so to the room that asks.
        """
        turn, inbound = talk.turn, talk.inbound
        lists = talk.desk.rules.lists
        context = Context(country=talk.desk.rules.country, catalogues=lists)
        is_said = turn.kind is TurnKind.SAID and is_client(talk)
        has_files = bool(inbound.files or inbound.rejected_files)
        if not is_said or turn.forwarded_from or self._is_relayed(talk):
            return False
        if not has_files and not is_request(inbound.text, context):
            return False
        asking = begun(talk)
        labels = labels_of(talk.words.language)
        found = volunteered(inbound.text, asking, labels)
        text, message, words = inbound.text, inbound.message_id, talk.words
        taken = taking.take_free(asking, found, text, message, words)
        if has_files:
            files = self._files(talk, taken.asking)
            taken = Taken(files.asking, (*taken.told, *files.told))
        self._show(talk, taken.asking, taken.told)
        return True

    @staticmethod
    def _is_relayed(talk: Talk) -> bool:
        """Whether plain words are about what was asked for before (ux.md 10.6)."""
        return bool(among(talk).all)

    # --- what is given ------------------------------------------------------------

    def _given(self, talk: Talk, asking: Asking) -> None:
        turn, inbound, words = talk.turn, talk.inbound, talk.words
        text, message = inbound.text.strip(), inbound.message_id
        album = asking.progress.album
        taken = Taken(asking)
        if inbound.files or inbound.rejected_files:
            taken = self._files(talk, asking)
            if text:
                origin = turn.forwarded_from
                said = taking.passed_on(text, origin, words) if origin else text
                noted = taking.take_note(taken.asking, said, message, words)
                told = (*taken.told, *noted.told[1:])
                taken = replace(taken, asking=noted.asking, told=told)
        elif turn.forwarded_from and text:
            said = taking.passed_on(text, turn.forwarded_from, words)
            taken = taking.take_note(asking, said, message, words)
        elif turn.forwarded_from:
            taken = Taken(asking, (words.t("chat_request.not_understood"),))
        elif turn.spot is not None:
            taken = taking.take_spot(asking, turn.spot, words)
        elif turn.phone:
            name, is_own = turn.contact or talk.account.name, turn.is_own_phone
            taken = taking.take_contact(asking, name, turn.phone, words, is_own=is_own)
        elif text and not self._is_press(talk, asking, text):
            taken = self._words(talk, asking, text)
        elif text:
            return
        is_album = bool(turn.album) and turn.album == album
        self._show(
            talk,
            taken.asking,
            taken.told,
            is_below=not is_album,
        )

    def _words(self, talk: Talk, asking: Asking, text: str) -> Taken:
        words, labels = talk.words, labels_of(talk.words.language)
        message = talk.inbound.message_id
        taken = taking.take_words(asking, text, message, labels, words)
        return self._checked(talk, asking, taken)

    def _checked(self, talk: Talk, before: Asking, taken: Taken) -> Taken:
        """Take back an address that may not ask for anything."""
        email = taken.asking.texts.get(EMAIL, "")
        if not email or email == before.texts.get(EMAIL) or may_ask(talk.uow, email):
            return taken
        told = (talk.words.t("chat_request.no_address"),)
        return Taken(before, told)

    def _is_press(self, talk: Talk, asking: Asking, text: str) -> bool:
        """Take the words of a button as a press of it."""
        view = self._view(talk, asking)
        meant = meant_by(text, view, drawing.screen(view))
        if meant is None:
            return False
        self._act(talk, asking, *meant)
        return True

    def _files(self, talk: Talk, asking: Asking) -> Taken:
        """Keep what came, at once, whatever is asked."""
        turn, rules = talk.turn, talk.desk.rules
        new = [
            RequestFile(each.blob, each.name, each.media_type, each.size)
            for each in documents_of(talk.uow, talk.inbound)
        ]
        return taking.take_files(
            asking,
            new,
            talk.inbound.rejected_files,
            turn.album or talk.inbound.message_id,
            talk.words,
            needs_proof=needs_proof(asking.reading, rules.proof_required),
            most=min(taking.MOST_FILES, rules.max_documents),
            is_compressed=any(each.kind == "photo" for each in turn.files),
        )

    def _edited(self, talk: Talk, asking: Asking) -> bool:
        """Correct the answer an earlier message gave, and nothing else."""
        words, labels = talk.words, labels_of(talk.words.language)
        text, message = talk.inbound.text.strip(), talk.inbound.message_id
        if talk.turn.spot is not None:
            # A live place goes on moving; its first point is the place.
            return True
        taken = taking.take_edit(asking, text, message, labels, words)
        if taken is None:
            return False
        taken = self._checked(talk, asking, taken)
        self._show(talk, taken.asking, taken.told, is_below=False)
        return True

    # --- presses ------------------------------------------------------------------

    def _act(
        self, talk: Talk, asking: Asking, action: str, args: Sequence[str]
    ) -> None:
        """Do what a button of the present state says."""
        self._do(talk, press(self._view(talk, asking), action, args))

    def _do(self, talk: Talk, pressed: Pressed) -> None:
        """Bring about what a press wishes, and show how things stand."""
        asking, told = pressed.taken.asking, pressed.taken.told
        match pressed.wish:
            case Wish.SEND:
                self._send(talk, asking)
            case Wish.ERASE:
                talk.uow.request_drafts.drop(asking.draft.owner)
                talk.leave()
                drops = asking.progress.has_keyboard
                shown = drawing.cancelled(talk.words)
                talk.ask(replace(shown, drops_keyboard=drops))
            case Wish.RESTART:
                talk.uow.request_drafts.drop(asking.draft.owner)
                self._begin(talk, earlier(talk, asking.progress.source))
            case Wish.PLACE | Wish.PHONE:
                what = Share.PLACE if pressed.wish is Wish.PLACE else Share.PHONE
                offered = replace(asking.progress, has_keyboard=True)
                saved = self._saved(talk, asking.moved(offered))
                talk.ask(drawing.share(self._view(talk, saved), what))
            case Wish.RELAY:
                self._relay(talk, asking, pressed.to)
            case Wish.OVER:
                talk.acknowledge(talk.words.t("chat.over"))
                self._draw(talk, self._view(talk, asking))
            case Wish.NOTHING:
                self._show(talk, asking, told)

    def _relay(self, talk: Talk, asking: Asking, key: int) -> None:
        """Bring words that were no answer to an assistance that is open."""
        it, words = theirs(talk, key), talk.words
        text, progress = asking.progress.stray, asking.progress
        if it is None or not text:
            talk.acknowledge(words.t("chat.over"))
            self._draw(talk, self._view(talk, asking))
            return
        talk.desk.apply(talk.uow, it, AddMessage(text), talk.actor)
        told = (words.t("chat_request.relayed", reference=it.ref),)
        self._show(talk, asking.moved(replace(progress, stray="")), told)

    def _over(self, talk: Talk, parts: Sequence[str]) -> None:
        """Answer the button of a request that was sent, given up or forgotten."""
        is_sent = bool(parts) and talk.account.memory.get("key") == parts[0]
        if is_sent:
            talk.acknowledge(talk.words.t("chat.already"))
            return
        talk.acknowledge(talk.words.t("chat.over"))
        if len(parts) > 1:
            talk.ask(drawing.gone(talk.words))

    # --- sending ------------------------------------------------------------------

    def _send(self, talk: Talk, asking: Asking) -> None:
        try:
            it = send(talk, asking)
        except NotSent as why:
            told = (talk.words.t(f"chat_request.{why.code}"),)
            self._show(talk, asking, told)
            return
        mail = asking.texts.get(EMAIL, "") if asking.person is None else ""
        memory = {
            "key": asking.draft.key[:KEY],
            "album": asking.progress.album,
            "sent": it.id,
            "mail": mail,
            "large": bool(asking.progress.large),
        }
        talk.enter(self.name, memory)
        talk.clear()
        talk.say(self._sent(talk, it, mail), slot=_slot(it))
        if talk.person is not None:
            Here(talk, self._house, it).show()

    def _sent(self, talk: Talk, it: Assistance, mail: str, told: str = "") -> Screen:
        rules, words = talk.desk.rules, talk.words
        lacks = drawing.missing_labels(words, it.missing)
        if lacks_proof(it, rules):
            lacks.append(words.t("chat_request.order_proof"))
        by = formats.date_and_hour(
            answer_by(it, rules), it.zone_name, words.language, with_zone=True
        )
        upload = self._upload(talk, it) if talk.account.memory.get("large") else ""
        return drawing.sent(words, it, by, lacks, mail, told, upload)

    def _upload(self, talk: Talk, it: Assistance) -> str:
        """Return the address that takes what is too large here.

        Whoever is not known gets it by mail, like every other link.
        """
        if talk.person is None:
            return ""
        link = self._house.link(talk.uow, it.id, talk.person.id, talk.now)
        return upload_link(link)

    def _is_late(self, talk: Talk) -> bool:
        """Add what came of an album after its request was sent."""
        memory, turn = talk.account.memory, talk.turn
        key, mail = memory.get("sent"), str(memory.get("mail") or "")
        if not isinstance(key, int) or not turn.album:
            return False
        if turn.album != memory.get("album") or turn.kind is not TurnKind.SAID:
            return False
        it = talk.uow.assistances.get(AssistanceId(key))
        # The same account sends the rest of one album: it adds, and learns nothing.
        actor = Actor(
            *(Role.CLIENT, it.requester, talk.account.name),
            Trust.KNOWN,
            talk.account.channel,
        )
        known = {each.blob for each in it.documents}
        came = documents_of(talk.uow, talk.inbound)
        new = tuple(each for each in came if each.blob not in known)
        talk.about = it.id
        told = ""
        if new:
            try:
                command = AddMessage("", documents=new)
                it = talk.desk.apply(talk.uow, it, command, actor).assistance
                count = len(it.documents)
                told = talk.words.t("chat_request.files_kept", count=count)
            except Refused as refused:
                told = refusal_sentence(talk.words, refused.code, refused.facts)
        talk.redraw(_slot(it), self._sent(talk, it, mail, told), is_only_if_there=True)
        return True

    # --- what is shown ------------------------------------------------------------

    def _show(
        self,
        talk: Talk,
        asking: Asking,
        told: Sequence[str] = (),
        *,
        is_below: bool | None = None,
    ) -> None:
        """Keep the request as it is now, and show its open question."""
        drops = asking.progress.has_keyboard
        asking = asking.moved(replace(asking.progress, has_keyboard=False))
        view = self._view(talk, self._saved(talk, asking), told)
        self._draw(talk, view, is_below=is_below, drops=drops)

    def _saved(self, talk: Talk, asking: Asking) -> Asking:
        draft = replace(asking.to_draft(), updated_at=talk.now)
        talk.enter(self.name)
        talk.uow.outbox.put([reminder(talk, asking)])
        return replace(asking, draft=talk.uow.request_drafts.save(draft))

    def _draw(
        self,
        talk: Talk,
        view: View,
        *,
        is_below: bool | None = None,
        drops: bool = False,
    ) -> None:
        shown = replace(drawing.screen(view), drops_keyboard=drops)
        if is_below is None:
            is_below = talk.belongs_below(PROMPT)
        talk.redraw(PROMPT, shown, is_below=is_below)

    def _view(self, talk: Talk, asking: Asking, told: Sequence[str] = ()) -> View:
        required = talk.desk.rules.proof_required
        meant = among(talk).open[:_MOST_OPEN] if asking.progress.stray else ()
        return View(
            asking,
            talk.words,
            told,
            offers(talk, asking.current),
            needs_proof(asking.reading, required),
            open=[talk.uow.assistances.peek(key) for key in meant],
        )


def _slot(it: Assistance) -> str:
    return f"sent.{it.id}"
