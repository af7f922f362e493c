"""What a command says and how it ends: JSON or words, progress, exit codes."""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from geodata.errors import Fault, GeodataError
from gridmap.model.access import system_scope
from gridmap.model.problem import Problem
from gridmap.settings import Settings, SettingsError

if TYPE_CHECKING:
    from gridmap.store.database import Database

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
    # a name that is no text, or a terminal that cannot show it, must not hide what happened
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    try:
        yield outcome
    except click.exceptions.Abort:
        outcome.code = 1
    except click.ClickException as error:
        error.show()
        outcome.code = error.exit_code
    except SystemExit as error:
        outcome.code = error.code if isinstance(error.code, int) else 1
    except GeodataError as error:
        outcome.code = say_faults("", error.faults)
    except Problem as error:
        outcome.code = _problem(error)
    except SettingsError as error:
        outcome.code = say_fault(str(error), 2)
    except Exception as error:
        outcome.code = _unexpected(error)


def _unexpected(error: Exception) -> int:
    from gridmap.local.errors import LocalError
    from gridmap.store.failures import problem_of

    if isinstance(error, LocalError):
        return say_fault(str(error), 1)
    known = problem_of(error)
    if known is not None:
        code = _problem(known)
        if code == 1:
            say("is gridmap up? `gridmap status` tells")
        return code
    if isinstance(error, UnicodeEncodeError):
        return say_fault("what was given is no text in UTF-8", 2)
    if isinstance(error, OSError):
        _give_up_unwritten()
        place = f"{error.filename}: " if error.filename else ""
        return say_fault(f"{place}{error.strerror or error}", 1)
    if os.environ.get("GRIDMAP_DEBUG"):
        raise error
    # the words of an unknown error may hold a row of somebody's household
    return say_fault(
        f"internal fault ({type(error).__name__}); GRIDMAP_DEBUG=yes shows where it happened", 1
    )


def _give_up_unwritten() -> None:
    """Forget what standard output could not take: Python would try again at exit, and fail."""
    try:
        sys.stdout.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def _problem(error: Problem) -> int:
    code = 2 if error.status < 500 else 1
    say_fault(str(error), code)
    # one fault is often the sentence itself
    told = [fault for fault in error.faults if fault.get("message", "") not in str(error)]
    for fault in told[:_FAULTS_SHOWN]:
        click.echo(f"  {fault.get('place', '')}: {fault.get('message', '')}", err=True)
    if len(told) > _FAULTS_SHOWN:
        click.echo(f"  and {len(told) - _FAULTS_SHOWN} more", err=True)
    return code


def say_fault(message: str, code: int) -> int:
    """Write a fault to standard error and give the exit code."""
    click.echo(f"gridmap: {message}", err=True)
    return code


def say_faults(place: str, faults: Sequence[Fault]) -> int:
    """Write what is wrong with an input, a line each, and give the exit code.

    Parameters
    ----------
    place
        The file, where there is one; named unless the fault names it itself.
    """
    lines = [str(fault) for fault in faults]
    named = all(line.startswith(f"{place}: ") for line in lines)
    start = "" if not place or named else f"{place}: "
    if len(lines) == 1:
        return say_fault(f"{start}{lines[0]}", 2)
    say_fault(f"{start}{len(lines)} faults, nothing was done", 2)
    for line in lines[:_FAULTS_SHOWN]:
        click.echo(f"  {line}", err=True)
    if len(lines) > _FAULTS_SHOWN:
        click.echo(f"  and {len(lines) - _FAULTS_SHOWN} more", err=True)
    return 2


def say(message: str) -> None:
    """Write a message for a person; standard output stays free for the result."""
    click.echo(message, err=True)


def give(result: Mapping[str, Any], as_json: bool) -> None:
    """Give a result: as one JSON document, or as lines for a person."""
    if as_json:
        click.echo(as_document(result))
        return
    for key, value in result.items():
        click.echo(f"{key}: {_short(value)}")


def as_document(result: Mapping[str, Any]) -> str:
    """Give a result as JSON that every reader takes: no NaN, no half of a character."""
    text = json.dumps(result, ensure_ascii=False, allow_nan=False, default=str)
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _short(value: Any) -> str:
    if isinstance(value, list | dict):
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= 400 else f"{text[:400]} ..."
    return str(value)


def settings() -> Settings:
    """Read the settings of this call."""
    return Settings.from_environment(os.environ)


@contextmanager
def database() -> "Iterator[Database]":
    """Open the database of this call.

    Raises
    ------
    LocalError
        If none is set and no embedded one has been made.
    """
    from gridmap.local.errors import LocalError
    from gridmap.store.database import Database

    found = settings()
    if found.database_url is None and found.state.is_dir() and not os.access(found.state, os.X_OK):
        raise LocalError(f"{found.state} is not yours to look into; try as root")
    if found.database_url is None:
        raise LocalError(
            "there is no database: start one with `gridmap up`, or set GRIDMAP_DATABASE_URL"
        )
    opened = Database(
        found.database_url,
        size=2,
        zone=found.time_zone,
        language=found.language,
        address=found.public_url,
    )
    try:
        yield opened
    finally:
        opened.close()


def finished(opened: "Database", job_id: int) -> dict[str, Any]:
    """Wait for a job with a progress bar and give its result; Ctrl-C leaves the job at work."""
    from gridmap.services.jobs import wait

    try:
        return wait(opened, system_scope(), job_id, progress=Bar())
    except KeyboardInterrupt:
        say(f"\njob {job_id} goes on in its worker; `gridmap jobs cancel {job_id}` stops it")
        raise


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
