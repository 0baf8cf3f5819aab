"""Which parts of a file on its way have come into a bucket, and who puts them together."""

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'upload_part',
        sa.Column('upload_id', sa.Integer(), nullable=False),
        sa.Column('offset_bytes', sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column('size_bytes', sa.BigInteger(), nullable=False),
        sa.Column('key', sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(['upload_id'], ['upload.id'], name=op.f('fk_upload_part_upload_id_upload'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('upload_id', 'offset_bytes', name=op.f('pk_upload_part')),
    )
    op.add_column('upload', sa.Column('finishing_until', sa.DateTime(timezone=True), nullable=True))
    op.add_column('upload', sa.Column('finisher', sa.String(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('upload') as table:
        table.drop_column('finisher')
        table.drop_column('finishing_until')
    op.drop_table('upload_part')
