"""What a command says and how it ends: JSON or words, progress, exit codes."""

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click

from geodata.errors import GeodataError
from gridmap.local import LocalError
from gridmap.model.problem import Problem
from gridmap.settings import Settings, SettingsError
from gridmap.store.database import Database
from gridmap.store.failures import problem_of

_FAULTS_SHOWN = 20
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@dataclass
class Outcome:
    """How a command ended."""

    code: int = 0


@contextmanager
def failing() -> Iterator[Outcome]:
    """Turn whatever goes wrong into one message on standard error and an exit code.

    2 is bad input, which the caller can mend; 1 is anything else.
    """
    outcome = Outcome()
    try:
        yield outcome
    except click.exceptions.Abort:
        outcome.code = 1
    except click.ClickException as error:
        error.show()
        outcome.code = error.exit_code
    except SystemExit as error:
        outcome.code = error.code if isinstance(error.code, int) else 1
    except (GeodataError, SettingsError) as error:
        outcome.code = say_fault(str(error), 2)
    except Problem as error:
        outcome.code = _problem(error)
    except LocalError as error:
        outcome.code = say_fault(str(error), 1)
    except Exception as error:
        known = problem_of(error)
        if known is None:
            raise
        say_fault("is gridmap up? `gridmap status` tells", 1)
        outcome.code = _problem(known)


def _problem(error: Problem) -> int:
    code = 2 if error.status < 500 else 1
    say_fault(str(error), code)
    for fault in error.faults[:_FAULTS_SHOWN]:
        click.echo(f"  {fault.get('place', '')}: {fault.get('message', '')}", err=True)
    if len(error.faults) > _FAULTS_SHOWN:
        click.echo(f"  and {len(error.faults) - _FAULTS_SHOWN} more", err=True)
    return code


def say_fault(message: str, code: int) -> int:
    """Write a fault to standard error and give the exit code."""
    click.echo(f"gridmap: {message}", err=True)
    return code


def say(message: str) -> None:
    """Write a message for a person; standard output stays free for the result."""
    click.echo(message, err=True)


def give(result: Mapping[str, Any], as_json: bool) -> None:
    """Give a result: as one JSON document, or as lines for a person."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, allow_nan=False, default=str))
        return
    for key, value in result.items():
        click.echo(f"{key}: {_short(value)}")


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 400 else f"{text[:400]} ..."
    return str(value)


def settings() -> Settings:
    """Read the settings of this call."""
    return Settings.from_environment(os.environ)


@contextmanager
def database() -> Iterator[Database]:
    """Open the database of this call.

    Raises
    ------
    LocalError
        If none is set and no embedded one has been made.
    """
    found = settings()
    if found.database_url is None:
        raise LocalError(
            "there is no database: start one with `gridmap up`, or set GRIDMAP_DATABASE_URL"
        )
    opened = Database(found.database_url, size=2)
    try:
        yield opened
    finally:
        opened.close()


class Bar:
    """A progress bar on standard error while a person is watching, nothing otherwise."""

    def __init__(self) -> None:
        self._watched = sys.stderr.isatty()
        self._open = False

    def step(self, done: int, total: int, message: str = "") -> None:
        """Show how far the work is."""
        if not self._watched or not total:
            return
        width = 30
        filled = width * done // total
        bar = "#" * filled + "-" * (width - filled)
        sys.stderr.write(f"\r[{bar}] {done}/{total} {message[:40]:<40}")
        sys.stderr.flush()
        self._open = done < total
        if not self._open:
            sys.stderr.write("\n")
