"""Messages queued before they had a language are what they were after the upgrade."""

from typing import Any

import psycopg2
import pytest
from alembic import command

from gridmap.store import migrate

pytestmark = pytest.mark.database
NAME = "before_languages"


@pytest.fixture
def older(postgres: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A database as it was before."""
    real = command.upgrade
    with monkeypatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _head: real(config, "0050"))
        migrate.prepare(postgres.superuser_dsn, postgres.passwords, NAME)
    connection = psycopg2.connect(postgres.url("postgres", NAME))
    connection.autocommit = True
    yield connection
    connection.close()
    postgres.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def test_old_messages_are_marked_and_those_with_a_link_are_known(older: Any) -> None:
    with older.cursor() as cursor:
        cursor.execute(
            "INSERT INTO message (area_code, key, about, channel, recipient, subject, text, link,"
            " exercise, not_after) VALUES ('990101', 'a', 'plan:1', 'mail', 'a@b.cn', '转移',"
            " '【演练】走', 'https://x.example/v/1', true, now()), ('990102', 'b', 'plan:1', 'sms',"
            " '13800000001', NULL, '走', NULL, false, now())"
        )
        migrate.upgrade(older)
        cursor.execute("SELECT subject, linked, language FROM message ORDER BY key")
        assert cursor.fetchall() == [("【演练】转移", True, "zh_CN"), (None, False, "zh_CN")]
