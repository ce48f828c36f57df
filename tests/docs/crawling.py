"""Reads the pages of the built site: what can be linked to, what is linked, what is loaded."""

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag

from attrs import define, field

LOADS = {"img": "src", "script": "src", "iframe": "src", "source": "src", "video": "src"}


@define
class Found(HTMLParser):
    """What stands on a page.

    Attributes:
        anchors: the ids and names.
        links: where its links lead.
        loads: what the browser fetches for it.
        words: its text.
    """

    anchors: set[str] = field(factory=set)
    links: list[str] = field(factory=list)
    loads: list[str] = field(factory=list)
    words: list[str] = field(factory=list)

    def __attrs_post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self.anchors |= {known[name] for name in ("id", "name") if name in known}
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        if tag == "link" and known.get("rel") in {"stylesheet", "icon", "preload"}:
            self.loads.append(known["href"])
        if known.get(LOADS.get(tag, "")):
            self.loads.append(known[LOADS[tag]])

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """Its text, with single spaces."""
        return " ".join(" ".join(self.words).split())


@cache
def read(page: Path) -> Found:
    """Return what stands on a page."""
    found = Found()
    found.feed(page.read_text(encoding="utf-8"))
    return found


def pages(site: Path) -> list[Path]:
    """Return every page of the site."""
    return sorted(site.rglob("*.html"))


def dead(site: Path) -> Iterator[str]:
    """Yield each link of the site that leads nowhere within it."""
    for page in pages(site):
        for link in read(page).links:
            if link.startswith(("http://", "https://", "mailto:")):
                continue
            address, anchor = urldefrag(link)
            target = (page.parent / unquote(address)).resolve() if address else page
            if target.is_dir():
                target /= "index.html"
            if not target.is_file():
                yield f"{page.relative_to(site)}: {link}"
            elif (
                anchor and target.suffix == ".html" and unquote(anchor) not in read(target).anchors
            ):
                yield f"{page.relative_to(site)}: {link} has no such place"
