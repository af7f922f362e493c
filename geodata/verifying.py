"""The independent checker of run files: tells whether every row of a coverage is proven.

It shares no code with what computes coverage or makes the file, and searches for no ways itself:
it looks at every street, label and row once. What it proves: the places stand on their nearest
streets; every label is a way that exists and nothing is nearer; every row (facility, seconds,
metres, second facility, reason) follows; with a capacity, the placing follows from its rule; the
totals are the sums of the rows. What it cannot prove: that the streets, places and people in the
file are those of the county, for which the manifest names their version.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from geodata.verifying_checks import SUMMED, Check
from geodata.verifying_file import MOST_BYTES, RunFile, read
from geodata.verifying_findings import Altered, Findings
from geodata.verifying_formats import SITING
from geodata.verifying_ground import check_streets, lines_of
from geodata.verifying_places import Streets, check_barriers, check_spots
from geodata.verifying_siting import SitingCheck

__all__ = ["Altered", "Verdict", "verify"]


@dataclass(frozen=True)
class Verdict:
    """What a checker says of a run file.

    Attributes
    ----------
    altered
        Everything that cannot be right, empty if the file is proven.
    more
        How many more there are than are named.
    counts
        How many households, facilities, streets and labels were looked at.
    stated
        What the manifest says beyond what can be proven: source, version, other totals.
    """

    altered: tuple[Altered, ...]
    more: int
    counts: Mapping[str, int]
    stated: Mapping[str, Any]

    @property
    def sound(self) -> bool:
        """Whether every row is proven."""
        return not self.altered


def verify(file: bytes | Path | IO[bytes], most_bytes: int = MOST_BYTES) -> Verdict:
    """Check a run file.

    Parameters
    ----------
    file
        Its content, its path, or the file open for reading bytes.
    most_bytes
        Refuse a file that unpacks to more.

    Raises
    ------
    GeodataError
        If it cannot be read as a run file at all.
    """
    if isinstance(file, Path):
        with file.open("rb") as opened:
            return _checked(read(opened, most_bytes))
    return _checked(read(io.BytesIO(file) if isinstance(file, bytes) else file, most_bytes))


def _checked(run: RunFile) -> Verdict:
    findings = Findings()
    tables = run.tables
    if run.manifest["format"] == SITING.name:
        return _siting(findings, run)
    for name in ("households.csv", "facilities.csv"):
        findings.label(name, tables[name]["label"])
    _check_bytes(findings, run)
    _check_inputs(findings, run)
    unproven = {
        "stated": run.manifest.get("stated", {}),
        "totals": {
            name: value
            for name, value in run.manifest["totals"].items()
            if name not in SUMMED or (name == "bands" and len(run.manifest["bands"]) == 1)
        },
    }
    return Verdict(tuple(findings.found), findings.more, _counts(run), unproven)


def _siting(findings: Findings, run: RunFile) -> Verdict:
    """Check an answer about sites."""
    tables = run.tables
    for name in ("sites.csv", "demand.csv"):
        findings.label(name, tables[name]["label"])
    _check_bytes(findings, run)
    ground = _ground(findings, run, 1)
    check, most = SitingCheck(findings, run), float(run.manifest["standard"]["max_metres"])
    if ground is not None:
        sound = check_spots(findings, "sites.csv", tables["sites.csv"], ground, most)
        sound &= check_spots(findings, "demand.csv", tables["demand.csv"], ground, most)
        if sound:
            check.all()
    stated = {"stated": run.manifest.get("stated", {}), "totals": check.unproven()}
    return Verdict(tuple(findings.found), findings.more, _counts(run), stated)


def _check_bytes(findings: Findings, run: RunFile) -> None:
    for name in run.altered:
        findings.add(name, None, "sha256", "the bytes are not those the manifest names")


def _counts(run: RunFile) -> dict[str, int]:
    """Count the rows of every table."""
    return {
        name.removesuffix(".csv"): len(next(iter(table.values())))
        for name, table in run.tables.items()
    }


def _ground(findings: Findings, run: RunFile, bands: int) -> Streets | None:
    """Check the streets and barriers; None if the rest cannot stand on them."""
    tables = run.tables
    streets, vertices = tables["streets.csv"], tables["vertices.csv"]
    if not check_streets(findings, streets, vertices):
        return None
    lacking = [n for n in range(1, bands) if f"seconds_{n}" not in streets]
    for number in lacking:
        findings.add("streets.csv", None, f"seconds_{number}", "the speed band has no speeds")
    if lacking or not check_barriers(findings, tables["barriers.csv"]):
        return None
    return Streets(lines_of(streets, vertices), streets, tables["barriers.csv"])


def _check_inputs(findings: Findings, run: RunFile) -> None:
    """Check the streets and places, and go on if the rest can stand on them."""
    tables, most = run.tables, float(run.manifest["standard"]["max_metres"])
    ground = _ground(findings, run, len(run.manifest["bands"]))
    if ground is None:
        return
    sites = tables["facilities.csv"]
    sound = check_spots(findings, "facilities.csv", sites, ground, most)
    sound &= check_spots(findings, "households.csv", tables["households.csv"], ground, most)
    for name in ("facilities.csv", "households.csv"):
        _, first = np.unique(tables[name]["label"].astype(str), return_index=True)
        again = np.setdiff1d(np.arange(len(tables[name]["label"])), first)
        findings.rows(name, again, "label", "the label repeats")
    wrong = np.flatnonzero(sites["crew"] < 0)
    findings.rows("facilities.csv", wrong, "crew", "not zero or more")
    if sound and not len(wrong):
        Check(findings, run).all()
