"""No value from nowhere: by induction over everything that can happen to the register.

Any number of tree nodes, replicas, clients and updates. A Byzantine replica passes on and answers
whatever it likes. What a correct one passes on it was active for, and for that it has heard a
client or enough replicas: of a neighbouring node, or of its own where replicas echo. A client sends
what it writes, or writes back what it has read.

That enough replicas contain a correct one is the axiom. Its arithmetic is that of
`a_copied_update_is_genuine` and `a_supported_value_is_genuine` in `register`, and that of
`an_echoed_update_is_genuine` in `echoes`.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 4.
"""

from typing import Any

from attrs import evolve, frozen

from coterie.spec.lemmas.given import NOTHING, Given, Relation
from coterie.spec.lemmas.induction import Action, Claim, induction
from coterie.spec.lemmas.lemma import Goal, lemma
from coterie.spec.lemmas.symbols import Said, implies

REPLICA, UPDATE, GROUP = "replica", "update", "group"


@frozen
class Run:
    """What has happened so far.

    Attributes:
        written: the updates that a client has begun to write, and the one at the beginning.
        echoed: which replica has echoed which update to its own node, where replicas do.
        active: which replica has taken in which update.
        passed: which replica has passed on which update.
        answered: which replica has answered a read with which update.
        returned: the updates that a read has returned.
    """

    written: Relation
    echoed: Relation
    active: Relation
    passed: Relation
    answered: Relation
    returned: Relation


@frozen
class _Theory:
    """What is said of a run.

    Attributes:
        given: where the things are from.
        correct: which replicas are correct.
        inside: which replica is in which group; a group is b + 1 replicas of one node.
    """

    given: Given
    correct: Relation
    inside: Relation

    def every_group_has_a_correct_replica(self) -> Said:
        """Return whether that is so."""
        return self.given.every(
            GROUP,
            have=lambda g: self.given.some(
                REPLICA, have=lambda r: self.inside(r, g) & self.correct(r)
            ),
        )

    def all_of(self, group: Any, did: Relation, update: Any) -> Said:
        """Return whether all replicas of a group have done that with an update."""
        return self.given.every(
            REPLICA, have=lambda r: implies(self.inside(r, group), did(r, update))
        )

    def what_is_echoed_was_written(self, run: Run) -> Said:
        """Return whether every correct replica echoes only what was written."""
        return self._written_by_correct(run, run.echoed)

    def active_replicas_have_a_written_update(self, run: Run) -> Said:
        """Return whether every correct replica is active only for what was written."""
        return self._written_by_correct(run, run.active)

    def what_is_passed_on_was_written(self, run: Run) -> Said:
        """Return whether every correct replica passes on only what was written."""
        return self._written_by_correct(run, run.passed)

    def what_is_answered_was_written(self, run: Run) -> Said:
        """Return whether every correct replica answers only what was written."""
        return self._written_by_correct(run, run.answered)

    def what_is_returned_was_written(self, run: Run) -> Said:
        """Return whether reads return only what was written."""
        return self.given.every(UPDATE, have=lambda u: implies(run.returned(u), run.written(u)))

    def _written_by_correct(self, run: Run, did: Relation) -> Said:
        return self.given.every(
            REPLICA,
            UPDATE,
            have=lambda r, u: implies(self.correct(r) & did(r, u), run.written(u)),
        )

    @property
    def invariant(self) -> tuple[Claim[Run], ...]:
        """The conjuncts."""
        return (
            self.what_is_echoed_was_written,
            self.active_replicas_have_a_written_update,
            self.what_is_passed_on_was_written,
            self.what_is_answered_was_written,
            self.what_is_returned_was_written,
        )

    def actions(self, run: Run) -> list[Action[Run]]:
        """Return what may happen: to any replica, with any update, by any group."""
        r, u = self.given.element("the replica", REPLICA), self.given.element("the update", UPDATE)
        g = self.given.element("the group", GROUP)
        correct = self.correct(r)
        from_client = {"clients send what they write": implies(correct, run.written(u))}
        took = evolve(run, active=run.active.adding(r, u))
        echoed = evolve(run, echoed=run.echoed.adding(r, u))
        return [
            Action("a write begins", {}, evolve(run, written=run.written.adding(u))),
            Action("a replica hears a client", from_client, took),
            Action("a replica echoes a client", from_client, echoed),
            Action(
                "a replica echoes its node",
                {"b + 1 replicas have echoed it": self.all_of(g, run.echoed, u)},
                echoed,
            ),
            Action(
                "a replica hears its node",
                {"b + 1 replicas or more have echoed it": self.all_of(g, run.echoed, u)},
                took,
            ),
            Action(
                "a replica hears a node",
                {"b + 1 replicas have passed it on": self.all_of(g, run.passed, u)},
                took,
            ),
            Action(
                "a replica passes on",
                {"correct replicas pass on what they took in": implies(correct, run.active(r, u))},
                evolve(run, passed=run.passed.adding(r, u)),
            ),
            Action(
                "a replica answers",
                {"correct replicas answer what they took in": implies(correct, run.active(r, u))},
                evolve(run, answered=run.answered.adding(r, u)),
            ),
            Action(
                "a read returns",
                {"b + 1 replicas support it": self.all_of(g, run.answered, u)},
                evolve(run, returned=run.returned.adding(u)),
            ),
        ]


@lemma()
def reads_return_only_what_was_written(given: Given) -> list[Goal]:
    """A read of the register never returns a value that nobody wrote.

    In symbols: returned(u) implies written(u), in every state of every run.
    Why: by induction. Whatever a correct replica has taken in was written: it heard a client, or
    b + 1 replicas of one node, of which a correct one had taken it in, or echoed it, before. And a
    reader asks for b + 1 supporters.
    Source: Malkhi and Sella 2001, section 4, rules 2 and 3, and the read protocol, step 3.
    """
    theory = _Theory(
        given,
        given.relation("correct", REPLICA),
        given.relation("inside", REPLICA, GROUP),
    )
    run = Run(
        written=given.relation("written", UPDATE),
        echoed=given.relation("echoed", REPLICA, UPDATE),
        active=given.relation("active", REPLICA, UPDATE),
        passed=given.relation("passed", REPLICA, UPDATE),
        answered=given.relation("answered", REPLICA, UPDATE),
        returned=given.relation("returned", UPDATE),
    )
    initial = given.element("the initial update", UPDATE)
    start = Run(
        written=NOTHING.adding(initial),
        echoed=NOTHING,
        active=NOTHING.adding_where(lambda _, u: u == initial),
        passed=NOTHING,
        answered=NOTHING,
        returned=NOTHING,
    )
    axioms = {"b + 1 replicas include a correct one": theory.every_group_has_a_correct_replica()}
    safety = [theory.what_is_returned_was_written]
    return induction(axioms, start, run, theory.invariant, theory.actions(run), safety)
