"""Run 0023_micro_grids.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
