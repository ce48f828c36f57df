"""Files that are put in place whole: at any time the old one is there, or the new one.

Only regular files are replaced, and a link stays a link: what it leads to is replaced.
"""

import fcntl
import json
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from coterie.commands.errors import UsageMistake
from coterie.commands.outputs.files import check_file

_USUAL = 0o644


def target(option: str, file: str) -> Path:
    """Return the file that is to be written: where `file` is a link, what that leads to.

    Raises: UsageMistake where it is something else than a file, or cannot be written.
    """
    path = Path(file)
    if path.is_symlink():
        path = Path(os.path.realpath(path))
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise UsageMistake(
            f"{option} {file} is no regular file, and would be replaced by one",
            "Give the path of a file, or of one that does not exist yet.",
        )
    with locked(path):
        check_file(option, str(path))
    return path


def check_content(file: Path, key: str, about: str) -> None:
    """Check that a file of evidence which is there holds nothing that would be lost.

    Attributes:
        key: what its records stand under.
        about: how it begins to say what it is about, where it says so.
    Raises: UsageMistake where it is something else.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return  # whoever reads its records says what is wrong with it
    is_such = isinstance(data, dict) and key in data and data.keys() <= {key, "about"}
    if is_such and str(data.get("about", about)).startswith(about):
        return
    raise UsageMistake(
        f"{file} is no file of evidence with {key}, and what it holds would be lost",
        "Give another file to --evidence, or remove this one.",
    )


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Make others wait that write evidence in the same folder.

    Where the folder cannot be opened, or its file system has no locks, nobody waits.
    """
    try:
        folder = os.open(file.parent, os.O_RDONLY)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def begun(file: Path) -> tuple[BinaryIO, Path]:
    """Return a new file to write in the folder of `file`, and its path.

    Raises: OSError.
    """
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    return os.fdopen(descriptor, "wb"), Path(name)


def finish(written: Path, file: Path) -> None:
    """Put a file that is written and closed in the place of `file`, whose mode it takes.

    Raises: OSError.
    """
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
    except FileNotFoundError:
        mode = _USUAL
    written.chmod(mode)
    written.replace(file)


def replace(file: Path, content: bytes) -> None:
    """Write `content` to `file`; where that fails, all stays as it was.

    Raises: OSError.
    """
    out, written = begun(file)
    try:
        with out:
            out.write(content)
        finish(written, file)
    except BaseException:
        written.unlink(missing_ok=True)
        raise


def put(file: Path, text: str) -> None:
    """Write a file of evidence.

    Raises: UsageMistake where that fails.
    """
    try:
        replace(file, text.encode(errors="backslashreplace"))
    except OSError as error:
        raise UsageMistake(
            f"--evidence {file} cannot be written: {error.strerror}",
            "Give a file that you may write, in a folder that exists.",
        ) from error
