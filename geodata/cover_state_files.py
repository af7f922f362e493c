"""A kept coverage as a folder: what a worker has answered, the next one mends.

Nothing in the folder is trusted more than a network's, see `array_folders`. The streets are not
in it: they come with the network, and it must be the same ones.
"""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.arc_lists import Arcs, Lists
from geodata.array_folders import Damaged, Folder, load_folder, save_folder, version_of
from geodata.closest import Closest
from geodata.cover_labels import Labels
from geodata.cover_sites import Sites
from geodata.cover_state import Answers, Homes, State
from geodata.coverage import Standard
from geodata.errors import GeodataError
from geodata.label_repair import Ranks, Seeds
from geodata.network import Network
from geodata.snapping import Places

__all__ = ["Damaged", "load", "save", "version_of"]

KIND = "coverage"

_PLACES = ("xy", "piece", "fraction", "metres", "at_start", "at_end")
_LABELS = ("usable", "shut", "whole")
_CLOSEST = ("site", "seconds", "metres")
_STREETS = ("start", "end", "seconds", "metres", "forward", "backward")

Arrays = dict[str, NDArray[Any]]


def save(state: State, folder: Path | str, version: str) -> None:
    """Write a state as a folder, whole or not at all; see `array_folders.save_folder`.

    Parameters
    ----------
    state
        From `cover_update.start` or `cover_update.update`.
    folder
        Where it shall stand.
    version
        Whatever tells it from others: of its streets, households and facilities.

    Raises
    ------
    GeodataError
        If labels of households or facilities are neither whole numbers nor texts.
    """
    homes, sites = state.homes, state.sites
    arrays: Arrays = {"opened": state.network.opened, "why": state.answers.why}
    arrays |= _named("arcs", state.arcs)
    arrays |= {f"homes_{name}": getattr(homes.places, name) for name in _PLACES}
    arrays |= {"people": homes.people, **_named("on", homes.on), **_named("at", homes.at)}
    arrays |= {f"sites_{name}": getattr(sites.places, name) for name in _PLACES}
    arrays |= {f"site_{name}": getattr(sites, name) for name in ("row", "usable", "crew", "room")}
    for name in _LABELS:
        labels: Labels = getattr(state, name)
        arrays |= _named(f"{name}_seeds", labels.seeds)
        arrays |= _named(f"{name}_nearest", labels.nearest)
        arrays |= _named(f"{name}_second", labels.second)
    for name in _CLOSEST:
        arrays[f"near_{name}"] = getattr(state.answers.near, name)
        if state.standard.capacity:
            arrays[f"found_{name}"] = getattr(state.answers.found, name)
    facts = {
        "standard": asdict(state.standard),
        "streets": _streets(state.network),
        "leg_kmh": homes.places.leg_kmh,
        "homes": _labelled(homes.index, "home_labels", arrays),
        "sites": _labelled(sites.labels, "site_labels", arrays),
    }
    save_folder(Path(folder), KIND, version, arrays, facts)


def load(folder: Path | str, network: Network, version: str | None = None) -> State:
    """Map a saved state.

    Parameters
    ----------
    folder
        As given to `save`.
    network
        The streets it was measured on, whatever is closed on them now.
    version
        The version it must be of; None takes any.

    Raises
    ------
    Damaged
        If the folder is not there, not whole, not as it was written, not a coverage, of another
        version, or of other streets.
    """
    kept = load_folder(Path(folder), KIND, version)
    if kept.facts.get("streets") != _streets(network):
        raise Damaged(f"{folder}: of other streets")
    try:
        return _made(kept, network.unclosed)
    except (KeyError, TypeError, ValueError) as error:
        raise Damaged(f"{folder}: not a coverage this program can read: {error!r}") from None


def _made(kept: Folder, base: Network) -> State:
    arrays, facts = kept.arrays, kept.facts
    standard = Standard(**{**facts["standard"], "kinds": tuple(facts["standard"]["kinds"])})
    near = Closest(*(arrays[f"near_{name}"] for name in _CLOSEST))
    found = near
    if standard.capacity:
        found = Closest(*(arrays[f"found_{name}"] for name in _CLOSEST))
    homes, sites = (_index(facts[of], arrays, key) for of, key in _KEYS)
    return State(
        network=base.reopened(arrays["opened"]),
        standard=standard,
        # copied: the compiled search is made for arrays that are not mapped
        arcs=Arcs(*(np.array(arrays[f"arcs_{name}"]) for name in Arcs._fields)),
        homes=Homes(
            homes,
            _places(arrays, "homes", homes, facts["leg_kmh"]),
            arrays["people"],
            Lists(arrays["on_first"], arrays["on_at"]),
            Lists(arrays["at_first"], arrays["at_at"]),
        ),
        sites=Sites(
            sites,
            arrays["site_row"],
            _places(arrays, "sites", sites, facts["leg_kmh"]),
            *(arrays[f"site_{name}"] for name in ("usable", "crew", "room")),
        ),
        usable=_read_labels(arrays, "usable"),
        shut=_read_labels(arrays, "shut"),
        whole=_read_labels(arrays, "whole"),
        answers=Answers(near, found, arrays["why"]),
    )


_KEYS = (("homes", "home_labels"), ("sites", "site_labels"))


def _named(title: str, held: NamedTuple) -> Arrays:
    return {f"{title}_{name}": value for name, value in zip(held._fields, held, strict=True)}


def _places(arrays: Any, title: str, index: pd.Index, leg_kmh: float) -> Places:
    held = {name: arrays[f"{title}_{name}"] for name in _PLACES}
    return Places(index=index, leg_kmh=leg_kmh, **held)


def _read_labels(arrays: Any, title: str) -> Labels:
    nearest, second = (
        Ranks(*(arrays[f"{title}_{rank}_{name}"] for name in Ranks._fields))
        for rank in ("nearest", "second")
    )
    return Labels(
        Seeds(*(arrays[f"{title}_seeds_{name}"] for name in Seeds._fields)), nearest, second
    )


def _labelled(index: pd.Index, key: str, arrays: Arrays) -> list[str] | None:
    """Put whole numbers with the arrays; return texts."""
    if pd.api.types.is_integer_dtype(index.dtype):
        arrays[key] = index.to_numpy(dtype=np.int64)
        return None
    labels = list(index)
    if not all(isinstance(label, str) for label in labels):
        raise GeodataError("labels are neither whole numbers nor texts")
    return labels


def _index(texts: list[str] | None, arrays: Any, key: str) -> pd.Index:
    return pd.Index(arrays[key]) if texts is None else pd.Index(texts)


def _streets(network: Network) -> str:
    """Return what tells these streets, measured by this traveller, from all others."""
    digest = hashlib.sha256(network.profile.key.encode())
    for name in _STREETS:
        digest.update(getattr(network.pieces, name).tobytes())
    digest.update(network.unclosed.opened.tobytes())
    return digest.hexdigest()
