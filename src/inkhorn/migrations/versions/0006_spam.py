"""What the spam classifier has learnt, and which imported comments were removed for good."""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('comment_feature',
    sa.Column('feature', sa.String(length=120), nullable=False),
    sa.Column('spam', sa.Integer(), nullable=False),
    sa.Column('ham', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('feature', name=op.f('pk_comment_feature'))
    )
    op.create_table('comment_gone',
    sa.Column('origin', sa.String(length=200), nullable=False),
    sa.Column('origin_key', sa.String(length=500), nullable=False),
    sa.PrimaryKeyConstraint('origin', 'origin_key', name=op.f('pk_comment_gone'))
    )


def downgrade() -> None:
    op.drop_table('comment_gone')
    op.drop_table('comment_feature')
