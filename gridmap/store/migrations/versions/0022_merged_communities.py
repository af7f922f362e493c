"""Run 0022_merged_communities.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
