"""Run 0049_drills.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0049"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
