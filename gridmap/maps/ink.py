"""SVG as elements, never as text: what people wrote cannot become markup.

Only attributes are set, no style and no script: the pages' policy lets nothing else through.
"""

from collections.abc import Iterable
from xml.etree import ElementTree

import shapely
from markupsafe import Markup
from shapely.geometry.base import BaseGeometry

FONT = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_SVG = "http://www.w3.org/2000/svg"

Element = ElementTree.Element


def picture(width: int, height: int, words: str) -> Element:
    """Begin a picture; `words` say what it shows to who cannot see it."""
    return ElementTree.Element(
        "svg",
        {
            "xmlns": _SVG,
            "viewBox": f"0 0 {width} {height}",
            "width": str(width),
            "height": str(height),
            "role": "img",
            "aria-label": words,
            "font-family": FONT,
        },
    )


def put(parent: Element, tag: str, text: str | None = None, **attributes: object) -> Element:
    """Add an element; `_` in a name is `-`, None is left out."""
    given = {
        name.rstrip("_").replace("_", "-"): _plain(value)
        for name, value in attributes.items()
        if value is not None
    }
    made = ElementTree.SubElement(parent, tag, given)
    if text is not None:
        made.text = text
    return made


def words(  # noqa: PLR0913 - a word on a map has these parts
    parent: Element,
    text: str,
    x: float,
    y: float,
    size: float,
    *,
    anchor: str = "middle",
    bold: bool = False,
    fill: str = "#000",
    ground: bool = True,
) -> None:
    """Write words on a map, on a white ground that keeps the lines under them away."""
    wide = breadth(text, size)
    left = x - {"middle": wide / 2, "start": 0.0, "end": wide}[anchor]
    if ground:
        put(
            parent,
            "rect",
            x=left - 2,
            y=y - size * 0.95,
            width=wide + 4,
            height=size * 1.25,
            rx=3,
            fill="#fff",
            fill_opacity=0.82,
        )
    put(
        parent,
        "text",
        text,
        x=x,
        y=y,
        font_size=size,
        text_anchor=anchor,
        font_weight="700" if bold else None,
        fill=fill,
    )


def breadth(text: str, size: float) -> float:
    """Guess how wide a text is: signs of Chinese are square, Latin ones about half."""
    return sum(size if ord(sign) > 0x2E7F else size * 0.56 for sign in text)


def path(shapes: BaseGeometry | Iterable[BaseGeometry]) -> str:
    """Write shapes as the data of a path, to a tenth of a pixel."""
    parts: list[str] = []
    each = [shapes] if isinstance(shapes, BaseGeometry) else shapes
    for shape in each:
        for ring, closed in _rings(shape):
            points = [f"{x:.1f} {y:.1f}" for x, y in ring]
            if len(points) > 1:
                parts.append("M" + "L".join(points) + ("z" if closed else ""))
    return "".join(parts)


def written(root: Element) -> Markup:
    """Give a finished picture as markup; every text in it has been escaped by the writer."""
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - made of elements


def _rings(shape: BaseGeometry) -> Iterable[tuple[list[tuple[float, float]], bool]]:
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield list(ring.coords)[:-1], True
        elif part.geom_type in ("LineString", "LinearRing"):
            yield list(part.coords), False
        elif part.geom_type.startswith(("Multi", "Geometry")):
            yield from _rings(part)


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return str(value)
