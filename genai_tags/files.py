"""Writing files so that a reader, a crash or a full disk never meets half of one."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Callable, Iterator

COPY_BYTES = 1024 * 1024
"""Block size of copies. Measured best on ext4 for unaligned tails; larger gains nothing."""


class SourceChangedError(OSError):
    """The file changed while it was being replaced; the replacement was thrown away."""


def read(path: str, limit: int = 256 * 1024 * 1024) -> bytes:
    """A regular file's bytes. Raises OSError for a pipe or a device, which may never end, and beyond ``limit`` bytes."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with open(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no regular file", path)
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"is larger than {limit} bytes", path)
    return data


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write every byte; the system may take them in pieces."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def copy_range(source: int, start: int, target: int) -> None:
    """Append everything from offset ``start`` of ``source`` to ``target``."""
    while block := os.pread(source, COPY_BYTES, start):
        write_all(target, block)
        start += len(block)


def replace(path: str, fill: Callable[[int], None], *, seen: os.stat_result | None = None, keep_mtime: bool = False) -> None:
    """Replace an existing file atomically: ``fill`` writes the new content to a descriptor.

    ``seen`` is what the caller's own descriptor said when it read the file. Mode, owner, ACL and extended attributes are
    kept. Raises SourceChangedError where the file is no longer the one seen (another inode, size or mtime), OSError where
    the system refuses; the original is then untouched and no temporary file is left.
    """
    target = os.path.realpath(path)
    before = seen or os.stat(target)
    with _temporary(target) as (temporary, descriptor):
        fill(descriptor)
        _copy_attributes(target, descriptor, before)
        if keep_mtime:
            os.utime(descriptor, ns=(before.st_atime_ns, before.st_mtime_ns))
        os.fsync(descriptor)
        now = os.stat(target)
        if (now.st_ino, now.st_size, now.st_mtime_ns) != (before.st_ino, before.st_size, before.st_mtime_ns):
            raise SourceChangedError(errno.EBUSY, "changed while it was being tagged", target)
        os.replace(temporary, target)
    sync_folder(os.path.dirname(target))


def write(path: str, data: bytes) -> None:
    """Write a whole file atomically, new or in place of an old one (whose mode, owner and ACL stay)."""
    target = os.path.realpath(path)
    if os.path.exists(target) and not os.path.isfile(target):  # a device or a pipe is written to, never replaced
        with open(target, "wb", buffering=0) as stream:
            write_all(stream.fileno(), data)
        return
    if os.path.exists(target):
        replace(target, lambda descriptor: write_all(descriptor, data))
        return
    with _temporary(target) as (temporary, descriptor):
        write_all(descriptor, data)
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(descriptor, 0o666 & ~umask)
        os.fsync(descriptor)
        os.replace(temporary, target)
    sync_folder(os.path.dirname(target))


def create(path: str, data: bytes, mode: int = 0o644) -> bool:
    """Write a new file whole, or not at all where the name is taken; False then. Safe among processes and over NFS.

    A link from a finished temporary file is the step that either succeeds or finds the name taken. Where the file
    system has no links (some SMB mounts), an exclusive create stands in.
    """
    with _temporary(path) as (temporary, descriptor):
        write_all(descriptor, data)
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK):
                raise
            return _create_exclusively(path, data, mode)
    sync_folder(os.path.dirname(path))
    return True


def _create_exclusively(path: str, data: bytes, mode: int) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return False
    try:
        write_all(descriptor, data)
        os.fsync(descriptor)
    except OSError:
        os.unlink(path)
        raise
    finally:
        os.close(descriptor)
    return True


@contextlib.contextmanager
def _temporary(target: str) -> Iterator[tuple[str, int]]:
    """A new hidden file in the target's folder; gone afterwards unless it was renamed."""
    folder, name = os.path.split(target)
    temporary = os.path.join(folder, f".{name[:64]}.{secrets.token_hex(6)}.genai-tmp")
    descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        yield temporary, descriptor
    finally:
        os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def _copy_attributes(source: str, descriptor: int, seen: os.stat_result) -> None:
    """Owner first (chown clears mode bits), then extended attributes (the ACL is one), then mode."""
    with contextlib.suppress(PermissionError):
        os.fchown(descriptor, seen.st_uid, seen.st_gid)
    if hasattr(os, "listxattr"):
        with contextlib.suppress(OSError):  # a file system without them has none to lose
            for name in os.listxattr(source):
                with contextlib.suppress(PermissionError):  # security.* belongs to the system
                    os.setxattr(descriptor, name, os.getxattr(source, name))
    os.fchmod(descriptor, seen.st_mode & 0o7777)


def sync_folder(folder: str) -> None:
    """Flush a rename or link itself. Some network file systems refuse; there the server does it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder or ".", os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
