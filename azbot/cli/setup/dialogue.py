"""Asks on a terminal, tries each answer at once, and lets people go back.

``Enter`` takes what is proposed, ``?`` explains, ``<`` goes back. Nothing is written
here: whoever leaves with Ctrl-C leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

import click
from rich.console import Console

from azbot.cli.setup.draft import Draft
from azbot.cli.setup.questions import QUESTIONS, Line, Question, kept
from azbot.cli.setup.reading import Around, NotMeant
from azbot.cli.setup.trials import TRIED, Outcome, Told, Trials
from azbot.cli.terminal import Terminal, folded
from azbot.config import writing
from azbot.doctor.finding import Level

BACK = "<"
EXPLAIN = "?"

_MARKS = {
    Level.OK: ("✓", "green"),
    Level.SKIPPED: ("–", "bright_black"),
    Level.WARNING: ("!", "yellow"),
    Level.FAILURE: ("✗", "red"),
}
_INDENT = " " * 5


class _Back(Exception):
    """The question before is wanted again."""


class Dialogue:
    """One set-up on one terminal.

    Args:
        terminal: where it speaks.
        around: where the answers are given.
        trials: what tries them.
    """

    def __init__(self, terminal: Terminal, around: Around, trials: Trials) -> None:
        self._terminal = terminal
        self._around = around
        self._trials = trials
        self._doubtful: set[str] = set()

    def ask(self, draft: Draft, questions: Sequence[Question] = QUESTIONS) -> Draft:
        """Ask questions one after the other; return every answer.

        Raises:
            click.Abort: Ctrl-C, or the end of what is typed.
        """
        at = 0
        while at < len(questions):
            try:
                draft = self._question(questions[at], draft)
                at += 1
            except _Back:
                at = max(at - 1, 0)
        return draft

    def begin(self) -> None:
        """Say which keys do what."""
        self.tell("setup.keys", explain=EXPLAIN, back=BACK)

    def done(self, key: str, **facts: object) -> None:
        """Say what was done."""
        self._tell(Told(Level.OK, self._words(key, **facts)), indent="  ")

    def tell(self, key: str, **facts: object) -> None:
        """Say a paragraph."""
        self._say(folded(self._words(key, **facts)))

    def review(self, draft: Draft, code: str, file: str) -> Question | None:
        """Show every answer; return the question to ask again, None to go on.

        Args:
            draft: the answers.
            code: of what an empty line does, below ``setup.review``.
            file: where the answers go.
        """
        self._say("")
        self._say(self._bold(self._words("setup.review.title")))
        self._summary(draft)
        ask = self._words(f"setup.review.{code}", count=len(QUESTIONS), file=file)
        while True:
            typed = self._typed(f"{ask}{self._colon}").strip()
            if not typed:
                return None
            if typed.isdecimal() and 0 < int(typed) <= len(QUESTIONS):
                return QUESTIONS[int(typed) - 1]
            self._wrong("number", count=str(len(QUESTIONS)))

    def _summary(self, draft: Draft) -> None:
        """Show every answer in one line each."""
        titles = [self._title(question) for question in QUESTIONS]
        width = max(map(len, titles))
        for number, (question, title) in enumerate(zip(QUESTIONS, titles, strict=True)):
            told = ", ".join(filter(None, question.told(draft)))
            shown = told or self._words("setup.nothing")
            if question.name in self._doubtful:
                failed = self._words("setup.review.failed")
                shown = f"{shown}  {self._style(f'✗ {failed}', 'red')}"
            self._say(f"  {number + 1}  {title.ljust(width)}  {shown}")

    def agrees(self, key: str, *, is_usual: bool = False, **facts: str) -> bool:
        """Ask for yes or no; an empty line is what is usual."""
        no, yes = self._words("setup.letters.no"), self._words("setup.letters.yes")
        letters = (yes[:1].upper(), no[:1]) if is_usual else (yes[:1], no[:1].upper())
        ask = f"{self._words(key, **facts)} [{'/'.join(letters)}]{self._colon}"
        typed = self._typed(ask).strip()[:1].casefold()
        return typed in set(yes) if typed else is_usual

    # --- one question -----------------------------------------------------------------

    def _question(self, question: Question, draft: Draft) -> Draft:
        number = QUESTIONS.index(question) + 1
        self._say("")
        head = f"{number}/{len(QUESTIONS)}"
        self._say(f"{head}  {self._bold(self._title(question))}")
        for told in self._trials.before(question.name, draft):
            self._tell(told)
        while True:
            answered = self._lines(question, draft)
            tried = self._tried(question, answered)
            if tried is not None:
                return tried
            draft = answered

    def _tried(self, question: Question, draft: Draft) -> Draft | None:
        """Try the answers until they are good or kept; None: they are to change."""
        self._doubtful.discard(question.name)
        while True:
            outcome = self._run(question, draft)
            for told in outcome.told:
                self._tell(told)
            draft = outcome.draft
            if outcome.level is not Level.FAILURE and not outcome.fix:
                return draft
            match self._after_failure(has_fix=bool(outcome.fix)):
                case "apply":
                    draft = draft.having(outcome.fix)
                    for path, value in outcome.fix.items():
                        self._say(f"{_INDENT}  {path} = {writing.shown(value)}")
                case "keep":
                    if outcome.level is Level.FAILURE:
                        self._doubtful.add(question.name)
                    return draft
                case "change":
                    return None
                case _:
                    pass

    def _run(self, question: Question, draft: Draft) -> Outcome:
        status: AbstractContextManager[object] = nullcontext()
        if sys.stdout.isatty() and question.name in TRIED:
            status = Console().status(self._words("setup.trying"))
        with status:
            return asyncio.run(self._trials.of(question.name, draft))

    def _after_failure(self, *, has_fix: bool) -> str:
        ways = ("apply", "again", "keep", "change")
        offered = {way: self._words(f"setup.do.{way}") for way in ways}
        if not has_fix:
            del offered["apply"]
        usual = "apply" if has_fix else "change"
        shown = ", ".join(f"{word} ({word[:1]})" for word in offered.values())
        ask = f"{_INDENT}{shown} [{offered[usual][:1]}]{self._colon}"
        while True:
            typed = self._typed(ask).strip().casefold()
            if not typed:
                return usual
            for way, word in offered.items():
                if word.casefold().startswith(typed):
                    return way
            self._wrong("choice")

    # --- one line ---------------------------------------------------------------------

    def _lines(self, question: Question, draft: Draft) -> Draft:
        for line in question.lines:
            if not line.asked(draft):
                continue
            draft = self._line(question, line, draft)
            if question.name == "imap":
                for told in self._trials.beside(line.code, draft):
                    self._tell(told)
        return draft

    def _line(self, question: Question, line: Line, draft: Draft) -> Draft:
        default = "" if line.is_secret else line.default(draft, self._around)
        code = kept(line, draft)
        shown = self._words(f"setup.secret.{code}") if code else default
        label = self._words(f"setup.ask.{line.code}")
        proposed = f" [{shown}]" if shown else ""
        ask = f"{_INDENT}{label}{proposed}{self._colon}"
        while True:
            typed = self._typed(ask, is_secret=line.is_secret).strip()
            if typed == BACK:
                raise _Back
            if typed == EXPLAIN:
                self._explain(question)
                continue
            text = typed or default
            if not text and line.is_needed:
                self._wrong("empty", explain=EXPLAIN)
                continue
            answered = self._answered(line, text, draft)
            if answered is not None:
                return answered

    def _answered(self, line: Line, text: str, draft: Draft) -> Draft | None:
        try:
            answers = line.parse(text, draft, self._around)
        except NotMeant as error:
            self._wrong(error.code, **error.facts)
            return None
        answered = draft.having(answers)
        problems = answered.problems(set(answers))
        for problem in problems:
            sentence = self._words(f"config.{problem.code}", **problem.facts)
            self._tell(Told(Level.FAILURE, sentence))
        return None if problems else answered

    def _typed(self, ask: str, *, is_secret: bool = False) -> str:
        typed: str = click.prompt(
            ask, default="", show_default=False, prompt_suffix="", hide_input=is_secret
        )
        return typed

    # --- speaking ---------------------------------------------------------------------

    def _explain(self, question: Question) -> None:
        words = self._words(f"setup.help.{question.name}")
        text = folded(words, len(_INDENT) + 2)
        self._say(f"{_INDENT}{self._dim(EXPLAIN)} {text}")

    def _tell(self, told: Told, indent: str = _INDENT) -> None:
        mark, colour = _MARKS[told.level]
        text = folded(told.text, len(indent) + 2)
        self._say(f"{indent}{self._style(mark, colour)} {text}")
        for advice in told.advice:
            self._say(f"{indent}  → {folded(advice, len(indent) + 4)}")
        for line in told.paste:
            self._say(f"{indent}    {self._style(line, 'cyan')}")

    def _wrong(self, code: str, **facts: str) -> None:
        self._tell(Told(Level.FAILURE, self._words(f"setup.wrong.{code}", **facts)))

    def _title(self, question: Question) -> str:
        return self._words(f"setup.title.{question.name}")

    def _words(self, key: str, /, **facts: object) -> str:
        return self._terminal.say(key, **facts)

    def _say(self, text: str) -> None:
        self._terminal.print(text)

    @property
    def _colon(self) -> str:
        return "\u00a0: " if self._terminal.language == "fr" else ": "

    def _style(self, text: str, colour: str) -> str:
        is_plain = bool(self._around.environ.get("NO_COLOR"))
        return text if is_plain else click.style(text, fg=colour)

    def _bold(self, text: str) -> str:
        is_plain = bool(self._around.environ.get("NO_COLOR"))
        return text if is_plain else click.style(text, bold=True)

    def _dim(self, text: str) -> str:
        return self._style(text, "bright_black")
