"""Which methods an address answers: told to whoever asks with OPTIONS, and to whoever asks with another one."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import BadRequest, HTTPException, MethodNotAllowed

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
View = TypeVar("View", bound=Callable[..., object])


def init_app(app: Flask) -> None:
    app.before_request(refuse_two_lengths)
    app.before_request(answer_options)


def stands_last(view: View) -> View:
    """Mark a view that answers at any path: it says nothing of what is answered where something else stands."""
    view.stands_last = True  # type: ignore[attr-defined]
    return view


def refuse_two_lengths() -> None:
    """Answer 400 to a request that says its length in two ways, since whoever hands it on may have read the other one."""
    if "Transfer-Encoding" in request.headers and "Content-Length" in request.headers:
        raise BadRequest("A request has either a Content-Length or a Transfer-Encoding. Send it with one of them.")


def answer_options() -> Response | None:
    """Say what is answered here; nobody need be recognised for that, and nothing is done."""
    if request.method != "OPTIONS" or not (found := answered_methods() or answered_methods(is_last=True)):
        return None
    response = Response(status=200)
    response.allow.update([*found, "OPTIONS"])
    return response


def refuse_other_method() -> None:
    """Answer 405 where nothing stands that could be read, but something that is sent to."""
    found = answered_methods()
    if found and request.method not in found:
        raise MethodNotAllowed([*found, "OPTIONS"])


def answered_methods(*, is_last: bool = False) -> list[str]:
    """What is answered at the address of this request by its own views, or by one that answers at any path."""
    adapter = current_app.create_url_adapter(request)
    found = []
    for method in METHODS if adapter is not None else ():
        try:
            endpoint, _arguments = adapter.match(method=method)  # type: ignore[union-attr]
        except HTTPException:
            continue
        if getattr(current_app.view_functions[endpoint], "stands_last", False) is is_last:
            found.append(method)
    return found
