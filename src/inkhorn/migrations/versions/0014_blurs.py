"""What stands for a picture until it has come."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0012'
branch_labels = None
depends_on = None

UNBLURRED = sa.text('blur IS NULL')


def upgrade() -> None:
    op.add_column('asset', sa.Column('blur', sa.String(length=1000), nullable=True))
    # Drawings, sounds and the pictures that stand for people get none; the rest is for the runner to look at.
    op.execute("UPDATE asset SET blur = '' WHERE kind <> 'image' OR content_type = 'image/svg+xml' OR origin = 'portrait'")
    op.create_index('ix_asset_unblurred', 'asset', ['id'], sqlite_where=UNBLURRED, postgresql_where=UNBLURRED)


def downgrade() -> None:
    op.drop_index('ix_asset_unblurred', 'asset')
    op.drop_column('asset', 'blur')
