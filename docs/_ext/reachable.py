"""What the theme leaves out for those who read by keyboard or by ear.

The two asides get names, and whatever may scroll by itself can be focused, so that the arrow keys
scroll it.
"""

from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

INSTEAD = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Site">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    '<aside class="toc-drawer no-toc">': '<aside class="toc-drawer no-toc" aria-label="Contents">',
    "<pre>": '<pre tabindex="0">',
    '<p class="formula">': '<p class="formula" tabindex="0">',
    '<div class="table-wrapper ': '<div tabindex="0" class="table-wrapper ',
}


def mended(text: str) -> str:
    """Return a page with what the theme leaves out."""
    for before, after in INSTEAD.items():
        text = text.replace(before, after)
    return text


def _mend(app: Sphinx, error: Exception | None) -> None:
    if error is not None or app.builder.format != "html":
        return
    for page in Path(app.outdir).rglob("*.html"):
        before = page.read_text(encoding="utf-8")
        if (after := mended(before)) != before:
            page.write_text(after, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Mend each page, the last of all."""
    app.connect("build-finished", _mend, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
