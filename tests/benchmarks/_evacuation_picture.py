"""The picture of the evacuation benchmark: seconds of a draft beside the flow alone."""

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_LEFT, _WIDE, _BAR, _GAP, _TOP = 260, 620, 16, 16, 100
_INK, _PAPER, _FAINT = (30, 30, 30), (255, 255, 255), (205, 205, 205)
# colours that differ in lightness too, so that they are told apart in grey
_BARS = (
    ("seconds", "draft with ways", (20, 70, 120)),
    ("flow_seconds", "OR-Tools' flow alone", (225, 150, 60)),
    ("pgrouting_seconds", "pgRouting, the ways alone", (190, 200, 205)),
)
_LEAST = 0.01  # seconds at the left edge


def picture(rows: list[dict[str, Any]], path: Path) -> None:
    """Draw bars of seconds, on a logarithmic scale."""
    step = len(_BARS) * _BAR + _GAP
    height = _TOP + len(rows) * step + 50
    image = Image.new("RGB", (_LEFT + _WIDE + 120, height), _PAPER)
    pen = ImageDraw.Draw(image)
    most = max(10.0, *(row[name] for row in rows for name, _, _ in _BARS if row.get(name)))
    pen.text((12, 10), "Evacuation of the same households, seconds (logarithmic)", _INK, _font(18))
    for number, (_, words, colour) in enumerate(_BARS):
        left = 12 + number * 290
        pen.rectangle((left, 46, left + 18, 60), fill=colour, outline=_INK)
        pen.text((left + 26, 44), words, _INK, _font(15))
    tick = _LEAST
    while tick <= most * 1.001:
        x = _x(tick, most)
        pen.line([(x, _TOP - 12), (x, height - 40)], fill=_FAINT)
        pen.text((x - 14, height - 34), f"{tick:g} s", _INK, _font(13))
        tick *= 10
    for number, row in enumerate(rows):
        top = _TOP + number * step
        title = f"{row['town']}, {row['households']:,}, {row['room']:.1f} beds"
        pen.text((12, top + 14), title, _INK, _font(14))
        for at, (name, _, colour) in enumerate(_BARS):
            if row.get(name):
                y, end = top + at * _BAR, max(_x(row[name], most), _LEFT + 2)
                pen.rectangle((_LEFT, y, end, y + _BAR - 3), fill=colour, outline=_INK)
                pen.text((end + 6, y - 2), f"{row[name]:.2f} s", _INK, _font(12))
    image.save(path, optimize=True)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _x(seconds: float, most: float) -> float:
    share = math.log(max(seconds, _LEAST) / _LEAST) / math.log(most / _LEAST)
    return _LEFT + _WIDE * min(share, 1.0)
