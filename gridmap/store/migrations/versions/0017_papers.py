"""Run 0017_papers.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
