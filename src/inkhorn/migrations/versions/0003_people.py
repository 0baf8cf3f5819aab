"""People: how they come in and prove who they are; letters; counts of tries."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

NEVER_TWICE = {'sqlite_autoincrement': True}


def upgrade() -> None:
    op.create_table('allowance',
    sa.Column('key', sa.String(length=200), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.Column('ends_at', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_allowance'))
    )
    with op.batch_alter_table('allowance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_allowance_ends_at'), ['ends_at'], unique=False)

    op.create_table('spent_puzzle',
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('digest', name=op.f('pk_spent_puzzle'))
    )
    op.create_index('ix_spent_puzzle_ends_at', 'spent_puzzle', ['ends_at'])
    op.create_table('letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=80), nullable=False),
    sa.Column('to_address', sa.String(length=254), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('message_id', sa.String(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.Enum('waiting', 'handing', 'sent', 'uncertain', 'refused', 'given_up', name='letterstate', native_enum=False, length=20), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('purpose', name=op.f('uq_letter_purpose')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('letter', schema=None) as batch_op:
        batch_op.create_index('ix_letter_created_at_id', ['created_at', 'id'], unique=False)
        batch_op.create_index('ix_letter_state_next_at', ['state', 'next_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_letter_to_address'), ['to_address'], unique=False)

    op.create_table('registration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('password', sa.String(length=300), nullable=False),
    sa.Column('browser_digest', sa.String(length=64), nullable=False),
    sa.Column('terms_accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('language', sa.String(length=35), nullable=True),
    sa.Column('timezone', sa.String(length=64), nullable=True),
    sa.Column('wanted', sa.String(length=2000), nullable=True),
    sa.Column('letters', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('registration', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registration_browser_digest'), ['browser_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_registration_created_at'), ['created_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_registration_email'), ['email'], unique=False)

    op.create_table('authenticator',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('sealed_secret', sa.String(length=300), nullable=False),
    sa.Column('last_counter', sa.BigInteger(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('confirmed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_authenticator_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_authenticator'))
    )
    op.create_table('follow',
    sa.Column('follower_id', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=False),
    sa.Column('followed_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_follow_author_id_user'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['follower_id'], ['user.id'], name=op.f('fk_follow_follower_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('follower_id', 'author_id', name=op.f('pk_follow'))
    )
    with op.batch_alter_table('follow', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follow_author_id'), ['author_id'], unique=False)

    op.create_table('invitation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('open_email', sa.String(length=254), nullable=True),
    sa.Column('name', sa.String(length=150), nullable=False),
    sa.Column('role_id', sa.Integer(), nullable=True),
    sa.Column('digest', sa.String(length=64), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('invited_by_id', sa.Integer(), nullable=True),
    sa.Column('invited_by_label', sa.String(length=320), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('letters', sa.Integer(), nullable=False),
    sa.Column('author_id', sa.Integer(), nullable=True),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('accepted_by_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['user.id'], name=op.f('fk_invitation_author_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['accepted_by_id'], ['user.id'], name=op.f('fk_invitation_accepted_by_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['invited_by_id'], ['user.id'], name=op.f('fk_invitation_invited_by_id_user'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['role_id'], ['role.id'], name=op.f('fk_invitation_role_id_role'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_invitation')),
    sa.UniqueConstraint('digest', name=op.f('uq_invitation_digest')),
    sa.UniqueConstraint('open_email', name=op.f('uq_invitation_open_email')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('invitation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_invitation_accepted_by_id'), ['accepted_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invitation_author_id'), ['author_id'], unique=False)
        batch_op.create_index('ix_invitation_created_at_id', ['created_at', 'id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invitation_email'), ['email'], unique=False)
        batch_op.create_index(batch_op.f('ix_invitation_invited_by_id'), ['invited_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_invitation_role_id'), ['role_id'], unique=False)

    op.create_table('known_device',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('label', sa.String(length=300), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=True),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_known_device_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_device'))
    )
    with op.batch_alter_table('known_device', schema=None) as batch_op:
        batch_op.create_index('ix_known_device_digest_user_id', ['digest', 'user_id'], unique=True)
        batch_op.create_index(batch_op.f('ix_known_device_seen_at'), ['seen_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_known_device_user_id'), ['user_id'], unique=False)

    op.create_table('linked_identity',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('provider', sa.String(length=40), nullable=False),
    sa.Column('issuer', sa.String(length=300), nullable=False),
    sa.Column('subject', sa.String(length=255), nullable=False),
    sa.Column('label', sa.String(length=254), nullable=False),
    sa.Column('linked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_linked_identity_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_linked_identity')),
    sa.UniqueConstraint('issuer', 'subject', name=op.f('uq_linked_identity_issuer_subject')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('linked_identity', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_linked_identity_user_id'), ['user_id'], unique=False)

    op.create_table('one_time_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sa.Enum('confirm', 'reset', 'link', 'new_email', 'old_email', 'proof', 'second', 'challenge', 'oauth', 'reopen', name='purpose', native_enum=False, length=20), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('code_digest', sa.String(length=64), nullable=True),
    sa.Column('browser_digest', sa.String(length=64), nullable=True),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('email', sa.String(length=254), nullable=True),
    sa.Column('details', sa.JSON(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_one_time_token_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_time_token')),
    sa.UniqueConstraint('digest', name=op.f('uq_one_time_token_digest'))
    )
    with op.batch_alter_table('one_time_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_time_token_browser_digest'), ['browser_digest'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_time_token_expires_at'), ['expires_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_time_token_user_id'), ['user_id'], unique=False)

    op.create_table('passkey',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('credential_id', sa.String(length=1400), nullable=False),
    sa.Column('public_key', sa.LargeBinary(), nullable=False),
    sa.Column('sign_count', sa.BigInteger(), nullable=False),
    sa.Column('name', sa.String(length=100), nullable=False),
    sa.Column('transports', sa.JSON(), nullable=False),
    sa.Column('is_verifying', sa.Boolean(), nullable=False),
    sa.Column('is_backed_up', sa.Boolean(), nullable=False),
    sa.Column('added_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_passkey_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passkey')),
    sa.UniqueConstraint('credential_id', name=op.f('uq_passkey_credential_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('passkey', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_passkey_user_id'), ['user_id'], unique=False)

    op.create_table('recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('salt', sa.String(length=32), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user.id'], name=op.f('fk_recovery_code_user_id_user'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_code'))
    )
    with op.batch_alter_table('recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_recovery_code_user_id'), ['user_id'], unique=False)

    # Tries are counted apart from the database now; who waits for a few minutes more loses nothing.
    op.drop_table('failed_sign_in')
    with op.batch_alter_table('audit_entry', schema=None) as batch_op:
        batch_op.add_column(sa.Column('device', sa.String(length=300), nullable=True))
        batch_op.create_index('ix_audit_entry_at_id', ['at', 'id'], unique=False)

    with op.batch_alter_table('role', schema=None) as batch_op:
        batch_op.add_column(sa.Column('demands_second_factor', sa.Boolean(), nullable=True))

    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('way', sa.String(length=20), nullable=False, server_default='password'))
        batch_op.add_column(sa.Column('is_two_factor', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('device_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_session_device_id'), ['device_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_started_at'), ['started_at'], unique=False)
        batch_op.create_foreign_key(batch_op.f('fk_session_device_id_known_device'), 'known_device', ['device_id'], ['id'], ondelete='SET NULL')

    # SQLite builds these tables anew, and would forget that numbers are never given twice.
    with op.batch_alter_table('user', table_kwargs=NEVER_TWICE) as batch_op:
        batch_op.drop_constraint('uq_user_slug', type_='unique')
        batch_op.alter_column('slug', new_column_name='username', existing_type=sa.String(length=160), existing_nullable=False)
        batch_op.add_column(sa.Column('password_changed_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('terms_accepted_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('passkey_handle', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('declines_second_factor', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('links', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('notices', sa.JSON(), nullable=False, server_default='{}'))
        batch_op.add_column(sa.Column('following_key', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('heir_id', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_user_closes_at'), ['closes_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_user_heir_id'), ['heir_id'], unique=False)
        batch_op.create_index('ix_user_status_name', ['status', 'name', 'id'], unique=False)
        batch_op.create_index('ix_user_created_at_id', ['created_at', 'id'], unique=False)
        batch_op.create_unique_constraint(batch_op.f('uq_user_following_key'), ['following_key'])
        batch_op.create_unique_constraint(batch_op.f('uq_user_passkey_handle'), ['passkey_handle'])
        batch_op.create_foreign_key(batch_op.f('fk_user_heir_id_user'), 'user', ['heir_id'], ['id'], ondelete='SET NULL')



    with op.batch_alter_table('user', table_kwargs=NEVER_TWICE) as batch_op:
        batch_op.create_unique_constraint(batch_op.f('uq_user_username'), ['username'])


def downgrade() -> None:
    with op.batch_alter_table('user', table_kwargs=NEVER_TWICE) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_user_username'), type_='unique')
    with op.batch_alter_table('user', table_kwargs=NEVER_TWICE) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_user_heir_id_user'), type_='foreignkey')
        batch_op.drop_constraint(batch_op.f('uq_user_passkey_handle'), type_='unique')
        batch_op.drop_constraint(batch_op.f('uq_user_following_key'), type_='unique')
        batch_op.drop_index('ix_user_created_at_id')
        batch_op.drop_index('ix_user_status_name')
        batch_op.drop_index(batch_op.f('ix_user_heir_id'))
        batch_op.drop_index(batch_op.f('ix_user_closes_at'))
        batch_op.drop_column('heir_id')
        batch_op.drop_column('closes_at')
        batch_op.drop_column('following_key')
        batch_op.drop_column('notices')
        batch_op.drop_column('links')
        batch_op.drop_column('declines_second_factor')
        batch_op.drop_column('passkey_handle')
        batch_op.drop_column('terms_accepted_at')
        batch_op.drop_column('password_changed_at')
        batch_op.alter_column('username', new_column_name='slug', existing_type=sa.String(length=160), existing_nullable=False)

    with op.batch_alter_table('user', table_kwargs=NEVER_TWICE) as batch_op:
        batch_op.create_unique_constraint('uq_user_slug', ['slug'])

    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_session_device_id_known_device'), type_='foreignkey')
        batch_op.drop_index(batch_op.f('ix_session_started_at'))
        batch_op.drop_index(batch_op.f('ix_session_device_id'))
        batch_op.drop_column('device_id')
        batch_op.drop_column('is_two_factor')
        batch_op.drop_column('way')

    with op.batch_alter_table('role', schema=None) as batch_op:
        batch_op.drop_column('demands_second_factor')

    op.drop_index('ix_audit_entry_at_id', 'audit_entry')
    # A batch would build the table anew, without the triggers that keep it as it is.
    op.execute('ALTER TABLE audit_entry DROP COLUMN device')

    op.create_table('failed_sign_in',
    sa.Column('email', sa.String(length=254), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('email', 'address', name=op.f('pk_failed_sign_in'))
    )
    op.create_index('ix_failed_sign_in_last_at', 'failed_sign_in', ['last_at'])

    op.drop_table('recovery_code')
    op.drop_table('passkey')
    op.drop_table('one_time_token')
    op.drop_table('linked_identity')
    op.drop_table('known_device')
    op.drop_table('invitation')
    op.drop_table('follow')
    op.drop_table('authenticator')
    op.drop_table('registration')
    op.drop_table('letter')
    op.drop_table('allowance')
    op.drop_table('spent_puzzle')
