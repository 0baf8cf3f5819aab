"""The cast of every access test: Orla the owner, Ada the administrator, Emil the editor, Wren and Nell the authors, Mona the member, Rhea the reader, Vic the visitor."""

from functools import cached_property

from flask import Flask
from flask.testing import FlaskClient

from inkhorn.accounts.identity.actor import Person
from inkhorn.core.access import Visitor
from tests.factories.accounts import browser_of, make_user


class Cast:
    """Each appears when first named."""

    @cached_property
    def orla(self) -> Person:
        return self._person("orla", "owner")

    @cached_property
    def ada(self) -> Person:
        return self._person("ada", "administrator")

    @cached_property
    def emil(self) -> Person:
        return self._person("emil", "editor")

    @cached_property
    def wren(self) -> Person:
        return self._person("wren", "author")

    @cached_property
    def nell(self) -> Person:
        return self._person("nell", "author")

    @cached_property
    def mona(self) -> Person:
        return self._person("mona", "member")

    @cached_property
    def rhea(self) -> Person:
        return self._person("rhea", "reader")

    @cached_property
    def vic(self) -> Visitor:
        return Visitor()

    def browser_of(self, app: Flask, actor: Person | Visitor) -> FlaskClient:
        return app.test_client() if isinstance(actor, Visitor) else browser_of(app, actor.user)

    def _person(self, name: str, role: str) -> Person:
        return Person(make_user(email=f"{name}@example.org", name=name.capitalize(), role=role), address="127.0.0.1")
