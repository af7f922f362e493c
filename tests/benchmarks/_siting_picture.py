"""The picture of the siting benchmark: seconds of each method on each problem."""

import math
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_LEFT, _WIDE, _BAR, _GAP, _TOP = 150, 760, 12, 10, 96
_INK, _PAPER, _FAINT = (30, 30, 30), (255, 255, 255), (200, 200, 200)
# colours that differ in lightness too, so that they are told apart in grey
_COLOURS = ((20, 70, 120), (225, 150, 60), (190, 200, 205))
_LEAST = 0.001  # seconds at the left edge


def picture(result: dict[str, Any], methods: tuple[str, ...], path: Path) -> None:
    """Draw bars of processor seconds, on a logarithmic scale, with the gap behind each.

    Parameters
    ----------
    result
        What the benchmark returns.
    methods
        In the order of the bars.
    path
        Where the PNG is written.
    """
    rows = result["plain"]["rows"] + result["with_room"]["rows"]
    step = len(methods) * _BAR + _GAP
    height = _TOP + len(rows) * step + 50
    image = Image.new("RGB", (_LEFT + _WIDE + 200, height), _PAPER)
    pen = ImageDraw.Draw(image)
    most = max(result["limit"], 10.0)
    _scale(pen, most, height)
    left = _LEFT
    for method, colour in zip(methods, _COLOURS, strict=True):
        pen.rectangle((left, 44, left + 18, 58), fill=colour, outline=_INK)
        total = result["plain"]["total"][method]
        words = f"{method}: pmed in {total:.1f} s" if math.isfinite(total) else f"{method}: absent"
        pen.text((left + 26, 42), words, _INK, _font(15))
        left += 270
    for number, row in enumerate(rows):
        top = _TOP + number * step
        pen.text((12, top + 6), f"{row['name']} ({row['size']}, {row['count']})", _INK, _font(14))
        for at, (method, colour) in enumerate(zip(methods, _COLOURS, strict=True)):
            _bar(pen, top + at * _BAR, row[method], colour, most)
    image.save(path, optimize=True)


def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _x(seconds: float, most: float) -> float:
    share = math.log(max(seconds, _LEAST) / _LEAST) / math.log(most / _LEAST)
    return _LEFT + _WIDE * min(share, 1.0)


def _scale(pen: Any, most: float, height: int) -> None:
    title = "Siting: processor seconds (logarithmic), and the gap between value and bound"
    pen.text((12, 10), title, _INK, _font(18))
    tick = _LEAST
    while tick <= most * 1.001:
        x = _x(tick, most)
        pen.line([(x, _TOP - 10), (x, height - 40)], fill=_FAINT)
        pen.text((x - 14, height - 34), f"{tick:g} s", _INK, _font(13))
        tick *= 10


def _bar(pen: Any, top: int, found: dict[str, Any], colour: Any, most: float) -> None:
    if "none" in found:
        pen.text((_LEFT + 4, top - 2), found["none"][:60], _INK, _font(11))
        return
    end = max(_x(found["seconds"], most), _LEFT + 2)
    pen.rectangle((_LEFT, top, end, top + _BAR - 2), fill=colour, outline=_INK)
    gap = f"{found['gap']:.2f} %" if math.isfinite(found["gap"]) else "no bound"
    words = "no choice found" if math.isinf(found["above"]) else gap
    pen.text((end + 6, top - 2), words, _INK, _font(11))
