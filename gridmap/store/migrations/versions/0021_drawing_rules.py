"""Run 0021_drawing_rules.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
