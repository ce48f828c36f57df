"""The lemmas that a protocol rests on: those about guards that its machines use.

A lemma names the functions of the model that it is about. A chapter rests on it where the files of
its machines import, directly or not, the file of each of these functions, and one of them, or one
in which its worlds are made, mentions one of these by name.
"""

import ast
import sys
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from attrs import frozen

from coterie.checks.coverage.events import within
from coterie.commands.book.chapters import Chapter
from coterie.commands.book.places import Place, place_of, tree_of
from coterie.spec.lemmas.lemma import Lemma, lemmas

if TYPE_CHECKING:
    from coterie.commands.evidence.lemmas import Proofs, Proved

MISSING, STALE = "not yet proved", "stale"
_MODEL = "coterie.model."
_KERNEL = "coterie.model.machine"


@frozen
class Support:
    """A lemma, and what is recorded of its proof.

    Attributes:
        lemma: the lemma.
        place: where it stands.
        guards: the names of the functions that it is about.
        proof: what is recorded of it; None where nothing is, or of other code.
        is_stale: whether something is recorded, but of other code than there is now.
    """

    lemma: Lemma
    place: Place | None
    guards: tuple[str, ...]
    proof: "Proved | None" = None
    is_stale: bool = False

    @property
    def words(self) -> str:
        """What came of it, as a reader is told it."""
        if self.proof is None:
            return STALE if self.is_stale else MISSING
        twins = self.proof.twins
        refuted = sum(each.verdict == "refuted" for each in twins)
        return (
            f"{self.proof.verdict} in {self.proof.seconds:.2f} seconds;"
            f" {refuted} of {len(twins)} broken twins are refuted"
        )


def supports(chapter: Chapter, proofs: "Proofs | None") -> tuple[Support, ...]:
    """Return the lemmas that a chapter rests on, in their order."""
    reached, mentioned = _reached(chapter), _mentioned(chapter)
    found = []
    for each in lemmas():
        guards = {guard.__name__: guard.__module__ for guard in each.guards.values()}
        if guards and set(guards.values()) <= reached and set(guards) & mentioned:
            found.append(_support(each, tuple(sorted(guards)), proofs))
    return tuple(found)


def _support(lemma: Lemma, guards: tuple[str, ...], proofs: "Proofs | None") -> Support:
    place = place_of(lemma.function)
    proved = proofs.of(lemma.name) if proofs else None
    if proofs is None or proved is None:
        return Support(lemma, place, guards)
    is_stale = proofs.is_stale(lemma.name)
    return Support(lemma, place, guards, None if is_stale else proved, is_stale)


@cache
def _reached(chapter: Chapter) -> frozenset[str]:
    """Return the files of the model that those of the machines import, directly or not."""
    parts = (each for world in chapter.worlds.values() for each in world.machines.values())
    agenda = {type(each).__module__ for machine in parts for each in within(machine)}
    found: set[str] = set()
    while agenda:
        name = agenda.pop()
        if name not in found:
            found.add(name)
            agenda |= _imported(name)
    return frozenset(found)


@cache
def _mentioned(chapter: Chapter) -> frozenset[str]:
    """Return the names that these files mention, and those in which its worlds are made."""
    folder = chapter.module.__name__
    makers = {name for name in sys.modules if name == folder or name.startswith(f"{folder}.")}
    return frozenset().union(*(_names(name) for name in _reached(chapter) | makers))


@cache
def _names(module: str) -> frozenset[str]:
    """Return the names that a file reads, its own definitions apart."""
    found = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Name):
            found.add(node.id)
    return frozenset(found)


@cache
def _imported(module: str) -> frozenset[str]:
    found = set()
    for node in tree_of(module).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module)
            found |= {f"{node.module}.{each.name}" for each in node.names}
        elif isinstance(node, ast.Import):
            found |= {each.name for each in node.names}
    wanted = (name for name in found if name.startswith(_MODEL) and name != _KERNEL)
    return frozenset(name for name in wanted if _is_module(name))


def _is_module(name: str) -> bool:
    if name in sys.modules:
        return True
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False
