"""Keys and refresh tokens of programs."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('api_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('personal', 'integration', name='keykind', native_enum=False, length=20), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('lookup', sa.String(length=8), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('made_by_id', sa.Integer(), nullable=True),
    sa.Column('made_by_label', sa.String(length=320), nullable=False),
    sa.Column('permissions', sa.JSON(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_from', sa.String(length=64), nullable=True),
    sa.ForeignKeyConstraint(['made_by_id'], ['user.id'], name=op.f('fk_api_key_made_by_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_api_key_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_key')),
    sa.UniqueConstraint('lookup', name=op.f('uq_api_key_lookup')),
    sqlite_autoincrement=True,
    )
    op.create_index('ix_api_key_kind_id', 'api_key', ['kind', 'id'])
    op.create_index(op.f('ix_api_key_user_id'), 'api_key', ['user_id'])
    op.create_index(op.f('ix_api_key_made_by_id'), 'api_key', ['made_by_id'])
    op.create_index(op.f('ix_api_key_expires_at'), 'api_key', ['expires_at'])
    op.create_table('refresh_family',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('handle', sa.String(length=32), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('is_two_factor', sa.Boolean(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=True),
    sa.Column('device', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_refresh_family_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refresh_family')),
    sa.UniqueConstraint('handle', name=op.f('uq_refresh_family_handle')),
    )
    op.create_index(op.f('ix_refresh_family_user_id'), 'refresh_family', ['user_id'])
    op.create_index(op.f('ix_refresh_family_seen_at'), 'refresh_family', ['seen_at'])
    op.create_table('refresh_token',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('family_id', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['family_id'], ['refresh_family.id'], name=op.f('fk_refresh_token_family_id_refresh_family'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_refresh_token')),
    )
    op.create_index(op.f('ix_refresh_token_family_id'), 'refresh_token', ['family_id'])


def downgrade() -> None:
    for table in ('refresh_token', 'refresh_family', 'api_key'):
        op.drop_table(table)
