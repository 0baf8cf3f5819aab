"""Files that readers may ask for, kept under keys of our own making, in a folder or in a bucket: the protocol is in keys.py."""

from inkhorn.core.storage.choosing import knock, storage, storage_of
from inkhorn.core.storage.disk import DiskStorage
from inkhorn.core.storage.keys import LONGEST_KEY, BadKey, FileMissing, Storage, Stored, part_key

__all__ = ["LONGEST_KEY", "BadKey", "DiskStorage", "FileMissing", "Storage", "Stored", "knock", "part_key", "storage", "storage_of"]
