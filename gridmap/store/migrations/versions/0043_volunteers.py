"""Run 0043_volunteers.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0043"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
