"""`gridmap coverage certify|verify`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmap.cli.outcome import as_json, database, give
from gridmap.model.access import system_scope

if TYPE_CHECKING:
    from geodata.verifying import Verdict

_SITES = "RUN is the number of a job of `coverage sites`."


@click.command()
@click.argument("run_id", metavar="RUN", type=click.IntRange(1, 2**63 - 1))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="File to write, a zip of plain tables.",
)
@click.option("--sites", is_flag=True, help=_SITES)
@as_json
def certify(run_id: int, out: Path, sites: bool, as_json: bool) -> None:
    """Write the run file of RUN: its rows with all that proves them, to be checked anywhere."""
    from gridmap.services import coverage_certificates, exports

    if sites:
        _write_sites(run_id, out, as_json)
        return

    with database() as db:
        made = coverage_certificates.make(db, system_scope(), run_id)
    with exports.whole(out) as path:
        path.write_bytes(made.content)
    said = {"run": run_id, "file": str(out), "households": made.households}
    give({**said, "bytes": len(made.content), "sha256": made.sha256}, as_json)


def _write_sites(job_id: int, out: Path, as_json: bool) -> None:
    """Write the file that proves an answer about sites."""
    from gridmap.services import exports, siting_certificates

    with database() as db:
        made = siting_certificates.make(db, system_scope(), job_id)
    with exports.whole(out) as path:
        path.write_bytes(made.content)
    said = {"job": job_id, "file": str(out), "spots": made.spots, "sites": made.sites}
    give({**said, "bytes": len(made.content), "sha256": made.sha256}, as_json)


@click.command()
@click.argument("subject", metavar="FILE_OR_RUN")
@click.option("--sites", is_flag=True, help=_SITES)
@as_json
def verify(subject: str, sites: bool, as_json: bool) -> int:
    """Check a run file, or a run with its file and its stored rows; name every altered row.

    A file needs no database. The checker shares no code with what computes coverage.
    """
    from geodata import verifying

    path = Path(subject)
    if path.is_file():
        return _say(verifying.verify(path), {"file": str(path)}, as_json)
    if not subject.isascii() or not subject.isdecimal() or not 0 < int(subject[:20]) < 2**63:
        raise click.UsageError(f"{subject} is neither a file that is there nor the id of a run")
    from gridmap.services import coverage_verifying, siting_certificates

    if sites:
        with database() as db:
            verdict = siting_certificates.verified(db, system_scope(), int(subject))
        return _say(verdict, {"job": int(subject)}, as_json)
    with database() as db:
        verdict = coverage_verifying.of_run(db, system_scope(), int(subject))
    return _say(verdict, {"run": int(subject)}, as_json)


def _say(verdict: "Verdict", subject: dict[str, Any], as_json: bool) -> int:
    stated = verdict.stated.get("stated", {})
    said = {
        "sound": verdict.sound,
        **subject,
        **verdict.counts,
        "altered": len(verdict.altered) + verdict.more,
        "stated": {
            name: stated.get(name)
            for name in ("run", "job", "area", "input_version")
            if name in stated or name != "job"
        },
        "not_proven": verdict.stated.get("totals", {}),
    }
    if as_json:
        give({**said, "findings": [vars(one) for one in verdict.altered]}, as_json=True)
    else:
        give(said, as_json=False)
        for one in verdict.altered:
            click.echo(f"  {one}")
    return 0 if verdict.sound else 1
