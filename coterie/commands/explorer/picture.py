"""The run so far as a picture, under the names of the nodes, which stay when it is scrolled."""

from base64 import b64encode
from hashlib import sha256

from markupsafe import Markup

from coterie.checks.result import Trace
from coterie.checks.world import World
from coterie.commands.pictures.diagram import diagram
from coterie.commands.pictures.layout import HEAD, Layout
from coterie.commands.pictures.style import STYLE
from coterie.commands.pictures.svg import heads, svg

STYLE_DIGEST = f"sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}"


def picture(world: World, run: Trace) -> Markup:
    """Return the diagram of a run as markup, which escapes whatever it shows."""
    drawn = diagram(world, run)
    layout = Layout(drawn)
    size = f'width="{layout.width}" height="{HEAD}"'
    names = (
        f'<svg class="spacetime" aria-hidden="true" {size}>'
        f'<rect class="paper" {size}/>{"".join(heads(layout))}</svg>'
    )
    whole = svg(drawn, title="The run so far")
    return Markup(f'<div class="drawn"><div class="heads">{names}</div>{whole}</div>')  # noqa: S704
