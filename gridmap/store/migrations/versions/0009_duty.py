"""Run 0009_duty.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
