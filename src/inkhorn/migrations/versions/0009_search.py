"""The search index: the words of every post, and what each database looks them up in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

COLUMNS = "title, tags, authors, body, comments"
NEW, OLD = (", ".join(f"{row}.{name}" for name in COLUMNS.split(", ")) for row in ("new", "old"))
DIFFERS = " OR ".join(f"old.{name} <> new.{name}" for name in COLUMNS.split(", "))
FORGET = f"INSERT INTO search_fts (search_fts, rowid, {COLUMNS}) VALUES ('delete', old.post_id, {OLD})"
LEARN = f"INSERT INTO search_fts (rowid, {COLUMNS}) VALUES (new.post_id, {NEW})"


def upgrade() -> None:
    op.create_table(
        'search_entry',
        sa.Column('post_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('revision', sa.Integer(), nullable=False),
        sa.Column('folding', sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in (*COLUMNS.split(", "), 'text')),
        sa.Column('vector', postgresql.TSVECTOR().with_variant(sa.Text(), 'sqlite'), nullable=True),
        sa.ForeignKeyConstraint(['post_id'], ['post.id'], name=op.f('fk_search_entry_post_id_post'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('post_id', name=op.f('pk_search_entry')),
    )
    op.create_index('ix_search_entry_state', 'search_entry', ['post_id', 'revision', 'folding'])
    op.create_index('ix_post_revision', 'post', ['id', 'revision'])
    if op.get_bind().dialect.name == 'postgresql':
        op.create_index('ix_search_entry_vector', 'search_entry', ['vector'], postgresql_using='gin')
        return
    op.execute(f"CREATE VIRTUAL TABLE search_fts USING fts5({COLUMNS}, content='search_entry', content_rowid='post_id', tokenize='ascii', prefix='2 3')")
    op.execute(f"CREATE TRIGGER search_entry_added AFTER INSERT ON search_entry BEGIN {LEARN}; END")
    op.execute(f"CREATE TRIGGER search_entry_removed AFTER DELETE ON search_entry BEGIN {FORGET}; END")
    op.execute(f"CREATE TRIGGER search_entry_changed AFTER UPDATE OF {COLUMNS} ON search_entry WHEN {DIFFERS} BEGIN {FORGET}; {LEARN}; END")


def downgrade() -> None:
    if op.get_bind().dialect.name == 'sqlite':
        op.execute("DROP TABLE search_fts")
    op.drop_index('ix_post_revision', 'post')
    op.drop_table('search_entry')
