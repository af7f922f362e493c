"""Run 0050_mutual_aid.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0050"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
