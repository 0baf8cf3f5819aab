"""The number that kept pages are valid by, and the processes that answer by it."""

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'page_generation',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_page_generation')),
    )
    op.create_table(
        'page_reader',
        sa.Column('name', sa.String(length=40), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.Column('heard_at', sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_page_reader')),
    )


def downgrade() -> None:
    op.drop_table('page_reader')
    op.drop_table('page_generation')
