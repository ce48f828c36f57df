"""XML: only the characters that it has."""

import re
from xml.etree.ElementTree import Element, indent, tostring

_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    r"""Return `text` with what XML cannot hold, or would change, written as Python does: `\x00`."""
    return _ILLEGAL.sub(lambda found: repr(found[0])[1:-1], text)


def written(root: Element) -> str:
    """Return the document whose root is this element."""
    indent(root)
    body: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'
