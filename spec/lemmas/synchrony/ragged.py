"""The ragged trim: between what anyone has delivered, and what every survivor holds.

Any number of members, any number of messages. The trim is what every member that the leader counts
has received; `least` says the same of counts, as receipt has no gaps.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3.4.2.
"""

from typing import Any

from attrs import frozen

from coterie.spec.lemmas.given import Given, Relation
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies

MEMBER, MESSAGE = "member", "message"


@frozen
class Edge:
    """The end of a view: who has received and delivered what, and whom the leader counts."""

    given: Given
    received: Relation
    delivered: Relation
    counted: Relation

    @classmethod
    def of(cls, given: Given) -> "Edge":
        """Return any such end."""
        return cls(
            given,
            given.relation("received", MEMBER, MESSAGE),
            given.relation("delivered", MEMBER, MESSAGE),
            given.relation("counted", MEMBER),
        )

    def is_in_trim(self, message: Any) -> Said:
        """Return whether every member that is counted has it."""
        return self.given.every(
            MEMBER, have=lambda m: implies(self.counted(m), self.received(m, message))
        )

    @property
    def delivers_what_is_stable(self) -> Said:
        """Whether whatever anyone has delivered, all have received."""
        return self.given.every(
            MEMBER,
            MEMBER,
            MESSAGE,
            have=lambda m, other, k: implies(self.delivered(m, k), self.received(other, k)),
        )


@lemma()
def a_trim_covers_what_anyone_delivered(given: Given) -> Goal:
    """Whatever any member has delivered, even one that has failed since, is in the trim.

    In symbols: delivered(m, k) implies that k is in the trim.
    Why: it was stable, so all have received it, and those who are counted among them.
    Source: Jha et al., Derecho, 2019, section 3.4.2.
    """
    edge = Edge.of(given)
    m, k = given.element("the member", MEMBER), given.element("the message", MESSAGE)
    return Goal(
        needs={
            "only what is stable is delivered": edge.delivers_what_is_stable,
            "it was delivered": edge.delivered(m, k),
        },
        claim=edge.is_in_trim(k),
    )


@lemma()
def a_survivor_has_what_the_trim_names(given: Given) -> Goal:
    """Whoever is counted has every message that the trim names.

    In symbols: k in the trim and counted(m) implies received(m, k).
    Why: so nobody who goes on waits for a message that died with its sender.
    Source: Jha et al., Derecho, 2019, section 3.4.2.
    """
    edge = Edge.of(given)
    m, k = given.element("the member", MEMBER), given.element("the message", MESSAGE)
    return Goal(
        needs={"the trim names it": edge.is_in_trim(k), "it is counted": edge.counted(m)},
        claim=edge.received(m, k),
    )
