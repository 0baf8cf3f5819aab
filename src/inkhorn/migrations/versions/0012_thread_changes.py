"""How often the thread under each post has changed; when the spam filter last met something."""

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('comment_thread_change',
    sa.Column('post_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_comment_thread_change_post_id_post'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('post_id', name=op.f('pk_comment_thread_change')),
    )
    op.add_column('comment_feature', sa.Column('seen_at', sa.DateTime(timezone=True), nullable=True))
    op.execute('UPDATE comment_feature SET seen_at = CURRENT_TIMESTAMP')
    with op.batch_alter_table('comment_feature') as batch_op:
        batch_op.alter_column('seen_at', nullable=False, existing_type=sa.DateTime(timezone=True))
        batch_op.create_index('ix_comment_feature_seen_at', ['seen_at'])


def downgrade() -> None:
    with op.batch_alter_table('comment_feature') as batch_op:
        batch_op.drop_index('ix_comment_feature_seen_at')
        batch_op.drop_column('seen_at')
    op.drop_table('comment_thread_change')
