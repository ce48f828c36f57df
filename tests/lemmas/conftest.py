"""What the tests of lemmas need: the command line, and each lemma proved once."""

from functools import cache

from coterie.spec.lemmas.lemma import Lemma
from coterie.spec.lemmas.proof import Proof, prove
from tests.commands.conftest import Command, coterie

__all__ = ["Command", "coterie", "proof_of"]


@cache
def proof_of(lemma: Lemma) -> Proof:
    """Return what comes of a lemma and its twins; asked again, the same."""
    return prove(lemma)
