"""Run 0042_plan_parts.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
