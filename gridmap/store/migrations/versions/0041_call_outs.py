"""Run 0041_call_outs.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0041"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
