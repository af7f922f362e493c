"""The command line as a person calls it, on a database of its own, and a small county's files."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import structlog
from calling import Call, Ended
from county_files import write_county

from gridmap.cli import main
from gridmap.model.access import system_scope
from gridmap.services import jobs
from gridmap.settings import Settings
from gridmap.store.database import Database
from jobs.run import work


@pytest.fixture(autouse=True)
def silent_logs() -> Iterator[None]:
    structlog.configure(processors=[], logger_factory=structlog.ReturnLoggerFactory())
    yield
    structlog.reset_defaults()


@pytest.fixture
def environment(app_settings: Settings, tmp_path: Path) -> dict[str, str]:
    return {**app_settings.to_environment(), "GRIDMAP_STATE": str(tmp_path / ".gridmap")}


@pytest.fixture
def gridmap(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Call:
    """Call `gridmap ARGUMENTS` in this process, in an empty folder."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["gridmap", *map(str, arguments)])
        capsys.readouterr()
        code = main()
        heard = capsys.readouterr()
        assert "Traceback" not in heard.err
        return Ended(code, heard.out, heard.err)

    return call


@pytest.fixture
def store(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def count(store: Database) -> Callable[[str], int]:
    def rows(table: str) -> int:
        with store.transaction(system_scope()) as tx:
            return int(tx.value(f"SELECT count(*) FROM {table}"))

    return rows


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with one good file of each kind."""
    write_county(tmp_path)
    return tmp_path


@pytest.fixture
def county(gridmap: Call, files: Path) -> Path:
    """The county itself is in the database; what it holds is still in its files."""
    assert gridmap("import", "areas", files / "areas.geojson").code == 0
    return files


@pytest.fixture
def ready(gridmap: Call, county: Path) -> Call:
    """The county with all that coverage is computed from is in the database."""
    for kind, name, more in (
        ("roads", "roads.geojson", ()),
        ("buildings", "buildings.geojson", ()),
        ("households", "households.csv", ()),
        ("facilities", "facilities.csv", ("--crs", "wgs84")),
    ):
        ended = gridmap("import", kind, county / name, *more)
        assert ended.code == 0, ended.err
    return gridmap


@pytest.fixture
def worker(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what is asked for while a command waits, as a worker does, in this process."""
    patient = jobs.wait

    def work_off(_seconds: float) -> None:
        with store.transaction(system_scope()) as tx:
            waiting = tx.all("SELECT id FROM job WHERE state = 'queued' ORDER BY id")
        for row in waiting:
            work(store, row["id"])

    monkeypatch.setattr(jobs, "wait", partial(patient, sleep=work_off))
