"""The picture of the coverage benchmark: growth of a run, and of an update beside it."""

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_WIDE, _HIGH, _LEFT, _TOP, _RIGHT, _LOW = 900, 560, 90, 70, 40, 70
_INK, _PAPER, _FAINT = (30, 30, 30), (255, 255, 255), (205, 205, 205)
# colours that differ in lightness too, so that they are told apart in grey
_COLOURS = {"seconds": (20, 70, 120), "update_seconds": (225, 150, 60)}
_WORDS = {"seconds": "full run", "update_seconds": "one road closed"}


def picture(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw processor seconds by households, both logarithmic."""
    image = Image.new("RGB", (_WIDE, _HIGH), _PAPER)
    pen = ImageDraw.Draw(image)
    sizes = [row["households"] for row in rows]
    spent = [row[name] for row in rows for name in _COLOURS]
    across = (math.floor(math.log10(min(sizes))), math.ceil(math.log10(max(sizes))))
    up = (math.floor(math.log10(min(spent))), math.ceil(math.log10(max(spent))))

    def spot(size: float, seconds: float) -> tuple[float, float]:
        x = (math.log10(size) - across[0]) / max(across[1] - across[0], 1)
        y = (math.log10(seconds) - up[0]) / max(up[1] - up[0], 1)
        return _LEFT + x * (_WIDE - _LEFT - _RIGHT), _HIGH - _LOW - y * (_HIGH - _TOP - _LOW)

    for power in range(across[0], across[1] + 1):
        x, low = spot(10**power, 10 ** up[0])
        pen.line((x, _TOP, x, low), fill=_FAINT)
        pen.text((x - 24, low + 8), f"{10**power:,}", _INK, _font(14))
    for power in range(up[0], up[1] + 1):
        left, y = spot(10 ** across[0], 10**power)
        pen.line((left, y, _WIDE - _RIGHT, y), fill=_FAINT)
        pen.text((14, y - 9), f"{10.0**power:g} s", _INK, _font(14))
    pen.text((_WIDE // 2 - 40, _HIGH - 30), "households", _INK, _font(15))
    for number, (name, colour) in enumerate(_COLOURS.items()):
        line = [spot(row["households"], row[name]) for row in rows]
        pen.line(line, fill=colour, width=3)
        for x, y in line:
            pen.ellipse((x - 5, y - 5, x + 5, y + 5), fill=colour)
        left = _LEFT + 220 * number
        pen.rectangle((left, 24, left + 18, 38), fill=colour, outline=_INK)
        pen.text((left + 26, 21), _WORDS[name], _INK, _font(16))
    image.save(path, optimize=True)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)
