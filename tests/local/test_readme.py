"""The README lists what there is: every setting, every command, every folder."""

from pathlib import Path

import click
import pytest

from gridmap.cli.program import cli
from gridmap.settings import Settings
from gridmap.variables import VARIABLES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group, before=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*before, name))
        else:
            yield " ".join((*before, name))


def test_every_field_of_the_settings_has_a_variable():
    fields = set(Settings.__dataclass_fields__) - {"own_database", "own_redis"}
    assert {variable.field for variable in VARIABLES} == fields


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_setting_is_listed(variable):
    assert f"| `{variable.name}` | {variable.default} | {variable.meaning} |" in README


@pytest.mark.parametrize("command", list(commands(cli)))
def test_command_is_listed(command):
    assert f"`gridmap {command}" in README or f"`{command}`" in README


def test_picture_shows_folders_that_exist():
    named = ["geodata", "gridmap/model", "gridmap/store", "gridmap/services", "gridmap/maps"]
    named += ["gridmap/web", "gridmap/local", "jobs", "static", "tests"]
    assert all(f"`{folder}/`" in README and (ROOT / folder).is_dir() for folder in named)


def test_make_targets_named_in_the_readme_exist():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in ("demo", "test", "promises", "bench"):
        assert f"make {target}" in README
        assert f"\n{target}:" in makefile
