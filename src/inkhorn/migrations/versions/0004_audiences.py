"""Who may read a published post: everybody, members, or its authors and the editors."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

NO_CANONICAL = sa.text("canonical_url IS NULL")
BEFORE = {
    'ix_post_live': ['kind', 'status', 'published_at', 'id'],
    'ix_post_series': ['series_id', 'kind', 'status', 'series_position', 'published_at', 'id'],
}
SITEMAP_BEFORE = ['kind', 'status', 'id', 'updated_at', 'canonical_url']
SITEMAP_SINCE = ['kind', 'status', 'audience', 'id', 'updated_at', 'canonical_url']


def upgrade() -> None:
    # A plain ADD COLUMN: the table is not built anew, so nothing that hangs on it is touched.
    op.add_column('post', sa.Column('audience', sa.String(length=20), nullable=False, server_default='public'))
    for name, columns in BEFORE.items():
        op.drop_index(name, 'post')
        op.create_index(name, 'post', [*columns, 'audience'])
    op.drop_index('ix_post_sitemap', 'post')
    op.create_index('ix_post_sitemap', 'post', SITEMAP_SINCE, sqlite_where=NO_CANONICAL, postgresql_where=NO_CANONICAL)


def downgrade() -> None:
    op.drop_index('ix_post_sitemap', 'post')
    for name, columns in BEFORE.items():
        op.drop_index(name, 'post')
        op.create_index(name, 'post', columns)
    # What was not for everybody is taken off the site rather than shown to all.
    op.execute("UPDATE post SET status = 'unpublished' WHERE audience <> 'public' AND status = 'published'")
    op.drop_column('post', 'audience')
    op.create_index('ix_post_sitemap', 'post', SITEMAP_BEFORE, sqlite_where=NO_CANONICAL, postgresql_where=NO_CANONICAL)
