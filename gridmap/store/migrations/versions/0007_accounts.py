"""Run 0007_accounts.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
