"""`gridmap bench NAME`: figures beside a peer's, from one run."""

import importlib.util
import json
from collections.abc import Mapping
from inspect import signature
from pathlib import Path

import click

from gridmap.cli.outcome import as_json
from gridmap.model.problem import bad_input

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "benchmarks"


def names() -> list[str]:
    """Give the benchmarks there are; none in an installation without the source tree."""
    return sorted(path.stem for path in FOLDER.glob("[a-z]*.py")) if FOLDER.is_dir() else []


@click.command()
@click.argument("name")
@click.option("--full", is_flag=True, help="The whole length that is promised, where one has two.")
@click.option(
    "--out",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for tables and pictures, where a benchmark makes them.",
)
@click.option(
    "--limit",
    type=click.FloatRange(min=1.0),
    help="Seconds after which a slower peer counts as having found nothing.",
)
@as_json
def bench(name: str, full: bool, folder: Path | None, limit: float | None, as_json: bool) -> None:
    """Run benchmark NAME, or all."""
    known = names()
    if name != "all" and name not in known:
        raise bad_input(f"no benchmark {name!r}; there are {', '.join(known) or 'none here'}")
    wanted = {"full": full, "folder": folder, "limit": limit}
    options = {option: value for option, value in wanted.items() if value is not None}
    found = {each: _run(each, options) for each in (known if name == "all" else [name])}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, default=str))


def _run(name: str, options: Mapping[str, object]) -> object:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    taken = signature(module.run).parameters
    return module.run(**{option: value for option, value in options.items() if option in taken})


COMMANDS = (bench,)
