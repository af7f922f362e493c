"""Run 0038_closed_hours.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0038"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
