"""Run 0012_scenarios.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
