"""The base of every HTML form: a token against forged requests, and one way to accept or refuse what came."""

from typing import Any, Self

from flask_wtf import FlaskForm

from inkhorn.core.errors import InkhornError

TOKEN_LIFE_SECONDS = 12 * 60 * 60


class FormRefused(InkhornError):
    """Something in the form cannot be accepted; errors are on form.errors, and nothing that was typed is lost."""

    status = 422

    def __init__(self, form: FlaskForm) -> None:
        first = next(iter(form.errors.values()), None)
        super().__init__(str(first[0]) if first else "The form could not be read.")
        self.form = form

    @property
    def is_stale(self) -> bool:
        """The token was missing or too old; the words themselves may be in order."""
        return "csrf_token" in self.form.errors


class Form(FlaskForm):  # type: ignore[misc]
    """A form of somebody who is signed in."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        @property
        def csrf_time_limit(self) -> int:
            return TOKEN_LIFE_SECONDS

    @classmethod
    def accepted(cls, *args: Any, **kwargs: Any) -> Self:
        """The form that was sent, if every field holds; FormRefused (422) otherwise."""
        form = cls(*args, **kwargs)
        if not form.validate():
            raise FormRefused(form)
        return form
