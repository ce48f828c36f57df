"""How much may go wrong in a world."""

from typing import Literal

from attrs import frozen

Amount = int | Literal["any"]


@frozen
class Faults:
    """How much may go wrong: part of the statement that is checked.

    Attributes:
        crashes: how many crashes in all. While a node is down, messages in flight from or to it
            may be lost without a budget.
        restarts: how many restarts from durable memory; None for one a crash.
        down: how many nodes may be down at the same moment; None for any number.
        crashing: the roles that may crash; all when empty.
        losses: how many messages the network may lose; `"any"` for a lossy network.
        duplications: how many messages it may repeat.
        suspicions: how many times a failure detector may suspect a node that is up (see
            `Suspect`); one that is down is suspected without a budget.
    """

    crashes: int = 0
    restarts: int | None = None
    down: int | None = None
    crashing: tuple[str, ...] = ()
    losses: Amount = 0
    duplications: Amount = 0
    suspicions: Amount = 0

    @property
    def restarts_most(self) -> int:
        """How many restarts there may be in all; none where nothing may crash."""
        return self.crashes and (self.crashes if self.restarts is None else self.restarts)

    def __str__(self) -> str:
        restarts = f"{self.restarts_most} restarts"
        parts = [f"{self.crashes} crashes", restarts] if self.crashes else []
        parts += [
            f"{amount} {name}"
            for name in ("losses", "duplications")
            if (amount := getattr(self, name))
        ]
        parts += [f"{self.suspicions} false suspicions"] if self.suspicions else []
        parts += [f"at most {self.down} down at once"] if self.down is not None else []
        parts += [f"only {' and '.join(self.crashing)} crash"] if self.crashing else []
        return ", ".join(parts) or "none"
