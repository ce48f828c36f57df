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


def check_folder(option: str, folder: str) -> None:
    """Check that files can be written into `folder`, which need not exist yet.

    Raises: UsageMistake where they cannot.
    """
    path = Path(folder)
    if path.is_dir():
        check_file(option, str(path / "a file"))
    elif path.exists():
        raise UsageMistake(f"{option} {folder} is no folder", "Give a folder, or a file *.json.")
    else:
        check_file(option, folder)


def write(option: str, file: str, text: str) -> None:
    r"""Write `text` to `file`; a character that UTF-8 has not is written as `\ud800`.

    Raises: UsageMistake where that fails after all.
    """
    if file == STANDARD:
        sys.stdout.write(text)
        return
    try:
        Path(file).parent.mkdir(exist_ok=True)
        Path(file).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageMistake(
            f"{option} {file} cannot be written: {error.strerror}", "The other files are written."
        ) from error
