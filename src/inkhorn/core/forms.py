"""The base of every HTML form: a token against forged requests, and one way to accept or refuse what came."""

import secrets
from typing import Any, Self

from flask import g, request
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import FileField
from wtforms.csrf.core import CSRF, CSRFTokenField
from wtforms.validators import ValidationError

from inkhorn.core import tokens
from inkhorn.core.errors import InkhornError

TOKEN_LIFE_SECONDS = 12 * 60 * 60
READING = ("GET", "HEAD", "OPTIONS")


class FormRefused(InkhornError):
    """Something in the form cannot be accepted; errors are on form.errors, and nothing that was typed is lost."""

    status = 422

    def __init__(self, form: FlaskForm) -> None:
        first = next(iter(form.errors.values()), None)
        super().__init__(str(first[0]) if first else "The form could not be read.")
        self.form = form
        told = [(name, words) for name, words in form.errors.items() if name and isinstance(words, list | tuple)]
        # For programs, as every other refusal names its field.
        self.errors = [{"detail": str(word), "field": name, "pointer": f"/{name}"} for name, words in told for word in words]


def form_token() -> str:
    """The hidden token of this person's forms; good for one session only, and nothing for somebody who has none."""
    key = getattr(g, "form_key", None)
    return tokens.sign("form", key) if key else ""


def is_own_token(token: str | None) -> bool:
    """Whether the token was made for the session that sends it, and lately."""
    key: str = getattr(g, "form_key", None) or ""
    told = tokens.read("form", token or "", max_age_seconds=TOKEN_LIFE_SECONDS)
    return bool(key) and isinstance(told, str) and secrets.compare_digest(told.encode(), key.encode())


class SessionToken(CSRF):
    """Ties the token to the session's row: it is another at each sign-in and worth nothing after signing out."""

    def generate_csrf_token(self, csrf_token_field: CSRFTokenField) -> str:
        return form_token()

    def validate_csrf_token(self, form: Any, field: CSRFTokenField) -> None:
        if not is_own_token(field.data):
            raise ValidationError(_("This form was open for too long or belongs to another sign-in. Send it once more."))


class Form(FlaskForm):
    """A form of somebody who is signed in."""

    class Meta(FlaskForm.Meta):
        csrf_class = SessionToken

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Words from the form alone, files for the fields that ask for files; JSON is for /api/."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if request.method in READING:
                return None
            files = [(name, file) for name, file in request.files.items(multi=True) if isinstance(getattr(form, name, None), FileField)]
            return CombinedMultiDict((MultiDict(files), request.form))

    @classmethod
    def accepted(cls, *args: Any, **kwargs: Any) -> Self:
        """The form that was sent, if every field holds; FormRefused (422) otherwise."""
        form = cls(*args, **kwargs)
        if not form.validate():
            raise FormRefused(form)
        return form

    @classmethod
    def sent(cls, *args: Any, **kwargs: Any) -> tuple[Self, bool]:
        """The form that was sent, and whether every field holds; FormRefused (422) only where it is not this session's own."""
        form = cls(*args, **kwargs)
        is_sound = bool(form.validate())
        if form.csrf_token.errors:
            raise FormRefused(form)
        return form, is_sound
