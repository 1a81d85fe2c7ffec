"""Any order of presses, words and files: no crash, nothing lost, one request at last.

What a guided request makes of a press or of words is pure; here it is walked without
any store, as a whole life of presses by somebody with ten thumbs.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from azbot.chat.request import drawing, taking
from azbot.chat.request.asking import FILES, RECAP, Asking, asking_of
from azbot.chat.request.drawing import ME, Known, View
from azbot.chat.request.pressing import Wish, meant_by, press
from azbot.chat.request.progress import Progress, progress_of
from azbot.desk.requesting import profile_of
from azbot.forms import filling
from azbot.forms.filling import NOTE
from azbot.i18n.catalogue import LANGUAGES, catalogue
from azbot.intake.languages import labels_of
from azbot.messages import BlobId, PersonId, RejectedFile, Spot
from azbot.screens import MOST_DATA, Screen
from azbot.store import Person, PersonKind
from azbot.store.codec import decode, encode
from azbot.store.request_drafts import RequestDraft, RequestFile
from tests.stores import NOW

SOPHIE = Person(
    PersonId(5),
    PersonKind.CLIENT,
    ("s.martin@clim-martin.example",),
    name="Sophie Martin",
    company="Clim Martin",
    phones=("+33639981234",),
)
ANSWERS = {
    "service": ("mise en service", "incident hors garantie"),
    "place": ("18 rue des Charmettes, 69100 Villeurbanne",),
    "system": ("radiateurs", "plénum motorisé"),
    "counts": ("1 / 5", "2 systèmes et 3 thermostats"),
    "maker": ("Daikin", "Ballu"),
    "contact": ("Karim Benali 06 39 98 56 78",),
    "you": ("k.benali@clim.example, Clim Benali",),
    FILES: ("passer",),
    RECAP: ("modifier",),
}
"""Words that answer each question whole."""

WORDS = st.one_of(
    st.sampled_from([w for each in ANSWERS.values() for w in each]),
    st.sampled_from(
        [
            *("oui", "non", "retour", "annuler", "12", "0", "mitsubishi", "69100"),
            *("18 rue des Lilas", "Karim", "06 39", "a@", "vous venez samedi ?"),
            *("mise en service à Lyon, 5 thermostats", "é" * 400, "</b>", "🔥"),
        ]
    ),
    st.text(max_size=60),
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("press"), st.integers(0, 40)),
        st.tuples(st.just("say"), WORDS),
        st.tuples(st.just("send"), st.integers(0, 5)),
        st.tuples(st.just("edit"), WORDS),
        st.tuples(st.just("spot"), st.sampled_from(["", "4 quai Sarrail, 69006 Lyon"])),
        st.tuples(st.just("card"), st.sampled_from(["33639985678", "12", ""])),
    ),
    max_size=25,
)


def begun(person: Person | None) -> Asking:
    profile = profile_of(person) if person else {}
    texts = filling.begun(profile, "FR", {})
    memory = Progress(is_stranger=person is None).to_memory()
    draft = RequestDraft("person:5", "k" * 22, NOW, texts, memory=memory)
    return asking_of(draft, person, "FR", {})


def stored(asking: Asking) -> Asking:
    """What the next turn reads of it: the memory went through JSON."""
    draft = asking.to_draft()
    draft = replace(draft, memory=decode(encode(draft.memory)))
    again = asking_of(
        replace(draft, revision=draft.revision + 1), asking.person, "FR", {}
    )
    assert again.texts == asking.texts
    assert again.current == asking.current
    return again


def view_of(asking: Asking, language: str) -> View:
    known: tuple[Known, ...] = ()
    if asking.current == "contact" and asking.person is not None:
        texts = {"contact_name": "Sophie Martin", "phone": "+33639981234"}
        known = (Known(ME, "Moi", texts),)
    return View(asking, catalogue(language), known=known)


def shown(asking: Asking, language: str) -> Screen:
    found = drawing.screen(view_of(asking, language))
    for button in (button for row in found.rows for button in row):
        assert len(button.data.encode()) <= MOST_DATA
        assert button.label
    assert len(found.text) < 4096
    return found


def stepped(asking: Asking, kind: str, value: object, number: int, lang: str) -> Asking:
    """Let somebody do something; what would leave the draft is passed over."""
    words, labels = catalogue(lang), labels_of(lang)
    view, message = view_of(asking, lang), f"telegram:1/{number}"
    match kind, value:
        case "press", int():
            buttons = [b for row in drawing.screen(view).rows for b in row if b.data]
            _, _, _, action, *args = buttons[value % len(buttons)].data.split(".")
            pressed = press(view, action, args)
            assert pressed.wish is not Wish.OVER
            return pressed.taken.asking
        case "say", str() if value.strip():
            meant = meant_by(value, view, drawing.screen(view))
            if meant is not None:
                return press(view, meant[0], meant[1]).taken.asking
            return taking.take_words(asking, value, message, labels, words).asking
        case "edit", str():
            before = next(iter(asking.progress.said), "")
            taken = taking.take_edit(asking, value, before, labels, words)
            return taken.asking if taken else asking
        case "send", int():
            new = RequestFile(BlobId(f"{value:064d}"), f"{value}.jpg", "image/jpeg", 9)
            gone = [RejectedFile("x", 1, "virus")] if value == 5 else []
            return taking.take_files(
                *(asking, [new], gone, "", words),
                needs_proof=True,
                most=3,
                is_compressed=True,
            ).asking
        case "spot", str():
            return taking.take_spot(asking, Spot(1, 2, address=value), words).asking
        case "card", str():
            own = bool(number % 2)
            return taking.take_contact(asking, "Karim", value, words, is_own=own).asking
        case _:
            return asking


@given(STEPS, st.sampled_from([SOPHIE, None]), st.sampled_from(LANGUAGES))
def test_whatever_is_done_in_whatever_order_ends_in_one_whole_request(
    steps: list[tuple[str, object]], person: Person | None, language: str
) -> None:
    asking = begun(person)
    for number, (kind, value) in enumerate(steps):
        files = {each.blob for each in asking.draft.files}
        note = asking.texts.get(NOTE, "")
        asking = stored(stepped(asking, kind, value, number, language))
        shown(asking, language)
        # Files and words for the desk are never lost; an edit changes its words alone.
        assert files <= {each.blob for each in asking.draft.files}
        assert kind == "edit" or asking.texts.get(NOTE, "").startswith(note)
    # Whoever then answers what is asked comes to the recap.
    for _ in range(30):
        if asking.current == RECAP and not asking.progress.aside:
            break
        said = ANSWERS[asking.current][0]
        asking = stored(stepped(asking, "say", said, 99, "fr"))
    assert asking.current == RECAP
    assert asking.is_whole
    assert "send" in {
        b.data.split(".")[3] for row in shown(asking, language).rows for b in row
    }


@given(st.sampled_from([SOPHIE, None]), st.permutations(list(ANSWERS)[:7]))
def test_any_order_of_the_same_answers_is_the_same_request(
    person: Person | None, order: list[str]
) -> None:
    words, labels = catalogue("fr"), labels_of("fr")

    def whole(keys: list[str]) -> dict[str, str]:
        asking = begun(person)
        for number, key in enumerate(keys):
            at = asking.moved(asking.progress.showing(key))
            if key == "you" and person is not None:
                continue
            said = ANSWERS[key][0]
            asking = taking.take_words(at, said, f"m{number}", labels, words).asking
        return dict(asking.texts)

    assert whole(order) == whole(list(ANSWERS)[:7])


def test_memory_of_another_release_is_read_as_far_as_it_goes() -> None:
    odd = {"at": 3, "passed": "x", "page": True, "said": {"m": []}, "colour": "red"}
    assert progress_of(odd) == Progress()
