"""Comments: what readers say, who says it, what they think of it, and who may not."""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('comment_ban',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('email', 'domain', 'user', 'place', name='bankind', native_enum=False, length=20), nullable=False),
    sa.Column('value', sa.String(length=254), nullable=False),
    sa.Column('label', sa.String(length=320), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by_label', sa.String(length=320), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_ban')),
    sa.UniqueConstraint('kind', 'value', name=op.f('uq_comment_ban_kind_value')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('comment_ban', schema=None) as batch_op:
        batch_op.create_index('ix_comment_ban_until', ['until', 'id'], unique=False)

    op.create_table('comment_guest',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_guest')),
    sa.UniqueConstraint('email', name=op.f('uq_comment_guest_email'))
    )
    op.create_table('comment_mute',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('who', sa.String(length=80), nullable=False),
    sa.Column('root_id', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_mute')),
    sa.UniqueConstraint('who', 'root_id', name=op.f('uq_comment_mute_who_root_id'))
    )
    op.create_table('comment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Enum('comment', 'pingback', 'trackback', name='commentkind', native_enum=False, length=20), nullable=False),
    sa.Column('state', sa.Enum('unconfirmed', 'waiting', 'approved', 'spam', 'trashed', name='state', native_enum=False, length=20), nullable=False),
    sa.Column('state_before', sa.Enum('unconfirmed', 'waiting', 'approved', 'spam', 'trashed', name='state', native_enum=False, length=20), nullable=True),
    sa.Column('parent_id', sa.Integer(), nullable=True),
    sa.Column('root_id', sa.Integer(), nullable=True),
    sa.Column('depth', sa.Integer(), nullable=False),
    sa.Column('place', sa.String(length=100), nullable=False),
    sa.Column('is_shown', sa.Boolean(), nullable=False),
    sa.Column('is_pinned', sa.Boolean(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('guest_id', sa.Integer(), nullable=True),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('website', sa.String(length=2000), nullable=True),
    sa.Column('place_digest', sa.String(length=64), nullable=True),
    sa.Column('wants_replies', sa.Boolean(), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('html', sa.Text(), nullable=False),
    sa.Column('text_digest', sa.String(length=64), nullable=True),
    sa.Column('once', sa.String(length=64), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('edited_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('trashed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('score', sa.Double(), nullable=True),
    sa.Column('learnt_as', sa.String(length=4), nullable=True),
    sa.Column('likes', sa.Integer(), nullable=False),
    sa.Column('reports', sa.Integer(), nullable=False),
    sa.Column('origin', sa.String(length=200), nullable=True),
    sa.Column('origin_key', sa.String(length=500), nullable=True),
    sa.ForeignKeyConstraint(['guest_id'], ['comment_guest.id'], name=op.f('fk_comment_guest_id_comment_guest'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['parent_id'], ['comment.id'], name=op.f('fk_comment_parent_id_comment'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_comment_post_id_post'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['root_id'], ['comment.id'], name=op.f('fk_comment_root_id_comment'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_comment_user_id_user'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment')),
    sa.UniqueConstraint('once', name=op.f('uq_comment_once')),
    sa.UniqueConstraint('origin', 'origin_key', name=op.f('uq_comment_origin_origin_key')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('comment', schema=None) as batch_op:
        batch_op.create_index('ix_comment_guest', ['guest_id', 'state', 'created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_comment_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index('ix_comment_place_digest', ['place_digest', 'created_at'], unique=False)
        batch_op.create_index('ix_comment_post_state', ['post_id', 'state', 'kind'], unique=False)
        batch_op.create_index('ix_comment_queue', ['state', 'created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_comment_root_id'), ['root_id'], unique=False)
        batch_op.create_index('ix_comment_text_digest', ['text_digest', 'created_at'], unique=False)
        batch_op.create_index('ix_comment_thread', ['post_id', 'kind', 'is_shown', 'place'], unique=False)
        batch_op.create_index('ix_comment_user', ['user_id', 'state', 'created_at'], unique=False)

    op.create_table('comment_like',
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('liked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_comment_like_comment_id_comment'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_comment_like_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('comment_id', 'user_id', name=op.f('pk_comment_like'))
    )
    with op.batch_alter_table('comment_like', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_comment_like_user_id'), ['user_id'], unique=False)

    op.create_table('comment_report',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('comment_id', sa.Integer(), nullable=False),
    sa.Column('who', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['comment_id'], ['comment.id'], name=op.f('fk_comment_report_comment_id_comment'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comment_report')),
    sa.UniqueConstraint('comment_id', 'who', name=op.f('uq_comment_report_comment_id_who'))
    )
    # A plain ADD COLUMN: the table is not built anew, so nothing that hangs on it is touched.
    op.add_column('post', sa.Column('takes_comments', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute("UPDATE post SET takes_comments = false WHERE kind = 'page'")


def downgrade() -> None:
    op.drop_column('post', 'takes_comments')
    op.drop_table('comment_report')
    op.drop_table('comment_like')
    op.drop_table('comment')
    op.drop_table('comment_mute')
    op.drop_table('comment_guest')
    op.drop_table('comment_ban')
