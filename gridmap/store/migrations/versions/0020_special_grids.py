"""Run 0020_special_grids.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
