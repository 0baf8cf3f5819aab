"""The media library: tags, what shows an upload, who gets it, former names, and uploads in parts."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

INDEXES = {
    'ix_asset_kind_created_at': ['kind', 'created_at', 'id'],
    'ix_asset_size_bytes_id': ['size_bytes', 'id'],
    'ix_asset_filename_id': ['filename', 'id'],
    'ix_asset_trashed_at': ['trashed_at'],
}


def upgrade() -> None:
    # Plain ADD COLUMNs: the table is not built anew, so nothing that hangs on it is touched.
    op.add_column('asset', sa.Column('reach', sa.String(length=20), nullable=False, server_default='public'))
    op.add_column('asset', sa.Column('is_for_members', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('asset', sa.Column('trashed_at', sa.DateTime(timezone=True), nullable=True))
    for name, columns in INDEXES.items():
        op.create_index(name, 'asset', columns)
    op.create_table('asset_tag',
    sa.Column('asset_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_asset_tag_asset_id_asset'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('asset_id', 'name', name=op.f('pk_asset_tag'))
    )
    op.create_index('ix_asset_tag_name', 'asset_tag', ['name'])
    op.create_table('asset_former_name',
    sa.Column('uuid', sa.String(length=32), nullable=False),
    sa.Column('asset_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_asset_former_name_asset_id_asset'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('uuid', name=op.f('pk_asset_former_name'))
    )
    op.create_index('ix_asset_former_name_asset_id', 'asset_former_name', ['asset_id'])
    op.create_table('asset_usage',
    sa.Column('asset_id', sa.Integer(), nullable=False),
    sa.Column('room', sa.String(length=40), nullable=False),
    sa.Column('noun_id', sa.Integer(), nullable=False),
    sa.Column('reach', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_asset_usage_asset_id_asset'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('asset_id', 'room', 'noun_id', name=op.f('pk_asset_usage'))
    )
    op.create_index('ix_asset_usage_noun', 'asset_usage', ['room', 'noun_id'])
    op.create_table('upload',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('uuid', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('filename', sa.String(length=255), nullable=False),
    sa.Column('size_bytes', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_upload_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload')),
    sa.UniqueConstraint('uuid', name=op.f('uq_upload_uuid'))
    )
    op.create_index('ix_upload_user_id', 'upload', ['user_id'])
    op.create_index('ix_upload_created_at', 'upload', ['created_at'])


def downgrade() -> None:
    for name in ('upload', 'asset_usage', 'asset_former_name', 'asset_tag'):
        op.drop_table(name)
    for name in INDEXES:
        op.drop_index(name, 'asset')
    # What was put in the trash comes back, since an older version knows none.
    for name in ('trashed_at', 'is_for_members', 'reach'):
        op.drop_column('asset', name)
