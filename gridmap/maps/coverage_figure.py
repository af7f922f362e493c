"""Pictures of a report on coverage: the map of its grids, and how cover has changed.

Grids where most are not reached are hatched, the others the greyer the fewer are reached: it is
legible in black and white. Streets stay open on top.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

from gridmap.maps import ground as base
from gridmap.maps import marks
from gridmap.maps.frame import Paper, paper
from gridmap.maps.ink import Element, breadth, path, picture, put, words, written
from gridmap.maps.lettering import Taken
from gridmap.model.coverage_report import Chapter, Moment, Outline, Report, Site, Sums

WIDTH, HEIGHT = 716, 640
_LEAST_HEIGHT = 320  # of an area that is much wider than it is high
CHART_WIDTH, CHART_HEIGHT = 716, 160
# Least share of households that is reached, and the fill: the bands of the page.
BANDS = ((0.995, "#fff"), (0.8, "#e2e2e2"), (0.5, "#bcbcbc"))
_HATCH_PITCH, _HATCH = 8.0, 1.7
_NAME, _MOST_NAMES, _COMMUNITY = 11.5, 150, 12
_EMPTY_PITCH, _WAVES = 14.0, 9.0
_BAR_WIDTH, _BAR_HEIGHT = 84, 10
_SIGNS = {
    "fire_station": "消",
    "micro_fire_station": "消",
    "hospital": "医",
    "clinic": "医",
    "ambulance_station": "急",
    "pharmacy": "药",
    "police": "警",
    "police_post": "警",
    "police_station": "警",
    "school": "校",
    "kindergarten": "幼",
    "shelter": "避",
    "nursing_home": "老",
    "community_centre": "居",
    "market": "市",
    "marketplace": "市",
    "park": "园",
    "supply_point": "供",
    "grid_station": "格",
    "aed": "电",
    "warehouse": "库",
}
_MANY = 40  # facilities from which on their signs are small and have no names
_SAYS = Mapping[str, str]


def sign(kind: str) -> str:
    """Give the character of a kind of facility."""
    return _SIGNS.get(kind, "设")


def band(share: float | None) -> int | None:
    """Give the band of a share: 0 to 2, 3 where most are not reached, None where nobody lives."""
    if share is None:
        return None
    return next((number for number, (least, _fill) in enumerate(BANDS) if share >= least), 3)


def of_area(report: Report, chapter: Chapter, say: _SAYS) -> tuple[Markup, tuple[int, ...]]:
    """Draw the map of a chapter.

    Returns
    -------
    picture, bands
        Bands that are on it, for the legend; 4 is a grid in which nobody lives.
    """
    window = _window([each.shape for each in (*report.communities, *report.grids)])
    root = picture(WIDTH, window.height, say["map"])
    taken = Taken(shapely.box(3, 3, WIDTH - 3, window.height - 3))
    put(root, "rect", width=window.width, height=window.height, fill="#fff")
    found = {line.code: band(line.sums.share) for line in chapter.grids}
    used = _fills(root, window, report.grids, found)
    _water(root, window, report)
    base.streets(root, window, report.ground.streets)
    _edges(root, window, report)
    marks.furniture(root, window, taken, dict(say))
    _sites(root, window, chapter.sites, taken)
    _labels(root, window, report, found, taken)
    base.names(root, window, report.ground, taken.free)
    return written(root), used


def _window(shapes: Sequence[BaseGeometry]) -> Paper:
    """Choose a sheet as high as the area needs at its width."""
    whole = paper(shapes, WIDTH, HEIGHT, edge=26)
    _west, south, _east, north = shapely.total_bounds(shapes).tolist()
    top, bottom = whole.point(whole.lon, north)[1], whole.point(whole.lon, south)[1]
    height = max(_LEAST_HEIGHT, min(HEIGHT, round(bottom - top) + 56))
    return replace(whole, height=height)


def _fills(
    root: Element, window: Paper, grids: Iterable[Outline], found: Mapping[str, int | None]
) -> tuple[int, ...]:
    by_band: dict[int, list[BaseGeometry]] = {}
    for grid in grids:
        shape = window.flat(grid.shape).intersection(window.window)
        if not shape.is_empty:
            number = found.get(grid.code)
            by_band.setdefault(4 if number is None else number, []).append(shape)
    for number, (_least, fill) in enumerate(BANDS):
        data = path(by_band.get(number, ()))
        if data:
            put(root, "path", d=data, fill=fill, fill_rule="evenodd")
    missed = by_band.get(3, [])
    if missed:
        put(root, "path", d=path(missed), fill="#f4f4f4", fill_rule="evenodd")
        lines = [marks.hatched(shape, _HATCH_PITCH, against=True) for shape in missed]
        put(root, "path", d=path(lines), fill="none", stroke="#000", stroke_width=_HATCH)
    empty = by_band.get(4, [])
    if empty:
        put(root, "path", d=path(empty), fill="#fff", fill_rule="evenodd")
        strokes = [marks.dotted(shape, _EMPTY_PITCH) for shape in empty]
        put(root, "path", d=path(strokes), fill="none", stroke="#777", stroke_width=1.2)
    return tuple(sorted(by_band))


def _water(root: Element, window: Paper, report: Report) -> None:
    """Draw water in waves: a pale ground would be one of the bands."""
    for _name, shape in report.ground.water:
        flat = window.flat(shape).intersection(window.window)
        if flat.is_empty or flat.area < 1:
            continue
        _west, south, _east, north = flat.bounds
        rows = [row * _WAVES for row in range(int(south // _WAVES), int(north // _WAVES) + 1)]
        lines = shapely.MultiLineString(
            [[(-20.0, y), (window.width + 20.0, y)] for y in rows]
        ).intersection(flat)
        edge: dict[str, Any] = {"stroke": "#888", "stroke_width": 0.7}
        put(root, "path", d=path(flat), fill="#fff", fill_rule="evenodd", **edge)
        put(root, "path", d=path(lines), fill="none", **edge)


def _edges(root: Element, window: Paper, report: Report) -> None:
    for shapes, width, dashes in (
        ([each.shape for each in report.grids], 1.0, "6 3"),
        ([each.shape for each in report.communities], 2.4, None),
    ):
        flat = [window.flat(shape).boundary.intersection(window.window) for shape in shapes]
        data = path(flat)
        if data:
            more: dict[str, Any] = {"fill": "none", "stroke_linejoin": "round"}
            put(root, "path", d=data, stroke="#fff", stroke_width=width + 1.6, **more)
            put(
                root,
                "path",
                d=data,
                stroke="#000",
                stroke_width=width,
                stroke_dasharray=dashes,
                **more,
            )


def _sites(root: Element, window: Paper, sites: Sequence[Site], taken: Taken) -> None:
    """Draw facilities as black squares with a sign; one that is not in use is white and barred."""
    sheet = shapely.box(14, 14, window.width - 14, window.height - 14)
    spots = [(each, window.point(each.lon, each.lat)) for each in sites]
    seen = [(each, x, y) for each, (x, y) in spots if sheet.contains(shapely.Point(x, y))]
    half = 5.5 if len(seen) > _MANY else 10.0
    for each, x, y in seen:
        taken.hold(shapely.box(x - half - 1, y - half - 1, x + half + 1, y + half + 1))
        group = put(root, "g", transform=f"translate({x:.1f} {y:.1f})")
        square = f"M{-half} {-half}h{2 * half}v{2 * half}h{-2 * half}z"
        fill, edge = ("#000", "#fff") if each.open else ("#fff", "#000")
        put(group, "path", d=square, fill=fill, stroke=edge, stroke_width=1.4)
        if half > 6:
            put(
                group,
                "text",
                sign(each.kind),
                x=0,
                y=4.6,
                font_size=13,
                font_weight="700",
                text_anchor="middle",
                fill="#fff" if each.open else "#000",
            )
        if not each.open:
            bar = f"M{-half} {half}L{half} {-half}"
            put(group, "path", d=bar, stroke="#000", stroke_width=1.6, fill="none")
    if half > 6:
        for each, x, y in seen:
            if each.name:
                marks.beside(root, each.name, x, y, 11.5, taken)


def _labels(
    root: Element,
    window: Paper,
    report: Report,
    found: Mapping[str, int | None],
    taken: Taken,
) -> None:
    """Write the names of grids, those first where most are not reached; of many, communities."""
    own = len(report.area) == _COMMUNITY
    worst = sorted(report.grids, key=lambda each: (-(found.get(each.code) or 0), each.code))
    named = [(each.shape, each.label[4:] if own else each.label) for each in worst]
    if not 0 < len(named) <= _MOST_NAMES:
        named = [(each.shape, each.label) for each in report.communities][:_MOST_NAMES]
    for shape, label in named:
        inner = window.flat(shape).intersection(taken.inside)
        west, _south, east, _north = inner.bounds
        if east - west >= breadth(label, _NAME):
            marks.inside(root, inner, label, _NAME, taken)


def bar(sums: Sums, name: str) -> Markup:
    """Draw the share that is not reached as a hatched part of a bar."""
    root = picture(_BAR_WIDTH, _BAR_HEIGHT, name)
    wide = (_BAR_WIDTH - 1) * (sums.uncovered / sums.households if sums.households else 0.0)
    box = shapely.box(0.5, 0.5, 0.5 + wide, _BAR_HEIGHT - 0.5)
    lines = path(marks.hatched(box, 4.5, against=True)) if wide else ""
    put(root, "path", d=lines, fill="none", stroke="#000", stroke_width=1.3)
    for part, width in ((wide, 1.4), (_BAR_WIDTH - 1.0, 0.8)):
        put(
            root,
            "rect",
            x=0.5,
            y=0.5,
            width=part,
            height=_BAR_HEIGHT - 1,
            fill="none",
            stroke="#000",
            stroke_width=width,
        )
    return written(root)


def of_history(moments: Sequence[Moment], limit_of: float | None, say: _SAYS) -> Markup:
    """Draw the share of households that is reached from run to run.

    Runs by another limit are hollow and are not joined to the others.

    Parameters
    ----------
    limit_of
        The limit of the run the chapter is about.
    say
        `chart`: what the picture shows; `dates`: days of the first and the last run.
    """
    root = picture(CHART_WIDTH, CHART_HEIGHT, say["chart"])
    left, right, top, bottom = 52.0, CHART_WIDTH - 14.0, 14.0, CHART_HEIGHT - 26.0
    shares = [each.sums.share or 0.0 for each in moments]
    low = max(0.0, (min(shares) * 10 - 0.5) // 1 / 10)
    high = min(1.0, (max(shares) * 10 + 1.5) // 1 / 10)
    if high - low < 0.1:
        low = max(0.0, high - 0.1)
    times = [each.at.timestamp() for each in moments]
    span = (times[-1] - times[0]) or 1.0

    def at(number: int) -> tuple[float, float]:
        x = left + (right - left - 16) * (times[number] - times[0]) / span + 8
        return x, bottom - (bottom - top) * (shares[number] - low) / (high - low)

    for step in range(3):
        share = low + (high - low) * step / 2
        y = bottom - (bottom - top) * step / 2
        line = f"M{left} {y:.1f}H{right}"
        put(root, "path", d=line, stroke="#999", stroke_width=0.8, fill="none")
        words(root, f"{share:.0%}", left - 6, y + 4, 11.5, anchor="end", ground=False)
    spots = [at(number) for number in range(len(moments))]
    same = [each.limit == limit_of for each in moments]
    joined = [
        f"M{x:.1f} {y:.1f}L{a:.1f} {b:.1f}"
        for (x, y), (a, b), one, other in zip(spots, spots[1:], same, same[1:], strict=False)
        if one and other
    ]
    if joined:
        put(root, "path", d="".join(joined), stroke="#000", stroke_width=1.8, fill="none")
    for (x, y), alike in zip(spots, same, strict=True):
        put(
            root,
            "circle",
            cx=x,
            cy=y,
            r=3.6,
            fill="#000" if alike else "#fff",
            stroke="#000",
            stroke_width=1.4,
        )
    first, last = say["first"], say["last"]
    words(root, first, left, CHART_HEIGHT - 8, 11.5, anchor="start", ground=False)
    if len(moments) > 1:
        words(root, last, right, CHART_HEIGHT - 8, 11.5, anchor="end", ground=False)
    return written(root)
