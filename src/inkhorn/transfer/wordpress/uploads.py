"""The files of a WordPress site: recognised by their address, found below the media folder."""

import html
import re
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from inkhorn.transfer.manuscript import ForeignFile
from inkhorn.transfer.wordpress.survey import Attachment, Survey, bare_host

_UPLOADS = re.compile(r"/(?:wp-content/)?(?:uploads|blogs\.dir/\d+/files)/(.+)$|/files/(\d{4}/.+)$")
_SIZE = re.compile(r"-\d{1,5}x\d{1,5}(?=\.\w{2,5}$)")
_PROXY = re.compile(r"^https?://i\d\.wp\.com/")
_OPEN_UPLOADS = ".files.wordpress.com"


class Uploads:
    """Tells a text's own files from all other addresses."""

    def __init__(self, survey: Survey, media: Path | None, *, fetch: bool) -> None:
        self._survey = survey
        self._fetch = fetch
        # Numbers of the attachments that some post has asked for.
        self.wanted: set[str] = set()
        self._media = media.resolve() if media else None
        self._by_place = {place: found for found in survey.attachments.values() if (place := self._place(found.url))}
        # A site that moved still names its old host.
        self._by_address = {_hostless(found.url): found for found in survey.attachments.values() if self._place(found.url) is None}

    def file_for(self, reference: str) -> ForeignFile | None:
        """The file that an address of the site names; without path and url where it is out of reach; None for other addresses."""
        address = _PROXY.sub("https://", html.unescape(reference.strip()))
        attachment = self._attachment(address)
        if attachment is not None:
            return self.file_of(attachment, reference)
        place = self._place(address)
        if place is None:
            return None
        for candidate in (_SIZE.sub("", place), place):
            if path := self._find(candidate):
                return ForeignFile((reference,), f"file:{candidate}", path=path, filename=path.name)
        return ForeignFile((reference,), f"file:{place}", url=self._fetchable(address), filename=PurePosixPath(place).name)

    def file_of(self, attachment: Attachment, *references: str) -> ForeignFile:
        self.wanted.add(attachment.id)
        place = attachment.stored_as or self._place(attachment.url) or ""
        path = self._find(place) if place else None
        return ForeignFile(
            references=references or (attachment.url,),
            key=f"attachment:{attachment.id}",
            path=path,
            url=None if path else self._fetchable(attachment.url),
            filename=PurePosixPath(unquote(urlsplit(attachment.url).path)).name,
            alt=attachment.alt,
            caption=attachment.caption,
        )

    def _attachment(self, address: str) -> Attachment | None:
        place, known = self._place(address), self._by_place
        if place is None:
            place, known = _hostless(address), self._by_address
        return known.get(place) or known.get(_SIZE.sub("", place))

    def _fetchable(self, address: str) -> str | None:
        if not self._fetch:
            return None
        if address.startswith("//"):
            return f"https:{address}"
        return f"{self._survey.site.url or ''}{address}" if address.startswith("/") else address

    def _place(self, address: str) -> str | None:
        """Where a file stands below the uploads folder, percent-decoded; None for what is not a file of this site."""
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        host, path = bare_host(parts.netloc), unquote(parts.path)
        if parts.scheme not in ("", "http", "https") or path.endswith("/"):
            return None
        if host.endswith(_OPEN_UPLOADS):
            is_own = f"{host.removesuffix(_OPEN_UPLOADS)}.wordpress.com" in self._survey.hosts or host in self._survey.hosts
            return path.lstrip("/") if is_own else None
        if host and host not in self._survey.hosts:
            return None
        found = _UPLOADS.search(path)
        return (found[1] or found[2]) if found else None

    def _find(self, place: str) -> Path | None:
        if self._media is None or "\0" in place:
            return None
        for folder in ("", "uploads", "wp-content/uploads"):
            try:
                path = (self._media / folder / place).resolve()
                # A crafted export must not reach files outside the folder it was given.
                if path.is_relative_to(self._media) and path.is_file():
                    return path
            except (OSError, ValueError):
                continue
        return None


def _hostless(address: str) -> str:
    """An address without scheme and query, for comparing."""
    return re.split(r"[?#]", address, maxsplit=1)[0].partition("//")[2]
