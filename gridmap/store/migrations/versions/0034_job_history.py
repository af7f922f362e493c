"""Run 0034_job_history.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0034"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
