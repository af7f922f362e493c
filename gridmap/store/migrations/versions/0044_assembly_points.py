"""Run 0044_assembly_points.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0044"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
