"""Run 0036_facilities.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0036"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
