"""Photos nobody had to take."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw


def photo(number: int) -> bytes:
    """Draw a thermostat on a wall; each number has its own light and temperature."""
    wall = (214 - 16 * number, 205 - 12 * number, 190 - 6 * number)
    picture = Image.new("RGB", (960, 720), wall)
    pen = ImageDraw.Draw(picture)
    for y in range(720):
        shade = y // 12
        pen.line((0, y, 960, y), tuple(max(0, part - shade) for part in wall))
    pen.rounded_rectangle((330, 190, 630, 490), 36, (60, 62, 66))
    pen.rounded_rectangle((322, 180, 622, 480), 36, (246, 247, 248))
    pen.rounded_rectangle((352, 210, 592, 400), 18, (24, 38, 46))
    pen.text((392, 256), f"{16 + number},5°", (230, 244, 248), font_size=84)
    pen.ellipse((452, 420, 492, 460), (200, 74, 54))
    out = BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
