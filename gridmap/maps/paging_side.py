"""What stands beside the map of a sheet: as many steps, in letters so large, as there is room for.

The column is laid out by the page's style (`.st` in sheet.css); its heights are told here again,
a little too large, so that what must not be done never falls off its end.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from gridmap.maps.ink import breadth
from gridmap.model.sheet import Booklet, Leaf, Turn

MOST_STEPS = 16
_LEAST_STEPS = 5
_HIGH, _WIDE = 401.0, 229.0  # of the column, in pixels
_STEP_WORDS = {"zh": "左后转，沿走 000 米", "en": "Sharp right, 000 m along "}
_NAMELESS = {"zh": "居民区道路", "en": "residential street"}
_LEAVING = {"zh": "离开路再走 00 米，到", "en": "Leave the road, 00 m, to "}


@dataclass(frozen=True)
class _Letters:
    """Letters of the column: steps (size, line, least height, gap), small words, boxes."""

    name: str
    step: tuple[float, float, float, float]
    small: tuple[float, float]
    box: tuple[float, float, float, float]  # size, line, heading, around
    origin: bool  # whether it says where the way begins


_LETTERS = {
    "zh": (
        _Letters("", (14, 18, 20, 4), (11.6, 15), (12, 16, 19, 18), True),
        _Letters("tight", (12.6, 16, 20, 3), (11.6, 15), (12, 14.5, 19, 11), True),
        _Letters("tight tighter", (11.4, 14, 18, 1), (11.6, 15), (12, 14.5, 19, 11), False),
    ),
    "en": (
        _Letters("", (12, 15, 20, 1), (11.6, 15), (11.4, 14, 16, 14), True),
        _Letters("tight", (11.4, 12.6, 20, 0), (11.4, 12.6), (11.4, 13, 16, 11), True),
        _Letters("tight tighter", (11.4, 12.6, 18, 0), (11.4, 12.6), (11.4, 13, 16, 11), False),
    ),
}


@dataclass(frozen=True)
class Side:
    """How the column of a sheet is written.

    Attributes
    ----------
    letters
        Classes of the column.
    closures, points
        How many closures and assembly points are named; the others are on the map.
    """

    steps: tuple[Turn, ...]
    letters: str
    closures: int
    points: int


def side(booklet: Booklet, leaf: Leaf, language: str) -> Side:
    """Choose letters and steps so that the whole column is read: small letters before few steps."""
    words = "en" if language == "en" else "zh"
    turns = leaf.way.turns if leaf.way is not None else ()
    all_steps = len(shortened(turns, MOST_STEPS))
    found = len(booklet.ground.closures)
    asked: list[tuple[int, int, int]] = [
        (most, min(named, found), points)
        # rather fewer names of closures and points, which the map shows too, than of turns
        for least, named, points in ((8, 3, 3), (6, 1, 3), (_LEAST_STEPS, 1, 1), (4, 0, 1))
        for most in range(all_steps, min(least, all_steps) - 1, -1)
    ]
    for most, named, points in asked:
        kept = shortened(turns, most)
        for letters in _LETTERS[words]:
            told = Side(kept, letters.name, named, points)
            if _height(booklet, leaf, told, letters, words) <= _HIGH:
                return told
    most, named, points = asked[-1]
    return Side(shortened(turns, most), _LETTERS[words][-1].name, named, points)


def _lines(text: str, size: float, wide: float) -> int:
    return max(1, math.ceil(breadth(text, size) / wide))


def _height(booklet: Booklet, leaf: Leaf, told: Side, letters: _Letters, words: str) -> float:
    return (
        24.0
        + _steps(leaf, told.steps, letters, words)
        + _small(booklet, leaf, told, letters, words)
        + _boxes(booklet, leaf, letters, told.closures)
    )


def _steps(leaf: Leaf, steps: Sequence[Turn], letters: _Letters, words: str) -> float:
    size, line, least, gap = letters.step
    texts = [_STEP_WORDS[words] + (step.name or _NAMELESS[words]) for step in steps[:-1]]
    if steps and leaf.shelter is not None:
        texts.append(_LEAVING[words] + leaf.shelter.name)
    return sum(max(least, line * _lines(text, size, _WIDE - 27)) + gap for text in texts)


def _small(booklet: Booklet, leaf: Leaf, told: Side, letters: _Letters, words: str) -> float:
    size, line = letters.small
    if leaf.way is None:
        return 90.0
    texts = []
    if letters.origin:
        texts.append((f"从 {leaf.way.address} 起，别的楼沿细线汇入", 2))
        if leaf.way.drive_seconds:
            texts.append(("走不动的坐车去：00.0 公里，00 分钟 By vehicle: 0 min", 2))
    if leaf.meets:
        texts.append((_meeting(booklet, leaf, told.points, words), 4))
    if leaf.second:
        texts.append((f"去不了就去：{leaf.second}", 2))
    return sum(line * min(most, _lines(text, size, _WIDE)) + 5 for text, most in texts)


def _meeting(booklet: Booklet, leaf: Leaf, named: int, words: str) -> str:
    """Give about what is said of the points a sheet's households meet at."""
    other = "无名路口" if words == "zh" else "unnamed crossing"
    places = [
        f"00 号 {_name(booklet, number) or other}（000 户）、" for number, *_ in leaf.meets[:named]
    ]
    more = "，另 0 处见下表" if len(leaf.meets) > named else ""
    return "先到集合点：" + "".join(places) + more


def _name(booklet: Booklet, number: int) -> str | None:
    point = booklet.points.get(number)
    if point is None or point.name or not point.near:
        return None if point is None else point.name
    return f"crossing by {point.near}"


def _boxes(booklet: Booklet, leaf: Leaf, letters: _Letters, closures: int) -> float:
    size, line, heading, around = letters.box
    wide = _WIDE - 22
    to, rows = leaf.shelter, 0
    if to is not None:
        told = f"{to.address or ''}。可容 0000 人，这次来 0000 人，有坡道"
        rows += min(2, _lines(told, size, wide))
        rows += _lines(f"去：{to.name}", size + 1.5, wide) - 1
    else:
        rows += 3
    for closure in booklet.ground.closures[:closures]:
        rows += min(2, _lines(f"⊖ {closure.reason}", size, wide))
    rows += len(booklet.ground.closures) > closures
    rows += (
        2 * (booklet.ground.blocked is not None)
        if line < 14
        else (booklet.ground.blocked is not None)
    )
    rows += 1
    return 2 * (heading + around) + rows * line


def shortened(turns: Sequence[Turn], most: int) -> tuple[Turn, ...]:
    """Join the shortest steps to the ones before them until `most` are left, arrival included."""
    kept = list(turns)
    while len(kept) > most:
        at = min(range(1, len(kept) - 1), key=lambda number: (kept[number].metres, number))
        before, gone = kept[at - 1], kept.pop(at)
        kept[at - 1] = replace(before, metres=before.metres + gone.metres)
    return tuple(kept)
