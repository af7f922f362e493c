"""Papers about grids as PDF, in one file or one a grid: the same bytes for the same grids."""

import hashlib
import io
import logging
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gridmap.maps import paper_figure
from gridmap.maps.paper_pages import Page, Part, Step, estates, numbered, parts
from gridmap.maps.sheet_words import Look, templates
from gridmap.model.paper import Folder, PaperKind

STYLES = ("paper.css",)
_NOTICE, _POCKET, _WALL = (716, 610), (515, 664), (1180, 1002)
_NEAR = 9  # grids named on the back of a pocket map
_LISTED = {"risks": 8, "places": 14, "houses": 12, "grids": 16}  # rows of a wall map's legend


def pdf(
    folder: Folder, kinds: Iterable[PaperKind], look: Look, step: Step = lambda _n, _all: None
) -> tuple[bytes, int]:
    """Make the papers as one PDF.

    Parameters
    ----------
    step
        Told before each part how many of how many are done.

    Returns
    -------
    content, pages
    """
    press = _Press(folder, look)
    made = numbered(parts(folder, kinds))
    laid = []
    for number, part in enumerate(made):
        step(number, len(made))
        laid.append(press.laid(part))
    step(len(made), len(made))
    return press.written(laid), sum(len(each.pages) for each in laid)


def bundle(
    folder: Folder, kinds: Iterable[PaperKind], look: Look, step: Step = lambda _n, _all: None
) -> tuple[bytes, int]:
    """Make the papers as an archive with a PDF for each grid, wall map and table; as `pdf`."""
    press = _Press(folder, look)
    made = parts(folder, kinds)
    text, count = io.BytesIO(), 0
    # what is in a PDF is packed already; the archive's own dates would differ each time
    with zipfile.ZipFile(text, "w", zipfile.ZIP_STORED) as archive:
        for number, part in enumerate(made):
            step(number, len(made))
            (own,) = numbered([part])
            laid = press.laid(own)
            count += len(laid.pages)
            archive.writestr(zipfile.ZipInfo(f"{part.name}.pdf"), press.written([laid]))
    step(len(made), len(made))
    return text.getvalue(), count


class _Press:
    """Lays out parts of one folder in one language."""

    def __init__(self, folder: Folder, look: Look) -> None:
        from weasyprint import CSS, URLFetcher  # heavy: only when somebody prints
        from weasyprint.text.fonts import FontConfiguration

        for name in ("weasyprint", "fontTools"):
            logging.getLogger(name).setLevel(logging.ERROR)
        self._folder, self._look = folder, look
        self._nothing = URLFetcher(allowed_protocols=())  # whatever a text says
        self._fonts = FontConfiguration()
        self._styles = [CSS(filename=str(look.static / "css" / name)) for name in STYLES]
        self._seen = hashlib.sha256()

    def laid(self, part: Part) -> Any:
        """Lay out a part."""
        from weasyprint import HTML

        text = document(self._folder, part.pages, self._look)
        self._seen.update(text.encode())
        return HTML(string=text, url_fetcher=self._nothing).render(
            stylesheets=self._styles, font_config=self._fonts
        )

    def written(self, laid: Sequence[Any]) -> bytes:
        """Write what was laid out as one file."""
        whole = laid[0].copy([page for each in laid for page in each.pages])
        identity = self._seen.hexdigest()[:32].encode()
        content: bytes = whole.write_pdf(pdf_identifier=identity)
        return content


def document(folder: Folder, pages: Sequence[Page], look: Look) -> str:
    """Write pages as one HTML document."""
    found = templates(look.language)
    say = _map_words(found.globals["_"])
    zone = ZoneInfo(look.zone)
    origin = folder.origin
    return found.get_template("paper.html").render(
        folder=folder,
        origin=origin,
        pages=[(page, _drawn(page, folder, say)) for page in pages],
        language=look.language,
        by_code={community.code: community for community in folder.communities},
        created=origin.printed_at.astimezone(zone).isoformat(timespec="seconds"),
        full=lambda moment: _moment(moment, zone),
        day=_day,
        area=area_words,
    )


def _moment(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _day(value: date | None) -> str:
    return "–" if value is None else value.isoformat()


def area_words(km2: float) -> str:
    """Write square kilometres with as many places as they need."""
    return f"{km2:.3f}" if km2 < 1 else f"{km2:.2f}"


def _map_words(say: Any) -> dict[str, str]:
    return {"title": say("网格图"), "metres": say("{n} 米"), "north": say("北")}


def _drawn(page: Page, folder: Folder, say: dict[str, str]) -> Mapping[str, Any]:
    """Draw the map of a page, and give what its words are about."""
    if page.kind == "notice":
        assert page.grid is not None
        return {"map": paper_figure.of_grid(page.grid, folder, _NOTICE, say)}
    if page.kind == "pocket":
        assert page.grid is not None
        return {
            "map": paper_figure.of_grid(page.grid, folder, _POCKET, say, numbers=11.4, names=True)
        }
    if page.kind == "back":
        assert page.grid is not None
        return {"estates": estates(page.grid, folder.houses), "beside": _beside(page, folder)}
    if page.kind == "wall":
        return _wall(page, folder, say)
    return {}


def _beside(page: Page, folder: Folder) -> list[Any]:
    """Give the grids that border on one, with who looks after them."""
    assert page.grid is not None
    own = page.grid.outline.buffer(2e-5)  # two metres: borders of other communities do not match
    return [
        each
        for each in (*folder.grids, *folder.beside)
        if each.key != page.grid.key and each.outline.intersects(own)
    ][:_NEAR]


def _wall(page: Page, folder: Folder, say: dict[str, str]) -> Mapping[str, Any]:
    assert page.community is not None
    code = page.community.code
    drawn, places, risks, houses = paper_figure.of_village(code, folder, _WALL, say)
    # nobody has to look after a special grid: its households are in the grids under it
    grids = [
        each
        for each in folder.grids
        if each.community == code and (each.members or each.kind != "special")
    ]
    lists = {"risks": risks, "places": places, "houses": houses, "grids": grids}
    return {
        "map": drawn,
        "ways": any(way.intersects(page.community.outline) for way in folder.ways),
        "draft_ways": any(way.intersects(page.community.outline) for way in folder.draft_ways),
        "rest": {name: max(0, len(rows) - _LISTED[name]) for name, rows in lists.items()},
        **{name: list(rows)[: _LISTED[name]] for name, rows in lists.items()},
    }
