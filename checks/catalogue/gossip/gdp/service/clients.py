"""The writer, readers and a liar at a serving log."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from attrs import evolve, frozen

from coterie.checks.catalogue.gossip.gdp.poisoning import is_hashed_only, is_signed_only
from coterie.checks.catalogue.gossip.gdp.service.worlds import (
    LIAR,
    SCRIBE,
    SERVER,
    served,
)
from coterie.checks.catalogue.gossip.gdp.worlds import MIDDLE, ROOT, TIP
from coterie.checks.catalogue.gossip.links import Distinct
from coterie.checks.check import Check, Mutant
from coterie.checks.fairness import strong, weak
from coterie.checks.faults import Faults
from coterie.checks.mutation.named import changed
from coterie.checks.world import World
from coterie.model.gossip.gdp.log import Log
from coterie.model.gossip.gdp.record import Entry, written
from coterie.model.gossip.gdp.replica import Append, Replication
from coterie.model.gossip.gdp.service import shelf
from coterie.model.gossip.gdp.service.reader import Ask, Reader, Reading
from coterie.model.gossip.gdp.service.scribe import Scribe, Writing
from coterie.model.gossip.gdp.service.serving import LogServer
from coterie.model.gossip.gdp.service.shelf import Shelf
from coterie.model.machine import Node, Outcome, Timeout
from coterie.model.signature import Signature
from coterie.spec.gossip.gdp import clients as spec
from coterie.spec.gossip.gdp import replica as common
from coterie.spec.gossip.gdp.replica import WRITER

BACK = (weak("deliveries"), weak("restarts"), weak("operations"))


@frozen
class Forgetful(LogServer):
    """Mutant: a replica whose disk keeps nothing."""

    def memory(self, state: Replication) -> Log:
        """Return nothing."""
        del state
        return Shelf()

    def recorded(self, memory: Log | None, change: Any) -> Log:
        """Return nothing."""
        del memory, change
        return Shelf()


def one_will_do(replicas: int) -> int:
    """Mutant: what one replica has is safe."""
    del replicas
    return 1


def more_than_all(replicas: int) -> int:
    """Mutant: nothing is ever safe."""
    return replicas + 1


@frozen
class SendsOnce(Scribe):
    """Mutant: a writer that sends nothing again."""

    def _sent_again(self, state: Writing, replicas: Iterable[Node]) -> Outcome[Writing]:
        del replicas
        return Outcome(state)


def writing(
    replicas: int,
    adds: tuple[str, ...],
    crashes: int,
    server: LogServer = SERVER,
    scribe: Scribe = SCRIBE,
    **fields: Any,
) -> World:
    """Return a writer and empty replicas that do not exchange; any of them may crash."""
    world = served(
        ((),) * replicas,
        server=server,
        timer=False,
        scribe=scribe,
        adds=adds,
        faults=Faults(crashes=crashes),
        observers={"safe": spec.SAFE},
        fairness=BACK,
    )
    return evolve(world, **fields)


def silent(**parameters: Any) -> World:
    """Mutant: a replica that starts again tells nobody."""
    world = writing(**parameters)
    machines = {
        node: evolve(machine, author=None) if isinstance(machine, LogServer) else machine
        for node, machine in world.machines.items()
    }
    return evolve(world, machines=machines)


APPENDS = Check(
    name="gossip.gdp.service.appends",
    about="What the writer is told to be safe is on a majority of disks, though somebody crashes.",
    world=writing,
    properties=(
        spec.acknowledged_is_kept,
        spec.safe_is_on_a_majority,
        spec.written_becomes_safe,
        spec.safe_after_a_crash,
        common.logs_only_grow,
    ),
    small={"replicas": 3, "adds": ("a",), "crashes": 1},
    full={"replicas": 2, "adds": ("a", "z")},
    states=27_082,
    mutants={
        "promises": Mutant(
            partial(writing, server=Forgetful(SERVER.name, WRITER)),
            {"acknowledged_is_kept": 2, "safe_is_on_a_majority": 7},
        ),
        "one_will_do": Mutant(
            partial(writing, scribe=evolve(SCRIBE, required=one_will_do)),
            {"safe_is_on_a_majority": 4},
        ),
        "sends_once": Mutant(
            partial(writing, scribe=SendsOnce(WRITER, ())), {"written_becomes_safe": 5}
        ),
        "never_enough": Mutant(
            partial(writing, scribe=evolve(SCRIBE, required=more_than_all)),
            {"safe_after_a_crash": None},
        ),
    },
)

NARROW = evolve(SCRIBE, window=1)
"""A writer of whose records one may be unsafe, or one for each replica to answer for."""

RETURNS = Check(
    name="gossip.gdp.service.returns",
    about="A writer that needs all replicas writes all there is, though somebody crashes.",
    world=partial(writing, scribe=NARROW),
    properties=(spec.everything_is_written, spec.written_becomes_safe, spec.safe_after_a_crash),
    small={"replicas": 2, "adds": ("a", "z"), "crashes": 1},
    full={"crashes": 2},
    states=2_570,
    mutants={
        "keeps_silent": Mutant(
            partial(silent, scribe=NARROW), {"everything_is_written": 5, "written_becomes_safe": 5}
        ),
        "never_near": Mutant(
            changed(
                partial(writing, scribe=NARROW),
                Scribe._kept,  # noqa: SLF001
                "owed.delete(name) → owed",
            ),
            {"everything_is_written": 7},
        ),
        "never_enough": Mutant(
            partial(writing, scribe=evolve(NARROW, required=more_than_all)),
            {"safe_after_a_crash": None},
        ),
    },
)

FOLLOWED = (weak("timers"), strong("deliveries"), weak("restarts"), weak("operations"))


def always_news(held: bool) -> bool:  # noqa: FBT001
    """Mutant: hand over a record whether it was handed over or not."""
    return held in {True, False}


READER = Reader((), WRITER)


def following(
    held: Any,
    adds: tuple[str, ...],
    crashes: int,
    server: LogServer = SERVER,
    reader: Reader = READER,
) -> World:
    """Return replicas, their writer, and a reader that follows; a replica may crash."""
    return served(
        held,
        server=server,
        timer=False,
        scribe=SCRIBE if adds else None,
        adds=adds,
        reader=reader,
        network=Distinct(),
        faults=Faults(crashes=crashes, crashing=("replica",)),
        observers={"delivered": spec.DELIVERED},
        fairness=FOLLOWED,
    )


TWICE = ((ROOT, written(WRITER, "z", ROOT.name)),) * 2
"""Two replicas that hold the same, so that a reader may be told everything by either."""

FOLLOWS = Check(
    name="gossip.gdp.service.follows",
    about="A reader that follows is handed every record once, though its replica crashes.",
    world=following,
    properties=(
        spec.pages_follow_the_order,
        spec.each_record_once,
        spec.readers_get_everything,
        spec.news_are_pushed,
    ),
    small={"held": ((ROOT,),), "adds": ("z",), "crashes": 1},
    full={"held": TWICE, "adds": ()},
    states=11_823,
    mutants={
        "skips": Mutant(
            changed(following, shelf.after, "1 → 2 in shelf.places[name] + 1"),
            {"pages_follow_the_order": 6},
            {"held": ((ROOT, MIDDLE, TIP),), "crashes": 0},
        ),
        "repeats": Mutant(
            partial(following, reader=evolve(READER, hands_over=always_news)),
            {"each_record_once": 7},
        ),
        "never_pushes": Mutant(
            changed(
                following,
                LogServer._told,  # noqa: SLF001
                "without Send(reader, page)",
            ),
            {"readers_get_everything": 8, "news_are_pushed": None},
        ),
        "never_asks_again": Mutant(
            changed(following, Reader.options, "without yield MoveOn(self.replicas[state.at])"),
            {"readers_get_everything": 8},
        ),
    },
)


@frozen
class StillReader(Reader):
    """A reader that waits for its answer for ever."""

    def options(self, state: Reading) -> Iterable[Timeout]:
        """Ask for what is next."""
        return (each for each in super().options(state) if isinstance(each, Ask))


pushing = partial(following, reader=StillReader((), WRITER))

PUSHES = Check(
    name="gossip.gdp.service.pushes",
    about="A reader that no time-out makes ask again is sent what is new all the same.",
    world=pushing,
    properties=(spec.each_record_once, spec.readers_get_everything, spec.news_are_pushed),
    small={"held": ((ROOT,),), "adds": ("z",), "crashes": 0},
    full={"held": ((ROOT, MIDDLE),), "adds": ("y", "z")},
    states=116,
    mutants={
        "forgets_readers": Mutant(
            changed(
                pushing,
                LogServer._pushed,  # noqa: SLF001
                "Outcome(state, effects) without its effects",
            ),
            {"readers_get_everything": 10},
        ),
        "repeats": Mutant(
            partial(following, reader=evolve(READER, hands_over=always_news)),
            {"each_record_once": 7},
            {"crashes": 1},
        ),
    },
)

FORGED = evolve(written(WRITER, "lie"), name=ROOT.name, signature=ROOT.signature)
"""A record under the name and the signature of another one."""

UNSIGNED = evolve(written(WRITER, "lie"), signature=Signature(LIAR, written(WRITER, "lie").name))
"""A record that somebody else has signed."""


def nothing_is_wrong(entry: Entry, writer: Node) -> bool:
    """Mutant: accept every record."""
    del entry, writer
    return True


def miscounting(count: int) -> int:
    """Mutant: count none."""
    return count


def lied_to(server: LogServer = SERVER, **fields: Any) -> World:
    """Return a replica that a liar sends records and questions to, and a reader."""
    return served(
        ((),),
        server=server,
        timer=False,
        reader=READER,
        lies=(Append(FORGED), Append(UNSIGNED)),
        network=Distinct(),
        **fields,
    )


LIES = Check(
    name="gossip.gdp.service.lies",
    about="A record that the writer has not signed, or not so, is refused, counted, never served.",
    world=lied_to,
    properties=(
        common.records_are_genuine,
        spec.what_is_served_is_genuine,
        spec.lies_are_not_acknowledged,
        spec.refusals_are_counted,
        spec.a_lie_is_refused,
    ),
    small={},
    states=195,
    mutants={
        "hash_not_verified": Mutant(
            partial(lied_to, server=evolve(SERVER, accepts=is_signed_only)),
            {
                "records_are_genuine": 2,
                "what_is_served_is_genuine": 5,
                "lies_are_not_acknowledged": 2,
                "refusals_are_counted": 4,
            },
        ),
        "signature_not_verified": Mutant(
            partial(lied_to, server=evolve(SERVER, accepts=is_hashed_only)),
            {
                "records_are_genuine": 3,
                "what_is_served_is_genuine": 6,
                "lies_are_not_acknowledged": 3,
                "refusals_are_counted": 4,
            },
        ),
        "accepts_all": Mutant(
            partial(lied_to, server=evolve(SERVER, accepts=nothing_is_wrong)),
            {"a_lie_is_refused": None},
        ),
        "miscounts": Mutant(
            partial(lied_to, server=evolve(SERVER, counted=miscounting)),
            {"refusals_are_counted": 4},
        ),
    },
)
