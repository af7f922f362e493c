"""Run 0025_rule_versions.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
