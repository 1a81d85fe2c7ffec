"""Channels of other packages: what a file says of them, and what is wrong with some."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from azbot.app import SECTIONS, App, opened
from azbot.channels.web.inbox.timeline import channel_icon, channel_label
from azbot.channels.web.staff import labelled
from azbot.clock import SystemClock
from azbot.config import Settings, load
from azbot.doctor.examination import patient_of
from azbot.errors import ConfigError, Problem
from azbot.health.supervise import LoopState
from azbot.i18n.catalogue import LANGUAGES, catalogue, strict_catalogue
from azbot.plugins import build, find, settings_of
from azbot.testing.patience import PATIENCE

GOOD = """
from pathlib import Path
from azbot.config import Section
from azbot.plugins import Plugin
from azbot.testing.chat import LocalChat

class Settings(Section):
    path: Path = Path("chats")
    places: tuple[str, ...] = ()
    token_env: str | None = None

class Chat(LocalChat):
    name = NAME

plugin = Plugin(SEAM, "Pigeons voyageurs", Settings, lambda s, clock, e: Chat(clock))
"""
Install = Callable[..., str]
_NUMBERS = count()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a package that brings one channel, as an installer would."""

    def made(name: str, source: str = GOOD, *, seam: int = 1) -> str:
        number = next(_NUMBERS)
        package, module = f"azbot-channel-x{number}", f"azbot_channel_x{number}"
        site = tmp_path / package
        facts = site / f"{module}-1.0.dist-info"
        facts.mkdir(parents=True)
        (facts / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\n")
        entry = f"[azbot.channels]\n{name} = {module}:plugin\n"
        (facts / "entry_points.txt").write_text(entry)
        head = f"NAME, SEAM = {name!r}, {seam}\n"
        (site / f"{module}.py").write_text(head + source)
        monkeypatch.syspath_prepend(str(site))
        return package

    return made


def settings_in(folder: Path, text: str, **environ: str) -> Settings:
    file = folder / "azbot.toml"
    file.write_text(text)
    return load(file, SECTIONS, environ, settings_of)


def told(problem: Problem) -> str:
    """Return the French sentence; those of other languages must be whole, too."""
    for language in LANGUAGES:
        words = strict_catalogue(language).t(f"config.{problem.code}", **problem.facts)
        assert "{" not in words
    words = catalogue("fr").t(f"config.{problem.code}", **problem.facts)
    return words.replace("\u00a0", " ")


# --- what the file says -------------------------------------------------------------


def test_its_section_is_read_by_its_own_model(install: Install, tmp_path: Path) -> None:
    install("pigeon")
    variable = {"AZBOT_CHANNELS__PIGEON__PLACES": "Lyon, Nice"}
    settings = settings_in(tmp_path, '[channels.pigeon]\npath = "p"\n', **variable)

    section = settings.plugins["pigeon"]
    assert getattr(section, "path") == tmp_path / "p"  # noqa: B009 - not our class
    assert getattr(section, "places") == ("Lyon", "Nice")  # noqa: B009
    assert settings.absent == {}


def test_what_is_wrong_in_its_section_is_told_with_its_line(
    install: Install, tmp_path: Path
) -> None:
    install("pigeon")
    text = '[channels.pigeon]\npaht = "p"\nplaces = 3\ntoken_env = "UNSET"\n'
    with pytest.raises(ConfigError) as caught:
        settings_in(tmp_path, text)

    found = {(p.path, p.line, p.code) for p in caught.value.problems}
    assert found == {
        ("channels.pigeon.paht", 2, "unknown_key_near"),
        ("channels.pigeon.places", 3, "not_a_list"),
        ("channels.pigeon.token_env", 4, "variable_missing"),
    }


def test_what_is_no_section_of_a_channel_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        settings_in(tmp_path, '[channels]\nfolder = "chats"\n')
    [problem] = caught.value.problems
    assert (problem.path, problem.code) == ("channels.folder", "unknown_key")
    with pytest.raises(ConfigError):
        settings_in(tmp_path, "channels = 3\n")


def test_a_channel_at_the_top_of_the_file_is_told_its_place(
    install: Install, tmp_path: Path
) -> None:
    install("pigeon")
    with pytest.raises(ConfigError) as caught:
        settings_in(tmp_path, "[pigeon]\n")
    [problem] = caught.value.problems
    assert (problem.code, problem.facts["place"]) == (
        "key_elsewhere",
        "channels.pigeon",
    )


def test_only_what_has_a_section_is_loaded(install: Install, tmp_path: Path) -> None:
    install("pigeon", "raise SystemExit('never')\n")
    assert settings_in(tmp_path, "[web]\nport = 0\n").absent == {}


# --- what is wrong with a package ---------------------------------------------------


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import a_thing_nobody_has\n", "(ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)\n", "(SystemExit: 3)"),
        ("plugin = print\n", ":plugin: builtin_function_or_method)"),
        (GOOD.replace("(SEAM", "(SEAM + 1"), "(canaux version 2, ici 1)"),
        (GOOD.replace(", Settings,", ", dict,"), ".settings: <class 'dict'>)"),
    ],
)
def test_a_broken_package_is_told_of_by_its_name(
    install: Install, tmp_path: Path, source: str, sentence: str
) -> None:
    package = install("pigeon", source)
    settings = settings_in(tmp_path, "\n[channels.pigeon]\n")

    problem = settings.absent["pigeon"]
    assert problem.line == 2
    assert package in told(problem)
    assert sentence in told(problem)
    assert settings.plugins == {}


def test_a_channel_nobody_brings_is_told_with_those_there_are(
    install: Install, tmp_path: Path
) -> None:
    install("pigeon")
    settings = settings_in(tmp_path, "[channels.pigeons]\n")

    assert "(installés : pigeon)" in told(settings.absent["pigeons"])


@pytest.mark.parametrize("name", ["email", "web", "Pigeon", "p", "les_pigeons"])
def test_names_that_would_be_confused_are_none(name: str) -> None:
    problem = find(name)
    assert isinstance(problem, Problem)
    assert problem.code == "plugin_bad_name"
    assert f"« {name} »" in told(problem)


def test_two_packages_of_one_name_are_both_left_out(install: Install) -> None:
    packages = sorted((install("pigeon"), install("pigeon")))
    problem = find("pigeon")
    assert isinstance(problem, Problem)
    assert f"({', '.join(packages)})" in told(problem)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("lambda s, clock, e: Chat(clock)", "lambda s, clock, e: 1 / 0"), "(ZeroD"),
        (("name = NAME", "name = 'dove'"), "(name 'dove')"),
    ],
)
def test_what_cannot_be_built_is_told_without_its_secrets(
    install: Install, change: tuple[str, str], sentence: str
) -> None:
    install("pigeon", GOOD.replace(*change))
    problem = build("pigeon", None, SystemClock(), {})
    assert isinstance(problem, Problem)
    assert sentence in told(problem)


def test_a_model_that_crashes_is_no_mistake_of_the_file(
    install: Install, tmp_path: Path
) -> None:
    crash = "    def model_post_init(self, context): {}['no']\n\nclass Chat("
    install("pigeon", GOOD.replace("\nclass Chat(", crash))
    settings = settings_in(tmp_path, "[channels.pigeon]\n")
    assert "(KeyError)" in told(settings.absent["pigeon"])


async def test_the_doctor_tells_of_it(install: Install, tmp_path: Path) -> None:
    install("pigeon", "1 / 0\n")
    (tmp_path / "azbot.toml").write_text("[channels.pigeon]\n")
    patient = patient_of(tmp_path / "azbot.toml", {}, SystemClock())
    finding = await patient.probe("configuration").check()
    assert "config.plugin_broken" in {note.what for note in finding.notes}


# --- the others go on ---------------------------------------------------------------


def fares(app: App) -> dict[str, LoopState]:
    return {loop.name: loop.state for loop in app.supervisor.health()}


async def test_a_broken_channel_rests_beside_the_others(
    install: Install, tmp_path: Path
) -> None:
    install("pigeon")
    install("dove", "1 / 0\n")
    settings = settings_in(tmp_path, "[channels.pigeon]\n[channels.dove]\n")
    async with opened(settings, environ={}) as app, asyncio.TaskGroup() as group:
        work = group.create_task(app.run())
        async with asyncio.timeout(PATIENCE):
            while fares(app).get("receive.dove") is not LoopState.GIVEN_UP:  # noqa: ASYNC110 - the supervisor rings no bell
                await asyncio.sleep(0.01)
        found = fares(app)
        web = app.web()
        work.cancel()

    assert found["receive.pigeon"] is LoopState.RUNNING
    assert found["bring.pigeon"] is LoopState.RUNNING
    assert list(app.connected.absent) == ["dove"]
    assert web.labels == (("pigeon", "Pigeons voyageurs"),)
    assert web.chat is not None
    assert web.chat.name == "Pigeons voyageurs"


async def test_what_it_breaks_breaks_neither_mails_nor_the_end(
    install: Install, tmp_path: Path
) -> None:
    crash = (
        "    def link(self, payload): raise RuntimeError\n"
        "    async def aclose(self): raise RuntimeError\n"
    )
    name = "    name = NAME\n"
    install("pigeon", GOOD.replace(name, name + crash))
    settings = settings_in(tmp_path, "[channels.pigeon]\n")
    async with opened(settings, environ={}) as app:
        chat = app.web().chat
        assert chat is not None
        assert chat.link("abc") == ""
        with pytest.raises(RuntimeError):
            app.connected.chats["pigeon"].link("abc")


def test_pages_call_it_as_people_do_and_give_it_a_picture() -> None:
    words = labelled("fr", (("pigeon", "Pigeons voyageurs"),))

    assert channel_label("pigeon", words) == "Pigeons voyageurs"
    assert channel_label("email", words) == channel_label("email", catalogue("fr"))
    assert channel_icon("pigeon") == "chat"
