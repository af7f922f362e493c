"""Run 0024_merged_names.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
