"""`gridmap audit verify|head`."""

from pathlib import Path

import click

from gridmap.cli.outcome import Bar, as_json, database, give, settings
from gridmap.model.problem import Problem


@click.group()
def audit() -> None:
    """Trail of who did what."""


@audit.command()
@click.option(
    "--head",
    "heads",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A signed head kept elsewhere; repeat for more.",
)
@as_json
def verify(heads: tuple[Path, ...], as_json: bool) -> int:
    """Walk along the whole chain of events; name the first altered, missing or reordered one."""
    from gridmap.services import trail

    kept = tuple(trail.read_head(_text(path), str(path)) for path in heads)
    with database() as db:
        verdict = trail.verify(db, kept, Bar())
    fault = verdict.fault
    give(
        {
            "sound": fault is None,
            "events": verdict.events,
            "fault": None if fault is None else vars(fault),
            "heads": len(kept),
        },
        as_json,
    )
    return 0 if fault is None else 1


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise Problem(400, "Bad input", f"{path} is no signed head of a trail") from None


@audit.command()
@as_json
def head(as_json: bool) -> None:
    """Sign where the trail ends now; keep the answer of --json where these servers are not."""
    from gridmap.local.errors import LocalError
    from gridmap.services import trail

    secret = settings().secret_key
    if secret is None:
        raise LocalError("GRIDMAP_SECRET_KEY is missing: nothing to sign with")
    with database() as db:
        give(trail.signed_head(db, secret), as_json)


COMMANDS = (audit,)
