"""Why a comment is held, as a word of its own and not only in a sentence."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

# What the sentences of before began with or held, the first that fits.
SENTENCES = {
    "Reads like spam%": "reads like spam",
    "First comment%": "first comment",
    "%is on the list of refused words%": "refused word",
    "%is on the list of words to hold%": "held word",
    "%ame address as%": "spam address",
    "%ame words as%": "repeated",
    "Mostly capitals%": "shouting",
    "It waited where%": "imported",
    "% link": "links",
    "% links": "links",
}


def upgrade() -> None:
    op.add_column('comment', sa.Column('cause', sa.String(length=20), nullable=True))
    comment = sa.table('comment', sa.column('cause', sa.String()), sa.column('reason', sa.String()))
    for sentence, cause in SENTENCES.items():
        op.execute(comment.update().where(comment.c.cause.is_(None), comment.c.reason.like(sentence)).values(cause=cause))


def downgrade() -> None:
    op.drop_column('comment', 'cause')
