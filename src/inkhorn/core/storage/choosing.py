"""Which place the running application keeps its files in: one setting says so."""

import io
import os
from contextlib import closing
from functools import lru_cache

from inkhorn.core.config import Config, config
from inkhorn.core.errors import Unavailable
from inkhorn.core.storage.disk import DiskStorage
from inkhorn.core.storage.keys import Storage


def storage() -> Storage:
    """Where the running application keeps its files."""
    return storage_of(config())


def storage_of(loaded: Config) -> Storage:
    """Where files are kept by this configuration: a bucket if one is named, else a folder beside the database."""
    if loaded.storage_url is None:
        return DiskStorage(loaded.data / "media", public_url=loaded.media_url)
    # The connections of a parent process are of no use to its child.
    return _bucket(
        loaded.storage_url, loaded.storage_access_key or "", loaded.storage_secret_key or "", loaded.media_url or "", os.getpid()
    )


@lru_cache(maxsize=4)
def _bucket(url: str, access_key: str, secret_key: str, public_url: str, _process: int) -> Storage:
    # Fifteen megabytes that a site on a disk has no use for.
    from inkhorn.core.storage.bucket import BucketStorage  # noqa: PLC0415

    return BucketStorage(url, access_key=access_key, secret_key=secret_key, public_url=public_url or None)


def knock(store: Storage) -> None:
    """Put a small file, read it and take it away again; Unavailable in words where one of it fails."""
    key, content = "inkhorn-was-here", b"Inkhorn tried whether it may write here."
    store.put(key, io.BytesIO(content), content_type="text/plain")
    with closing(store.open(key)) as kept:
        if kept.read() != content:
            raise Unavailable("The bucket gives back something else than was put there.")
    store.delete(key)
