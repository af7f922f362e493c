"""Run 0029_certificates.sql."""

from gridmap.store.migrations.sql import run_beside

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_beside(__file__)
