"""Coverage that a worker keeps on disk and mends: a closure costs only what it touches."""

import hashlib
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import structlog

from geodata import cover_state_files
from geodata.array_folders import Damaged
from geodata.cover_state import State
from geodata.cover_update import rehoused, start, update
from geodata.coverage_bands import BANDS
from geodata.network import Network
from gridmap.services import coverage_answers, coverage_asleep, coverage_hot
from gridmap.services.coverage_inputs import Inputs, networks
from gridmap.services.network_folder import FOLDER
from gridmap.store import version
from gridmap.store.database import Transaction

log = structlog.get_logger("coverage")

# Of more households the answers in all speed bands do not fit into what a worker may take.
MOST_HOUSEHOLDS = 200_000
# What a kept answer stands on besides closures, facilities and households, which are mended.
_LAYERS = ("road", "railway", "water")
# An answer that so many households have been mended in is kept anew, so that the next is not slow.
_MOST_MENDED = 500
# Of all kept answers of a machine together. A county of 200,000 households with twelve standards
# takes 0.7 GB: five such counties have room, and what was not asked for longest goes first.
MOST_BYTES = 4 * 2**30


class Stamp(NamedTuple):
    """Versions of the data, read in the snapshot of a run.

    Attributes
    ----------
    streets
        Of what an answer cannot be mended after.
    homes
        Of the households.
    """

    streets: str
    homes: str


def stamp(tx: Transaction) -> Stamp:
    """Give the versions of what answers stand on."""
    streets = " ".join(f"{layer} {version.stamp(tx, layer)}" for layer in _LAYERS)
    return Stamp(streets, version.stamp(tx, "household"))


@dataclass(frozen=True)
class Answered:
    """An answer, and what of it is still to be kept for the next one.

    Keeping takes longer than answering: whoever waits is told first.
    """

    results: pd.DataFrame
    _unkept: "Sequence[tuple[State, Path, str]]" = ()

    def keep(self) -> None:
        """Write what the next answer can be mended from; a full disk costs time, no answer."""
        for state, folder, named in self._unkept:
            try:
                folder.parent.mkdir(parents=True, exist_ok=True)
                cover_state_files.save(state, folder, named)
                _make_room(folder)
            except OSError as why:
                log.warning("coverage.state_not_kept", folder=str(folder), why=str(why))


def answer(inputs: Inputs, stamped: Stamp, *, mend: bool = True) -> Answered:
    """Answer per household, as `coverage_answers.answer` does from scratch.

    Where an answer to the same standard on the same streets is on disk, only what closures,
    facilities and households have changed since is looked at; else, and whenever what is on disk
    is not whole, everything is.

    Parameters
    ----------
    stamped
        What `stamp` gave in the snapshot of the inputs.
    mend
        False: everything is looked at, whatever is on disk.
    """
    if FOLDER.get() is None or len(inputs.homes) > MOST_HOUSEHOLDS:
        return Answered(coverage_answers.answer(inputs))
    states, unkept = [], []
    streets = networks(inputs)
    for band, network in streets.items():
        folder, named = _folder(inputs, band), _version(inputs, band, stamped)
        state, looked = _mended(inputs, network, folder, named) if mend else (None, 0)
        if state is None:
            standard = coverage_answers.definition(inputs.standard)
            homes = inputs.places(network, standard)
            state = start(network, inputs.homes.table, inputs.facilities, standard, homes)
            looked = _MOST_MENDED + 1  # all of them: there is nothing else to keep
        if looked > _MOST_MENDED:
            unkept.append((state, folder, f"{named} {stamped.homes}"))
        states.append(state)
    found = _columns(states)
    first = next(iter(streets.values()))
    results = coverage_answers.scored(inputs, first, coverage_answers.columns(inputs, found))
    results = coverage_asleep.slept(
        inputs, results, lambda places: update(states[0], None, places)[0].answers.covered
    )
    return Answered(results, unkept)


def there(tx: Transaction, key: str, area_code: str) -> bool:
    """Tell whether any answer to a standard on the streets of today is on disk."""
    base = FOLDER.get()
    if base is None:
        return False
    streets = f"{area_code[:6]}-{version.stamp(tx, 'road')}"
    return any((base / streets / "answers").glob(f"{area_code}-{key}-*"))


def mend(inputs: Inputs, stamped: Stamp) -> bool:
    """Bring what is on disk up to date and throw it away; False where there is nothing to mend.

    For a worker that holds what it reads: the next answer finds everything at hand.
    """
    if FOLDER.get() is None or len(inputs.homes) > MOST_HOUSEHOLDS:
        return False
    return all(
        _mended(inputs, network, _folder(inputs, band), _version(inputs, band, stamped))[0]
        is not None
        for band, network in networks(inputs).items()
    )


def _columns(states: Sequence[State]) -> pd.DataFrame:
    """Give the answers in the band that counts, and in which of the bands each household is in."""
    found = states[0].frame()
    if len(states) > 1:
        inside = np.column_stack([state.answers.covered for state in states])
        rank = np.where(inside.all(axis=1), 0, np.where(inside.any(axis=1), 1, 2))
        found["band"] = pd.array(np.array(BANDS, dtype=object)[rank], dtype="string")
    return found


def _mended(inputs: Inputs, network: Network, folder: Path, named: str) -> tuple[State | None, int]:
    """Give the kept answer brought up to date, None where there is none to mend.

    The number tells how many households had to be looked at because they have come or moved.
    """
    kept = _at_hand(network, folder, named)
    if kept is None:
        return None, 0
    with suppress(OSError):  # what is used stays when room is made
        os.utime(folder)
    housed, looked = rehoused(kept, inputs.homes.table, inputs.homes.spots)
    return update(housed, network, inputs.facilities)[0], looked


def _at_hand(network: Network, folder: Path, named: str) -> State | None:
    try:
        on_disk = cover_state_files.version_of(folder)
    except Damaged as why:
        _not_used(folder, why)
        return None
    if not on_disk.startswith(f"{named} "):
        return None  # of other streets or another definition
    place = ("answer", folder.parent.parent.parent, folder.name)
    return coverage_hot.held(place, on_disk, lambda: _loaded(network, folder, on_disk))


def _loaded(network: Network, folder: Path, named: str) -> State | None:
    try:
        return cover_state_files.load(folder, network, named)
    except Damaged as why:
        _not_used(folder, why)
        return None


def _not_used(folder: Path, why: Damaged) -> None:
    if folder.exists():
        log.info("coverage.state_not_used", folder=str(folder), why=str(why))


def _make_room(kept: Path) -> None:
    """Let go of the answers that were not used longest; whoever has mapped one keeps its arrays."""
    sizes = {}
    for folder in kept.parent.parent.parent.glob("*/answers/[!.]*"):
        with suppress(OSError):  # somebody else makes room as well
            held = sum(file.stat().st_size for file in folder.iterdir())
            sizes[folder] = (folder.stat().st_mtime, held)
    left = sum(held for _, held in sizes.values())
    for folder in sorted(sizes, key=lambda one: sizes[one][0]):
        if left <= MOST_BYTES:
            return
        if folder != kept:
            left -= sizes[folder][1]
            shutil.rmtree(folder, ignore_errors=True)


def _folder(inputs: Inputs, band: str) -> Path:
    base: Any = FOLDER.get()
    ground = inputs.ground
    name = f"{ground.area}-{inputs.standard['key']}-{band}"
    return Path(base) / ground.roads_version / "answers" / name


def _version(inputs: Inputs, band: str, stamped: Stamp) -> str:
    """Tell one standard's words from another's, and one state of the streets from the next."""
    said = {name: inputs.standard[name] for name in sorted(inputs.standard)}
    words = hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()
    return f"{words} {band} {stamped.streets}"
