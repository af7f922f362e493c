"""A network as a folder of arrays: built once for a version of the streets, shared by workers.

What is written is the network before any closure, with its barriers and its graphs; a loaded one
answers like the one that was saved, to the last bit.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.array_folders import Damaged, Folder, load_folder, save_folder
from geodata.errors import GeodataError
from geodata.network import Network
from geodata.ragged import offsets
from geodata.shortest import Graph, Incoming
from geodata.snapping import Snapper
from geodata.street_arcs import By
from geodata.street_barriers import Avoiding
from geodata.street_graph import Ints, Pieces
from geodata.street_profiles import Profile

__all__ = ["Damaged", "load", "save"]

KIND = "network"
MEASURES: tuple[By, ...] = ("seconds", "metres")

_PIECES = tuple(field.name for field in fields(Pieces))
_ARCS = ("tail", "head", "cost", "other", "via")
_INCOMING = ("arc", "tail", "head", "cost", "other")
_TEXTS = ("highway", "name")


def save(network: Network, folder: Path | str, version: str) -> None:
    """Write a network as a folder, whole or not at all; several may write the same one.

    Parameters
    ----------
    network
        Nothing of it closed: closures come and go, the streets stay.
    folder
        Where it shall stand. What stands there is kept if it is sound and of this version,
        and else replaced.
    version
        Whatever tells these streets from others, for instance the version of the roads.

    Raises
    ------
    GeodataError
        If the network is closed somewhere, or its roads have other labels than whole numbers or
        texts.
    """
    if network.unclosed is not network:
        raise GeodataError("a network with closures is not saved: save the one before them")
    arrays: dict[str, NDArray[Any]] = {
        f"pieces_{name}": getattr(network.pieces, name) for name in _PIECES
    }
    for by in MEASURES:
        graph = network.graph(by=by)
        arrays |= {f"{by}_{name}": getattr(graph, name) for name in _ARCS}
        arrays |= {f"{by}_in_{name}": getattr(graph.incoming, name) for name in _INCOMING}
    roads = network.roads
    labels = _labels(roads.index)
    if isinstance(labels, np.ndarray):
        arrays["labels"] = labels
    words: dict[str, list[str]] = {}
    for column in _TEXTS:
        if column in roads:
            arrays[f"{column}_of"], words[column] = _coded(roads[column])
    arrays["bridge"] = roads["bridge"].to_numpy(dtype=bool)
    if isinstance(network._snapper, Avoiding):
        arrays |= _barred(network._snapper) | {"opened": network.opened}
    facts = {
        "profile": _profile_facts(network.profile),
        "crs": network.crs.to_json_dict(),
        "metric": network.metric.to_json_dict(),
        "labels": None if isinstance(labels, np.ndarray) else labels,
        "words": words,
        "nodes": network.size,
        "pieces": len(network.pieces.road),
        "edges": len(network.opened),
    }
    save_folder(Path(folder), KIND, version, arrays, facts)


def load(folder: Path | str, version: str | None = None) -> Network:
    """Map a saved network; its arrays are shared with all who have mapped it.

    Parameters
    ----------
    folder
        As given to `save`.
    version
        The version it must be of; None takes any.

    Raises
    ------
    Damaged
        If the folder is not there, not whole, not as it was written, not a network, or of
        another version or format; names the file.
    """
    kept = load_folder(Path(folder), KIND, version)
    try:
        return _made(kept)
    except (KeyError, TypeError, ValueError, CRSError) as error:
        raise Damaged(f"{folder}: not a network this program can read: {error!r}") from None


def _made(kept: Folder) -> Network:
    arrays, facts = kept.arrays, kept.facts
    pieces = Pieces(**{name: arrays[f"pieces_{name}"] for name in _PIECES})
    crs = CRS.from_json_dict(facts["crs"])
    snapper = _snapper(arrays, Snapper(pieces, crs, CRS.from_json_dict(facts["metric"])))
    labels = arrays["labels"] if facts["labels"] is None else facts["labels"]
    roads = pd.DataFrame(
        {name: _decoded(arrays[f"{name}_of"], words) for name, words in facts["words"].items()},
        index=pd.Index(labels),
        dtype=object,
    ).assign(bridge=arrays["bridge"])
    opened = arrays.get("opened", np.ones(facts["edges"], dtype=bool))
    graphs = {by: _graph(arrays, by, len(pieces.nodes)) for by in MEASURES}
    profile = _profile(facts["profile"])
    return Network(pieces, roads, profile, snapper, opened, graphs=graphs)


def _barred(snapper: Avoiding) -> dict[str, NDArray[Any]]:
    """Give what tells streets with barriers from those without."""
    xy, owner = shapely.get_coordinates(snapper.barriers, return_index=True)
    return {
        "barred_closed": snapper.closed,
        "barred_along": snapper.along,
        "barriers_xy": xy,
        "barriers_from": offsets(np.bincount(owner, minlength=len(snapper.barriers))),
    }


def _snapper(arrays: Mapping[str, NDArray[Any]], plain: Snapper) -> Snapper:
    if "barriers_from" not in arrays:
        return plain
    counts = np.diff(arrays["barriers_from"])
    owner = np.repeat(np.arange(len(counts)), counts)
    lines = np.asarray(shapely.linestrings(arrays["barriers_xy"], indices=owner))
    return Avoiding(plain, arrays["barred_closed"], arrays["barred_along"], lines)


def _graph(arrays: Mapping[str, NDArray[Any]], by: By, size: int) -> Graph:
    graph = Graph(size, *(arrays[f"{by}_{name}"] for name in _ARCS))
    # kept with the graph, or every worker would sort its arcs anew
    vars(graph)["incoming"] = Incoming(*(arrays[f"{by}_in_{name}"] for name in _INCOMING))
    return graph


def _labels(index: pd.Index) -> Ints | list[str]:
    if pd.api.types.is_integer_dtype(index.dtype):
        return index.to_numpy(dtype=np.int64)
    labels = list(index)
    if not all(isinstance(label, str) for label in labels):
        raise GeodataError("labels of roads are neither whole numbers nor texts")
    return labels


def _coded(values: "pd.Series[Any]") -> tuple[NDArray[np.int32], list[str]]:
    """Give each distinct text a number; what is no text is -1, as it says nothing."""
    held = values.to_numpy(dtype=object)
    said = np.array([isinstance(value, str) for value in held], dtype=bool)
    code, words = pd.factorize(held[said])
    of = np.full(len(held), -1, dtype=np.int32)
    of[said] = code
    return of, [str(word) for word in words]


def _decoded(of: NDArray[np.int32], words: list[str]) -> NDArray[np.object_]:
    table = np.array([*words, None], dtype=object)
    return np.asarray(table[of])


def _profile_facts(profile: Profile) -> dict[str, Any]:
    facts = {field.name: getattr(profile, field.name) for field in fields(profile)}
    for name, value in facts.items():
        if isinstance(value, frozenset):
            facts[name] = sorted(value)
        elif isinstance(value, Mapping):
            facts[name] = dict(value)
    return facts


def _profile(facts: dict[str, Any]) -> Profile:
    return Profile(**{**facts, "forbidden": frozenset(facts["forbidden"])})
