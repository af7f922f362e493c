"""Run 0046_messages.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0046"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
