"""Run 0040_responses.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0040"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
