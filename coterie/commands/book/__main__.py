"""Write the overview anew: `python -m coterie.commands.book`."""

from pathlib import Path

import coterie
from coterie.commands.book.chapters import chapters
from coterie.commands.book.readme import overview

OVERVIEW = Path(coterie.__file__).resolve().parent.parent / "spec" / "README.md"

if __name__ == "__main__":
    OVERVIEW.write_text(overview(chapters()), encoding="utf-8")
