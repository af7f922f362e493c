"""Run 0003_emergency.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
