"""The mutants of the replicated store that no property kills, and why none should."""

TWO_WAY = (
    "gossip.store.server.Server._help:"
    " self.two_way and recovery.lacks(state.store, known, self.merge)"
)
SURVIVORS = {
    "To send more than is lacking costs messages, and changes no table.": (
        "gossip.store.recovery.first_and_last: if store.last is None → if True",
        "gossip.store.recovery.is_outside: date < first → date <= first",
        "gossip.store.recovery.is_outside: date > last → date >= last",
        "gossip.store.recovery.lacked: for … in store.table without if is_outside…",
        "gossip.store.recovery.lacked: for … in store.table.items() without…",
        f"{TWO_WAY} → self.two_way",
    ),
    "The paper's recovery leaves holes in any case: that less is sent makes no promise of it false"
    " that was true. The repaired one does not use it.": (
        "gossip.store.recovery.is_outside: (date < first) | (date > last) → date > last",
        "gossip.store.recovery.is_outside: date < first → first < date",
    ),
    "`Done` is a fault of the published code, which makes a server deaf to rows that come late; the"
    " less of it, the better, and the repaired recovery has none.": (
        "gossip.store.server.Server._help: if self.done → if False",
        "gossip.store.server.Server._help: without *answer",
        "gossip.store.server.Server._received: case Done() if self.done → never",
        "gossip.store.server.Server._received: evolve(state) without listening=False",
    ),
    "The published code wipes table and log at once, and loses everything; that it could keep the"
    " log makes that no better.": ("gossip.store.disk.changed: evolve(store) without log=Map()",),
    "Published servers that ask again without end fill their queues without bound, so that no"
    " exploration ends; the repaired ones ask so in any case, and their channels are bounded.": (
        f"{TWO_WAY} → recovery.lacks(state.store, known, self.merge)",
        "gossip.store.server.Server.start: evolve(state) without unasked=frozenset()",
    ),
    "Any number will do that is another at the next start; within these bounds no server whose"
    " reads are checked starts a third time.": (
        "gossip.store.disk.changed: store.boots + 1 → 1",
        "gossip.store.disk.changed: 1 → 2 in store.boots + 1",
    ),
    "A row that is in the table already is written again: the disk stays as it is.": (
        "gossip.store.disk.insertion: if value != held → if True",
    ),
    "The log's last line is read to see which dates come late; with two dates, and no more, the"
    " second needs no third to be compared with.": (
        "gossip.store.disk.Store.last: len(self.log) - 1 → 1 - len(self.log)",
    ),
    "The device is its own user, and does not wait to be told that it has measured.": (
        "gossip.store.edge.Device.step: without Return(None)",
    ),
}
