"""The audit log only grows: the database itself refuses to change or remove an entry."""

from alembic import op

revision = "0002"
down_revision = '0001'
branch_labels = None
depends_on = None

SENTENCE = "The audit log only grows; its entries cannot be changed or removed."


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_entry_refuses_{act.lower()} BEFORE {act} ON audit_entry BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
            )
        return
    op.execute(f"CREATE FUNCTION audit_entry_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{SENTENCE}'; END $$")
    op.execute(
        "CREATE TRIGGER audit_entry_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuses()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete"):
            op.execute(f"DROP TRIGGER audit_entry_refuses_{act}")
        return
    op.execute("DROP TRIGGER audit_entry_refuses ON audit_entry")
    op.execute("DROP FUNCTION audit_entry_refuses()")
