"""Opening hours as rosters and OpenStreetMap write them, into the times `geodata.opening` takes."""

import re
from typing import Any

from geodata import opening
from geodata.errors import GeodataError

_DAYS = {
    **{name: n for n, name in enumerate(("mo", "tu", "we", "th", "fr", "sa", "su"), start=1)},
    **{f"周{name}": n for n, name in enumerate("一二三四五六日", start=1)},
    **{f"星期{name}": n for n, name in enumerate("一二三四五六日", start=1)},
    **{str(n): n for n in range(1, 8)},
    "周天": 7,
    "星期天": 7,
}
_EVERY = {"": range(1, 8), "每天": range(1, 8), "daily": range(1, 8), "周末": (6, 7)}
_EVERY |= {"工作日": range(1, 6), "weekdays": range(1, 6)}
_ALWAYS = {"", "24/7", "24小时", "全天", "全天开放", "always"}
_NEVER = {"不开放", "关闭", "closed", "off"}
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~至到]\s*(\d{1,2}):(\d{2})")
_RANGE = re.compile(r"\s*[-–—~至到]\s*")
_BETWEEN = re.compile(r"[,，、\s]+")


def parse(text: str) -> list[dict[str, Any]] | None:
    """Read hours such as ``周一至周五 08:00-17:30；周六 08:00-12:00`` or ``Mo-Fr 08:00-17:30``.

    Returns
    -------
    list of dict or None
        Times as `opening.check` takes them; None is always open, an empty list never.

    Raises
    ------
    GeodataError
        If the text cannot be understood.
    """
    said = text.strip().lower().replace("：", ":")
    if said in _ALWAYS:
        return None
    if said in _NEVER:
        return []
    times = []
    for part in filter(None, (piece.strip() for piece in re.split(r"[;；\n]", said))):
        first = _SPAN.search(part)
        if first is None or _SPAN.sub("", part[first.start() :]).strip(" ,，、"):
            raise GeodataError("hours are written as 周一至周五 08:00-17:30 or Mo-Fr 08:00-17:30")
        days = sorted(_days(part[: first.start()].strip()))
        for begins, at, ends, until in _SPAN.findall(part):
            times.append({"days": days, "from": f"{begins:>02}:{at}", "to": f"{ends:>02}:{until}"})
    opening.check(times)
    return times


def write(hours: opening.Hours | None, *, english: bool = False) -> str:
    """Write hours as `parse` reads them: with days in Chinese, or as OpenStreetMap does."""
    if hours is None:
        return "24/7" if english else "24小时"
    if not hours:
        return "closed" if english else "不开放"
    names = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su") if english else tuple("一二三四五六日")
    between, after = (",", "; ") if english else ("、", "；")
    return after.join(
        between.join(names[day - 1] if english else f"周{names[day - 1]}" for day in time["days"])
        + f" {time['from']}-{time['to']}"
        for time in hours
    )


def _days(text: str) -> set[int]:
    if text in _EVERY:
        return set(_EVERY[text])
    found: set[int] = set()
    for piece in filter(None, _BETWEEN.split(_RANGE.sub("-", text))):
        if piece in _EVERY:
            found |= set(_EVERY[piece])
            continue
        ends = [_DAYS.get(name) for name in piece.split("-")]
        first, last = ends[0], ends[-1]
        if len(ends) > 2 or first is None or last is None:
            raise GeodataError("hours are written as 周一至周五 08:00-17:30 or Mo-Fr 08:00-17:30")
        span = last - first if last >= first else last + 7 - first
        found |= {(first - 1 + step) % 7 + 1 for step in range(span + 1)}
    return found
