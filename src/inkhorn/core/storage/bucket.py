"""Files in a bucket of a store that speaks S3, read by pieces and never all at once."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from inkhorn.core.breakers import Breaker, LeftAlone
from inkhorn.core.errors import Unavailable
from inkhorn.core.storage.keys import PARTS, FileMissing, Stored, checked, is_key, is_part, public_address

log = logging.getLogger(__name__)

T = TypeVar("T")
PIECE_BYTES = 1 << 20
# The least that S3 takes as a part of a larger file; three at once are 24 MB of memory.
PART_BYTES = 8 << 20
MOST_PARTS_AT_ONCE = 3
CONNECT_SECONDS, READ_SECONDS = 3, 10
# After a failure nobody waits for the store again until so long has passed: pages with ten pictures would hold every thread.
REST_SECONDS = 5.0
# A copy in a browser or proxy never grows old: keys are not used twice.
CACHED = "public, max-age=31536000, immutable"


class BucketStorage:
    """Files in a bucket; what is put is there whole or not at all, since the store itself sees to that."""

    def __init__(self, url: str, *, access_key: str = "", secret_key: str = "", public_url: str | None = None) -> None:
        parts = urlsplit(url)
        said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        endpoint = said.get("endpoint")
        options: dict[str, Any] = {"endpoint": endpoint} if endpoint else {}
        if access_key:
            options |= {"access_key_id": access_key, "secret_access_key": secret_key}
        self.name = parts.netloc
        self.public_url = public_url
        self._breaker = Breaker(REST_SECONDS, is_silence=_is_silence)
        self._store = S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            region=said.get("region", "us-east-1"),
            virtual_hosted_style_request=said.get("style", "path" if endpoint else "host") == "host",
            client_options={
                "allow_http": bool(endpoint and endpoint.startswith("http://")),
                "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                "read_timeout": timedelta(seconds=READ_SECONDS),
                # A part of a large file may take longer than an answer begins.
                "timeout": timedelta(seconds=6 * READ_SECONDS),
            },
            retry_config={"max_retries": 1, "retry_timeout": timedelta(seconds=READ_SECONDS)},
            **options,
        )

    def put(self, key: str, source: BinaryIO | Path, *, content_type: str = "", is_ours: bool = False) -> Stored:
        attributes = {"Cache-Control": CACHED} | ({"Content-Type": content_type} if content_type else {})
        if isinstance(source, Path):
            with source.open("rb") as opened:
                return self.put(key, opened, content_type=content_type)
        place = checked(key)
        if self._breaker.is_doubtful:
            # Else all others would have to wait for the end of an upload to know.
            self.stat(key)
        self._ask(
            lambda: obstore.put(
                self._store, place, source, attributes=attributes, chunk_size=PART_BYTES, max_concurrency=MOST_PARTS_AT_ONCE
            )
        )
        stored = self.stat(key)
        if stored is None:
            raise Unavailable("The store did not keep the file. Send it again.")
        return stored

    def open(self, key: str) -> BinaryIO:
        stored = self.stat(key)
        if stored is None:
            raise FileMissing
        return cast("BinaryIO", io.BufferedReader(_Kept(self, stored), PIECE_BYTES))

    def read(self, key: str, start: int, end: int) -> bytes:
        """The bytes from start up to end."""
        place = checked(key)
        return bytes(self._ask(lambda: obstore.get_range(self._store, place, start=start, end=end)))

    def stat(self, key: str) -> Stored | None:
        place = checked(key)
        try:
            found = self._ask(lambda: obstore.head(self._store, place))
        except FileMissing:
            return None
        return _stored(found)

    def delete(self, key: str) -> None:
        place = checked(key)
        with suppress(FileMissing):
            self._ask(lambda: obstore.delete(self._store, place))

    def url(self, key: str) -> str | None:
        return public_address(self.public_url, key)

    def files(self) -> Iterator[Stored]:
        return (each for each in self._listed() if is_key(each.key) and not is_part(each.key))

    def clear_parts(self, uuid: str) -> None:
        for each in self._listed(f"{PARTS}/{uuid}"):
            if is_part(each.key):
                self.delete(each.key)

    def clear_unfinished(self, before: datetime) -> int:
        """Remove parts of what was on its way that are older than that.

        What S3 itself calls parts and never put together the library cannot list: it is the store's to forget, by a rule of the bucket
        (see docs/how-to/keep-media.md).
        """
        cleared = 0
        for each in self._listed(PARTS):
            if is_part(each.key) and each.modified_at < before:
                self.delete(each.key)
                cleared += 1
        return cleared

    def _listed(self, below: str | None = None) -> Iterator[Stored]:
        # Nothing is asked before the first page.
        pages = iter(obstore.list(self._store, prefix=below))
        while page := self._ask(lambda: next(pages, None)):
            yield from (_stored(each) for each in page)

    def _ask(self, question: Callable[[], T]) -> T:
        try:
            return self._breaker.ask(question)
        except LeftAlone as error:
            raise Unavailable("The store that keeps the files does not answer. Try again in a moment.") from error
        except FileNotFoundError as error:
            raise FileMissing from error
        except (PermissionDeniedError, UnauthenticatedError) as error:
            log.error("storage_refused", extra={"reason": _short(error)})
            raise Unavailable(f"The bucket {self.name} refuses us. Its operator must give the key the right to read and write.") from error
        except OSError as error:
            # What was to be kept broke off while it was read; the store is not to blame.
            raise Unavailable(
                f"The file could not be read to its end: {error.strerror or 'no reason was given'}. Send it again."
            ) from error
        except BaseError as error:
            log.error("storage_unavailable", extra={"reason": _short(error)})
            raise Unavailable("The store that keeps the files does not answer. Try again in a moment.") from error


def _is_silence(error: Exception) -> bool:
    """Whether the store did not answer, rather than refuse, know no such file, or be sent what could not be read."""
    return isinstance(error, BaseError) and not isinstance(error, OSError | PermissionDeniedError | UnauthenticatedError)


class _Kept(io.RawIOBase):
    """A file of the bucket, fetched piece by piece as it is read."""

    def __init__(self, bucket: BucketStorage, stored: Stored) -> None:
        self._bucket, self._stored, self._place = bucket, stored, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._stored.size_bytes}[whence]
        self._place = max(0, origin + offset)
        return self._place

    def tell(self) -> int:
        return self._place

    def readinto(self, buffer: Any) -> int:
        end = min(self._stored.size_bytes, self._place + len(buffer))
        if end <= self._place:
            return 0
        content = self._bucket.read(self._stored.key, self._place, end)
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)

    def readall(self) -> bytes:
        # Python would ask for eight kilobytes at a time.
        return b"".join(iter(lambda: self.read(PART_BYTES) or b"", b""))


def _stored(found: Any) -> Stored:
    return Stored(found["path"], found["size"], found["last_modified"].astimezone(UTC).replace(microsecond=0))


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
