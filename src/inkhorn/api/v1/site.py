"""Settings by section, menus and redirects."""

from dataclasses import replace
from typing import Any
from urllib.parse import quote

from flask import Response, g

from inkhorn.api.answers import answer, answer_nothing, once, refuse_stale
from inkhorn.api.asking import asked_nothing
from inkhorn.api.bodies import Body
from inkhorn.api.lists import only_row, show_page, show_row, told_row, version_of_row
from inkhorn.api.parameters import parameters_of, parameters_of_one
from inkhorn.api.proofs import refuse_unproven
from inkhorn.api.resources.settings import SECTIONS, SETTINGS, refuse_unfit
from inkhorn.api.resources.site import MENU, REDIRECT, MenuBody, RedirectBody, menu_of, redirects
from inkhorn.api.room import Surface, many, one
from inkhorn.api.shapes import dump
from inkhorn.api.v1.surface import bp
from inkhorn.core import settings
from inkhorn.core.access import everyone, holds, open_to
from inkhorn.core.settings import Section, SiteSettings
from inkhorn.posts.services.redirects import add_redirect, remove_redirect

MAIN_MENU = "/api/v1/menus/main"


@bp.operation("GET", "/settings", "list_settings")
@open_to(holds("settings.change"))
@bp.answers(many(SETTINGS), tag="settings")
def list_settings() -> Response:
    asked_nothing()
    told = [dump(SETTINGS, settings.read(section), None, list(SETTINGS.fields)) for section, _body in SECTIONS.values()]
    return answer({"data": told, "links": {"self": "/api/v1/settings", "next": None}})


def add_section(bp: Surface, name: str, section: type[Section], body: type[Body]) -> None:
    """Read and change one section."""
    path = f"/api/v1/settings/{name}"

    @bp.operation("GET", f"/settings/{name}", f"get_{name}_settings")
    @open_to(holds("settings.change"))
    @bp.answers(one(SETTINGS), parameters=parameters_of_one(SETTINGS), tag="settings")
    def show_section() -> Response:
        return show_row(SETTINGS, settings.read(section), path)

    @bp.operation("PATCH", f"/settings/{name}", f"change_{name}_settings")
    @open_to(holds("settings.change"))
    @bp.answers(one(SETTINGS), tag="settings", writes=True)
    @bp.takes(body)
    def change_section(changes: dict[str, Any]) -> Response:
        asked_nothing()
        refuse_unproven()

        def work() -> Response:
            now = settings.hold(section)
            refuse_stale(version_of_row(SETTINGS, now))
            refuse_unfit(changes)
            tuned = replace(now, **changes)
            settings.write(tuned, by=g.actor)
            return told_row(SETTINGS, tuned, path)

        return once(work)


for _name, (_section, _body) in SECTIONS.items():
    add_section(bp, _name, _section, _body)


@bp.operation("GET", "/menus/main", "get_menu")
@open_to(everyone)
@bp.answers(one(MENU), parameters=parameters_of_one(MENU), tag="menus")
def get_menu() -> Response:
    return show_row(MENU, settings.read(SiteSettings), MAIN_MENU)


@bp.operation("PATCH", "/menus/main", "change_menu")
@open_to(holds("settings.change"))
@bp.answers(one(MENU), tag="menus", writes=True)
@bp.takes(MenuBody)
def change_menu(body: dict[str, Any]) -> Response:
    asked_nothing()
    refuse_unproven()

    def work() -> Response:
        refuse_stale(version_of_row(MENU, settings.hold(SiteSettings)))
        return told_row(MENU, settings.tune(SiteSettings, by=g.actor, menu=menu_of(body["entries"])), MAIN_MENU)

    return once(work)


@bp.operation("GET", "/redirects", "list_redirects")
@open_to(holds("settings.change"))
@bp.answers(many(REDIRECT), parameters=parameters_of(REDIRECT), tag="redirects")
def list_redirects() -> Response:
    return show_page(REDIRECT, redirects())


@bp.operation("GET", "/redirects/<rooted:path>", "get_redirect")
@open_to(holds("settings.change"))
@bp.answers(one(REDIRECT), parameters=parameters_of_one(REDIRECT), tag="redirects")
def get_redirect(path: str) -> Response:
    row = _redirect(path)
    return show_row(REDIRECT, row, f"/api/v1/redirects{quote(row.path)}")


@bp.operation("POST", "/redirects", "add_redirect")
@open_to(holds("settings.change"))
@bp.answers(one(REDIRECT), 201, tag="redirects", writes=True)
@bp.takes(RedirectBody)
def make_redirect(body: dict[str, Any]) -> Response:
    asked_nothing()

    def work() -> Response:
        add_redirect(body["path"], body["target"], by=g.actor)
        return told_row(REDIRECT, _redirect(body["path"]), f"/api/v1/redirects{quote(body['path'])}", 201)

    return once(work)


@bp.operation("DELETE", "/redirects/<rooted:path>", "remove_redirect")
@open_to(holds("settings.change"))
@bp.answers(None, 204, tag="redirects", writes=True)
def forget_redirect(path: str) -> Response:
    asked_nothing()

    def work() -> Response:
        row = _redirect(path)
        refuse_stale(version_of_row(REDIRECT, row))
        remove_redirect(row.path, by=g.actor)
        return answer_nothing()

    return once(work)


def _redirect(path: str) -> Any:
    # Whoever takes it from a list has it with its slash.
    return only_row(redirects().where(REDIRECT.key == "/" + path.lstrip("/")), "redirect")
