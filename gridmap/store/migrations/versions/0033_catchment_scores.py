"""Run 0033_catchment_scores.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
