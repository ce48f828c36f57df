"""The source files that pages link to, as pages of the site with an anchor for each line.

A page refers to a line as `source:model/machine.py#line-12`; MyST makes an address of that by
`myst_url_schemes`, and whatever is referred to becomes a page.
"""

import html
import re
from pathlib import Path
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "source"
_EMPTY_LINK = re.compile(r'<a id="(line-\d+)"[^>]*></a>')
_LINK = re.compile(r"\(source:([\w/.-]+)#line-\d+\)")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{name} - coterie</title>
<link rel="icon" href="{up}_static/icon.svg">
<link rel="stylesheet" href="{up}_static/source.css">
</head>
<body>
<header><a href="{up}index.html">coterie</a></header>
<main>
<h1><code>{name}</code></h1>
{body}
</main>
</body>
</html>
"""


def referred(source: Path) -> list[str]:
    """Return the files that the pages of the site refer to, by their paths in the repository."""
    pages = [page for page in source.rglob("*.md") if "_build" not in page.parts]
    return sorted({name for page in pages for name in _LINK.findall(page.read_text("utf-8"))})


def shown(path: Path) -> str:
    """Return a source file as HTML, with an anchor for each line."""
    formatter = HtmlFormatter(lineanchors="line", anchorlinenos=False, cssclass="highlight")
    text = str(highlight(path.read_text(encoding="utf-8"), PythonLexer(), formatter))
    return _EMPTY_LINK.sub(r'<span id="\1"></span>', text)


def _write(app: Sphinx, error: Exception | None) -> None:
    """Write the pages; plain ones, without the contents of the whole site beside them."""
    if error is not None or app.builder.format != "html":
        return
    for name in referred(Path(app.srcdir)):
        path = Path(app.outdir) / FOLDER / f"{name}.html"
        path.parent.mkdir(parents=True, exist_ok=True)
        up = "../" * (name.count("/") + 1)
        words = _PAGE.format(name=html.escape(name), up=up, body=shown(ROOT / name))
        path.write_text(words, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the pages."""
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
