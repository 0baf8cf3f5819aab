"""What the doctor looks at for the owner: that nobody can edit the audit log, and that it is no longer than it should be."""

import json
from datetime import timedelta

from PIL import features

from inkhorn.accounts.services.factors import SEALED_AS
from inkhorn.accounts.settings import AccountSettings
from inkhorn.core import clock
from inkhorn.core.audit_pruning import OWNS
from inkhorn.core.config import Config
from inkhorn.core.doctor import Finding, Look, ask
from inkhorn.core.sealing import is_current
from inkhorn.core.storage import storage_of
from inkhorn.media.services.marking import Mark, StoreNotOurs, mark_in, refuse_others

MARK = "SELECT site, sweeps FROM store_mark"
KEPT = "SELECT value FROM setting WHERE section = 'accounts' AND key = 'audit_days'"
# Entries a little past their time are nobody's fault: they go once a day.
GRACE = timedelta(days=7)
MOST_LOOKED_AT = 10_000
PICTURES = ("jpg", "webp", "avif")
GUARDS = {
    True: "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'",
    False: "SELECT 2 * count(*) FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass AND NOT tgisinternal AND tgenabled <> 'D'",
}
PRUNE = "The runner removes them once a day; see that it runs, and what inkhorn jobs list says. Or run: inkhorn audit prune"
PRUNE_AS_OWNER = (
    "Only the owner of the table may remove them. Let a timer run once a day: "
    "INKHORN_DATABASE_URL=postgresql://OWNER@HOST/DATABASE inkhorn audit prune"
)
TWO_ACCOUNTS = "Give the database an owner of its own: see docs/how-to/run-on-a-server.md, “PostgreSQL with two accounts”."


def look_at_audit_log(config: Config) -> Finding:
    rows = ask(config, GUARDS[config.uses_sqlite])
    if not rows:
        return Finding("Audit log", "there is none yet")
    if rows[0][0] < 2:
        return Finding(
            "Audit log",
            "somebody took away what keeps its entries from being changed or removed",
            "Find out who, then put back the latest copy from backups/, or the triggers of migration 0002.",
        )
    owns_it = config.uses_sqlite or bool(ask(config, OWNS)[0][0])
    if overdue := _overdue(config):
        return Finding("Audit log", f"{overdue} entries are older than they are kept", PRUNE if owns_it else PRUNE_AS_OWNER, is_note=True)
    if owns_it and not config.uses_sqlite:
        return Finding(
            "Audit log", "the account of the application owns it, and could take away what guards it", TWO_ACCOUNTS, is_note=True
        )
    return Finding("Audit log", "the database lets nobody change or remove an entry")


def _overdue(config: Config) -> int:
    days = _days_kept(config)
    if not days:
        return 0
    oldest = clock.now() - timedelta(days=days) - GRACE
    return int(ask(config, f"SELECT count(*) FROM audit_entry WHERE at < '{oldest:%Y-%m-%d %H:%M:%S}'")[0][0])  # noqa: S608 - a time of our own


def _days_kept(config: Config) -> int:
    rows = ask(config, KEPT)
    if not rows:
        return AccountSettings().audit_days
    told = rows[0][0]
    return int(json.loads(told) if isinstance(told, str) else told)


def look_at_sealed_secrets(config: Config) -> Finding:
    """Whether an earlier secret key is still needed: dropped too early, it would take people's authenticator apps along."""
    rows = ask(config, f"SELECT sealed_secret FROM authenticator LIMIT {MOST_LOOKED_AT}")  # noqa: S608 - a number of our own
    lost = sum(not any(is_current(SEALED_AS, sealed, key) for key in config.secret_keys) for (sealed,) in rows)
    older = sum(not is_current(SEALED_AS, sealed, config.secret_key) for (sealed,) in rows) - lost
    if lost:
        return Finding(
            "Authenticator apps",
            f"{lost} cannot be read with any secret key that is set",
            "Put the earlier key into previous_secret_keys; whoever it concerns can use a recovery code meanwhile.",
        )
    if older:
        note = f"{older} still need an earlier secret key; each is sealed anew when its owner signs in"
        return Finding("Authenticator apps", note, "Leave previous_secret_keys as it is until there are none.", is_note=True)
    return Finding("Authenticator apps", "the present secret key reads every one")


def look_at_store(config: Config) -> Finding:
    """Whether the store of uploads is this site's own: if not, uploads are refused and nothing there is swept."""
    rows = ask(config, MARK)
    own, seen = Mark(*rows[0]) if rows else None, mark_in(storage_of(config))
    try:
        refuse_others(own, seen)
    except StoreNotOurs as refusal:
        return Finding("Store of uploads", str(refusal), "Find out which site keeps its files there; docs/how-to/keep-media.md says more.")
    if own is None or seen is None:
        return Finding("Store of uploads", "bears no mark yet", "The first sweep marks it, if nothing there is a stranger's.", is_note=True)
    return Finding("Store of uploads", "bears the mark of this site")


def look_at_pictures(_config: Config) -> Finding:
    """Whether this machine's libraries read and write the kinds of pictures that uploads come in and readers get."""
    missing = [name for name in PICTURES if not features.check(name)]
    if missing:
        return Finding(
            "Pictures",
            f"{', '.join(missing)} cannot be made here",
            "Install Pillow from its wheel: pip install --force-reinstall --only-binary=:all: pillow",
        )
    return Finding("Pictures", "are read and drawn as JPEG, WebP and AVIF; sound is read by code of our own")


CHECKS: tuple[Look, ...] = (
    ("Audit log", look_at_audit_log),
    ("Authenticator apps", look_at_sealed_secrets),
    ("Store of uploads", look_at_store),
    ("Pictures", look_at_pictures),
)
