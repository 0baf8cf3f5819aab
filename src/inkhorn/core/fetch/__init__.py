"""The only way out to other hosts: every address checked and pinned, every hop checked again, size and time bounded."""

from inkhorn.core.fetch.asking import Fetched, fetch, send
from inkhorn.core.fetch.refusals import FetchFailed, FetchRefused
from inkhorn.core.fetch.targets import PUBLIC, Address, Resolver, is_public, only_to

__all__ = ["PUBLIC", "Address", "FetchFailed", "FetchRefused", "Fetched", "Resolver", "fetch", "is_public", "only_to", "send"]
