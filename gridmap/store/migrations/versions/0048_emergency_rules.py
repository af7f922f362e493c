"""Run 0048_emergency_rules.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0048"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
