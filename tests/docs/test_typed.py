"""What a page tells people to type exists: programs, verbs, options, arguments."""

from __future__ import annotations

import shlex
import subprocess

import pytest

from tests.docs.markdown import Block, Page, blocks, pages
from tests.docs.typed import Mistyped, commands, look, mentioned


@pytest.mark.parametrize("block", blocks("sh"), ids=lambda block: block.where)
def test_a_shell_takes_the_block_and_every_command_exists(block: Block) -> None:
    subprocess.run(["bash", "-n"], input=block.text, text=True, check=True)
    assert look_at_all(block.text) > 0


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_command_that_prose_names_exists(page: Page) -> None:
    wrong = []
    for where, code in page.code():
        try:
            look_at(code)
        except Mistyped as error:
            wrong.append(f"{where}: {error}")
    assert wrong == []


def look_at_all(text: str) -> int:
    typed = commands(text)
    for command in typed:
        look(command)
    return len(typed)


def look_at(code: str) -> None:
    """Look at a piece between backticks, if it is a command of ours."""
    words = code.split()
    if words[0] == "azbot" and len(words) > 1:
        mentioned(words[1:])
    elif words[:2] in (["python3", "dev.py"], ["pip", "install"]):
        look(commands(shlex.join(words))[0])


@pytest.mark.parametrize(
    "line",
    [
        "azbot rnu",
        "azbot token add marie",
        "azbot token add marie --role agent --colour red",
        "azbot replay seven",
        "python3 dev.py tset",
        "python3 dev.py demo --ply",
        "pip install --no-depps .",
        "systemctl strat azbot",
        "sudo -u azbot azbot rnu",
        "make test",
        "azbot run 'unended",
        "azbot replay $(cat number)",
    ],
)
def test_what_cannot_be_typed_is_found(line: str) -> None:
    with pytest.raises(Mistyped):
        look_at_all(line)


@pytest.mark.parametrize(
    "code", ["azbot user ad", "azbot run --confg FILE", "azbot outbox resend --now"]
)
def test_what_prose_names_wrongly_is_found(code: str) -> None:
    with pytest.raises(Mistyped):
        look_at(code)


def test_a_line_is_read_as_a_shell_reads_it() -> None:
    text = (
        "runuser -u azbot -- /opt/azbot/bin/azbot run \\\n"
        "    --config /etc/azbot/azbot.toml && X=1 pip install . > log 2>&1  # why\n"
    )
    first, second = commands(text)
    assert first.program == "azbot"
    assert first.words == ("run", "--config", "/etc/azbot/azbot.toml")
    assert (second.program, second.words) == ("pip", ("install", "."))
    assert second.environ == {"X": "1"}
