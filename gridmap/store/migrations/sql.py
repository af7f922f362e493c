"""Let a migration be plain SQL in a file of the same name beside its stub."""

from pathlib import Path

from alembic import op


def run_beside(stub: str) -> None:
    """Run the SQL file that stands beside a migration's Python stub."""
    # the driver's own cursor: text() would read a colon in SQL as a parameter
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    with driver.cursor() as cursor:
        cursor.execute(Path(stub).with_suffix(".sql").read_text("utf-8"))
