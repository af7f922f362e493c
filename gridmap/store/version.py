"""Data versions of layers: what a result was computed from, and whether that has changed."""

from collections.abc import Iterable

from gridmap.store.database import Transaction


def of(tx: Transaction, layers: Iterable[str]) -> str:
    """Give the versions of layers as one stable text such as `household.5 road.12`."""
    rows = tx.all(
        "SELECT layer, version FROM layer_version WHERE layer = ANY(:layers) ORDER BY layer",
        layers=sorted(layers),
    )
    return " ".join(f"{row['layer']}.{row['version']}" for row in rows)


def still(tx: Transaction, version: str | None) -> bool:
    """Tell whether the layers named in an input version are still what they were."""
    if not version:
        return False
    layers = [part.partition(".")[0] for part in version.split()]
    return of(tx, layers) == version


def changed(tx: Transaction, version: str | None) -> list[str]:
    """Give the layers named in an input version that are no more what they were."""
    if not version:
        return []
    before = dict(part.rpartition(".")[::2] for part in version.split())
    now = dict(part.rpartition(".")[::2] for part in of(tx, before).split())
    return sorted(layer for layer, number in before.items() if now.get(layer) != number)


def stamp(tx: Transaction, layer: str) -> str:
    """Give the version of a layer so that no other database has the same for other data."""
    found = tx.maybe(
        "SELECT version, (extract(epoch FROM changed_at) * 1e6)::bigint AS moment"
        " FROM layer_version WHERE layer = :layer",
        layer=layer,
    )
    return "0-0" if found is None else f"{found['version']}-{found['moment']}"
