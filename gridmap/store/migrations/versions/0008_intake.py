"""Run 0008_intake.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
