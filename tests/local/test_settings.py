"""Settings: what the environment says, or a clear error that names the variable."""

import json

import pytest

from gridmap.settings import Settings, SettingsError, embedded_environment
from gridmap.variables import CHINA


def test_empty_environment_gives_the_embedded_default(tmp_path):
    settings = Settings.from_environment({}, tmp_path)
    assert settings.own_database
    assert settings.own_redis
    assert settings.database_url is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.language == "zh_CN"
    assert settings.bounds == CHINA
    assert settings.state == tmp_path


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("GRIDMAP_PORT", "80a", "whole number"),
        ("GRIDMAP_PORT", "70000", "65535"),
        ("GRIDMAP_PORT", "-1", "whole number"),
        ("GRIDMAP_LANGUAGE", "klingon", "zh_CN"),
        ("GRIDMAP_DATABASE_URL", "mysql://somebody:hush@host/db", "postgresql://"),
        ("GRIDMAP_REDIS_URL", "http://host", "redis://"),
        ("GRIDMAP_SECRET_KEY", "hush", "32 characters"),
        ("GRIDMAP_BOUNDS", "1,2,3", "WEST"),
        ("GRIDMAP_BOUNDS", "114,31,113,30", "west before east"),
        ("GRIDMAP_BOUNDS", "nan,nan,nan,nan", "WEST"),
        ("GRIDMAP_HTTPS", "perhaps", "yes or no"),
        ("GRIDMAP_TIME_ZONE", "Mars/Olympus", "time zone"),
        ("GRIDMAP_TIME_ZONE", "../etc/passwd", "time zone"),
        ("GRIDMAP_TILE_URL", "https://tiles.invalid/{z}/{x}", "{y}"),
        ("GRIDMAP_TILE_URL", "javascript:{z}{x}{y}", "http://"),
        ("GRIDMAP_DEMO", "../../etc", "demo town"),
        ("GRIDMAP_LANGAUGE", "en", "no such setting"),
    ],
)
def test_bad_value_names_its_variable(tmp_path, name, value, reason):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({name: value}, tmp_path)
    assert caught.value.variable == name
    assert reason in str(caught.value)
    assert "hush" not in str(caught.value)


def test_environment_round_trip(tmp_path):
    environment = {
        "GRIDMAP_STATE": str(tmp_path),
        "GRIDMAP_DATABASE_URL": "postgresql://gridmap_app:x@db/gridmap",
        "GRIDMAP_REDIS_URL": "redis://cache:6379/0",
        "GRIDMAP_SECRET_KEY": "k" * 32,
        "GRIDMAP_HOST": "0.0.0.0",
        "GRIDMAP_PORT": "8080",
        "GRIDMAP_HTTPS": "yes",
        "GRIDMAP_BOUNDS": "113.5,29.9,115.1,31.4",
        "GRIDMAP_DEMO": "guanggu",
        "GRIDMAP_MAP_APPROVAL_NUMBER": "鄂S(2025)001号",
    }
    settings = Settings.from_environment(environment)
    assert not settings.own_database
    assert not settings.own_redis
    assert settings.bounds == (113.5, 29.9, 115.1, 31.4)
    assert Settings.from_environment(settings.to_environment()) == settings


def test_embedded_servers_fill_what_the_environment_leaves_open(tmp_path):
    names = ("gridmap_app", "gridmap_migrator", "redis", "secret_key")
    secrets = {name: f"{name}-{'x' * 30}" for name in names} | {"sockets": "/run/gridmap-1"}
    (tmp_path / "secrets.json").write_text(json.dumps(secrets))
    settings = Settings.from_environment({}, tmp_path)
    assert settings.own_database
    assert settings.database_url.startswith("postgresql://gridmap_app:gridmap_app-")
    assert settings.database_url.endswith("host=%2Frun%2Fgridmap-1")
    assert settings.redis_url.endswith("@/run/gridmap-1/redis.sock")
    # our own server's migration role is never taken to somebody else's database
    other = {"GRIDMAP_DATABASE_URL": "postgresql://gridmap_app:x@db/gridmap"}
    assert Settings.from_environment(other, tmp_path).migrate_url is None


def test_no_state_folder_no_embedded_servers(tmp_path):
    assert embedded_environment(tmp_path / "absent") == {}


def test_a_demo_town_abroad_brings_its_bounds() -> None:
    plain = Settings.from_environment({})
    assert plain.for_demo("guanggu").bounds == plain.bounds
    assert plain.for_demo("monaco").bounds[0] < 7.42 < plain.for_demo("monaco").bounds[2]
    told = Settings.from_environment({"GRIDMAP_BOUNDS": "7,43,8,44"})
    assert told.for_demo("monaco").bounds == (7.0, 43.0, 8.0, 44.0)
    assert plain.for_demo(None) == plain
