"""README names what there is: every event the code records, and no command that is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from gridmap.cli.program import cli
from gridmap.model.call_out import KINDS
from gridmap.model.incident import DONE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
# what an f-string in the code stands for
MADE = {
    "f'job.": ("job.done", "job.failed", "job.cancelled"),
    "f'export.": ("export.approved", "export.refused"),
    "f'call_out.": tuple(f"call_out.{kind}" for kind in KINDS),
    "f'visit.": ("visit.done", "visit.missed"),
}


def recorded() -> Iterator[str]:
    """Give the kind of every `event.record(tx, KIND, ...)`."""
    for folder in ("gridmap", "jobs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "event.record":
                    yield from kinds(node.args[1], path)


def kinds(argument: ast.expr, path: Path) -> tuple[str, ...]:
    if isinstance(argument, ast.Constant):
        return (str(argument.value),)
    if ast.unparse(argument).startswith("f'incident."):
        return tuple(f"incident.{done}" for done in DONE.values())
    for start, endings in MADE.items():
        if ast.unparse(argument).replace('"', "'").startswith(start):
            return endings
    if isinstance(argument, ast.Name):  # passed on: the module that calls it writes it out
        return tuple(
            str(node.value)
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Constant) and str(node.value) in listed()
        )
    raise AssertionError(f"{path}: what does {ast.unparse(argument)} stand for?")


def listed() -> set[str]:
    table = README[README.index("| event |") :]
    rows = table[: table.index("\n\n")].splitlines()[2:]
    return {kind for row in rows for kind in re.findall(r"`([a-z_]+\.[a-z_]+)`", row.split("|")[1])}


def test_every_event_is_listed_and_every_listed_one_is_recorded() -> None:
    assert listed() == set(recorded())


def test_the_trail_has_words_for_every_event() -> None:
    words = (ROOT / "gridmap" / "templates" / "_events.html").read_text("utf-8")
    assert set(re.findall(r'"([a-z_]+\.[a-z_]+)": _\(', words)) == listed()


def commands(group: click.Group, before: tuple[str, ...] = ()) -> Iterator[str]:
    for name, command in group.commands.items():
        yield " ".join((*before, name))
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))


def test_every_command_that_the_readme_names_is_there() -> None:
    known = set(commands(cli))
    named = re.findall(r"`gridmap ([a-z]+(?: [a-z]+)?)", README)
    assert len(named) > 15
    unknown = [each for each in named if each not in known and each.split()[0] not in known]
    assert unknown == []


def test_every_command_explains_itself() -> None:
    for line in commands(cli):
        found: click.Command = cli
        for name in line.split():
            assert isinstance(found, click.Group)
            found = found.commands[name]
        assert found.help, line
        bare = [
            each.name for each in found.params if isinstance(each, click.Option) and not each.help
        ]
        assert set(bare) <= {"display_name", "minimum", "maximum", "seed", "out", "kind"}, line
