"""Logo and colours are public, by addresses made of their content; nothing else is."""

from __future__ import annotations

from azbot.choices import choose
from azbot.choices.change import choose_logo
from azbot.choices.look import style_name
from tests.webdesk import PNG, Web


async def test_every_logo_that_ever_was_is_served_and_no_other_file(web: Web) -> None:
    store = web.deps.store
    first = await store.write(lambda u: choose_logo(u, PNG, "image/png", "a.png"))
    await store.write(lambda u: choose_logo(u, PNG + b"2", "image/png", "b.png"))
    secret = await store.write(lambda u: u.blobs.put(b"bon de commande"))
    await web.deps.in_force.renew()

    async with web.client.get(first.path) as response:
        assert response.status == 200
        assert response.content_type == "image/png"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "immutable" in response.headers["Cache-Control"]
        assert await response.read() == PNG
    async with web.client.get(f"/brand/{secret}.png") as response:
        assert response.status == 404
    logo = web.deps.in_force.choices.logo
    assert logo is not None
    assert logo.name == "b.png"


async def test_pages_take_the_new_name_logo_and_colour_at_once(web: Web) -> None:
    store = web.deps.store
    await store.write(lambda u: choose(u, "brand.name", "Assistance Exemple"))
    await store.write(lambda u: choose(u, "brand.colour", "#AA3300"))
    logo = await store.write(lambda u: choose_logo(u, PNG, "image/png", "a.png"))
    await web.deps.in_force.renew()
    style = f"/brand/{style_name('#aa3300')}"

    async with web.client.get("/privacy") as response:
        page = await response.text()
    assert "Assistance Exemple" in page
    assert f'src="{logo.path}"' in page
    assert f'href="{style}"' in page
    async with web.client.get(style) as response:
        assert response.status == 200
        assert response.content_type == "text/css"
        assert "--accent:#aa3300" in await response.text()
    async with web.client.get("/brand/aa3300-00000000.css") as response:
        assert response.status == 404
