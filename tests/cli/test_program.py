"""The program itself as a process: terminals, closed pipes, Ctrl-C, no database, help at once."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

PROGRAM = (sys.executable, "-c", "import sys; from gridmap.cli import main; sys.exit(main())")
HEAVY = ("pandas", "geopandas", "sqlalchemy", "flask", "scipy", "alembic")


def start(
    *arguments: str, environment: dict[str, str], **more: object
) -> "subprocess.Popen[bytes]":
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GRIDMAP_")}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen([*PROGRAM, *arguments], env={**clean, **environment}, **streams)  # type: ignore[call-overload, no-any-return]


def test_without_a_database_every_command_says_how_to_get_one(tmp_path: Path) -> None:
    program = start("check", "--json", environment={"GRIDMAP_STATE": str(tmp_path)})
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out) == (1, b"")
    assert b"start one with `gridmap up`, or set GRIDMAP_DATABASE_URL" in err


def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://gridmap_app:hunter2hunter2@/gridmap?host={tmp_path}"
    program = start("grids", "check", environment={"GRIDMAP_DATABASE_URL": url})
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out) == (1, b"")
    assert b"cannot be reached" in err
    assert b"gridmap status" in err
    assert b"hunter2" not in err
    assert b"Traceback" not in err


def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    program = start("status", environment={"GRIDMAP_PORT": "eighty"}, cwd=tmp_path)
    _, err = program.communicate(timeout=60)
    assert program.returncode == 2
    assert err.startswith(b"gridmap: GRIDMAP_PORT: ")


def test_status_of_nothing_is_one_document(tmp_path: Path) -> None:
    program = start("status", "--json", environment={"GRIDMAP_STATE": str(tmp_path)})
    out, _ = program.communicate(timeout=60)
    assert program.returncode == 1
    assert json.loads(out) == {"running": False, "state": str(tmp_path), "parts": {}}


def test_a_reader_that_goes_away_leaves_no_traceback(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = start("--help", environment={"GRIDMAP_STATE": str(tmp_path)}, stdout=writing)
    os.close(writing)
    _, err = program.communicate(timeout=60)
    assert (program.returncode, err) == (1, b"")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_said(tmp_path: Path, unbuffered: str) -> None:
    environment = {"GRIDMAP_STATE": str(tmp_path), "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("wb") as full:
        program = start("status", environment=environment, stdout=full)
        _, err = program.communicate(timeout=60)
    assert program.returncode == 1
    assert err == b"gridmap: No space left on device\n"


def test_help_does_not_load_what_commands_need() -> None:
    asked = f"import sys, gridmap.cli.program; print([m for m in {HEAVY!r} if m in sys.modules])"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, check=True)
    assert told.stdout == b"[]\n"


@pytest.mark.database
def test_ctrl_c_leaves_the_job_at_work_and_says_so(
    county: Path, environment: dict[str, str]
) -> None:
    program = start(
        "coverage",
        "run",
        "fire",
        "--json",
        environment=environment,
        cwd=county,
        # a shell lets its background jobs ignore Ctrl-C, and whatever they start
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert program.stderr is not None
    assert program.stderr.readline() == b"job 1\n"
    time.sleep(0.5)
    program.send_signal(signal.SIGINT)
    out, err = program.communicate(timeout=60)
    assert (program.returncode, out) == (1, b"")
    assert b"job 1 goes on in its worker; `gridmap jobs cancel 1` stops it" in err
    assert b"Traceback" not in err


@pytest.mark.database
def test_progress_is_shown_to_a_person_and_to_nobody_else(
    county: Path, environment: dict[str, str]
) -> None:
    arguments = ("import", "roads", "roads.geojson", "--dry-run", "--json")
    master, terminal = pty.openpty()
    try:
        program = start(*arguments, environment=environment, cwd=county, stderr=terminal)
        out, _ = program.communicate(timeout=60)
        os.close(terminal)
        shown = os.read(master, 10_000)
    finally:
        os.close(master)
    assert json.loads(out)["road"]["inserted"] == 14
    assert b"[##########--------------------] 1/3 checking" in shown
    quiet = start(*arguments, environment=environment, cwd=county)
    assert quiet.communicate(timeout=60) == (out, b"")


@pytest.mark.database
def test_an_account_takes_its_password_from_a_pipe(
    county: Path, environment: dict[str, str]
) -> None:
    given = ("user", "add", "zhang.san", "--display-name", "张三", "--role", "planner:990105")
    program = start(*given, "--json", environment=environment, cwd=county, stdin=subprocess.PIPE)
    out, err = program.communicate(b"Correct-horse-9\n", timeout=60)
    assert (program.returncode, err) == (0, b"")
    assert json.loads(out)["name"] == "zhang.san"
    refused = start(*given[:2], "li.si", *given[3:], environment=environment, stdin=subprocess.PIPE)
    _, err = refused.communicate(b"short\n", timeout=60)
    assert refused.returncode == 2
    assert b"10 to 200 characters" in err


def test_a_town_that_is_not_there_is_refused_before_anything_starts(tmp_path: Path) -> None:
    state = tmp_path / "state"
    program = start("up", "--demo", "atlantis", environment={"GRIDMAP_STATE": str(state)})
    _, err = program.communicate(timeout=60)
    assert program.returncode == 2
    assert err == b"gridmap: Bad input: no demo town 'atlantis'; there are guanggu, monaco\n"
    assert not state.exists()


@pytest.mark.database
def test_waiting_outlives_a_restart_of_the_database(
    county: Path, environment: dict[str, str], fresh_database: Any
) -> None:
    program = start("coverage", "run", "fire", "--json", environment=environment, cwd=county)
    assert program.stderr is not None
    assert program.stderr.readline() == b"job 1\n"
    fresh_database.server.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        f" WHERE datname = '{fresh_database.name}'"
    )
    time.sleep(1)
    assert program.poll() is None
    asked = start("jobs", "cancel", "1", environment=environment, cwd=county)
    asked.communicate(timeout=60)
    out, err = program.communicate(timeout=60)
    assert (asked.returncode, program.returncode, out) == (0, 2, b"")
    assert b"job 1 (coverage.run)" in err
