"""Figures: the run of a check, as it is recorded and taken again, drawn on a page.

    ```{coterie-run} smr.naive same_order
    ```

shows the run of a property; with a third word, that of a mutant.
"""

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from coterie.commands.book.markdown import drawn
from coterie.commands.book.verdicts import Shown
from coterie.commands.evidence.recorded import Evidence

_EVIDENCE: list[Evidence] = []


def evidence() -> Evidence:
    """Return what is recorded; read once a process."""
    if not _EVIDENCE:
        _EVIDENCE.append(Evidence.read())
    return _EVIDENCE[0]


class RunDirective(SphinxDirective):
    """The picture of a run, with its words below."""

    required_arguments = 2
    optional_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return the figure."""
        check, name, *mutants = self.arguments
        recorded = evidence().of(check)
        if recorded is None or recorded.is_stale:
            return self._wanting(f"nothing is recorded of {check} as it is now")
        if mutants:
            world, trace = (
                recorded.mutant_world(mutants[0]),
                recorded.mutant_trace(mutants[0], name),
            )
        else:
            world, trace = recorded.world(), recorded.trace(name)
        if trace is None:
            return self._wanting(f"{check} has no run of {name}")
        caption = " ".join(self.content)
        shown = Shown(f"figure-{check}.{name}", caption, world, trace)
        figure = nodes.raw("", f"<figure>{drawn(shown)}</figure>", format="html")
        paragraph = nodes.paragraph(classes=["caption"])
        inside, _ = self.state.inline_text(caption, self.lineno)
        paragraph += inside
        return [figure, paragraph]

    def _wanting(self, problem: str) -> list[nodes.Node]:
        """Return what stands in the place of a figure; a warning, unless this is a draft."""
        if int(self.config.coterie_draft):
            return [nodes.paragraph(text=f"Here a figure is wanting: {problem}.")]
        return [self.state.document.reporter.warning(problem, line=self.lineno)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directive."""
    app.add_directive("coterie-run", RunDirective)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
