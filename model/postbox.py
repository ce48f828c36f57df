"""The least application of a link: it sends words, and keeps what it hears."""

from typing import Any

from attrs import frozen

from coterie.model.machine import Event, Invoke, Machine, Node, Outcome, Receive, Record, Send


@frozen(cache_hash=True)
class Say:
    """An operation: tell `word` to `to`."""

    to: Node
    word: Any


@frozen(cache_hash=True)
class Heard:
    """`sender` has told `word`; also the change of memory by which that is kept."""

    sender: Node
    word: Any


Letters = tuple[Heard, ...]


@frozen
class Postbox(Machine[Letters, Letters]):
    """Keeps every word it hears, in the order of hearing; what it says leaves no mark on it."""

    def start(self, memory: Letters | None) -> Outcome[Letters]:
        """Begin with the words heard before."""
        return Outcome(memory or ())

    def step(self, state: Letters, event: Event) -> Outcome[Letters] | None:
        """Say a word, or keep one."""
        match event:
            case Invoke(Say(to, word)):
                return Outcome(state, (Send(to, word),))
            case Receive(sender, word):
                heard = Heard(sender, word)
                return Outcome((*state, heard), (Record(heard),))
        return None

    def memory(self, state: Letters) -> Letters:
        """Return every word heard."""
        return state

    def recorded(self, memory: Letters | None, change: Any) -> Letters:
        """Return the words heard, with one more."""
        return (*(memory or ()), change)


def from_sender(letters: Letters, sender: Node) -> tuple[Any, ...]:
    """Return the words heard from `sender`, in order."""
    return tuple(heard.word for heard in letters if heard.sender == sender)
