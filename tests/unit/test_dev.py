"""The command of developers."""

from __future__ import annotations

from pathlib import Path

import pytest

import dev

MODULE = '''
def short():
    """Docstrings

    are not counted.
    """
    return 1


class Thing:
    async def longer(self):
        first = 1
        second = 2
        return first + second
'''


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run from; the verbs change to the root and come back."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_help_names_every_verb_and_no_other() -> None:
    assert dev.__doc__ is not None
    named = [
        line.split()[0] for line in dev.__doc__.splitlines() if line.startswith("    ")
    ]
    assert sorted(named) == sorted(dev.VERBS)


def test_without_a_verb_the_help_is_shown_and_nothing_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert dev.main([]) == 2
    assert dev.main(["--help"]) == 0
    assert capsys.readouterr().out.count("dev.py VERB") == 2


def test_an_unknown_verb_is_answered_with_those_there_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        dev.main(["tset"])
    assert "setup, demo, check, test" in capsys.readouterr().err


def test_an_unknown_benchmark_is_answered_with_those_there_are(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        dev.main(["bench", "no-such-thing"])
    assert "there are:" in capsys.readouterr().err


def test_sizes_count_code_and_not_docstrings() -> None:
    assert dict(dev.functions_of(MODULE)) == {"short": 2, "longer": 4}


def test_sizes_shows_azbot_beside_admired_code(
    elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dev.main(["sizes"]) == 0
    shown = capsys.readouterr().out
    assert "\nazbot " in shown
    assert "\nstarlette " in shown


def test_each_lock_describes_another_environment() -> None:
    assert dev.fingerprint(dev.RUN_LOCK) != dev.fingerprint(dev.DEV_LOCK)
    assert dev.fingerprint(dev.RUN_LOCK) == dev.fingerprint(dev.RUN_LOCK)


def test_locking_hides_mirrors_and_keeps_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UV_EXTRA_INDEX_URL", "file:///mirror")
    monkeypatch.setenv("UV_FIND_LINKS", "wheels")
    monkeypatch.setenv("UV_CACHE_DIR", "/cache")
    hidden = dev.plain_registry()
    assert {"UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"} <= hidden.keys()
    assert set(hidden.values()) == {""}
    assert "UV_CACHE_DIR" not in hidden


def test_the_uv_that_is_fetched_is_the_one_that_is_locked() -> None:
    text = (dev.ROOT / dev.UV_LOCK).read_text(encoding="utf-8")
    assert f"uv=={dev.UV_VERSION} " in text


def test_the_lock_of_the_build_has_what_the_project_builds_with() -> None:
    project = (dev.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    backend = dev.BUILD_REQUIREMENTS.splitlines()[0]
    assert f'requires = ["{backend}"]' in project


def test_a_failed_step_ends_the_run_with_its_code() -> None:
    dev.must(0)
    with pytest.raises(SystemExit, match="7"):
        dev.must(7)
