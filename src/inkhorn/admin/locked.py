"""What the configuration decides and the settings pages only show."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from inkhorn.core.config import Config

# Section -> the configuration's keys that belong beside it, with their labels.
BESIDE = {
    "site": {"site_url": _l("Address of the site"), "allowed_hosts": _l("Host names it answers to")},
    "accounts": {
        "captcha": _l("What keeps robots out"),
        "github_client_id": _l("Sign in with GitHub"),
        "google_client_id": _l("Sign in with Google"),
        "oidc_issuer": _l("Sign in with another provider"),
    },
    "posts": {"max_upload_mb": _l("Largest upload, in megabytes")},
}
# Whether they are set is told, and not what they are.
SWITCHES = ("github_client_id", "google_client_id")


@dataclass(frozen=True)
class Locked:
    """One value that stands elsewhere: a text, or whether something is on."""

    key: str
    label: str
    hint: str
    value: str = ""
    is_on: bool | None = None


def locked_beside(section: str, running: Config) -> list[Locked]:
    return [_locked(key, str(label), running) for key, label in BESIDE.get(section, {}).items()]


def _locked(key: str, label: str, running: Config) -> Locked:
    value = getattr(running, key)
    origin = running.origins.get(key)
    hint = (
        _("Decided by %(key)s (%(origin)s), so it cannot be changed here.", key=key, origin=origin)
        if origin
        else _("%(key)s in inkhorn.toml decides it.", key=key)
    )
    if key in SWITCHES:
        return Locked(key, label, hint, is_on=bool(value))
    shown = ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
    return Locked(key, label, hint, value=shown)
