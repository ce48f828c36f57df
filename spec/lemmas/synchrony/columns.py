"""Monotone columns: what a reader of the shared table knows is true, and stays true.

Any number of writers and readers, and any numbers in a total order. A column is the set of the
numbers that it has reached. A reader's copy is what the column had reached at some time before.

Source: Jha et al., Derecho, ACM TOCS 2019, section 3.5 (monotonic deduction); Halpern and Moses,
"Knowledge and Common Knowledge in a Distributed Environment", JACM 1990.
"""

from typing import Any

from attrs import evolve, frozen

from coterie.spec.lemmas.given import NOTHING, Given, Relation, all_of
from coterie.spec.lemmas.induction import Action, Claim, induction
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies

MEMBER, NUMBER = "member", "number"


@frozen
class Table:
    """What has happened so far.

    Attributes:
        reached: which member's column has reached which number.
        copied: which reader's copy of which member's column has reached which number.
        known: which reader has found its copies of all columns to have reached which number.
    """

    reached: Relation
    copied: Relation
    known: Relation


@frozen
class Column:
    """One column of the table.

    Attributes:
        given: where the things are from.
        trusted: whose rows which reader goes by.
    """

    given: Given
    trusted: Relation

    def a_copy_is_a_lower_bound(self, table: Table) -> Said:
        """Return whether no copy is ahead of its original."""
        return self.given.every(
            MEMBER,
            MEMBER,
            NUMBER,
            have=lambda r, w, k: implies(table.copied(r, w, k), table.reached(w, k)),
        )

    def what_is_known_is_true(self, table: Table) -> Said:
        """Return whether what a reader has found of all its copies is true of the originals."""
        return self.given.every(
            MEMBER,
            MEMBER,
            NUMBER,
            have=lambda r, w, k: implies(
                table.known(r, k) & self.trusted(r, w), table.reached(w, k)
            ),
        )

    @property
    def invariant(self) -> tuple[Claim[Table], ...]:
        """The conjuncts."""
        return (self.a_copy_is_a_lower_bound, self.what_is_known_is_true)

    def actions(self, table: Table) -> list[Action[Table]]:
        """Return what may happen: a column grows, a reader reads, a reader looks at its copies."""
        r, w = self.given.element("the reader", MEMBER), self.given.element("the writer", MEMBER)
        k, late = self.given.element("the count", NUMBER), self.given.relation("late", NUMBER)
        seen = self.given.every(
            MEMBER, have=lambda m: implies(self.trusted(r, m), table.copied(r, m, k))
        )
        old = self.given.every(NUMBER, have=lambda c: implies(late(c), table.reached(w, c)))
        read = table.copied.adding_where(lambda a, b, c: _same((a, b), (r, w)) & late(c))
        return [
            Action("a write", {}, evolve(table, reached=table.reached.adding(w, k))),
            Action(
                "a read",
                {"what arrives was once in the row": old},
                evolve(table, copied=read),
            ),
            Action(
                "a look",
                {"all copies have reached it": seen},
                evolve(table, known=table.known.adding(r, k)),
            ),
        ]


def _same(one: tuple[Any, Any], other: tuple[Any, Any]) -> Said:
    return all_of(a == b for a, b in zip(one, other, strict=True))


@lemma()
def a_reader_knows_a_lower_bound(given: Given) -> list[Goal]:
    """The least of a reader's copies is never more than the least of the columns, for ever.

    In symbols: known(r, k) implies that every row that r goes by has reached k, now and later.
    Why: columns only grow. So a reader may act on what it has seen without asking again; that is
    how a message becomes stable, and how a member knows that all others are wedged.
    Source: Jha et al., Derecho, 2019, section 3.5.
    """
    column = Column(given, given.relation("trusted", MEMBER, MEMBER))
    table = Table(
        reached=given.relation("reached", MEMBER, NUMBER),
        copied=given.relation("copied", MEMBER, MEMBER, NUMBER),
        known=given.relation("known", MEMBER, NUMBER),
    )
    start = Table(*(NOTHING,) * 3)
    safety = [column.what_is_known_is_true]
    return induction({}, start, table, column.invariant, column.actions(table), safety)
