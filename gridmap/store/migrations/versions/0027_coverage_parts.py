"""Run 0027_coverage_parts.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
