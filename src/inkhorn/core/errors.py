"""The family of errors that the house understands; each knows its status and its plain sentence."""


class InkhornError(Exception):
    """Something a person can mend; str() is a whole sentence saying what and how, safe to show."""

    status = 400


class NotFound(InkhornError):
    """There is nothing here, or nothing for this actor."""

    status = 404

    def __init__(self, message: str = "There is nothing at this address.") -> None:
        super().__init__(message)


class Gone(InkhornError):
    """Something was here and was taken away for good."""

    status = 410

    def __init__(self, message: str = "What stood at this address has been removed.") -> None:
        super().__init__(message)


class Conflict(InkhornError):
    """The thing changed since it was read."""

    status = 409


class Invalid(InkhornError):
    """A value cannot be accepted; field names which."""

    status = 422

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Unavailable(InkhornError):
    """It may work later: a full disk, a locked database, an absent store."""

    status = 503


class NoRoom(Unavailable):
    """The disk cannot take what was announced or sent; what was there before stays."""

    status = 507
