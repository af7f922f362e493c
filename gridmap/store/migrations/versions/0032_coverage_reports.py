"""Run 0032_coverage_reports.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0032"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
