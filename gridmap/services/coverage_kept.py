"""Coverage that a worker keeps on disk and mends: a closure costs only what it touches."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import structlog

from geodata import cover_state_files
from geodata.array_folders import Damaged
from geodata.cover_state import State
from geodata.cover_update import start, update
from geodata.coverage_bands import BANDS
from geodata.network import Network
from gridmap.services import coverage_answers
from gridmap.services.coverage_inputs import Inputs, networks
from gridmap.services.network_folder import FOLDER
from gridmap.store import version
from gridmap.store.database import Transaction

log = structlog.get_logger("coverage")

# Of more households the answers in all speed bands do not fit into what a worker may take.
MOST_HOUSEHOLDS = 200_000
# What a kept answer stands on besides closures and facilities, which are mended.
_LAYERS = ("household", "road", "railway", "water")


def stamp(tx: Transaction) -> str:
    """Give the versions of everything that is not mended, read in the snapshot of a run."""
    return " ".join(f"{layer} {version.stamp(tx, layer)}" for layer in _LAYERS)


def answer(inputs: Inputs, stamped: str) -> pd.DataFrame:
    """Answer per household, as `coverage_answers.answer` does from scratch.

    Where an answer to the same standard and the same households is on disk, only what closures
    and facilities have changed since is looked at; else, and whenever what is on disk is not
    whole, everything is.
    """
    if FOLDER.get() is None or len(inputs.households) > MOST_HOUSEHOLDS:
        return coverage_answers.answer(inputs)
    frames = [
        _state(inputs, network, band, stamped).frame() for band, network in networks(inputs).items()
    ]
    found = frames[0]
    if len(frames) > 1:
        inside = np.column_stack([frame["covered"].to_numpy(dtype=bool) for frame in frames])
        rank = np.where(inside.all(axis=1), 0, np.where(inside.any(axis=1), 1, 2))
        found["band"] = pd.array(np.array(BANDS, dtype=object)[rank], dtype="string")
    return coverage_answers.columns(inputs, found)


def _state(inputs: Inputs, network: Network, band: str, stamped: str) -> State:
    folder, named = _folder(inputs, band), _version(inputs, band, stamped)
    try:
        kept = cover_state_files.load(folder, network, named)
    except Damaged as why:
        if folder.exists():
            log.info("coverage.state_not_used", folder=str(folder), why=str(why))
    else:
        if kept.homes.index.equals(inputs.households.index):
            return update(kept, network, inputs.facilities)[0]
    standard = coverage_answers.definition(inputs.standard)
    made = start(network, inputs.households, inputs.facilities, standard)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        cover_state_files.save(made, folder, named)
    except OSError as why:
        # a full disk costs time, not the answer
        log.warning("coverage.state_not_kept", folder=str(folder), why=str(why))
    return made


def _folder(inputs: Inputs, band: str) -> Path:
    base: Any = FOLDER.get()
    ground = inputs.ground
    name = f"{ground.area}-{inputs.standard['key']}-{band}"
    return Path(base) / ground.roads_version / "answers" / name


def _version(inputs: Inputs, band: str, stamped: str) -> str:
    """Tell one standard's words from another's, and one state of the data from the next."""
    said = {name: inputs.standard[name] for name in sorted(inputs.standard)}
    words = hashlib.blake2b(repr(said).encode(), digest_size=16).hexdigest()
    return f"{words} {band} {stamped}"
