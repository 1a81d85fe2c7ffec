"""Every block of every page is what it says it is: read, loaded, run, by its kind.

A block of a kind that stands nowhere here is a failure. What cannot be run says so in a
comment right above it, ``<!-- not run: why -->``; what ends with another exit code than
0 says ``<!-- exits 1: why -->``; what is a piece of a file names it,
``<!-- from: its path -->``.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import tomllib
from pathlib import Path
from types import CodeType

import jinja2
import pytest
from jinja2.meta import find_referenced_templates

from azbot.app import SECTIONS
from azbot.config import WebSettings, load
from azbot.errors import ConfigError
from azbot.plugins import settings_of
from azbot.resources import data_dir
from tests.docs.markdown import ROOT, Block, blocks, pages
from tests.docs.site import Site, a_copy, a_site
from tests.docs.typed import Typed, commands, parsed

KINDS = frozenset(
    {
        *("sh", "toml", "python", "json", "nginx", "caddy", "js", "jinja"),
        *("mermaid", "text"),
    }
)
"""What a block may be; ``text`` is what nobody types, loads or runs."""
LIVED = {
    "run": "tests/integration/test_cli_run.py starts it, looks, stops it",
    "demo": "tests/integration/test_demo.py plays it",
    "init": "asks at a terminal; tests/integration/test_init.py answers",
    "doctor": "asks the servers of an installation, of which there is none here",
}
"""Verbs that do not end by themselves: parsed here, run there."""


def each(*kinds: str) -> pytest.MarkDecorator:
    found = blocks(*kinds)
    return pytest.mark.parametrize("block", found, ids=lambda block: block.where)


def test_every_block_is_of_a_kind_that_is_looked_at() -> None:
    every = [block for page in pages() for block in page.blocks]
    assert len(every) > 20
    fences = sum(page.text.count("\n```") for page in pages())
    assert fences == 2 * len(every), "a fence that is not closed, or indented oddly"
    unknown = [
        f"{b.where}: {b.kind or 'no kind'}" for b in every if b.kind not in KINDS
    ]
    assert unknown == []


def test_what_is_said_above_a_block_is_known_and_has_a_reason() -> None:
    every = [b for page in pages() for b in page.blocks if b.said is not None]
    odd = [
        f"{block.where}: {block.said}"
        for block in every
        if block.said is not None
        and (block.said[0].partition(" ")[0] not in {"not", "exits", "from"})
    ]
    assert odd == []
    assert [b.where for b in every if b.said is not None and not b.said[1]] == []


# --- what is typed ------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, migrated_file: Path) -> Site:
    return a_site(tmp_path_factory.mktemp("site") / "azbot", migrated_file)


@each("sh")
def test_what_is_typed_does_what_the_page_says(
    block: Block, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = commands(block.text)
    ours = [one for one in typed if one.program == "azbot" and one.words]
    short = [one for one in ours if parsed(one.words).split()[0] not in LIVED]
    if block.exempt("not run") or not short:
        return
    here = a_copy(site, tmp_path / "azbot")
    here.prepare(typed)
    monkeypatch.chdir(here.folder)
    for command in short:
        (tmp_path / "typed").write_text("deux-hirondelles-de-mars\n")
        with (tmp_path / "typed").open() as keys:
            monkeypatch.setattr("sys.stdin", keys)
            code, told = here.type(command)
        assert code == expected(block, command, short[-1]), told


def expected(block: Block, command: Typed, last: Typed) -> int:
    """Return the exit code the page promises."""
    said = block.said[0].split() if block.said else []
    return int(said[1]) if said[:1] == ["exits"] and command is last else 0


# --- what is loaded -----------------------------------------------------------------


@each("toml")
def test_a_piece_of_configuration_is_accepted(block: Block, tmp_path: Path) -> None:
    if block.said is not None and block.said[0] == "from":
        whole = tomllib.loads((ROOT / block.said[1]).read_text(encoding="utf-8"))
        assert_within(tomllib.loads(block.text), whole)
        return
    file, secret = tmp_path / "azbot.toml", tmp_path / "secret"
    secret.write_text("1234:secret")
    here = re.sub(r'_file = "[^"]+"', f'_file = "{secret}"', block.text)
    file.write_text(here, encoding="utf-8")
    named = re.findall(r'_env = "(\w+)"', block.text)
    environ = dict.fromkeys(named, "postgresql://azbot@localhost/azbot")
    try:
        load(file, SECTIONS, environ, settings_of)
    except ConfigError as error:
        pytest.fail(f"{block.where}: {[(p.path, p.code) for p in error.problems]}")


def assert_within(piece: object, whole: object) -> None:
    """Compare a piece with the whole: every key of it is there and says the same."""
    if isinstance(piece, dict) and isinstance(whole, dict):
        for key, value in piece.items():
            assert_within(value, whole[key])
    else:
        assert piece == whole


@each("json")
def test_json_can_be_read(block: Block) -> None:
    json.loads(block.text)


@each("nginx", "caddy")
def test_a_piece_for_a_proxy_is_whole(block: Block) -> None:
    """Neither program is here: what is seen is that each line begins or ends one."""
    lines = [line.partition("#")[0].strip() for line in block.text.splitlines()]
    lines = [line for line in lines if line]
    if block.kind == "nginx":
        assert [line for line in lines if line[-1] not in ";{}"] == []
    depth = 0
    for line in lines:
        depth += line.count("{") - line.count("}")
        assert depth >= 0
    assert depth == 0
    places = re.findall(r"127\.0\.0\.1:(\d+)", block.text)
    assert set(places) == {str(WebSettings().port)}


# --- what is run --------------------------------------------------------------------


@each("python")
async def test_python_runs(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if block.said is not None and block.said[0] == "from":
        assert_stands_in(block)
        return
    code = compiled(block)
    if block.exempt("not run"):
        return
    monkeypatch.chdir(tmp_path)
    async with asyncio.timeout(30):
        outcome = eval(code, {"__name__": "page"})
        if inspect.isawaitable(outcome):
            await outcome


def compiled(block: Block) -> CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: CodeType = compile(block.text, block.where, "exec", flags=flags)
    return code


def assert_stands_in(block: Block) -> None:
    """Compare a piece with the file it is from, line by line; « # … » leaves out."""
    assert block.said is not None
    whole = lines_of((ROOT / block.said[1]).read_text(encoding="utf-8"))
    at = 0
    for piece in re.split(r"^ *# …\n", block.text, flags=re.MULTILINE):
        wanted = lines_of(piece)
        ends = range(at + len(wanted), len(whole) + 1)
        found = [end for end in ends if whole[end - len(wanted) : end] == wanted]
        assert found, f"{block.said[1]} has not, in this order:\n{piece}"
        at = found[0]


def lines_of(text: str) -> list[str]:
    """Return lines without what a formatter changes: margins and empty lines."""
    return [line.strip() for line in text.splitlines() if line.strip()]


@each("js")
def test_a_script_asks_for_what_our_modules_give(block: Block) -> None:
    asked = re.findall(r'import \{([^}]+)\} from "\./([\w/]+\.js)"', block.text)
    assert asked
    static = ROOT / "azbot" / "channels" / "web" / "static"
    for names, module in asked:
        (file,) = static.rglob(module)
        source = file.read_text(encoding="utf-8")
        for name in names.split(","):
            pattern = rf"export (?:async )?(?:function|const|class) {name.strip()}\b"
            assert re.search(pattern, source), f"{module} exports no {name}"


@each("jinja")
def test_a_template_can_be_read_and_names_templates_there_are(block: Block) -> None:
    loader = jinja2.FileSystemLoader(data_dir("templates") / "web")
    tree = jinja2.Environment(loader=loader, autoescape=True).parse(block.text)
    named = list(find_referenced_templates(tree))
    assert named
    for name in named:
        assert name is not None
        loader.get_source(jinja2.Environment(autoescape=True), name)


@each("mermaid")
def test_a_drawing_is_written_from_the_code(block: Block) -> None:
    """Its page is compared with the code elsewhere (tests/unit/workflow)."""
    assert block.where.startswith("docs/developers/workflow.md:")
