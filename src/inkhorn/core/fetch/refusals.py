"""Why nothing came back: we would not go, or went in vain."""

from inkhorn.core.errors import InkhornError


class FetchRefused(InkhornError):
    """We will not go there; the sentence says why and never which address a name led to."""

    status = 422


class FetchFailed(InkhornError):
    """We went and came back without it; answered is the status of a host that did answer."""

    status = 502

    def __init__(self, message: str, *, answered: int | None = None) -> None:
        self.answered = answered
        super().__init__(message)
