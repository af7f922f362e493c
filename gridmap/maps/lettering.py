"""What is written on a printed map where there is room: labels, the scale and north."""

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.maps.frame import Paper
from gridmap.maps.ink import Element, breadth, put, words
from gridmap.model.sheet import Ground


class Taken:
    """Places on the paper that something stands on already."""

    def __init__(self, window: BaseGeometry) -> None:
        self.inside = window
        self._held: list[BaseGeometry] = []
        self._lines: list[BaseGeometry] = []

    def hold(self, shape: BaseGeometry) -> None:
        """Keep a place."""
        self._held.append(shape)

    def avoid(self, shape: BaseGeometry) -> None:
        """Keep words off a line as long as there is another place for them."""
        self._lines.append(shape)

    def free(self, shape: BaseGeometry, *, over: bool = False) -> bool:
        """Take a place if nothing stands there; `over` lines that words had better not cover."""
        if not self.inside.contains(shape) or any(shape.intersects(one) for one in self._held):
            return False
        if not over and any(shape.intersects(one) for one in self._lines):
            return False
        self._held.append(shape)
        return True


def in_hazard(root: Element, window: Paper, ground: Ground, taken: Taken, clear: str) -> None:
    """Write into the hazard that it is to be left."""
    seen = window.flat(ground.hazard).intersection(
        shapely.box(30, 20, window.width - 30, window.height - 20)
    )
    if seen.is_empty:
        return
    inside(root, seen, clear, 15, taken)


def inside(root: Element, shape: BaseGeometry, text: str, size: float, taken: Taken) -> None:
    """Write words at the first free place inside a shape; without one they are left out."""
    if shape.is_empty:
        return
    half = breadth(text, size) / 2 + 2
    spots = (shape.representative_point(), *shapely.points(_raster(shape)))
    for over, spot in ((over, spot) for over in (False, True) for spot in spots):
        box = shapely.box(spot.x - half, spot.y - size, spot.x + half, spot.y + size * 0.4)
        if shape.contains(spot) and taken.free(box, over=over):
            words(root, text, spot.x, spot.y, size, bold=True)
            return


def _raster(shape: BaseGeometry) -> list[tuple[float, float]]:
    west, south, east, north = shape.bounds
    return [
        (west + (east - west) * column / 6, south + (north - south) * row / 6)
        for row in range(1, 6)
        for column in range(1, 6)
    ]


def furniture(root: Element, window: Paper, taken: Taken, say: dict[str, str]) -> None:
    """Draw scale and north, and whose map it is."""
    if say.get("source"):
        words(root, say["source"], 6, window.height - 6, 9, anchor="start")
        taken.hold(shapely.box(4, window.height - 16, 8 + breadth(say["source"], 9), window.height))
    metres, wide = window.bar
    x, y = window.width - wide - 20, window.height - 16
    put(
        root,
        "rect",
        x=x - 8,
        y=y - 22,
        width=wide + 16,
        height=30,
        rx=4,
        fill="#fff",
        fill_opacity=0.85,
    )
    put(
        root,
        "path",
        d=f"M{x:.1f} {y - 6}v6h{wide:.1f}v-6",
        fill="none",
        stroke="#000",
        stroke_width=2,
    )
    words(root, say["metres"].format(n=metres), x + wide / 2, y - 8, 11.3, ground=False)
    taken.hold(shapely.box(x - 8, y - 22, x + wide + 8, y + 8))
    north = put(root, "g", transform=f"translate({window.width - 24} 24)")
    put(north, "circle", cx=0, cy=4, r=19, fill="#fff", fill_opacity=0.85)
    put(north, "path", d="M0 -13l6 17l-6 -4l-6 4z", fill="#000")
    put(north, "text", say["north"], x=0, y=19, font_size=11.3, text_anchor="middle")
    taken.hold(shapely.box(window.width - 44, 0, window.width, 48))
