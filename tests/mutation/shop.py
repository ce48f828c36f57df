"""A file of one's own: a shop that sells what it has to a customer who asks twice."""

from collections.abc import Iterable

from attrs import evolve, frozen

from coterie import (
    Check,
    Event,
    Invoke,
    Machine,
    Node,
    Outcome,
    Receive,
    Record,
    Return,
    Send,
    Timeout,
    View,
    World,
    always,
    reachable,
)

SHOP, CUSTOMER = Node("shop"), Node("customer")
SURVIVORS = {
    "The shop may greet whom it likes.": ("shop.Shop.start: without Send(CUSTOMER, 'hello')",),
}


@frozen(cache_hash=True)
class Stock:
    """What the shop has, and has sold."""

    left: int
    sold: int = 0


@frozen(cache_hash=True)
class Close(Timeout):
    """The shop closes."""


@frozen
class Shop(Machine[Stock, Stock]):
    """It sells while there is anything left."""

    stock: int

    def start(self, memory: Stock | None) -> Outcome[Stock]:
        return Outcome(memory or Stock(self.stock), (Send(CUSTOMER, "hello"),))

    def options(self, state: Stock) -> Iterable[Timeout]:
        if state.left == 0:
            yield Close()

    def step(self, state: Stock, event: Event) -> Outcome[Stock] | None:
        match event:
            case Receive(sender, "buy") if state.left > 0:
                after = evolve(state, left=state.left - 1, sold=state.sold + 1)
                return Outcome(after, (Record(after), Send(sender, "here it is")))
            case Close() if state.left == 0:
                return Outcome(evolve(state, left=-1), (Record(evolve(state, left=-1)),))
            case Receive():
                return Outcome(state)
        return None

    def memory(self, state: Stock) -> Stock:
        return state

    def recorded(self, memory: Stock | None, change: Stock) -> Stock:
        del memory
        return change


@frozen
class Customer(Machine[int, None]):
    """Its state is how much it has bought."""

    def start(self, memory: None) -> Outcome[int]:
        return Outcome(0)

    def step(self, state: int, event: Event) -> Outcome[int] | None:
        match event:
            case Invoke("go"):
                return Outcome(state, (Send(SHOP, "buy"), Return(None)))
            case Receive(message="here it is"):
                return Outcome(state + 1)
            case Receive():
                return Outcome(state)
        return None


@always
def nothing_is_lost(world: View) -> bool:
    """What was sold, and what is left, is what there was."""
    stock = world[SHOP]
    return bool(max(stock.left, 0) + stock.sold == 2)


@always
def bought_is_sold(world: View) -> bool:
    """The customer has what the shop has sold to it, or will have it."""
    coming = sum(message == "here it is" for message in world.in_flight(SHOP, CUSTOMER))
    return bool(world[CUSTOMER] + coming == world[SHOP].sold)


@reachable
def sold_out(world: View) -> bool:
    """The shop can sell everything."""
    return bool(world[CUSTOMER] == 2)


def world(stock: int, calls: int) -> World:
    """Return a shop with that `stock`, and a customer who calls so often."""
    return World({SHOP: Shop(stock), CUSTOMER: Customer()}, workload={CUSTOMER: ("go",) * calls})


CHECK = Check(
    "shop",
    "A shop sells what it has.",
    world,
    (nothing_is_lost, bought_is_sold, sold_out),
    {"stock": 2, "calls": 3},
)
