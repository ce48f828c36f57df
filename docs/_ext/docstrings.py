"""Docstrings of the house, as reStructuredText.

Headings such as `Why:` or `Source:` are followed by their words on the same line; what a function
is given stands under `Attributes:`. Signs of mathematics are no markup.
"""

import re
from typing import Any

from sphinx.application import Sphinx

_HEADING = re.compile(
    r"(Why|Source|Guard|Effect|Sends|Shape|Raises|In symbols): +(?=\S)",
)
_MARKUP = re.compile(r"(`[^`]*`)|([|*])")


def written(lines: list[str], what: str) -> list[str]:
    """Return a docstring's lines as Sphinx reads them: headings become fields.

    Attributes:
        lines: of the docstring.
        what: kind of thing it documents, as autodoc calls it.
    """
    found: list[str] = []
    for line in map(_escaped, lines):
        text = line.lstrip()
        if _HEADING.match(line):
            if found and found[-1].strip() and not found[-1].startswith((":", "    ")):
                found.append("")
            found.append(_HEADING.sub(r":\1: ", line, count=1))
        elif line == "Attributes:" and what in {"function", "method", "data"}:
            found.append("Args:")
        else:
            if line.startswith("    @"):  # an example: a block of code
                found += ["::", ""]
            found.append(line if text else "")
    return found


def _escaped(line: str) -> str:
    return _MARKUP.sub(lambda found: found[1] or "\\" + found[2], line)


def _process(app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    del app, name, obj, options
    lines[:] = written(lines, what)


def setup(app: Sphinx) -> dict[str, Any]:
    """Come before napoleon, which reads what is left."""
    app.connect("autodoc-process-docstring", _process, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
