"""The nouns of accounts: people and roles, how they and their programs come in, what proves that it is they."""

from inkhorn.accounts.models.doors import Invitation, KnownDevice, OneTimeToken, Purpose, Registration, Session, SetupLink
from inkhorn.accounts.models.factors import Authenticator, LinkedIdentity, Passkey, RecoveryCode
from inkhorn.accounts.models.people import LEGAL_STATUSES, AccountStatus, Follow, Role, User, user_role
from inkhorn.accounts.models.programs import ApiKey, KeyKind, RefreshFamily, RefreshToken

__all__ = [
    "LEGAL_STATUSES",
    "AccountStatus",
    "ApiKey",
    "Authenticator",
    "Follow",
    "Invitation",
    "KeyKind",
    "KnownDevice",
    "LinkedIdentity",
    "OneTimeToken",
    "Passkey",
    "Purpose",
    "RecoveryCode",
    "RefreshFamily",
    "RefreshToken",
    "Registration",
    "Role",
    "Session",
    "SetupLink",
    "User",
    "user_role",
]
