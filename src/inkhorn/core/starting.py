"""What must be in order before anything starts: the data folder, its lock, the secret key, the port."""

import errno
import fcntl
import os
import socket
from pathlib import Path
from typing import IO

from inkhorn.core.config import Config
from inkhorn.core.errors import InkhornError

LOCK_NAME = "inkhorn.lock"
# A backup that was unpacked and is being put in its place.
READY = "restore-ready"


class StartRefused(InkhornError):
    """Something stands in the way; the sentence says what and how to mend it."""


def check_start(config: Config) -> IO[str] | None:
    """Refuse what can be known to fail: what cannot be written, a second Inkhorn on the same file, a taken port; returns the lock to hold on to."""
    _refuse_what_cannot_be_written(config)
    lock = lock_folder(config) if config.uses_sqlite else None
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((config.host, config.port))
            probe.listen(1)
    except OSError as error:
        raise StartRefused(_why_no_port(config, error)) from error
    return lock


def _refuse_what_cannot_be_written(config: Config) -> None:
    folders = [config.data / name for name in ("tmp", "backups", *(() if config.storage_url else ("media", "uploads")))]
    files = [config.sqlite_path.with_name(config.sqlite_path.name + end) for end in ("", "-wal", "-shm")] if config.sqlite_path else []
    for path in (*folders, *files):
        if not path.exists():
            continue
        if path.is_dir() is not (path in folders):
            kind, other = ("folder", "file") if path in folders else ("file", "folder")
            raise StartRefused(f"{path} is a {other}, and a {kind} of the site's belongs there. Move it out of the way.")
        if not os.access(path, os.W_OK | (os.X_OK if path.is_dir() else 0)):
            raise StartRefused(f"{path} cannot be written by this account. Correct its owner or permissions, or how its disk is mounted.")


def refuse_unfinished(folder: Path) -> None:
    """StartRefused while a restore waits to be finished: the folder holds half of what was and half of what will be."""
    if (folder / READY).exists():
        raise StartRefused(f"A restore into {folder} was interrupted after everything had been checked. Run: inkhorn restore --finish")


def _why_no_port(config: Config, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {config.port} on {config.host} is in use by another program. Stop that one, or choose another with --port."
    if error.errno == errno.EACCES:
        return f"Port {config.port} needs more rights than this account has. Choose one above 1023 with --port."
    return f"It is not possible to listen on {config.host} port {config.port}: {error.strerror or error}. Choose another with --host or --port."


def lock_folder(config: Config) -> IO[str]:
    """Hold the folder as a running site does; StartRefused where one runs."""
    try:
        file = (config.data / LOCK_NAME).open("a+", encoding="ascii")
    except OSError as error:
        raise StartRefused(f"{config.data} cannot be written ({error.strerror}). Correct its owner or permissions.") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        pid = file.read().strip() or "unknown"
        file.close()
        raise StartRefused(
            f"Inkhorn already runs on {config.data} (process {pid}). Stop that one, or name another folder with --data."
        ) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def make_data_folder(folder: Path) -> None:
    """Make the folder and see that it can be written, down to the disk."""
    probe = folder / ".write-check"
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        with probe.open("wb") as file:
            file.write(b"\0" * 65536)
            os.fsync(file.fileno())
    except OSError as error:
        reasons = {errno.ENOSPC: "the disk is full; make room", errno.EROFS: "it is read-only; mount it for writing"}
        mend = reasons.get(error.errno or 0, f"{error.strerror}; correct its owner or permissions, or name another with --data")
        raise StartRefused(f"The data folder {folder} cannot be written: {mend}.") from error
    finally:
        # pathlib would raise where somebody else's folder holds this one.
        if os.access(folder, os.W_OK) and os.access(probe, os.F_OK):
            probe.unlink(missing_ok=True)


def make_secret_key(folder: Path, key: str) -> str:
    """Keep the key in the folder, readable by its owner alone, unless one is there; the key that holds."""
    path, partial = folder / "secret_key", folder / f".secret_key-{os.getpid()}"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # Whole or not at all: another process that starts just now reads it at once.
        path.hardlink_to(partial)
    except FileExistsError:
        pass
    finally:
        partial.unlink()
    return path.read_text(encoding="ascii").strip()
