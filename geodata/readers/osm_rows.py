"""Rows of the frames, gathered from a stream of OpenStreetMap objects."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

import osmium

from geodata.errors import GeodataError
from geodata.readers import osm_tags
from geodata.readers.osm_file import Progress

_TYPES = {"n": "node", "w": "way", "r": "relation"}
_KEYS = (
    "highway",
    "building",
    "barrier",
    "place",
    "boundary",
    "natural",
    "waterway",
    "landuse",
    "railway",
    *osm_tags.FACILITY_KEYS,
)

Row = tuple[Any, ...]


class Rows:
    """Rows by layer, each ending in its geometry as hexadecimal WKB in EPSG:4326.

    Attributes
    ----------
    layers
        ``roads``, ``buildings``, ``facilities``, ``water``, ``barriers``, ``railways``,
        ``places``, ``coastlines``: lists of (osm_id, ..., geometry). Facilities and places may
        still be polygons.
    skipped
        Ways left out because fewer than two of their nodes are in the file.
    broken
        Areas left out because their rings do not close, or cross.
    """

    def __init__(self) -> None:
        self.layers: dict[str, list[Row]] = defaultdict(list)
        self.skipped = 0
        self.broken = 0
        self._wkb = osmium.geom.WKBFactory()

    def read(self, source: osmium.io.File, progress: Progress) -> None:
        """Gather the rows of one file.

        Ways must come after their nodes, else they are skipped for want of places.

        Raises
        ------
        GeodataError
            If objects have ids below zero (an edit never uploaded).
        """
        stream: Iterable[Any] = (
            osmium.FileProcessor(source)
            .with_locations("sparse_mem_array")
            .with_areas(osmium.filter.KeyFilter(*_KEYS))
            .with_filter(osmium.filter.KeyFilter(*_KEYS))
        )
        for item in stream:
            kind = item.type_str()
            progress.last = f"{kind}{item.id}"
            if item.id < 0:
                raise GeodataError(
                    f"object {kind}{item.id}: ids below zero belong to unsaved edits"
                )
            if item.deleted:
                continue
            tags = dict(item.tags)
            if kind == "n":
                self._node(item, tags)
            elif kind == "w":
                self._way(item, tags)
            elif kind == "a":
                self._area(item, tags)

    def _node(self, node: Any, tags: osm_tags.Tags) -> None:
        if node.location.valid():
            place = self._wkb.create_point(node)
            self._spots(f"node/{node.id}", tags, place)
            if kind := osm_tags.barrier_kind(tags):
                self._add("barriers", f"node/{node.id}", kind, osm_tags.name(tags), place)

    def _area(self, area: Any, tags: osm_tags.Tags) -> None:
        number = f"{'way' if area.from_way() else 'relation'}/{area.orig_id()}"
        if area.num_rings()[0] == 0:  # a ring that does not close, or crosses itself
            self.broken += 1
            return
        shape = self._wkb.create_multipolygon(area)
        self._spots(number, tags, shape)
        if osm_tags.is_building(tags):
            self._add("buildings", number, *_building(tags), shape)
        if kind := osm_tags.water_area_kind(tags):
            self._add("water", number, kind, osm_tags.name(tags), shape)

    def _spots(self, number: str, tags: osm_tags.Tags, shape: str) -> None:
        """Add what ends as a point: facilities, named places, administrative areas."""
        if kind := osm_tags.facility_kind(tags):
            self._add("facilities", number, kind, osm_tags.name(tags), shape)
        if kind := osm_tags.place_kind(tags):
            self._add("places", number, kind, osm_tags.name(tags), None, shape)
        elif level := osm_tags.admin_level(tags):
            self._add("places", number, "admin", osm_tags.name(tags), level, shape)

    def _way(self, way: Any, tags: osm_tags.Tags) -> None:
        number = f"way/{way.id}"
        for layer, values in _line_rows(tags):
            lines = list(self._lines(way))
            self.skipped += not lines
            for line in lines:
                self._add(layer, number, *values, line)

    def _add(self, layer: str, number: str, *values: Any) -> None:
        self.layers[layer].append((number, *values))

    def _lines(self, way: Any) -> Iterator[str]:
        """Give the parts of a way whose nodes are in the file: one, unless an extract cut it."""
        if all(node.location.valid() for node in way.nodes):
            yield from self._line(way)
            return
        run: list[tuple[float, float]] = []
        for node in [*way.nodes, None]:
            if node is not None and node.location.valid():
                run.append((node.location.lon, node.location.lat))
                continue
            if len(set(run)) > 1:
                yield _hex_line(run)
            run = []

    def _line(self, way: Any) -> Iterable[str]:
        try:
            return [self._wkb.create_linestring(way)]
        except RuntimeError:  # fewer than two different places
            return []


def _line_rows(tags: osm_tags.Tags) -> Iterator[tuple[str, Row]]:
    if kind := osm_tags.highway(tags):
        yield "roads", _road(kind, tags)
    if kind := osm_tags.barrier_kind(tags):
        yield "barriers", (kind, osm_tags.name(tags))
    if osm_tags.is_railway(tags):
        yield "railways", (osm_tags.name(tags), osm_tags.is_bridge(tags), osm_tags.is_tunnel(tags))
    if kind := osm_tags.water_line_kind(tags):
        yield "water", (kind, osm_tags.name(tags))
    if tags.get("natural") == "coastline":
        yield "coastlines", ()


def _road(kind: str, tags: osm_tags.Tags) -> Row:
    return (
        kind,
        osm_tags.name(tags),
        osm_tags.oneway(tags),
        osm_tags.maxspeed_kmh(tags),
        osm_tags.is_bridge(tags),
        osm_tags.is_tunnel(tags),
        osm_tags.layer(tags),
        osm_tags.metres(tags.get("maxheight")),
        osm_tags.tonnes(tags.get("maxweight")),
        osm_tags.metres(tags.get("maxwidth")),
    )


def _building(tags: osm_tags.Tags) -> Row:
    return (
        tags["building"],
        osm_tags.name(tags),
        osm_tags.levels(tags),
        tags.get("addr:street") or tags.get("addr:place"),
        tags.get("addr:housenumber"),
    )


def _hex_line(points: list[tuple[float, float]]) -> str:
    from shapely import LineString, to_wkb

    return str(to_wkb(LineString(points), hex=True))
