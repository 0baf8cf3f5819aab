"""Songs in albums, episodes in shows, and the addresses they ever had."""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

# Numbers that the audit log speaks of.
NEVER_TWICE = {'sqlite_autoincrement': True}


def upgrade() -> None:
    op.create_table('album',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=160), nullable=False),
    sa.Column('artist', sa.String(length=255), nullable=False),
    sa.Column('released_on', sa.Date(), nullable=True),
    sa.Column('cover_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('uuid', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', 'unpublished', name='state', native_enum=False, length=20), nullable=False),
    sa.Column('audience', sa.Enum('public', 'members', name='listeners', native_enum=False, length=20), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['cover_id'], ['asset.id'], name=op.f('fk_album_cover_id_asset'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_album_created_by_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_album')),
    sa.UniqueConstraint('slug', name=op.f('uq_album_slug')),
    sa.UniqueConstraint('uuid', name=op.f('uq_album_uuid')),
    **NEVER_TWICE
    )
    with op.batch_alter_table('album', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_album_cover_id'), ['cover_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_album_created_by_id'), ['created_by_id'], unique=False)
        batch_op.create_index('ix_album_desk', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_album_live', ['state', 'audience', 'id', 'updated_at'], unique=False)

    op.create_table('show',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=160), nullable=False),
    sa.Column('author', sa.String(length=255), nullable=False),
    sa.Column('language', sa.String(length=35), nullable=True),
    sa.Column('category', sa.String(length=100), nullable=False),
    sa.Column('is_explicit', sa.Boolean(), nullable=False),
    sa.Column('owner_email', sa.String(length=254), nullable=False),
    sa.Column('cover_id', sa.Integer(), nullable=True),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('uuid', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', 'unpublished', name='state', native_enum=False, length=20), nullable=False),
    sa.Column('audience', sa.Enum('public', 'members', name='listeners', native_enum=False, length=20), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['cover_id'], ['asset.id'], name=op.f('fk_show_cover_id_asset'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_show_created_by_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_show')),
    sa.UniqueConstraint('slug', name=op.f('uq_show_slug')),
    sa.UniqueConstraint('uuid', name=op.f('uq_show_uuid')),
    **NEVER_TWICE
    )
    with op.batch_alter_table('show', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_show_cover_id'), ['cover_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_show_created_by_id'), ['created_by_id'], unique=False)
        batch_op.create_index('ix_show_desk', ['updated_at', 'id'], unique=False)
        batch_op.create_index('ix_show_live', ['state', 'audience', 'id', 'updated_at'], unique=False)

    op.create_table('episode',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('show_id', sa.Integer(), nullable=False),
    sa.Column('asset_id', sa.Integer(), nullable=False),
    sa.Column('slug', sa.String(length=160), nullable=False),
    sa.Column('kind', sa.Enum('full', 'trailer', 'bonus', name='episodekind', native_enum=False, length=20), nullable=False),
    sa.Column('season', sa.Integer(), nullable=True),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('is_explicit', sa.Boolean(), nullable=False),
    sa.Column('created_by_id', sa.Integer(), nullable=True),
    sa.Column('uuid', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('state', sa.Enum('draft', 'published', 'unpublished', name='state', native_enum=False, length=20), nullable=False),
    sa.Column('audience', sa.Enum('public', 'members', name='listeners', native_enum=False, length=20), nullable=False),
    sa.Column('published_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('chapters', sa.JSON(), nullable=False),
    sa.Column('peaks', sa.JSON(), nullable=False),
    sa.Column('doubt', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_episode_asset_id_asset'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['created_by_id'], ['user.id'], name=op.f('fk_episode_created_by_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['show_id'], ['show.id'], name=op.f('fk_episode_show_id_show'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_episode')),
    sa.UniqueConstraint('show_id', 'slug', name=op.f('uq_episode_show_id_slug')),
    sa.UniqueConstraint('uuid', name=op.f('uq_episode_uuid')),
    **NEVER_TWICE
    )
    with op.batch_alter_table('episode', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_episode_asset_id'), ['asset_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_episode_created_by_id'), ['created_by_id'], unique=False)
        batch_op.create_index('ix_episode_desk', ['show_id', 'updated_at', 'id'], unique=False)
        batch_op.create_index('ix_episode_live', ['show_id', 'state', 'published_at', 'id', 'audience'], unique=False)

    op.create_table('track',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('album_id', sa.Integer(), nullable=False),
    sa.Column('asset_id', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('title', sa.String(length=255), nullable=False),
    sa.Column('artist', sa.String(length=255), nullable=False),
    sa.Column('seconds', sa.Double(), nullable=False),
    sa.Column('chapters', sa.JSON(), nullable=False),
    sa.Column('peaks', sa.JSON(), nullable=False),
    sa.Column('doubt', sa.String(length=300), nullable=False),
    sa.ForeignKeyConstraint(['album_id'], ['album.id'], name=op.f('fk_track_album_id_album'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['asset_id'], ['asset.id'], name=op.f('fk_track_asset_id_asset'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_track')),
    **NEVER_TWICE
    )
    with op.batch_alter_table('track', schema=None) as batch_op:
        batch_op.create_index('ix_track_album_id', ['album_id', 'position', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_track_asset_id'), ['asset_id'], unique=False)

    op.create_table('sound_address',
    sa.Column('path', sa.String(length=400), nullable=False),
    sa.Column('album_id', sa.Integer(), nullable=True),
    sa.Column('show_id', sa.Integer(), nullable=True),
    sa.Column('episode_id', sa.Integer(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['album_id'], ['album.id'], name=op.f('fk_sound_address_album_id_album'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['episode_id'], ['episode.id'], name=op.f('fk_sound_address_episode_id_episode'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['show_id'], ['show.id'], name=op.f('fk_sound_address_show_id_show'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('path', name=op.f('pk_sound_address'))
    )
    with op.batch_alter_table('sound_address', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_sound_address_album_id'), ['album_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sound_address_episode_id'), ['episode_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_sound_address_show_id'), ['show_id'], unique=False)


def downgrade() -> None:
    for table in ('sound_address', 'track', 'episode', 'show', 'album'):
        op.drop_table(table)
