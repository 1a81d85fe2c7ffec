"""Templates are compiled once in a process, however many desks it draws for."""

from __future__ import annotations

from jinja2 import DictLoader, Environment

from azbot.render.compiled import Compiled


def environment(cache: Compiled, text: str) -> Environment:
    return Environment(
        loader=DictLoader({"page": text}), bytecode_cache=cache, autoescape=True
    )


def test_the_same_text_is_compiled_once_and_another_one_anew() -> None:
    cache = Compiled()
    drawn = [
        environment(cache, text).get_template("page")
        for text in ("{{ 1 }}", "{{ 1 }}", "{{ 2 }}")
    ]
    assert [template.render() for template in drawn] == ["1", "1", "2"]
    codes = [template.root_render_func.__code__ for template in drawn]
    assert codes[0] is codes[1]
    assert codes[0] is not codes[2]
