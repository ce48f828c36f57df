"""A world whose every name and value is an attack on the page that shows it."""

from typing import Any

import coterie as c

ATTACK = "<script>document.title='broken'</script>"
QUOTED = "'\"><img src=x onerror=\"document.title='broken'\">"
ONE, OTHER = c.Node(ATTACK), c.Node(QUOTED)


class Shouting(c.Machine[Any, Any]):
    """It sends what breaks a page, once, and remembers what it has heard."""

    def start(self, memory: Any) -> c.Outcome[Any]:
        return c.Outcome(("</code><script>document.title='broken'</script>",))

    def options(self, state: Any) -> list[c.Timeout]:
        return [Shout()] if len(state) < 2 else []

    def step(self, state: Any, event: Any) -> c.Outcome[Any]:
        if isinstance(event, c.Receive):
            return c.Outcome((*state, event.message))
        return c.Outcome((*state, "shouted"), [c.Send(OTHER, f"</title></svg>{ATTACK}{QUOTED}")])


class Shout(c.Timeout):
    """It is hostile by its name already."""

    def __repr__(self) -> str:
        return f"Shout({ATTACK})"


class Hearing(c.Machine[Any, Any]):
    """It remembers what it has heard."""

    def start(self, memory: Any) -> c.Outcome[Any]:
        return c.Outcome(())

    def step(self, state: Any, event: Any) -> c.Outcome[Any]:
        return c.Outcome((*state, event.message))


@c.always
def silent(world: c.View) -> bool:
    """Nobody hears `<img src=x onerror="alert(1)">` or </li><script>alert(1)</script>."""
    return not world[OTHER]


CHECK = c.Check(
    name="hostile",
    about=f"A model that says {ATTACK} and {QUOTED}.",
    world=lambda said: c.World(
        {ONE: Shouting(), OTHER: Hearing()}, observers={}, links=[(ONE, OTHER)]
    ),
    small={"said": QUOTED},
    properties=(silent,),
)
