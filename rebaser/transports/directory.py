"""Reads and replaces files of a directory that may come from anyone.

Symbolic links below it are never followed, what is not a regular file is not read, and a file appears whole or not
at all. Everything here raises OSError.
"""

import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import BinaryIO

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # opening a FIFO must not wait for its writer
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC


@contextmanager
def open_directory(path: str, *below: str, create: bool = False) -> Iterator[int]:
    """Open the directory at `path`, or the one `below` it, which is made if `create` says so."""
    with ExitStack() as opened:
        directory = os.open(path, _DIRECTORY)
        opened.callback(os.close, directory)
        for name in below:
            if create:
                with suppress(FileExistsError):
                    os.mkdir(name, dir_fd=directory)
            directory = os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=directory)
            opened.callback(os.close, directory)
        yield directory


def open_file(name: str, directory: int) -> BinaryIO:
    """Open a regular file for reading."""
    file = os.open(name, _READ, dir_fd=directory)
    if stat.S_ISREG(os.fstat(file).st_mode):
        return os.fdopen(file, "rb")
    os.close(file)
    raise OSError(f"{name} is not a regular file")


def replace_file(name: str, chunks: Iterable[bytes], directory: int) -> None:
    """Give the file `name` a new content, all of it at once; on any error it stays as it was."""
    temporary = f".{secrets.token_hex(8)}.part"
    try:
        with os.fdopen(os.open(temporary, _CREATE, 0o644, dir_fd=directory), "wb") as file:
            file.writelines(chunks)
        os.replace(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=directory)
        raise
