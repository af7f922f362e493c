"""Run 0039_hazards.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
