"""Run 0011_plan_orders.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
