"""`gridmap bench NAME`: figures beside a peer's, from one run."""

import importlib.util
import json
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
@as_json
def bench(name: str, full: bool, as_json: bool) -> None:
    """Run benchmark NAME, or all."""
    known = names()
    if name != "all" and name not in known:
        raise bad_input(f"no benchmark {name!r}; there are {', '.join(known) or 'none here'}")
    found = {each: _run(each, full) for each in (known if name == "all" else [name])}
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, default=str))


def _run(name: str, full: bool) -> object:
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    takes_full = "full" in signature(module.run).parameters
    return module.run(full=full) if takes_full else module.run()


COMMANDS = (bench,)
