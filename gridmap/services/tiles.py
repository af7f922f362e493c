"""Vector tiles out of our own tables, kept while their layer's version stands."""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from gridmap.model.access import Permission, Scope
from gridmap.model.problem import not_found
from gridmap.services import reading
from gridmap.services.access import Viewer, outermost
from gridmap.services.viewing import tag
from gridmap.store import tile as tiles
from gridmap.store.database import Database, Transaction
from gridmap.store.tile import Tile
from gridmap.store.view import feature

BASE_TABLES = ("road", "building", "water", "green", "place")
HOUSEHOLD_TABLES = ("household", "household_need")
COVERAGE_TABLES = ("household", "coverage_run")
_FAST = 1  # level of compression: tiles are made while somebody waits

Key = tuple[object, ...]


class TileCache:
    """The most recently used tiles of this process, bounded in bytes.

    A key holds the layer's version and whose areas were looked at, so that nothing has to be
    thrown away when data changes: old versions are simply not asked for any more.
    """

    def __init__(self, most_bytes: int = 48_000_000) -> None:
        self._most = most_bytes
        self._size = 0
        self._held: OrderedDict[Key, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> bytes | None:
        """Give a tile that is held."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Key, tile: bytes) -> None:
        """Hold a tile, and let go of those unused longest."""
        with self._lock:
            self._size += len(tile) - len(self._held.pop(key, b""))
            self._held[key] = tile
            while self._size > self._most:
                _key, dropped = self._held.popitem(last=False)
                self._size -= len(dropped)


@dataclass(frozen=True)
class Drawn:
    """A tile, compressed with gzip; None when the caller has this version already."""

    etag: str
    content: bytes | None


@dataclass(frozen=True)
class _Order:
    """One tile to draw: whose versions and rights it depends on, and how it is drawn."""

    scope: Scope
    tables: tuple[str, ...]
    key: Key
    draw: Callable[[Transaction], bytes]


def base(
    database: Database, cache: TileCache, viewer: Viewer, tile: Tile, known: Callable[[str], bool]
) -> Drawn:
    """Draw a tile of the base map, which the whole county shares."""
    scope = viewer.scope(Permission.MAP_VIEW)
    counties = outermost(area[:6] for area in scope.areas)
    order = _Order(scope, BASE_TABLES, ("base", tile, counties), lambda tx: tiles.base(tx, tile))
    return _deliver(database, cache, order, known)


def households(
    database: Database, cache: TileCache, viewer: Viewer, tile: Tile, known: Callable[[str], bool]
) -> Drawn:
    """Draw households of the person's areas; needs only where they may be read."""
    scope = viewer.scope(Permission.HOUSEHOLD_VIEW)
    personal = list(reading.readable_needs(database, viewer))
    order = _Order(
        scope,
        HOUSEHOLD_TABLES,
        ("households", tile, scope.areas, tuple(personal)),
        lambda tx: tiles.households(tx, tile, personal),
    )
    return _deliver(database, cache, order, known)


def coverage(  # noqa: PLR0913  which run, which tile, for whom, and who has it already
    database: Database,
    cache: TileCache,
    viewer: Viewer,
    run_id: int,
    tile: Tile,
    known: Callable[[str], bool],
) -> Drawn:
    """Draw the answer of a coverage run.

    Raises
    ------
    Problem
        404 when there is no such run in the person's areas.
    """
    scope = viewer.scope(Permission.COVERAGE_VIEW)

    def draw(tx: Transaction) -> bytes:
        run = tiles.run(tx, run_id)
        if run is None:
            raise not_found(f"coverage run {run_id}")
        return tiles.coverage(tx, tile, run_id, str(run["by"]), float(str(run["most"])))

    order = _Order(scope, COVERAGE_TABLES, ("coverage", run_id, tile, scope.areas), draw)
    return _deliver(database, cache, order, known)


def _deliver(
    database: Database, cache: TileCache, order: _Order, known: Callable[[str], bool]
) -> Drawn:
    with database.transaction(order.scope) as tx:
        version = feature.version(tx, order.tables).number
        etag = tag(version, order.key)
        if known(etag):
            return Drawn(etag, None)
        held = cache.get((version, *order.key))
        if held is None:
            # mtime 0: the same tile is the same bytes
            held = gzip.compress(order.draw(tx), _FAST, mtime=0)
            cache.put((version, *order.key), held)
    return Drawn(etag, held)
