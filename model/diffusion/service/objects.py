"""Objects: what their creator asks for, and the system name that says it all.

The creator states how many Byzantine replicas the object shall stand, how many replicas it shall
have, a tree node that shall be among them, a name, and the world view that it knows. The system
name holds these five and nothing else: whoever holds it computes the same tree from it, however
the world has changed since.

Source: Malkhi and Sella, Replication by Diffusion in Large Networks, 2001, section 6.
"""

from urllib.parse import quote, unquote

from attrs import field, frozen
from attrs.validators import ge, min_len

from coterie.model.diffusion.quorums import node_size
from coterie.model.diffusion.service.world_view import WorldView, parse_view

_FIELDS = ("b", "level", "origin", "view", "uname")


@frozen(cache_hash=True)
class Sname:
    """The system name of an object v: Sname(v).

    Attributes:
        b: b(v), how many Byzantine replicas it stands.
        level: the replication level, the desired number of replicas.
        origin: Origin(v), a tree node of its tree.
        uname: Uname(v), the name that its creator gave it; text without lone surrogates.
        view: the world view of its creator, at its creation.
    """

    b: int = field(validator=ge(0))
    level: int = field(validator=ge(1))
    origin: int = field(validator=ge(0))
    uname: str = field(validator=min_len(1))
    view: WorldView

    @uname.validator
    def _is_text(self, _: object, uname: str) -> None:
        try:
            uname.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"{uname!r} cannot be written down, and is no name") from error

    @property
    def nodes(self) -> int:
        """How many tree nodes hold that many replicas; holes count, as they are to be filled."""
        return -(-self.level // node_size(self.b))

    def __str__(self) -> str:
        numbers = f"{self.b}/{self.level}/{self.origin}"
        return f"{numbers}/{self.view}/{quote(self.uname, safe='')}"


def parse(text: str) -> Sname:
    """Return the system name that is written as `text`; no two texts give one name.

    Raises: ValueError where that is no system name.
    """
    try:
        sname = _parsed(text)
    except ValueError as error:
        raise ValueError(f"{text!r} is no system name: {error}") from error
    if str(sname) != text:
        raise ValueError(f"{text!r} is no system name: it would be written {str(sname)!r}")
    return sname


def _parsed(text: str) -> Sname:
    parts = text.split("/")
    if len(parts) != len(_FIELDS):
        raise ValueError(f"it should have the parts {'/'.join(_FIELDS)}")
    b, level, origin, view, uname = parts
    uname = unquote(uname, errors="strict")
    return Sname(int(b), int(level), int(origin), uname, parse_view(view))
