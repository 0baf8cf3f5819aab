"""Archives of one's own data, opened for tests."""

import io
import json
import zipfile
from typing import Any

from inkhorn.accounts.identity.actor import Person
from inkhorn.accounts.models import User
from inkhorn.transfer.services.own_data import own_archive


def archive_of(user: User | Person) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(own_archive(user.id))))


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return json.loads(archive.read(name))
