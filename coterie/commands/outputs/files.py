"""Files to write: looked at before the work, written after it."""

import sys
from pathlib import Path

from coterie.commands.errors import UsageMistake

STANDARD = "-"


def check_file(option: str, file: str) -> None:
    """Check that `file`, `-` being the standard output, can be written; what is there stays.

    Raises: UsageMistake where it cannot.
    """
    path = Path(file)
    is_new = not path.exists()
    if file == STANDARD or not (is_new or path.is_file() or path.is_dir()):
        return
    try:
        path.open("ab").close()
    except OSError as error:
        raise UsageMistake(
            f"{option} {file} cannot be written: {error.strerror}",
            "Give a file that you may write, in a folder that exists.",
        ) from error
    if is_new:
        path.unlink()


def check_folder(option: str, folder: str, kind: str = "*.json") -> None:
    """Check that files can be written into `folder`, which need not exist yet.

    Attributes:
        kind: the files that the option takes instead of a folder.

    Raises: UsageMistake where they cannot.
    """
    path = Path(folder)
    if path.is_dir():
        check_file(option, str(path / "a file"))
    elif path.exists():
        raise UsageMistake(f"{option} {folder} is no folder", f"Give a folder, or a file {kind}.")
    else:
        check_file(option, folder)


def write(option: str, file: str, text: str, *, at_the_end: bool = False) -> None:
    r"""Write `text` to `file`; a character that UTF-8 has not is written as `\ud800`.

    What is there is replaced, or stays before it where it is written `at_the_end`.

    Raises: UsageMistake where that fails after all.
    """
    if file == STANDARD:
        sys.stdout.write(text)
        return
    try:
        Path(file).parent.mkdir(exist_ok=True)
        mode = "a" if at_the_end else "w"
        with Path(file).open(mode, encoding="utf-8", errors="backslashreplace") as opened:
            opened.write(text)
    except OSError as error:
        raise UsageMistake(
            f"{option} {file} cannot be written: {error.strerror}", "The other files are written."
        ) from error
