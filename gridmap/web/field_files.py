"""The files the tablet's page is made of: joined into a few where they are there, else alone."""

import hashlib
import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
ENTRY = "js/field/page.js"
STYLES = ("css/tokens.css", "css/look.css", "css/map.css", "css/field.css", "css/pages.css")
_MANIFEST = "vendor/field/bundle.json"  # made by static/scripts/bundle.js
_PICTURES = ("icon.svg", "icons/field-192.png")
_IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*"(\.[^"]+)\"""")
_VENDOR = re.compile(r"""set (leaflet|protomaps|idb) = "([^"]+)\"""")


@dataclass(frozen=True)
class Files:
    """Names below `static/`.

    Attributes
    ----------
    entry
        The module that the page begins with.
    needs
        Modules it cannot begin without: asked for together with it.
    scripts
        All modules, the entry among them.
    styles
        In the order of the page.
    leaflet, leaflet_style, protomaps
        What the map stands on; it comes after everything else.
    """

    entry: str
    needs: tuple[str, ...]
    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    leaflet: str
    leaflet_style: str
    protomaps: str

    @property
    def all(self) -> tuple[str, ...]:
        """Everything that has to be there without a network."""
        libraries = (self.leaflet_style, self.leaflet, self.protomaps)
        return (*_PICTURES, *self.styles, *libraries, *self.scripts)


@lru_cache(maxsize=1)
def modules() -> tuple[str, ...]:
    """Follow the imports of the page's entry, those that come late too."""
    found: list[Path] = []
    waiting = [STATIC / ENTRY]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        if "vendor" not in path.parts:
            names = _IMPORT.findall(path.read_text(encoding="utf-8"))
            waiting += [(path.parent / name).resolve() for name in names]
    return tuple(sorted(str(path.relative_to(STATIC)) for path in found))


@lru_cache(maxsize=1)
def files() -> Files:
    """Give the joined files if they are made of the sources that lie here, else the sources."""
    vendor = (ROOT / "gridmap" / "templates" / "_vendor.html").read_text(encoding="utf-8")
    folders = dict(_VENDOR.findall(vendor))
    libraries = {
        "leaflet": f"{folders['leaflet']}/leaflet.js",
        "leaflet_style": f"{folders['leaflet']}/leaflet.css",
        "protomaps": f"{folders['protomaps']}/protomaps-leaflet.js",
    }
    joined = _joined()
    if joined is None:
        alone = modules()
        return Files(ENTRY, alone, alone, STYLES, **libraries)
    return Files(joined.entry, joined.needs, joined.scripts, (joined.style,), **libraries)


@dataclass(frozen=True)
class _Joined:
    entry: str
    style: str
    needs: tuple[str, ...]
    scripts: tuple[str, ...]
    sources: dict[str, str]


def _joined() -> _Joined | None:
    """Give the manifest of the joined files; None when they are not there or not of today."""
    try:
        text = json.loads((STATIC / _MANIFEST).read_text(encoding="utf-8"))
        found = _Joined(
            text["entry"],
            text["style"],
            tuple(text["needs"]),
            tuple(text["scripts"]),
            dict(text["sources"]),
        )
        same = set(found.sources) == {*modules(), *STYLES} and all(
            hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == digest
            for name, digest in found.sources.items()
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    there = all((STATIC / name).is_file() for name in (found.style, *found.scripts))
    return found if same and there else None
