"""Run 0031_care.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0031"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
