"""Run 0030_road_closures.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
