"""Which store of files belongs to the database, what became of uploads in parts, lists by title and date out of an index,
and what albums, shows and episodes say of themselves as HTML."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

DATED = ('album', 'show', 'episode')


def upgrade() -> None:
    op.create_index('ix_post_titled', 'post', ['kind', 'status', 'title', 'id'])
    op.create_index('ix_series_title_id', 'series', ['title', 'id'])
    for table in DATED:
        op.create_index(f'ix_{table}_dated', table, ['state', 'published_at', 'id'])
        # What was written before these were Markdown has no HTML, and stays plain words until somebody changes it.
        op.add_column(table, sa.Column('about_html', sa.Text(), nullable=True))
        op.add_column(table, sa.Column('about_pipeline', sa.Integer(), nullable=True))
    op.create_table(
        'store_mark',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('site', sa.String(length=32), nullable=False),
        sa.Column('sweeps', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name='pk_store_mark'),
    )
    # Told again to whoever did not hear it: the line may break when all has arrived.
    with op.batch_alter_table('upload') as upload:
        upload.add_column(sa.Column('asset_id', sa.Integer(), nullable=True))
        upload.create_foreign_key('fk_upload_asset_id_asset', 'asset', ['asset_id'], ['id'], ondelete='CASCADE')
        upload.create_index('ix_upload_asset_id', ['asset_id'])


def downgrade() -> None:
    with op.batch_alter_table('upload') as upload:
        upload.drop_index('ix_upload_asset_id')
        upload.drop_constraint('fk_upload_asset_id_asset', type_='foreignkey')
        upload.drop_column('asset_id')
    op.drop_table('store_mark')
    for table in DATED:
        op.drop_column(table, 'about_pipeline')
        op.drop_column(table, 'about_html')
        op.drop_index(f'ix_{table}_dated', table)
    op.drop_index('ix_series_title_id', 'series')
    op.drop_index('ix_post_titled', 'post')
