"""How operations answer: data and links in an envelope, a version to change against, and each request obeyed once."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2s
from typing import Any
from urllib.parse import urlencode

import orjson
from flask import Response, g, request
from sqlalchemy import Select
from werkzeug.exceptions import BadRequest, PreconditionFailed, PreconditionRequired

from inkhorn.api.asking import Asked
from inkhorn.core import replays
from inkhorn.core.database import session, transaction

CONTENT_TYPE = "application/json"
# What somebody is told who has signed in is kept nowhere; a program that holds an ETag asks by that. Anybody's may be kept, and is asked for anew.
OF_SOMEBODY, OF_ANYBODY = "private, no-store", "private, no-cache"
MOST_SHOWN_KEY = replays.LONGEST_KEY


def answer(content: Mapping[str, Any], status: int = 200, *, version: str = "", location: str = "") -> Response:
    """A JSON answer; version is what If-Match is compared with later."""
    body = written(content)
    response = Response(body, status, content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = caching()
    if version:
        # The first part is the thing's own, the second that of what was told of it, so that an old copy is never taken for new.
        response.set_etag(f"{version}.{blake2s(body, digest_size=8).hexdigest()}")
        if request.method in ("GET", "HEAD"):
            response.make_conditional(request)
    if location:
        response.headers["Location"] = location
    return response


def written(content: Mapping[str, Any]) -> bytes:
    """The content as JSON, whose texts are mostly long: ten times faster than by what Python brings along."""
    try:
        return orjson.dumps(content)
    except TypeError:
        # Numbers of more than 64 bits, and names that are none; what was kept once is told all the same.
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def answer_one(data: Mapping[str, Any], *, path: str, version: str, status: int = 200) -> Response:
    return answer({"data": data, "links": {"self": path}}, status, version=version, location=path if status == 201 else "")


def answer_nothing() -> Response:
    return Response(status=204)


def rows_of(
    asked: Asked, query: Select[Any], *, as_objects: bool = False, is_ordered: bool = False, **values: Any
) -> tuple[Sequence[Any], str | None]:
    """The rows of the page, and the cursor of the next one if there is any."""
    page = asked.chosen(query if is_ordered else asked.ordered(query))
    told = asked.values | values
    rows: Sequence[Any]
    # Plain rows go by the connection itself, which costs a third of what the session asks for handing them on.
    rows = session().scalars(page, told).unique().all() if as_objects else session().connection().execute(page, told).all()
    if len(rows) <= asked.size:
        return rows, None
    last = rows[asked.size - 1]
    value, key = getattr(last, asked.sort.column.key or ""), getattr(last, asked.resource.key.key or "")
    return rows[: asked.size], asked.cursor_after(value, key)


def answer_list(data: Sequence[Mapping[str, Any]], next_cursor: str | None) -> Response:
    """A page with links to itself and on."""
    return answer({"data": data, "links": rows_links(next_cursor)})


def rows_links(next_cursor: str | None) -> dict[str, str | None]:
    """This page and the next one, as addresses of this site."""
    path, given = request.path, list(request.args.items(multi=True))
    here = f"{path}?{_query(given)}" if given else path
    if next_cursor is None:
        return {"self": here, "next": None}
    others = [(name, value) for name, value in given if name != "page[cursor]"]
    return {"self": here, "next": f"{path}?{_query([*others, ('page[cursor]', next_cursor)])}"}


def _query(parameters: Sequence[tuple[str, str]]) -> str:
    return urlencode(parameters, safe="[],:-")


def refuse_blind() -> None:
    """428 where the request does not say what it changes."""
    if not request.headers.get("If-Match"):
        raise PreconditionRequired("Say which version you change: send the ETag you were given as If-Match.")


def refuse_stale(version: str) -> None:
    """428 where the request does not say what it changes, 412 where that is no longer so."""
    refuse_blind()
    wanted = request.if_match
    if wanted.star_tag or any(tag.partition(".")[0] == version for tag in wanted.as_set(include_weak=False)):
        return
    raise PreconditionFailed("This was changed since you read it. Read it again, then send your change with its new ETag as If-Match.")


def caching() -> str:
    return OF_SOMEBODY if g.actor.is_signed_in else OF_ANYBODY


def version_of(*parts: Any) -> str:
    """The version of what has no revision of its own: a digest of all that can be changed about it."""
    return blake2s(repr(parts).encode(), digest_size=12).hexdigest()


def once(work: Callable[[], Response]) -> Response:
    """Do the work in a transaction; with an Idempotency-Key, whoever sends the same again gets the same answer and nothing is done twice."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        with transaction():
            return work()
    if len(key) > MOST_SHOWN_KEY or not re.fullmatch(r"[!-~]+", key, re.ASCII):
        raise BadRequest(f"Idempotency-Key: give from 1 to {MOST_SHOWN_KEY} printable ASCII characters without blanks.")
    wanted = request.headers.get("If-Match", "")
    asked = b"\0".join((request.method.encode(), request.full_path.encode(), wanted.encode(), request.mimetype.encode(), _sent()))
    with transaction():
        kept = replays.claim(g.actor, key, asked)
        if kept is None:
            response = work()
            location, etag = response.headers.get("Location"), response.headers.get("ETag")
            replays.keep(g.actor, key, replays.Kept(response.status_code, response.get_data(), location, etag))
            return response
    return _again(kept)


def _sent() -> bytes:
    """What tells one body from another; of a form with files, whose boundary differs each time, their content."""
    if request.mimetype != "multipart/form-data":
        return request.get_data(cache=True)
    parts = [f"{name}={value}".encode() for name, value in sorted(request.form.items(multi=True))]
    for name, file in sorted(request.files.items(multi=True)):
        digest = blake2s()
        # Somebody may have looked into it already.
        file.stream.seek(0)
        while chunk := file.stream.read(1 << 20):
            digest.update(chunk)
        file.stream.seek(0)
        parts.append(f"{name}:{file.filename}:{digest.hexdigest()}".encode())
    return b"\0".join(parts)


def _again(kept: replays.Kept) -> Response:
    response = Response(kept.body, kept.status, content_type=CONTENT_TYPE if kept.body else None)
    response.headers["Cache-Control"] = caching()
    response.headers["Idempotency-Replayed"] = "true"
    if kept.location:
        response.headers["Location"] = kept.location
    if kept.etag:
        response.headers["ETag"] = kept.etag
    return response
