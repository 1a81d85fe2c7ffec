"""Photos of the visit under way go into its form, to a point of the checklist or not.

A photo names its point by its caption (« 3 », « point 3 »), or goes to the point that
was chosen by a button. A point that was not answered yet is asked with its photo: the
form keeps photos under answers (R109 to R117, ux.md 8.2).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from azbot.chat.house import House
from azbot.chat.missions.card import ROOM, do, page_of, title_of
from azbot.chat.talk import Talk
from azbot.errors import Refused
from azbot.forms.intervention import CHECKLIST
from azbot.intake.files import documents_of
from azbot.messages import InboundFile
from azbot.render.phrases import refusal_sentence
from azbot.screens import Button, Screen, plain, rows_of
from azbot.workflow import commands as c
from azbot.workflow.model import Assistance, InterventionStatus

_POINT = re.compile(
    r"\s*(?:point|punto|pt|n[°o]?)?\s*([1-9])\b[\s:.,)-]*", re.IGNORECASE
)
_ANSWERS = ("yes", "no", "not_applicable")


class Photos:
    """The part of the room that takes photos.

    Args:
        house: what every talk of the desk shares.
    """

    def __init__(self, house: House) -> None:
        self._house = house

    # --- asked for ------------------------------------------------------------------

    def open(self, talk: Talk, it: Assistance, number: int, _rest: str) -> None:
        """Wait for photos of the visit."""
        talk.acknowledge()
        self._wait(talk, it, number, 0)
        self._ask(talk, it, number)

    def choose(self, talk: Talk, it: Assistance, number: int, rest: str) -> None:
        """Bind the photos that follow to a point; 0 frees them."""
        point = int(rest) if rest in map(str, range(len(CHECKLIST) + 1)) else 0
        talk.acknowledge()
        self._wait(talk, it, number, point)
        if point and not self._answer(it, number, point):
            self._ask_answer(talk, it, number, point)
        else:
            self._ask(talk, it, number)

    def answer(self, talk: Talk, it: Assistance, number: int, rest: str) -> None:
        """Take the answer of the point that was chosen; « Non » needs words."""
        point = self._point(talk)
        if rest not in _ANSWERS or not point:
            self.open(talk, it, number, "")
            return
        talk.acknowledge()
        if rest == "no":
            self._wait(talk, it, number, point, says="no")
            text = talk.words.t("chat_mission.photos.remark")
            talk.ask(Screen(f"{self._head(talk, it, point)}\n{text}"))
        elif done := self._save(talk, it, number, point, {"answer": rest}):
            self._ask(talk, done, number)

    def close(self, talk: Talk, it: Assistance, number: int, _rest: str) -> None:
        """Wait no more; say how many photos the visit has."""
        talk.leave()
        talk.acknowledge()
        count = len(self._photos(it, number))
        talk.ask(Screen(talk.words.t("chat_mission.photos.kept", count=count)))

    def said(self, talk: Talk, it: Assistance, number: int) -> bool:
        """Take photos, or the remark that a « Non » needs."""
        says, point = str(talk.account.memory.get("says", "")), self._point(talk)
        if talk.inbound.files:
            return self._take(talk, it, number, point)
        text = talk.inbound.text.strip()
        if not (says and point and text):
            return False
        answer = {"answer": says, "remark": text}
        if done := self._save(talk, it, number, point, answer):
            self._wait(talk, done, number, point)
            self._ask(talk, done, number)
        return True

    # --- not asked for --------------------------------------------------------------

    def take_unasked(self, talk: Talk) -> bool:
        """Take photos for the one visit under way, or the one they reply to."""
        if not _pictures(talk) or talk.person is None or talk.person.station is None:
            return False
        it = self._answered(talk) or self._only_one(talk)
        visit = it.visit if it else None
        if it is None or visit is None:
            return False
        if visit.status is not InterventionStatus.UNDERWAY:
            return False
        talk.about = it.id
        return self._take(talk, it, visit.number, 0)

    def _answered(self, talk: Talk) -> Assistance | None:
        hit = talk.uow.threads.find(talk.inbound.references)
        return talk.assistance(int(hit.assistance_id)) if hit else None

    def _only_one(self, talk: Talk) -> Assistance | None:
        station = talk.person.station if talk.person else None
        held = talk.uow.assistances.held_by(station) if station else []
        found = [
            it
            for it in held
            if it.visit and it.visit.status is InterventionStatus.UNDERWAY
        ]
        return found[0] if len(found) == 1 else None

    # --- keeping --------------------------------------------------------------------

    def _take(self, talk: Talk, it: Assistance, number: int, chosen: int) -> bool:
        """Keep what is a picture; the rest is not for the form."""
        pictures = _pictures(talk)
        if not pictures:
            return False
        named = _POINT.match(talk.inbound.text)
        point = int(named[1]) if named else chosen
        caption = talk.inbound.text[named.end() :] if named else talk.inbound.text
        documents = tuple(
            replace(d, point=point or None)
            for d in documents_of(talk.uow, replace(talk.inbound, files=pictures))
        )
        files = [{"file": d.blob, "caption": caption.strip()[:200]} for d in documents]
        try:
            it = self._apply(talk, it, c.AddVisitPhotos(documents, number))
            it = self._named(talk, it, number, point, files)
        except Refused as refused:
            self._refused(talk, it, refused)
            return True
        self._wait(talk, it, number, chosen)
        if point and not self._answer(it, number, point):
            self._wait(talk, it, number, point)
            self._ask_answer(talk, it, number, point)
        else:
            self._ask(talk, it, number)
        return True

    def _named(
        self,
        talk: Talk,
        it: Assistance,
        number: int,
        point: int,
        files: Sequence[Mapping[str, object]],
    ) -> Assistance:
        """Name photos in the form: under the point's answer, else under the visit."""
        answer = self._answer(it, number, point) if point else None
        if answer is None:
            here = _listed(self._answers(it, number).get("photos"))
            return self._fill(talk, it, number, {"photos": _joined(here, files)})
        here = _listed(answer.get("photos"))
        merged = {**answer, "photos": _joined(here, files)}
        return self._fill(talk, it, number, {CHECKLIST[point - 1]: merged})

    def _save(
        self,
        talk: Talk,
        it: Assistance,
        number: int,
        point: int,
        answer: Mapping[str, object],
    ) -> Assistance | None:
        """Answer a point; the photos that were waiting for it go under it."""
        mine = {d.blob for d in self._photos(it, number) if d.point == point}
        loose = _listed(self._answers(it, number).get("photos"))
        moved = [one for one in loose if one["file"] in mine]
        left = [one for one in loose if one["file"] not in mine]
        given = {**answer, "photos": moved} if moved else dict(answer)
        changes: dict[str, object] = {CHECKLIST[point - 1]: given}
        if moved:
            changes["photos"] = left or None
        try:
            return self._fill(talk, it, number, changes)
        except Refused as refused:
            self._refused(talk, it, refused)
            return None

    def _fill(
        self, talk: Talk, it: Assistance, number: int, changes: Mapping[str, object]
    ) -> Assistance:
        return self._apply(talk, it, c.SaveInterventionForm(changes, number))

    def _apply(self, talk: Talk, it: Assistance, command: c.Command) -> Assistance:
        return talk.desk.apply(talk.uow, it, command, talk.actor).assistance

    def _refused(self, talk: Talk, it: Assistance, refused: Refused) -> None:
        sentence = refusal_sentence(
            talk.words, refused.code, refused.facts, it.zone_name
        )
        talk.acknowledge(sentence[:200], is_alert=True)
        if talk.tap is None:
            talk.say(Screen(plain(sentence)))

    # --- what the form has ------------------------------------------------------------

    def _answers(self, it: Assistance, number: int) -> Mapping[str, object]:
        visit = it.intervention(number)
        return visit.answers if visit else {}

    def _answer(
        self, it: Assistance, number: int, point: int
    ) -> Mapping[str, object] | None:
        given = self._answers(it, number).get(CHECKLIST[point - 1])
        return given if isinstance(given, Mapping) else None

    def _photos(self, it: Assistance, number: int) -> list[c.NewDocument]:
        return [
            c.NewDocument(d.name, d.media_type, d.size, d.blob, point=d.point)
            for d in it.present_documents
            if d.intervention == number and d.media_type.startswith("image/")
        ]

    # --- the question -----------------------------------------------------------------

    def _wait(
        self, talk: Talk, it: Assistance, number: int, point: int, says: str = ""
    ) -> None:
        memory = {"it": int(it.id), "number": number, "asks": "photos"}
        talk.enter(ROOM, {**memory, "point": point, "says": says})

    def _point(self, talk: Talk) -> int:
        value = talk.account.memory.get("point", 0)
        return value if isinstance(value, int) and 0 < value <= len(CHECKLIST) else 0

    def _head(self, talk: Talk, it: Assistance, point: int) -> str:
        label = talk.words.t(f"checklist.{CHECKLIST[point - 1]}.label")
        return f"{title_of(it, talk.words)}\n<b>{point}.</b> {plain(label)}"

    def _ask(self, talk: Talk, it: Assistance, number: int) -> None:
        words, point = talk.words, self._point(talk)
        count = len(self._photos(it, number))
        lines = [title_of(it, words), words.t("chat_mission.photos.count", count=count)]
        if point:
            lines = [self._head(talk, it, point), lines[1]]
        lines.append(words.t("chat_mission.photos.how"))
        points = [
            do(it, number, f"point-{n}", f"✓ {n}" if n == point else str(n))
            for n in range(1, len(CHECKLIST) + 1)
        ]
        end: list[Button] = []
        if point:
            end.append(do(it, number, "point-0", words.t("chat_mission.photos.any")))
        end.append(do(it, number, "done", words.t("chat_mission.photos.done")))
        page = page_of(self._house, talk, it)
        form = ((Button(words.t("chat_mission.do.form"), url=page),),) if page else ()
        talk.ask(Screen("\n".join(lines), (*rows_of(points, 5), tuple(end), *form)))

    def _ask_answer(self, talk: Talk, it: Assistance, number: int, point: int) -> None:
        words = talk.words
        text = f"{self._head(talk, it, point)}\n{words.t('chat_mission.photos.answer')}"
        answers = tuple(
            do(it, number, f"answer-{name}", words.t(f"checklist.answer.{name}"))
            for name in _ANSWERS
        )
        back = do(it, number, "point-0", words.t("chat_mission.back"))
        talk.ask(Screen(text, (answers, (back,))))


def _pictures(talk: Talk) -> tuple[InboundFile, ...]:
    return tuple(
        file for file in talk.inbound.files if file.media_type.startswith("image/")
    )


def _listed(value: object) -> list[dict[str, object]]:
    """Return files as a form keeps them, each as a mapping."""
    items = value if isinstance(value, list | tuple) else ()
    return [
        dict(one) if isinstance(one, Mapping) else {"file": str(one)} for one in items
    ]


def _joined(
    here: Sequence[Mapping[str, object]], files: Sequence[Mapping[str, object]]
) -> list[Mapping[str, object]]:
    known = {one["file"] for one in here}
    return [*here, *(one for one in files if one["file"] not in known)]
